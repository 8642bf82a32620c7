"""What a product's ballots came to: one department, one vote; silence is no consent. Values in, values out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from review.committee.models import TallyOutcome, Vote

AGAINST = frozenset({Vote.DISAGREE, Vote.OBJECT})


@dataclass(frozen=True, slots=True)
class Rule:
    """How many must be there and how many must agree; shares are exact fractions."""

    quorum: Fraction
    every_lead: bool
    majority: Fraction
    recused_leave: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """A department before the tally: whether it was there or answered, and its vote on the product."""

    unit: str
    is_lead: bool
    is_present: bool
    vote: Vote | None = None
    is_veto: bool = False


@dataclass(frozen=True, slots=True)
class Quorum:
    """Who counts, who of them is there, and what is missing."""

    base: int
    present: int
    needed: int
    missing_leads: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Return whether enough are there; nobody is never enough."""
        return 0 < self.needed <= self.present and not self.missing_leads


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes by kind, the departments that barred the product, and the outcome; `majority` is how many must agree."""

    quorum: Quorum
    votes: Mapping[Vote, int]
    silent: tuple[str, ...]
    vetoed_by: tuple[str, ...]
    majority: int
    outcome: TallyOutcome

    def record(self) -> dict[str, Any]:
        """Return the tally as a sitting keeps it."""
        return {
            "base": self.quorum.base,
            "present": self.quorum.present,
            "needed": self.quorum.needed,
            "missing_leads": list(self.quorum.missing_leads),
            "votes": {vote.value: count for vote, count in self.votes.items()},
            "silent": list(self.silent),
            "vetoed_by": list(self.vetoed_by),
            "majority": self.majority,
        }


def rule_of(value: Mapping[str, Any]) -> Rule:
    """Return the rule that a parameter states.

    Raises:
        ValueError: a share is none, in a Chinese sentence.
    """
    return Rule(
        quorum=_share(value["quorum"]),
        every_lead=value["every_lead"],
        majority=_share(value["majority"]),
        recused_leave=value["recused_leave"],
    )


def _share(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"“{text}”不是比例，请写成 2/3 这样的分数。") from None
    if not 0 < share <= 1:
        raise ValueError(f"比例“{text}”应大于 0、不大于 1。")
    return share


def quorum(seats: Sequence[Seat], rule: Rule) -> Quorum:
    """Count who is there against who counts; a recused department leaves the base where the rule says so."""
    base = [seat for seat in seats if not (rule.recused_leave and seat.vote is Vote.RECUSE)]
    return Quorum(
        base=len(base),
        present=sum(seat.is_present for seat in base),
        needed=ceil(rule.quorum * len(base)),
        missing_leads=tuple(
            seat.unit for seat in base if rule.every_lead and seat.is_lead and not seat.is_present
        ),
    )


def tally(seats: Sequence[Seat], rule: Rule) -> Tally:
    """Count the ballots on one product; more than the majority of those present must agree.

    A department that is there and says nothing counts among those present, as an abstention does. One written veto
    bars the product whatever the others say.
    """
    found = quorum(seats, rule)
    votes = Counter(seat.vote for seat in seats if seat.is_present and seat.vote is not None)
    vetoed_by = tuple(
        seat.unit for seat in seats if seat.is_present and seat.is_veto and seat.vote in AGAINST
    )
    majority = floor(rule.majority * found.present) + 1
    return Tally(
        quorum=found,
        votes={vote: votes[vote] for vote in Vote if votes[vote]},
        silent=tuple(seat.unit for seat in seats if not seat.is_present or seat.vote is None),
        vetoed_by=vetoed_by,
        majority=majority,
        outcome=_outcome(found, votes, majority, is_vetoed=bool(vetoed_by)),
    )


def _outcome(found: Quorum, votes: Counter[Vote], majority: int, *, is_vetoed: bool) -> TallyOutcome:
    if not found.holds:
        return TallyOutcome.NO_QUORUM
    if is_vetoed:
        return TallyOutcome.VETOED
    if votes[Vote.AGREE] >= majority:
        return TallyOutcome.CARRIED
    return TallyOutcome.PUT_OFF if votes[Vote.DEFER] >= majority else TallyOutcome.NOT_CARRIED
