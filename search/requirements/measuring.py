"""Numbers of requirements against what products state: which indicator is meant, and what follows from its value."""

import re
from dataclasses import replace

from search.requirements import indicators, units
from search.requirements.comparing import Fit, NotComparableError, compare
from search.requirements.facts import Measured, Product, Source, by_unit
from search.requirements.findings import NOTHING, UNREAD, Finding
from search.requirements.numerals import with_digits
from search.requirements.parsing import Statement
from search.requirements.quantities import LOWER, UPPER, Kind, Quantity, quantities


def measure(statement: Statement, product: Product) -> Finding:
    quantity = statement.quantity
    if quantity is None:
        return Finding(Fit.UNKNOWN, reason=UNREAD)
    if quantity.unit_text == "度" and "温" in statement.text:
        quantity = replace(quantity, unit=units.parse("°C"), unit_text="°C")
    subject, quantity = _as_rate(statement.before, quantity)
    rest = statement.after
    if surrounding := _surrounding(f"{subject}{rest}", quantity, product):
        subject, rest = surrounding, ""
    if _is_silent(subject, product) and not _is_silent(rest, product):
        subject, rest = f"{rest}{''.join(sorted(indicators.name(subject).qualifiers))}", ""
    named = indicators.name(subject)
    about = named.core + ("下限" if "min" in named.statistics else "")
    asked = by_unit(named, quantity)
    if rest:
        tail = indicators.name(rest)
        asked = indicators.Name(
            asked.core, asked.statistics | tail.statistics, asked.qualifiers | tail.qualifiers
        )
        if not indicators.is_said_by(tail.core, product.own):
            return _hint(asked, product, f"“{rest}”未能识别")
    if not asked.core:
        return Finding(Fit.UNKNOWN, reason="没有写明对什么指标的要求")
    if any(
        indicators.strip(about).endswith(core) and re.search(pattern, statement.text)
        for core, pattern in indicators.words()["elsewhere"].items()
    ):
        return _hint(asked, product, "要求的不是产品本身的这项指标")
    if quantity.unit_text and asked.unit and not _is_alike(quantity, asked.unit):
        return _hint(asked, product, f"“{asked.unit}”未能识别")
    if not quantity.unit_text and asked.unit:
        quantity = next(quantities(with_digits(statement.text), asked.unit), quantity)
    for facts in (product.rows, product.sentences):
        same = [fact for fact in facts if _likeness(asked, fact, product) == "same"]
        if same:
            return _compared(quantity, same, asked, about)
    return _hint(asked, product, NOTHING)


def _is_silent(text: str, product: Product) -> bool:
    return indicators.is_said_by(indicators.name(text).core, product.own)


_STORED = re.compile(r"储存|贮存|存放|存储")
_AT_WORK = re.compile(r"工作|使用|运行")


def _surrounding(text: str, quantity: Quantity, product: Product) -> str:
    """Name what a temperature is of where no indicator is named, as in 可在-20℃至60℃的环境下正常工作."""
    if not _is_alike(quantity, "K") or not _is_silent(_STORED.sub("", text), product):
        return ""
    return "储存温度" if _STORED.search(text) else "工作温度" if _AT_WORK.search(text) else ""


def _is_alike(quantity: Quantity, unit: str) -> bool:
    """Return whether a unit in brackets is one of what is measured, and not a condition such as (A)."""
    return any(one.compares_with(other) for one in quantity.unit for other in units.parse(unit))


_PER = re.compile(r"每(小时|分钟|秒钟?|天|日|周|月|年)")


def _as_rate(subject: str, quantity: Quantity) -> tuple[str, Quantity]:
    """Read 每小时产能 50 片 as 产能 50 片/小时."""
    found = _PER.search(subject)
    if (
        found is None
        or "/" in quantity.unit_text
        or not (unit := units.parse(f"{quantity.unit_text}/{found[1]}"))
    ):
        return subject, quantity
    return _PER.sub("", subject, count=1), replace(
        quantity, unit=unit, unit_text=f"{quantity.unit_text}/{found[1]}"
    )


def _likeness(asked: indicators.Name, fact: Measured, product: Product) -> indicators.Likeness:
    """Compare names; where only one of them is about a greatest or least value, `_of_end` says what follows."""
    found = indicators.likeness(asked, fact.name, product.own)
    if found == "near" and fact.quantity and len(asked.statistics ^ fact.name.statistics) == 1:
        bare = indicators.Name(asked.core, fact.name.statistics, asked.qualifiers)
        found = indicators.likeness(bare, fact.name, product.own)
    return found


def _of_end(stated: Quantity, asked: frozenset[str], given: frozenset[str]) -> Quantity:
    """Return what a stated value says of the greatest or least one that is asked for, or the other way round.

    The ends of a span are its greatest and least value. A plain value is at most the greatest; a greatest value is at
    least every value there is.
    """
    if stated.kind is Kind.RANGE and asked - given:
        return stated.end_at("max" in asked)
    if stated.kind is Kind.EXACTLY and asked ^ given:
        is_lower_bound = "max" in asked - given or "min" in given - asked
        return replace(stated, kind=Kind.AT_LEAST if is_lower_bound else Kind.AT_MOST)
    return stated


def _is_limit_of_surroundings(quantity: Quantity, asked: indicators.Name) -> bool:
    """Return whether 环境温度≤40℃ or 最高环境温度不超过40℃ is asked for: the product must bear 40 ℃."""
    if quantity.kind in UPPER:
        return "min" not in asked.statistics
    return quantity.kind in LOWER and "max" not in asked.statistics


def _compared(quantity: Quantity, facts: list[Measured], asked: indicators.Name, about: str) -> Finding:
    """Compare with each fact; `about` is the whole name of the indicator, which tells what is better."""
    verdicts: dict[Fit, Source] = {}
    for fact in facts:
        if fact.quantity is None:
            return Finding(Fit.UNKNOWN, (fact.source,), "产品的写法不是单一数值，请人工核对")
        stated = _of_end(fact.quantity, asked.statistics, fact.name.statistics)
        if indicators.is_borne(about, is_limit=True) and _is_limit_of_surroundings(quantity, asked):
            if fact.quantity.kind is not Kind.RANGE:
                return Finding(Fit.UNKNOWN, (fact.source,), "产品写的不是一个范围，不足以判断")
            stated = fact.quantity
        try:
            verdicts[compare(quantity, stated, indicator=about)] = fact.source
        except NotComparableError as problem:
            return Finding(Fit.UNKNOWN, (fact.source,), str(problem))
    if len(verdicts) > 1:
        return Finding(Fit.UNKNOWN, tuple(verdicts.values()), "产品公开信息前后不一致")
    [(verdict, source)] = verdicts.items()
    return Finding(verdict, (source,))


def _hint(asked: indicators.Name, product: Product, reason: str) -> Finding:
    near = [
        fact.source
        for fact in (*product.rows, *product.sentences)
        if indicators.likeness(asked, fact.name, product.own)
    ]
    if not near:
        return Finding(Fit.UNKNOWN, reason=reason)
    if reason == NOTHING:
        reason = "只有相近的指标，名称或条件不同"
    return Finding(Fit.UNKNOWN, tuple(near[:1]), reason)
