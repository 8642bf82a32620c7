"""Answers as people read them: text, differences, and what of them is published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.questions.classes import Classes
from registry.questions.table import Question, by_key

NONE = "未填"


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer is not what it was, with both answers as text."""

    question: Question
    old: str
    new: str


def text(question: Question, value: Any, classes: Classes) -> str:
    """Return an answer as text; rows and lines take one line each."""
    if value is None or value in ("", []):
        return NONE
    match question.kind:
        case "yes_no":
            return "是" if value else "否"
        case "choice":
            return (question.choices or {}).get(value, str(value))
        case "choices":
            return "、".join((question.choices or {}).get(item, item) for item in value)
        case "class":
            return classes.labels[question.classes or "field"].get(value, str(value))
        case "date":
            day = date.fromisoformat(value)
            return f"{day.year}年{day.month}月{day.day}日"
        case "money":
            return f"{value // 100:,}.{value % 100:02} 元"
        case "lines":
            return "\n".join(value)
        case "files":
            return "\n".join(file["name"] for file in value)
        case "rows":
            return "\n".join(
                "；".join(
                    f"{column.label} {text(column, row[column.key], classes)}"
                    for column in question.columns
                    if row.get(column.key) is not None
                )
                for row in value
            )
    return f"{value} {question.unit}".strip()


def difference(old: Mapping[str, Any], new: Mapping[str, Any], classes: Classes) -> list[Change]:
    """Return what changed between two sets of answers, in the table's order.

    A file that was replaced by another of the same name is a change too.
    """
    return [
        Change(question, text(question, old.get(key), classes), text(question, new.get(key), classes))
        for key, question in by_key().items()
        if old.get(key) != new.get(key)
    ]


def public_content(answers: Mapping[str, Any], classes: Classes) -> dict[str, Any]:
    """Return the fields of an `EntryVersion` that the answers publish; what is not named there stays inside.

    The device block is None for a product that is no device.
    """
    content: dict[str, Any] = {"device": None}
    for question in by_key().values():
        target, value = question.publish_as, answers.get(question.key)
        if not target or value is None:
            continue
        if question.publish_when is not None and not question.publish_when.holds(answers):
            continue
        if question.kind == "lines":
            value = "、".join(value)
        elif question.publish_text or question.kind == "choice":
            value = text(question, value, classes)
        block, _, name = target.rpartition(".")
        if block:
            content[block] = {**(content.get(block) or {}), name: value}
        else:
            content[target] = value
    if content["device"] is not None:
        content["device"] = {"registration_number": content.get("registration_number"), **content["device"]}
    return content
