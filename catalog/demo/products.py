"""The fictitious products: rows as an import takes them, and what an import does not carry.

`products` and `specimens` give the first n of one endless sequence: names, models, units and figures are always the
same, only the dates follow `today`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from catalog.demo.grammar import Family, Indicator, dice, fill, fitting, indicator, phrases, schedule
from catalog.demo.units import Unit, Units
from registry.models import ListCode

YEARS_VALID = 3  # of the fiction; what holds for real listings is a policy parameter
YEARS_REGISTERED = 5
ENTRUSTED_SHARE = 0.3
CHARGEABLE_SHARE = 0.6
NATIONAL_SHARE = 0.06
MOST_KPIS = 4
MOST_TECH = 5
CLASSES = {2: "第二类", 3: "第三类"}
BATCH_DAYS = {
    ListCode.CX: ((4, 28), (8, 28), (12, 18)),
    ListCode.TZ: ((10, 16),),
    ListCode.PC: ((10, 23),),
    ListCode.RJ: ((9, 18),),
}
"""When in a year a list is published, for the first, second and third time."""

LISTS = {
    "equipment": ListCode.TZ,
    "device": ListCode.TZ,
    "component": ListCode.TZ,
    "material": ListCode.PC,
    "software": ListCode.RJ,
}
"""Which of the three lists of firsts a kind of product may stand in."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One fictitious publication of one list: when it was, until when its listings hold."""

    list_code: ListCode
    year: int
    batch: int
    published_on: date

    @property
    def document(self) -> str:
        """Return what stands for a document number; it looks like none."""
        return f"示例〔{self.year}〕第{self.batch}批"

    @property
    def recognised_on(self) -> date:
        """Return the day of recognition, a fortnight before the publication."""
        return self.published_on - timedelta(days=14)

    @property
    def valid_until(self) -> date:
        """Return the last day of validity."""
        return years_after(self.published_on, YEARS_VALID) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Specimen:
    """A product: its row for the import, and what only the registry's own records hold."""

    number: int
    family: Family
    unit: Unit
    batch: Batch
    row: dict[str, str]
    kpis: tuple[dict[str, str], ...]
    device: dict[str, Any] | None

    @property
    def source_ref(self) -> str:
        """Return the 来源编号."""
        return self.row["来源编号"]


def years_after(day: date, years: int) -> date:
    """Return the same day of another year; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def batches(today: date, list_code: ListCode = ListCode.CX, *, are_over: bool = False) -> list[Batch]:
    """Return a list's publications whose listings still hold on `today`, or those just over; oldest first."""
    newest = years_after(today, -YEARS_VALID) if are_over else today
    found = [
        Batch(list_code, year, number, _weekday(date(year, month, day)))
        for year in range(newest.year - YEARS_VALID, newest.year + 1)
        for number, (month, day) in enumerate(BATCH_DAYS[list_code], 1)
    ]
    return [
        batch
        for batch in found
        if batch.published_on <= today
        and (batch.valid_until < today if are_over else batch.valid_until >= today)
    ]


def products(n: int, today: date) -> Iterator[dict[str, str]]:
    """Return the import's rows of n products of CX, all of them active and public on `today`."""
    return (specimen.row for specimen in specimens(n, today))


def specimens(n: int, today: date) -> Iterator[Specimen]:
    """Return the n products behind `products`, with their indicators and device blocks."""
    return Portfolio().take(n, batches(today))


class Portfolio:
    """Take products from the sequence, each listed in one of the batches offered."""

    def __init__(self) -> None:
        """Begin at the first product."""
        self._units = Units()
        self._number = 0
        self._serials: Counter[Batch] = Counter()

    def take(self, count: int, published: Sequence[Batch]) -> Iterator[Specimen]:
        """Return the next products whose kind fits the batches' list; the catalog grows from batch to batch."""
        weights = range(len(published), 2 * len(published))
        list_code = published[0].list_code
        names = schedule()
        while count > 0:
            family, name = names[self._number % len(names)]
            self._number += 1
            if list_code is ListCode.CX or LISTS.get(family.kind) is list_code:
                count -= 1
                rng = dice(f"product/{self._number}")
                batch = rng.choices(published, weights=weights)[0]
                yield self._specimen(family, name, batch, rng)

    def listed_also(self, specimen: Specimen, batch: Batch) -> dict[str, str]:
        """Return the row by which a product enters another list too."""
        return specimen.row | self._standing(batch)

    def _stated(
        self, family: Family, name: str, values: list[tuple[Indicator, Decimal]]
    ) -> Iterator[dict[str, str]]:
        """Return what is stated of a product without being compared with the best, if it is not measured already."""
        rng = dice(f"stated/{self._number}")  # its own, so that whatever else is drawn stays as it was
        endings = {measured.label[-2:] for measured, _ in values}
        for text in fitting(phrases()["kpi"]["stated"][family.kind], name):
            label, unit, choices = text.split("|")
            value, source = rng.choice(choices.split(";")), rng.choice(phrases()["kpi"]["sources"])
            if label[-2:] not in endings:
                yield {"indicator": label, "unit": unit.replace("—", ""), "ours": value, "source": source}

    def _standing(self, batch: Batch) -> dict[str, str]:
        self._serials[batch] += 1
        return {
            "目录编号": f"{batch.list_code}-{batch.year}-{batch.batch:02}-{self._serials[batch]:04}",
            "年份": str(batch.year),
            "批次": str(batch.batch),
            "认定日期": batch.recognised_on.isoformat(),
            "有效期至": batch.valid_until.isoformat(),
            "发布文件": batch.document,
            "发布日期": batch.published_on.isoformat(),
        }

    def _specimen(self, family: Family, name: str, batch: Batch, rng: Random) -> Specimen:
        unit = self._units.pick(family.trade)
        model = fill(fitting(family.models, name)[0], rng)
        values = [(measured, measured.draw(rng)) for measured in _indicators(family, name)]
        device = _device(family, name, unit, batch, rng)
        licence = f"{family.licence}{batch.year}{rng.randint(1, 9999):04}" if family.licence else ""
        finding = rng.choice(("是", "是", "否", "否", "否", ""))
        standing = self._standing(batch)
        row = {
            "来源编号": f"DEMO-{self._number:05}",
            "目录编号": standing["目录编号"],
            "产品名称": name,
            "型号": model,
            "申报单位": unit.name,
            "统一社会信用代码": unit.credit_code,
            "所在区": unit.district,
            "产业领域": family.field,
            "细分类别": family.leaf,
            "产品简介": _summary(family, name, values, rng),
            "注册证号": device["registration_number"] if device else licence,
            "地区": "上海市",
            **standing,
            "首次投放市场": f"{finding}（基准日 {batch.recognised_on}）" if finding else "",
            "国家级目录": str(phrases()["national"].get(family.kind, ""))
            if rng.random() < NATIONAL_SHARE
            else "",
        }
        kpis = (
            *(_kpi(measured, value, rng) for measured, value in values),
            *self._stated(family, name, values),
        )
        return Specimen(self._number, family, unit, batch, row, kpis, device)


