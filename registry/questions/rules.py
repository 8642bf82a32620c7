"""Rules that look at more than one answer. Each yields the input at fault, its question and the rule."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from registry import clock
from registry.questions import formats
from registry.questions.classes import Classes

Found = Iterator[tuple[str, str, str]]
Answers = Mapping[str, Any]


def _leaf_under_its_field(answers: Answers, classes: Classes) -> Found:
    if {"leaf", "field"} <= answers.keys() and classes.field_of.get(answers["leaf"]) != answers["field"]:
        yield "leaf", "leaf", "不属于所选的产业领域"


def _numbers_of_rights(answers: Answers, _classes: Classes) -> Found:
    for index, right in enumerate(answers.get("rights", ())):
        kind, number = right.get("kind"), right.get("number", "")
        if not number:
            continue
        if kind in formats.PATENT_TYPES:
            rule = formats.patent(number, kind)
        else:
            rule = formats.software_copyright(number) if kind == "software" else None
        if rule:
            yield f"rights-{index}-number", "rights", f"第 {index + 1} 行“专利号或登记号”{rule}"


def _device_number(answers: Answers, _classes: Classes) -> Found:
    if answers.get("licence_kind") != "device_registration" or "licence_number" not in answers:
        return
    if rule := formats.device_registration(answers["licence_number"]):
        yield "licence_number", "licence_number", rule


def _licence_still_valid(answers: Answers, _classes: Classes) -> Found:
    until = answers.get("licence_valid_until")
    if until and date.fromisoformat(until) < clock.today():
        yield "licence_valid_until", "licence_valid_until", "许可证照已过期"


def _software_bears_one_name(answers: Answers, _classes: Classes) -> Found:
    registered, name = answers.get("copyright_name"), answers.get("product_name")
    if registered and name and formats.fold(registered) != formats.fold(name):
        yield "copyright_name", "copyright_name", "须与产品名称一致，否则请更正产品名称"


CROSS_CHECKS: tuple[Callable[[Answers, Classes], Found], ...] = (
    _leaf_under_its_field,
    _numbers_of_rights,
    _device_number,
    _licence_still_valid,
    _software_bears_one_name,
)
