"""What the demonstration plays: rounds in every phase, and what becomes of each application. Values only.

A round is a schedule in days from its opening; what lies after the day of the demonstration has not happened yet.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import Any

from registry.models import ListCode

PRODUCTS = Path(__file__).parent / "products.toml"

# fmt: off
CREATED, ANNOUNCED, OPENED, EXTENDED, FIRST_END, END, CLOSED = -20, -10, 0, 20, 27, 30, 31
EXAMINED, CONFIRMED, RECONSIDERED, ANSWERED, EXAMINED_AGAIN, EXAMINED_LATE, LAPSED = 32, 34, 36, 40, 42, 45, 60
PANELS = 64  # the first; each further panel of a round begins `stagger` days later
PANEL_DRAWN, PANEL_FORMED, DECLARED, REVIEW_BEGUN, SCORED_FIRST, LATE_RECUSAL, SCORED, AGGREGATED, REDISCUSSED, CONCLUDED = (
    1, 2, 3, 6, 7, 8, 9, 10, 11, 13)  # after a panel began
GIVEN_UP, LETTER, REPLIES, LETTER_DUE, LETTER_CLOSED, DECIDED, SEALED = 92, 95, 98, 106, 107, 108, 109
MEETING_CALLED, MEETING, MEETING_SEALED = 111, 115, 116
NOTICED, OBJECTED, ADMITTED, REPORTED, RULED = 125, 126, 127, 129, 131
DRAFTED, CHECKED, SIGNED, PUBLISHED, SUPPORTED, ARCHIVED = 146, 147, 148, 150, 155, 160
# fmt: on
FIRST_BATCH = 4
"""The batch of a year's first round; those before it are imported, as the catalog's part of the demonstration shows."""
SUBMISSIONS = (4, 9, 14, 19, 24)
"""Days on which units submit what they drafted on the day before."""


class Fate(Enum):
    """What becomes of an application, as far as its round has come."""

    LISTED = auto()
    LEFT = auto()
    RETURNED = auto()
    WITHDRAWN = auto()
    EARLY = auto()
    LATE = auto()
    CORRECTED = auto()
    UNANSWERED = auto()
    REFUSED = auto()
    RECONSIDERED = auto()
    WEAK = auto()
    MOVED = auto()
    SPLIT = auto()
    RECUSED = auto()
    OUTVOTED = auto()
    PUT_OFF = auto()
    NOT_RESUMED = auto()
    GIVEN_UP = auto()
    NEXT_NOTICE = auto()
    CLEARED = auto()
    HELD = auto()
    UPHELD = auto()


@dataclass(frozen=True, slots=True)
class Product:
    """One application of the plan; `unit` counts the units that apply, `submitted` is a day of its round."""

    name: str
    list_code: ListCode
    fate: Fate
    unit: int
    place: int
    submitted: int
    facts: Mapping[str, Any]

    @property
    def field(self) -> str:
        """Return the code of its industry."""
        return str(self.facts["leaf"][:2])


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the plan; `stagger` is how many days a panel begins after the one before it."""

    title: str
    opens_on: date
    lists: tuple[ListCode, ...]
    products: Sequence[Product] = field(repr=False)
    stagger: int
    batch: int

    def on(self, day: int) -> date:
        """Return the date of a day of the schedule."""
        return self.opens_on + timedelta(days=day)

    def of(self, *fates: Fate) -> list[Product]:
        """Return the products with one of the fates."""
        return [product for product in self.products if product.fate in fates]

    def without(self, *fates: Fate) -> list[Product]:
        """Return the products with any other fate."""
        return [product for product in self.products if product.fate not in fates]


CX, TZ, PC, RJ = ListCode.CX, ListCode.TZ, ListCode.PC, ListCode.RJ
F = Fate
UNITS = 24
"""How many units apply; the first is the one whose log-ins are printed."""

