"""What the registry can say about an answer by itself: hints beside the examiner's rows, never a verdict."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from registry.models import ListCode
from registry.organizations.codes import is_credit_code
from registry.questions import formats

SHANGHAI = "31"  # GB/T 2260; digits 3-8 of a credit code tell where a unit was first registered
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence; `bad` breaks a rule, `warn` asks for a second look."""

    tone: Literal["good", "warn", "bad"]
    sentence: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the answers are held against; `rights` is the policy `formal.rights`, `twins` name like products."""

    list_code: ListCode
    unit_name: str
    verified_on: date | None
    year: int
    closes_on: date
    reference_on: date
    rights: Mapping[str, Any]
    twins: Sequence[str] = ()


Answers = Mapping[str, Any]


def _day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _unit(_answers: Answers, facts: Facts) -> Iterator[Finding]:
    if facts.verified_on:
        yield Finding("good", f"单位已于{_day(facts.verified_on)}核验。")
    else:
        yield Finding("bad", "单位尚未核验。")


def _credit_code(answers: Answers, _facts: Facts) -> Iterator[Finding]:
    code = answers["credit_code"]
    if not is_credit_code(code):
        yield Finding("bad", "格式或者校验位不符。")
        return
    yield Finding("good", "格式和校验位相符。")
    if code[2:4] != SHANGHAI:
        yield Finding("warn", "首次登记地不在本市，请核对现在的登记地。")


def _credit(answers: Answers, _facts: Facts) -> Iterator[Finding]:
    if answers["good_credit"] is False:
        yield Finding("bad", "申报单位自己填写为“否”。")


def _twins(_answers: Answers, facts: Facts) -> Iterator[Finding]:
    for twin in facts.twins:
        yield Finding("warn", f"已有同名产品：{twin}，请核对是否重复。")
    if not facts.twins:
        yield Finding("good", "本名单没有同名的有效产品，本单位没有同名的其他申报。")


def _rights(answers: Answers, facts: Facts) -> Iterator[Finding]:
    rule, rows = facts.rights, answers["rights"]
    years = rule["wider_years"] if answers.get("field") in rule["wider_fields"] else rule["years"]
    first, last = date(facts.year - years, 1, 1), date(facts.year - 1, MONTHS, 31)
    for number, row in enumerate(rows, 1):
        kind = row["kind"]
        if kind in formats.PATENT_TYPES:
            broken = formats.patent(row["number"], kind)
        else:
            broken = formats.software_copyright(row["number"]) if kind == "software" else None
        if broken:
            yield Finding("bad", f"第 {number} 行：{broken}。")
        if formats.fold(row["owner"]) != formats.fold(facts.unit_name):
            yield Finding("warn", f"第 {number} 行：权利人不是申报单位，请核对许可或者变更证明。")
    fitting = [row for row in rows if row["kind"] in rule["kinds"][facts.list_code]]
    if not fitting:
        yield Finding("bad", "没有本名单认可类型的权利。")
    elif any(first <= date.fromisoformat(row["granted_on"]) <= last for row in fitting):
        yield Finding("good", f"有在{_day(first)}至{_day(last)}之间授权或者登记的权利。")
    else:
        yield Finding("bad", f"没有在{_day(first)}至{_day(last)}之间授权或者登记的权利。")


def _licence_number(answers: Answers, _facts: Facts) -> Iterator[Finding]:
    if answers.get("licence_kind") == "device_registration":
        broken = formats.device_registration(answers["licence_number"])
        yield Finding("bad", f"{broken}。") if broken else Finding("good", "注册证编号的格式相符。")


def _licence_until(answers: Answers, facts: Facts) -> Iterator[Finding]:
    if date.fromisoformat(answers["licence_valid_until"]) > facts.closes_on:
        yield Finding("good", f"申报截止日（{_day(facts.closes_on)}）仍有效。")
    else:
        yield Finding("bad", f"申报截止日（{_day(facts.closes_on)}）已不再有效。")


def _first_sale(answers: Answers, facts: Facts) -> Iterator[Finding]:
    sold = date.fromisoformat(answers["first_sale_on"])
    if sold > facts.reference_on:
        yield Finding("warn", f"晚于认定基准日（{_day(facts.reference_on)}）。")
    else:
        months = (facts.reference_on.year - sold.year) * MONTHS + facts.reference_on.month - sold.month
        months -= facts.reference_on.day < sold.day
        yield Finding("good", f"到认定基准日（{_day(facts.reference_on)}）满 {months} 个月。")
    signed = [date.fromisoformat(row["signed_on"]) for row in answers.get("contracts", ())]
    if signed and min(signed) < sold:
        yield Finding("warn", f"最早的合同签订于{_day(min(signed))}，早于首次销售日期。")


def _contracts(answers: Answers, _facts: Facts) -> Iterator[Finding]:
    if answers.get("is_sold") is False:
        yield Finding("warn", "填写了合同，但“已有销售”填写为“否”。")


RULES: Mapping[str, Callable[[Answers, Facts], Iterator[Finding]]] = {
    "unit_name": _unit,
    "credit_code": _credit_code,
    "good_credit": _credit,
    "product_name": _twins,
    "rights": _rights,
    "licence_number": _licence_number,
    "licence_valid_until": _licence_until,
    "first_sale_on": _first_sale,
    "contracts": _contracts,
}


def find(answers: Answers, facts: Facts) -> dict[str, list[Finding]]:
    """Return the findings by question, for the questions that were answered."""
    return {key: list(rule(answers, facts)) for key, rule in RULES.items() if answers.get(key) is not None}
