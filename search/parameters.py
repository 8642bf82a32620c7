"""Parameters of the search pages and the API: text from an address to a checked request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast, get_args

from sqlalchemy.orm import Session

from registry import taxonomy
from registry.errors import RuleError
from registry.models import NodeKind
from registry.taxonomy import Labels
from search.documents import LISTS
from search.query import FACETS, FLAG_FACETS, QueryTooLongError, Request, Sort, Value, validate_query

PER_PAGE = 20
PER_PAGE_MOST = 100
PAGE_DIGITS = 6
YEAR_DIGITS = 4
NONE = "none"
SORTS = cast(tuple[Sort, ...], get_args(Sort))
FLAGS = {"true": True, "false": False}
SHOWN_CHARACTERS = 20  # of a wrong value, in the sentence about it

CLASSES = {"field": NodeKind.FIELD, "district": NodeKind.DISTRICT, "park": NodeKind.SPECIAL_AREA}
"""The facets whose values are classes of the taxonomy."""

Taxonomy = Mapping[NodeKind, Labels]
Arguments = Mapping[str, Sequence[str]]
"""The values of each parameter of an address, as `request.args.to_dict(flat=False)` gives them."""


class ParameterError(RuleError):
    """A parameter of the address says what it cannot say."""

    status = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and the filters as an address writes them."""

    request: Request
    filters: Mapping[str, tuple[str, ...]]


def labels(session: Session) -> Taxonomy:
    """Return the labels of the classes that products are found by."""
    return taxonomy.labels_of(session, CLASSES.values())


def parse(arguments: Arguments, classes: Taxonomy, scopes: frozenset[str]) -> Asked:
    """Read a search.

    Raises:
        ParameterError: a value does not exist or lies outside its limits; it names the parameter.
    """
    filters = {name: _filter(arguments, name, classes) for name in FACETS}
    filters = {name: values for name, values in filters.items() if values}
    sort = _first(arguments, "sort") or "relevance"
    if sort not in SORTS:
        raise _wrong("sort", f"应为 {'、'.join(SORTS)} 之一", sort)
    request = Request(
        q=text(arguments),
        filters=filters,
        scopes=scopes,
        sort=sort,
        page=_number(arguments, "page", 1, 10**PAGE_DIGITS - 1),
        per_page=_number(arguments, "per_page", PER_PAGE, PER_PAGE_MOST),
    )
    return Asked(request, {name: tuple(map(written, values)) for name, values in filters.items()})


def text(arguments: Arguments) -> str:
    """Read the words to search for.

    Raises:
        ParameterError: there are too many of them.
    """
    try:
        return validate_query(_first(arguments, "q"))
    except QueryTooLongError as problem:
        raise ParameterError(str(problem), parameter=problem.parameter) from None


def limit(arguments: Arguments, default: int) -> int:
    """Read how many suggestions are wanted."""
    return _number(arguments, "limit", default, PER_PAGE_MOST)


def written(value: Value) -> str:
    """Write a filter's value as an address holds it."""
    if value is None:
        return NONE
    return str(value).lower() if isinstance(value, bool) else str(value)


def _first(arguments: Arguments, name: str) -> str:
    return next(iter(arguments.get(name, ())), "")


def _filter(arguments: Arguments, name: str, classes: Taxonomy) -> tuple[Value, ...]:
    read = _readers(classes)[name]
    given = (value.strip() for value in arguments.get(name, ()))
    return tuple(
        dict.fromkeys(
            None if value.lower() == NONE and name != "list" else read(value) for value in given if value
        )
    )


def _readers(classes: Taxonomy) -> Mapping[str, Callable[[str], Value]]:
    def known(name: str, value: str) -> str:
        if value.upper() not in classes[CLASSES[name]].by_code:
            raise _wrong(name, "没有这个代码", value)
        return value.upper()

    return {
        "list": _list,
        "year": _year,
        **{name: partial(known, name) for name in CLASSES},
        **{name: partial(_flag, name) for name in FLAG_FACETS},
    }


def _list(value: str) -> str:
    if value.upper() not in LISTS:
        raise _wrong("list", f"应为 {'、'.join(LISTS)} 之一", value)
    return value.upper()


def _year(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) == YEAR_DIGITS):
        raise _wrong("year", f"应为四位年份或 {NONE}", value)
    return int(value)


def _flag(name: str, value: str) -> bool:
    if value.lower() not in FLAGS:
        raise _wrong(name, f"应为 {'、'.join(FLAGS)} 或 {NONE}", value)
    return FLAGS[value.lower()]


def _number(arguments: Arguments, name: str, default: int, most: int) -> int:
    value = _first(arguments, name).strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) <= PAGE_DIGITS and 1 <= int(value) <= most):
        raise _wrong(name, f"应为 1 至 {most} 的整数", value)
    return int(value)


def _wrong(name: str, rule: str, value: str) -> ParameterError:
    shown = value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"
    return ParameterError(f"参数 {name} {rule}，收到“{shown}”。", parameter=name)