# fmt: off
_WHOLE = {
    CX: (F.LISTED, F.CORRECTED, F.LISTED, F.WEAK, F.LISTED, F.LISTED, F.SPLIT, F.OUTVOTED, F.LISTED, F.LEFT, F.CLEARED,
         F.LISTED, F.UNANSWERED, F.LISTED, F.RETURNED),
    TZ: (F.LISTED, F.RECONSIDERED, F.MOVED, F.LISTED, F.PUT_OFF, F.LISTED, F.LISTED, F.WITHDRAWN, F.UPHELD, F.LISTED),
    PC: (F.LISTED, F.REFUSED, F.LISTED, F.WEAK, F.LISTED, F.GIVEN_UP, F.CORRECTED, F.LISTED, F.LISTED, F.LISTED),
    RJ: (F.LISTED, F.EARLY, F.LISTED, F.RECUSED, F.LISTED, F.WEAK, F.LISTED, F.LEFT, F.LISTED, F.LISTED),
}
ROUNDS = (  # title, days since the opening, days between panels, products
    ("示例首台（套）专项申报通知", 300, 0, {TZ: (F.LISTED, F.LISTED, F.REFUSED)}),
    ("示例创新产品推荐目录申报通知", 157, 0, _WHOLE),
    ("示例重点领域补充申报通知", 127, 0, {
        CX: (F.LISTED, F.NEXT_NOTICE, F.HELD),
        PC: (F.LISTED, F.NOT_RESUMED, F.LISTED),
    }),
    ("示例工业软件专题申报通知", 96, 0, {RJ: (F.LISTED, F.LISTED)}),  # the departments are being asked
    ("示例数字化专题申报通知", 78, 3, {
        CX: (F.LISTED, F.LISTED, F.LISTED, F.LISTED, F.LISTED, F.WEAK, F.LISTED, F.LISTED),
        PC: (F.LISTED,),
        RJ: (F.LISTED, F.LISTED, F.LISTED),
    }),
    ("示例新材料专题申报通知", 35, 0, {
        TZ: (F.LISTED, F.LATE, F.UNANSWERED),
        PC: (F.LISTED, F.REFUSED, F.LATE),
    }),
    ("示例年度常规申报通知", 12, 0, {
        CX: (F.LISTED, F.LEFT, F.WITHDRAWN),
        TZ: (F.EARLY,), PC: (F.LISTED,), RJ: (F.LISTED, F.RETURNED),
    }),
    ("示例首版次专项申报通知", -7, 0, {RJ: ()}),
    ("示例下一批次申报通知", -19, 0, {CX: ()}),
)
# fmt: on


@cache
def _kinds() -> dict[str, Any]:
    return tomllib.loads(PRODUCTS.read_text("utf-8"))


def rounds(today: date) -> list[Round]:
    """Return the rounds as they stand on a day, the oldest first; the same for the same day."""
    taken = dict.fromkeys(ListCode, 0)
    place = 0
    planned: list[Round] = []
    for title, ago, stagger, wanted in ROUNDS:
        products = []
        days = [day for day in SUBMISSIONS if day + 2 < ago] or SUBMISSIONS
        for list_code, fates in wanted.items():
            for fate in fates:
                name, facts = _kind(list_code, taken[list_code])
                products.append(
                    Product(name, list_code, fate, place % UNITS, place, days[place % len(days)], facts)
                )
                taken[list_code] += 1
                place += 1
        opens_on = today - timedelta(days=ago)
        batch = FIRST_BATCH + sum(before.opens_on.year == opens_on.year for before in planned)
        planned.append(Round(title, opens_on, tuple(wanted), tuple(products), stagger, batch))
    return planned


ENTERING = (F.LISTED, F.CORRECTED, F.RECONSIDERED, F.MOVED, F.SPLIT, F.RECUSED, F.CLEARED, F.RETURNED)
"""Fates that end in the catalog once the round is published."""


def entered(today: date, list_code: ListCode) -> int:
    """Return how many products of a list the rounds have brought into the catalog on a day."""
    published = [call for call in rounds(today) if call.on(PUBLISHED) <= today]
    return sum(product.list_code is list_code for call in published for product in call.of(*ENTERING))


def _kind(list_code: ListCode, number: int) -> tuple[str, Mapping[str, Any]]:
    """Return the name and facts of a list's n-th product: every kind in one grade, then in the next."""
    kinds = [kind for kind in _kinds()["product"] if kind["list"] == list_code]
    grade, kind = divmod(number, len(kinds))
    return f"{_kinds()['grades'][grade]}{kinds[kind]['noun']}", kinds[kind]


def unit_name(number: int) -> str:
    """Return the name of a unit that applies."""
    words = ("启明", "浦新", "申科", "临智", "云杉", "澄海", "鸿越", "瑞芯", "泽远", "衡光", "微澜", "朗拓")
    forms = ("科技有限公司", "装备制造有限公司")
    return f"示例{words[number % len(words)]}{forms[number // len(words) % len(forms)]}"
