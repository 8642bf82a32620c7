"""What a value of policy must fulfil before it may come into force: its shape, and what its users say of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import NotFoundError, RuleError
from registry.models import PolicyParameter
from registry.terms import TERMS

CALENDAR = "calendar"
"""The key under which days of the working-day calendar are declared."""

Check = Callable[[Session, str, Any], None]
CHECKS: dict[str, Check] = {}
"""What users of a parameter ask of its value, by the beginning of its key: raises RuleError or ValueError in Chinese."""


def check(session: Session, key: str, value: Any, *, effective_from: date) -> None:
    """Refuse a value that the code could not work with, or a day that cannot be.

    Raises:
        RuleError: with the sentence that says which rule, and `value` or `effective_from` as its parameter.
    """
    if effective_from < clock.today():
        raise RuleError("生效日期：不得早于今天，已经办理的事项不受影响。", parameter="effective_from")
    try:
        if key == CALENDAR:
            _check_days(value)
            return
        rows = session.scalars(
            select(PolicyParameter).where(PolicyParameter.key == key).order_by(PolicyParameter.effective_from)
        ).all()
        if not rows:
            raise NotFoundError("没有这个参数。", parameter="key")
        if any(row.effective_from == effective_from for row in rows):
            raise RuleError("生效日期：此参数在这一天已有一次变更，请另选一天。", parameter="effective_from")
        before = next((row for row in reversed(rows) if row.effective_from < effective_from), rows[0])
        if value == before.value:
            raise ValueError("与当时的值相同，没有变更。")
        _check_shape(before.value, value, "")
        for prefix, fulfils in CHECKS.items():
            if key.startswith(prefix):
                _ask(fulfils, session, key, value)
    except ValueError as problem:
        raise RuleError(f"取值：{problem}", parameter="value") from None


def _ask(fulfils: Check, session: Session, key: str, value: Any) -> None:
    try:
        fulfils(session, key, value)
    except RuleError as problem:
        raise ValueError(problem.sentence) from None


def _check_shape(old: Any, new: Any, place: str) -> None:
    """Refuse a value whose parts are of another kind than those of the one before it."""
    at = f"{place}：" if place else ""
    if isinstance(old, dict):
        if not isinstance(new, dict) or set(new) != set(old):
            raise ValueError(f"{at}应有且只有 {'、'.join(old)} 各项。")
        for key, part in new.items():
            _check_shape(old[key], part, f"{place} {key}".strip())
    elif isinstance(old, list):
        if not isinstance(new, list) or not new:
            raise ValueError(f"{at}应为至少一行的列表。")
        for number, part in enumerate(new, 1):
            _check_row(old, part, f"{place} 第{number}行".strip())
    elif type(new) is not type(old):
        kinds = {bool: "是（true）或者否（false）", int: "整数", str: "文字"}
        raise ValueError(f"{at}应为{kinds.get(type(old), '同类的值')}。")
    elif isinstance(new, int) and new < 0:
        raise ValueError(f"{at}不得为负数。")


def _check_row(rows: list[Any], new: Any, place: str) -> None:
    """Refuse a row of a list with other columns than the rows that stand there; some columns may be optional."""
    if not rows or not isinstance(rows[0], dict):
        _check_shape(rows[0] if rows else new, new, place)
        return
    columns = {key: part for row in rows for key, part in row.items()}
    needed = set(rows[0]).intersection(*rows)
    if not isinstance(new, dict) or not needed <= set(new) <= set(columns):
        raise ValueError(f"{place}：应有 {'、'.join(columns)} 各项，名称不得改动。")
    for key, part in new.items():
        _check_shape(columns[key], part, f"{place} {key}")


def _check_committee(_session: Session, key: str, value: Any) -> None:
    if key != "committee.units":
        return
    units = [row["unit"].strip() for row in value]
    if "" in units or len(set(units)) < len(units):
        raise ValueError("单位名称不得为空或者重复。")
    if not any(row["lead"] for row in value):
        raise ValueError("至少有一个牵头单位。")
    known = [key.removeprefix("remit.") for key in TERMS if key.startswith("remit.")]
    if unknown := [row["remit"] for row in value if row["remit"] not in ("", *known)]:
        raise ValueError(f"remit 应为 {'、'.join(known)} 之一或者留空，没有“{unknown[0]}”。")


def _check_days(value: Any) -> None:
    days = [date.fromisoformat(row["day"]) for row in value]
    if not days or len(set(days)) < len(days):
        raise ValueError("至少写一天，同一天只写一次。")
    if past := [day for day in days if day < clock.today()]:
        raise ValueError(f"{min(past)} 已经过去，不能更改。")


CHECKS["committee."] = _check_committee
