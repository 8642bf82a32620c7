"""From what was typed to answers. A draft keeps text as typed, so that nothing is lost; a check turns it into values.

Answers hold no floats: money is an integer of 分, other numbers are decimal strings, days are ISO 8601.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from registry import clock
from registry.models import ListCode
from registry.questions.classes import Classes
from registry.questions.formats import FORMATS
from registry.questions.rules import CROSS_CHECKS
from registry.questions.table import Question, questions
from registry.types import Fen

YUAN_MAX = 10**13  # far above any contract, and safely inside a 64-bit column of 分
DIGITS_MAX = 24  # a longer number is a slip of the hand, and costs time to calculate with


class WrongError(ValueError):
    """The rule that a typed value breaks."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer: the question, the input at fault, a sentence that names field and rule."""

    question: str
    name: str
    sentence: str
    is_missing: bool = False


@dataclass(slots=True)
class Checked:
    """The answers that could be read, and what stands in the way of submitting them."""

    answers: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def at(self, name: str) -> list[Problem]:
        """Return the problems of one input."""
        return [problem for problem in self.problems if problem.name == name]

    def of(self, question: Question) -> list[Problem]:
        """Return the problems of a question, its rows included."""
        return [problem for problem in self.problems if problem.question == question.key]


def check(
    list_code: ListCode, draft: Mapping[str, Any], *, unit: Mapping[str, str | None], classes: Classes
) -> Checked:
    """Check a draft against every rule of the table; `unit` holds the facts of the unit's record by name."""
    checked = Checked()
    for question in questions(list_code):
        raw = unit.get(question.from_unit) if question.from_unit else draft.get(question.key)
        if not question.applies(draft):
            continue
        if not raw:
            if question.required:
                where = "请先在单位登记中补全。" if question.from_unit else "必填。"
                where = "请上传。" if question.kind == "files" else where
                checked.problems.append(
                    Problem(question.key, question.key, f"{question.label}：{where}", is_missing=True)
                )
            continue
        _read(question, raw, classes, checked)
    for name, key, sentence in (found for rule in CROSS_CHECKS for found in rule(checked.answers, classes)):
        checked.problems.append(Problem(key, name, f"{questions_label(list_code, key)}：{sentence}。"))
    return checked


def questions_label(list_code: ListCode, key: str) -> str:
    """Return the label of a list's question."""
    return next(question.label for question in questions(list_code) if question.key == key)


def _read(question: Question, raw: Any, classes: Classes, checked: Checked) -> None:
    if question.kind == "rows":
        rows = [_row(question, index, row, classes, checked) for index, row in enumerate(raw)]
        _count(question, len(rows), checked)
        checked.answers[question.key] = rows
        return
    if question.kind in ("files", "choices"):
        checked.answers[question.key] = list(raw)
        if question.choices is not None and set(raw) - set(question.choices):
            _wrong(checked, question, question.key, "请从列表中选择")
        if question.max_items:
            _count(question, len(raw), checked)
        return
    if question.kind == "lines":
        lines = [line.strip() for line in raw.splitlines() if line.strip()]
        _count(question, len(lines), checked)
        for number, line in enumerate(lines, 1):
            try:
                _text(question, line, classes)
            except WrongError as problem:
                _wrong(checked, question, question.key, f"第 {number} 行{problem}")
        checked.answers[question.key] = lines
        return
    try:
        checked.answers[question.key] = PARSERS[question.kind](question, raw, classes)
    except WrongError as problem:
        _wrong(checked, question, question.key, str(problem))


