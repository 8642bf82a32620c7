"""Units that do not exist: names that say so, credit codes that check but were never issued."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import product

from catalog.demo.grammar import dice, phrases
from registry.demo.codes import credit_code

NEW_UNIT = 0.42  # gives a unit two or three products, and a few of them many
MOST_PRODUCTS = 14


@dataclass(frozen=True, slots=True)
class Unit:
    """A fictitious unit."""

    name: str
    brand: str
    credit_code: str
    district: str


class Units:
    """Hand out a unit for each product: now and then a new one of the trade, mostly one that is known."""

    def __init__(self) -> None:
        self._rng = dice("units")
        words = phrases()["units"]
        brands = ["".join(pair) for pair in product(words["first"], words["second"])]
        self._brands = self._rng.sample(brands, len(brands))
        self._names: set[str] = set()
        self._count = 0
        self._free: dict[str, list[Unit]] = defaultdict(list)  # by trade: those with room for another product
        self._products: Counter[Unit] = Counter()

    def pick(self, trade: str) -> Unit:
        """Return the unit that makes the next product of a trade."""
        free = self._free[trade]
        if not free or self._rng.random() < NEW_UNIT:
            free.append(self._found(trade))
            unit = free[-1]
        else:
            unit = self._rng.choice(free)
        self._products[unit] += 1
        if self._products[unit] == MOST_PRODUCTS:
            free.remove(unit)
        return unit

    def _found(self, trade: str) -> Unit:
        words, districts = phrases(), phrases()["districts"]
        self._count += 1
        start = self._count % len(self._brands)
        name = brand = ""
        for brand in (*self._brands[start:], *self._brands[:start]):
            name = self._rng.choice(words["units"]["forms"]).format(
                brand=brand, trade=self._rng.choice(words["trades"][trade])
            )
            if name not in self._names:
                break
        self._names.add(name)
        district = self._rng.choices(list(districts), weights=list(districts.values()))[0]
        return Unit(name, f"示例{brand}", credit_code(self._count), district)
