"""Read the families: how products of one kind are named, described and measured.

A name is a pattern: `{a|b|}` stands for one of its alternatives, an empty one included. In a model `#` is a digit
and `@` a letter. An indicator is `label|unit|low~high|>` where `>` says that more is better; the decimals of the low
end are those of every value. `[a/b] phrase` is said only of products in whose name a or b stands.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent
LETTERS = "ABCDEFGHKLMNPRSTUX"  # without those that look like digits


def dice(key: str) -> Random:
    """Return the random numbers of one purpose: the same for the same key, on every machine."""
    return Random(key)  # noqa: S311 - fiction, not a secret


@cache
def phrases() -> dict[str, Any]:
    """Return the words that all families share."""
    return tomllib.loads((FOLDER / "phrases.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is measured on a family's products, and between which values."""

    label: str
    unit: str
    low: Decimal
    high: Decimal
    more_is_better: bool

    @property
    def step(self) -> Decimal:
        """Return the distance of two values: round figures for counts, the last written decimal otherwise."""
        last = Decimal(1).scaleb(int(self.low.as_tuple().exponent))
        if last < 1:
            return last
        coarse = (self.high - self.low) / 20
        scale = Decimal(1).scaleb(coarse.adjusted())
        return max(last, *(scale * digit for digit in (1, 2, 5) if scale * digit <= coarse))

    def draw(self, rng: Random) -> Decimal:
        """Return a value that a product may have."""
        return self.low + self.step * rng.randint(0, int((self.high - self.low) / self.step))


@dataclass(frozen=True, slots=True)
class Family:
    """Products of one kind: their place in the taxonomy, their names and what is said about them."""

    field: str
    leaf: str
    kind: str
    trade: str
    picture: str
    models: tuple[str, ...]
    names: tuple[str, ...]
    tech: tuple[str, ...]
    use: tuple[str, ...]
    kpis: tuple[str, ...]
    device: dict[str, Any] | None
    licence: str | None


def expand(pattern: str) -> Iterator[str]:
    """Spell a pattern out, one name for each choice of alternatives."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    return ("".join(choice) for choice in product(*choices))


def fill(pattern: str, rng: Random) -> str:
    """Put digits and letters into a model's pattern."""
    digits = re.sub("#", lambda _: str(rng.randint(1, 9)), pattern)
    return re.sub("@", lambda _: rng.choice(LETTERS), digits)


def fitting(items: Iterable[str], name: str) -> list[str]:
    """Return what may be said of a product of this name: the particular before the general."""
    particular, general = [], []
    for item in items:
        if not item.startswith("["):
            general.append(item)
        elif any(word in name for word in item[1 : item.index("]")].split("/")):
            particular.append(item[item.index("]") + 1 :].strip())
    return particular + general


@cache
def indicator(text: str) -> Indicator:
    """Read an indicator as a family's file writes it."""
    label, unit, span, direction = text.split("|")
    low, high = span.split("~")
    return Indicator(label, unit.replace("—", ""), Decimal(low), Decimal(high), direction == ">")


@cache
def families() -> tuple[Family, ...]:
    """Return every family, ordered by file, field and leaf."""
    return tuple(
        Family(
            field=field, leaf=leaf, kind=row["kind"], trade=row["trade"], picture=row["picture"],
            models=tuple(row["models"]),
            names=tuple(name for pattern in row["names"] for name in expand(pattern)),
            tech=tuple(row["tech"]), use=tuple(row["use"]), kpis=tuple(row["kpi"]),
            device=row.get("device"), licence=row.get("licence"),
        )
        for path in sorted((FOLDER / "families").glob("*.toml"))
        for field, leaves in tomllib.loads(path.read_text("utf-8")).items()
        for leaf, rows in leaves.items()
        for row in rows
    )  # fmt: skip


@cache
def schedule() -> tuple[tuple[Family, str], ...]:
    """Return every family's every name once, so spread that any stretch of it is a mixture of all."""
    places = []
    for number, family in enumerate(families()):
        rng = dice(f"names/{number}")
        start = rng.random()
        names = rng.sample(family.names, len(family.names))
        places += [((k + start) / len(names), number, family, name) for k, name in enumerate(names)]
    return tuple((family, name) for _, _, family, name in sorted(places, key=lambda place: place[:2]))