def _row(
    question: Question, index: int, row: Mapping[str, str], classes: Classes, checked: Checked
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in question.columns:
        name, raw = f"{question.key}-{index}-{column.key}", row.get(column.key, "")
        label = f"{question.label}第 {index + 1} 行“{column.label}”"
        if not raw:
            if column.required:
                checked.problems.append(Problem(question.key, name, f"{label}：必填。", is_missing=True))
            continue
        try:
            values[column.key] = PARSERS[column.kind](column, raw, classes)
        except WrongError as problem:
            checked.problems.append(Problem(question.key, name, f"{label}：{problem}。"))
    return values


def _count(question: Question, count: int, checked: Checked) -> None:
    what = {"rows": "行", "files": "件", "lines": "行"}.get(question.kind, "项")
    if count < question.min_items:
        _wrong(checked, question, question.key, f"至少 {question.min_items} {what}，现有 {count} {what}")
    elif question.max_items and count > question.max_items:
        _wrong(checked, question, question.key, f"至多 {question.max_items} {what}，现有 {count} {what}")


def _wrong(checked: Checked, question: Question, name: str, rule: str) -> None:
    checked.problems.append(Problem(question.key, name, f"{question.label}：{rule}。"))


# --- one value ----------------------------------------------------------------------------------------------------


def _text(question: Question, raw: str, _classes: Classes) -> str:
    if question.max_length and len(raw) > question.max_length:
        raise WrongError(f"不超过 {question.max_length} 个字，现有 {len(raw)} 个字")
    if question.format and (rule := FORMATS[question.format](raw)):
        raise WrongError(rule)
    return raw


def _decimal(raw: str) -> Decimal:
    text = unicodedata.normalize("NFKC", raw).replace(",", "").strip()
    if len(text) > DIGITS_MAX or not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise WrongError("应为数字，不写单位")
    try:
        return Decimal(text)
    except InvalidOperation:  # digits of other scripts
        raise WrongError("应为数字，不写单位") from None


def _bounded(question: Question, value: Decimal) -> Decimal:
    if question.minimum is not None and value < question.minimum:
        raise WrongError(f"不小于 {question.minimum}")
    if question.maximum is not None and value > question.maximum:
        raise WrongError(f"不大于 {question.maximum}")
    return value


def _integer(question: Question, raw: str, _classes: Classes) -> int:
    value = _decimal(raw)
    if value != value.to_integral_value():
        raise WrongError("应为整数")
    return int(_bounded(question, value))


def _number(question: Question, raw: str, _classes: Classes) -> str:
    return f"{_bounded(question, _decimal(raw)).normalize():f}"


def _money(_question: Question, raw: str, _classes: Classes) -> Fen:
    value = _decimal(raw)
    if value < 0 or value > YUAN_MAX:
        raise WrongError("应为不小于 0 的金额，单位元")
    if value * 100 != (value * 100).to_integral_value():
        raise WrongError("最多两位小数")
    return Fen(int(value * 100))


def _date(question: Question, raw: str, _classes: Classes) -> str:
    match = re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", unicodedata.normalize("NFKC", raw).strip()
    )
    try:
        if match is None:
            raise ValueError
        value = date(*(int(part) for part in match.groups()))
    except ValueError:
        raise WrongError("应为日期，形如 2026-03-01") from None
    if question.not_future and value > clock.today():
        raise WrongError("不得晚于今天")
    return value.isoformat()


def _yes_no(_question: Question, raw: str, _classes: Classes) -> bool:
    if raw not in ("yes", "no"):
        raise WrongError("请选择是或否")
    return raw == "yes"


def _choice(question: Question, raw: str, _classes: Classes) -> str:
    if raw not in (question.choices or ()):
        raise WrongError("请从列表中选择")
    return raw


def _class(question: Question, raw: str, classes: Classes) -> str:
    if question.classes is None or raw not in classes.labels[question.classes]:
        raise WrongError("请从列表中选择")
    return raw


PARSERS: Mapping[str, Callable[[Question, str, Classes], Any]] = {
    "text": _text,
    "long_text": _text,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
    "class": _class,
}


def inputs(question: Question) -> Iterator[Question]:
    """Yield what the form shows as inputs of a question: its columns, or itself."""
    yield from question.columns or (question,)