def _indicators(family: Family, name: str) -> list[Indicator]:
    """Return what is measured on a product: its family's indicators first, those of its kind after."""
    texts = [*fitting(family.kpis, name), *phrases()["kpi"]["general"][family.kind]]
    by_label = {measured.label: measured for measured in reversed([indicator(text) for text in texts])}
    return list(reversed(by_label.values()))[:MOST_KPIS]


def _summary(family: Family, name: str, values: list[tuple[Indicator, Decimal]], rng: Random) -> str:
    sentences = phrases()["sentences"]
    tech, tech2 = rng.sample(fitting(family.tech, name)[:MOST_TECH], 2)
    first, second = (
        f"{measured.label}{'达到' if measured.more_is_better else '为'}{value}{measured.unit}"
        for measured, value in values[:2]
    )
    closing: str = rng.choice(fitting(sentences["closing"][family.kind], name))
    opening: str = rng.choice(sentences["opening"])
    measure: str = rng.choice(sentences["measure"])
    return (
        opening.format(use=rng.choice(fitting(family.use, name)), tech=tech, tech2=tech2)
        + measure.format(first=first, second=second)
        + closing.format(
            few=rng.randint(3, 9), some=rng.randint(2, 6), hours=rng.randrange(800, 6001, 200), share=rng.randint(86, 98), percent=rng.randint(12, 45)
        )
    )  # fmt: skip


def _kpi(measured: Indicator, value: Decimal, rng: Random) -> dict[str, str]:
    """Return an indicator's row: ahead of the best at home, near the best in the world."""
    step = measured.step
    home = Decimal(rng.randint(8, 30)) / 100
    world = Decimal(rng.randint(-8, 6)) / 100

    def behind(gap: Decimal) -> str:
        if not measured.more_is_better:
            other = value * (1 + gap)
        elif measured.unit == "%":
            other = 100 - (100 - value) * (1 + gap)  # nothing passes 100 %
        else:
            other = value * (1 - gap)
        if gap == home and abs(other - value) < step:
            other = value + (-step if measured.more_is_better else step)
        return str(other.quantize(Decimal(1).scaleb(int(measured.low.as_tuple().exponent))))

    return {
        "indicator": measured.label,
        "unit": measured.unit,
        "ours": str(value),
        "domestic_best": behind(home),
        "world_best": behind(world),
        "source": rng.choice(phrases()["kpi"]["sources"]),
    }


def _device(family: Family, name: str, unit: Unit, batch: Batch, rng: Random) -> dict[str, Any] | None:
    """Return the block of a medical device; its numbers have the right form and cannot be anybody's.

    The registration begins with 示例 instead of a province, the GTIN lies in the range 200-299 that GS1 leaves to
    shops for their own use, and the insurance code begins with CDEMO.
    """
    if family.device is None:
        return None
    registered_on = batch.recognised_on - timedelta(days=rng.randint(40, 400))
    level = family.device["class"]
    gtin = f"0200{rng.randint(0, 999_999_999):09}"
    check = -sum(int(digit) * (3 - 2 * (place % 2)) for place, digit in enumerate(gtin)) % 10
    facts = {
        "management_class": CLASSES[level],
        "registration_number": f"示例械注准{registered_on.year}{level}{family.device['category']}{rng.randint(1, 9999):04}",
        "scope": family.device["scope"],
        "registrant": unit.name,
        "valid_until": (years_after(registered_on, YEARS_REGISTERED) - timedelta(days=1)).isoformat(),
        "udi_di": f"{gtin}{check}",
        "insurance_code": f"CDEMO{rng.randint(0, 10**22 - 1):022}",
    }
    more = dice(f"hospital/{gtin}")
    if more.random() < ENTRUSTED_SHARE:
        facts["entrusted_maker"] = f"上海{unit.brand}器械代工有限公司（虚构）"
    if permits := fitting(family.device.get("permit", ()), name):
        facts["equipment_permit"] = permits[0]
    if family.device.get("is_consumable"):
        facts |= {
            "net_listing_number": f"示例挂网{more.randint(1, 999_999):06}",
            "is_chargeable": more.random() < CHARGEABLE_SHARE,
        }
    return facts


def _weekday(day: date) -> date:
    """Return the day or, at a weekend, the Friday before: nothing is published on a Sunday."""
    return day - timedelta(days=max(0, day.weekday() - 4))
