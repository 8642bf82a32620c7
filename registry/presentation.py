"""How values are written on a page: days, instants, labels, addresses of further pages."""

from datetime import date, datetime
from enum import StrEnum

from flask import Flask, request, url_for

from registry import clock, questions, terms


def day(value: date | datetime | None) -> str:
    """Write a day as 2026年3月1日, an instant by its Beijing day, an empty string for none."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = clock.day_of(value)
    return f"{value.year}年{value.month}月{value.day}日"


def instant(value: datetime | None) -> str:
    """Write an instant in Beijing time to the minute, an empty string for none."""
    return f"{day(value)} {value.astimezone(clock.BEIJING):%H:%M}" if value else ""


def thousands(value: int) -> str:
    """Write a count with separators."""
    return f"{value:,}"


def label(member: StrEnum | None) -> str:
    """Return an enumeration member's label, an empty string for none."""
    return terms.label(member)


def term(key: str) -> terms.Term:
    """Return a term by its key; an unknown one is a programming error (KeyError)."""
    return terms.TERMS[key]


def column(key: str) -> str:
    """Return what the policy pages call a column of a parameter's table, the key itself where nobody named it."""
    return named("policy_column.", key)


def group_name(key: str) -> str:
    """Return what the policy pages call a group of parameters, the key itself where nobody named it."""
    return named("policy_group.", key)


def named(prefix: str, code: object) -> str:
    """Return the label of the term `prefix` + `code`, the code itself where there is none.

    A list is enumerated, a mapping too with the names of its parts, and a truth is told in a word.
    """
    if isinstance(code, bool):
        return "是" if code else "否"
    if isinstance(code, list):
        return "、".join(named(prefix, each) for each in code) or "无"
    if isinstance(code, dict):
        return "、".join(f"{key} {named(prefix, each)}" for key, each in code.items()) or "无"
    known = terms.TERMS.get(f"{prefix}{code}")
    return known.label if known else str(code)


def act(code: str) -> str:
    """Return what an act of the trail is called: a move of an application as the table of moves calls it."""
    record, _, action = code.partition(".")
    is_move = record == "application" and f"action.{action}" in terms.TERMS
    return named("action.", action) if is_move else named("act.", code)


def page_url(number: int, name: str = "page") -> str:
    """Return this page's own address with another page number, everything else kept."""
    kept = {key: values for key, values in request.args.to_dict(flat=False).items() if key != name}
    return url_for(request.endpoint or "", **{**kept, **(request.view_args or {}), name: str(number)})


def register(app: Flask) -> None:
    """Give the filters and functions to the templates."""
    for function in (day, instant, thousands, label, column, group_name):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals.update(
        act=act,
        term=term,
        named=named,
        page_url=page_url,
        batch_name=terms.batch_name,
        answer_text=questions.text,
    )
