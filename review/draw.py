"""Draw a panel so that anybody can draw it again: values in, values out.

The pool is frozen and hashed, a secret is committed to, and a public value that nobody here controls is named in
advance. Secret, pool and value give the seed; the seed orders the pool (the method of RFC 3797 with SHA-256); the
panel is the first that the order allows under the rule. Members who drop out are followed by the next of the same order.
"""

import hashlib
import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.canonical import digest

ANY = "any"
SIZE = "size"
FALLBACK = {"field": "technical"}
"""What a seat is opened to when nobody is left for it; every other seat is opened to anybody."""


START, END = "start", "end"
Residual = defaultdict[Hashable, Counter[Hashable]]
"""How much more can be sent from one place to another."""


class TooFewCandidatesError(Exception):
    """The pool cannot fill the least panel that the rule allows."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of the frozen pool, without names: salted pseudonyms, the seats it may take, why it is left out."""

    code: str
    institution: str
    strata: tuple[str, ...]
    exclusion: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A panel's make-up: `seats` are at least so many of a stratum, the rest is open to anybody.

    When the pool cannot fill it, seats are opened in the order of `relax`; `size` there drops open seats down to `least`.
    """

    size: int
    least: int
    seats: Mapping[str, int]
    per_institution: int
    relax: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """Who was picked, in the order of the sequence, and which seats had to be opened or dropped, by stratum."""

    picked: tuple[Candidate, ...]
    relaxed: Mapping[str, int]


def candidate_of(line: Mapping[str, Any]) -> Candidate:
    """Return a line of a pool as a panel and its proof write it."""
    return Candidate(line["code"], line["institution"], tuple(line["strata"]), line["exclusion"])


# --- what is public -----------------------------------------------------------------------------------------------


def commitment(secret: str) -> str:
    """Return what is made public of the secret before the draw."""
    return hashlib.sha256(secret.encode()).hexdigest()


def pool_hash(pool: Sequence[Candidate]) -> str:
    """Return the hash of a pool; the order of its lines does not matter."""
    return digest([_line(candidate) for candidate in sorted(pool, key=lambda candidate: candidate.code)])


def _line(candidate: Candidate) -> dict[str, Any]:
    return {
        "code": candidate.code,
        "institution": candidate.institution,
        "strata": sorted(candidate.strata),
        "exclusion": candidate.exclusion,
    }


def seed(secret: str, *, pool: str, public_value: str) -> str:
    """Return the seed that a secret, a pool's hash and the public value make together."""
    return digest([secret, pool, public_value])


# --- the draw -----------------------------------------------------------------------------------------------------


def sequence(pool: Sequence[Candidate], seed: str) -> list[Candidate]:
    """Return those of the pool who may be picked, in the order that the seed gives."""
    remaining = sorted((one for one in pool if one.exclusion is None), key=lambda one: one.code)
    order: list[Candidate] = []
    while remaining:
        step = len(order) + 1
        number = int.from_bytes(hashlib.sha256(f"{step}.{seed}.{step}".encode()).digest())
        order.append(remaining.pop(number % len(remaining)))
    return order


def draw(
    pool: Sequence[Candidate],
    rule: Rule,
    seed: str,
    *,
    kept: Collection[str] = (),
    spent: Collection[str] = (),
) -> Draw:
    """Pick a panel, or whom it lacks: `kept` are the codes of members who stay, `spent` of those who may not come again.

    Along the sequence, whoever still lets the panel be completed is taken.

    Raises:
        TooFewCandidatesError: not even the least panel can be filled.
    """
    order = [one for one in sequence(pool, seed) if one.code not in spent]
    members = [one for one in pool if one.code in kept]
    free = [one for one in order if one.code not in kept]
    for seats, relaxed in _ladder(rule):
        if not _can_fill(seats, members, free, rule.per_institution):
            continue
        chosen, waiting = list(members), list(free)
        picked = []
        while len(chosen) < len(seats):
            candidate = waiting.pop(0)
            if _can_fill(seats, [*chosen, candidate], waiting, rule.per_institution):
                chosen.append(candidate)
                picked.append(candidate)
        return Draw(tuple(picked), relaxed)
    raise TooFewCandidatesError


def _ladder(rule: Rule) -> Iterator[tuple[list[str], dict[str, int]]]:
    """Yield the seats as the rule wants them, then with one more opened or dropped each time."""
    seats = [stratum for stratum, count in rule.seats.items() for _ in range(count)]
    seats += [ANY] * (rule.size - len(seats))
    relaxed: dict[str, int] = {}
    yield list(seats), dict(relaxed)
    for stratum in rule.relax:
        while (ANY in seats and len(seats) > rule.least) if stratum == SIZE else (stratum in seats):
            if stratum == SIZE:
                seats.remove(ANY)
            else:
                seats[seats.index(stratum)] = FALLBACK.get(stratum, ANY)
            relaxed[stratum] = relaxed.get(stratum, 0) + 1
            yield list(seats), dict(relaxed)


def _can_fill(
    seats: Sequence[str], chosen: Sequence[Candidate], free: Sequence[Candidate], per_institution: int
) -> bool:
    """Return whether all seats can be filled with all of `chosen` and some of `free`.

    It is a flow of one person a seat: from the strata over persons to institutions, which take only so many.
    """
    taken = Counter(one.institution for one in chosen)
    if max(taken.values(), default=0) > per_institution:
        return False
    residual: Residual = defaultdict(Counter)
    for stratum, count in Counter(seats).items():
        residual[START][stratum] = count
        for one in (*chosen, *free):
            if stratum == ANY or stratum in one.strata:
                residual[stratum][one] = 1
    for one in chosen:  # first alone: a person once seated keeps a seat while others are fitted in
        residual[one][END] = 1
    if _flow(residual) < len(chosen):
        return False
    for one in free:
        residual[one]["of", one.institution] = 1
        residual["of", one.institution][END] = per_institution - taken[one.institution]
    return len(chosen) + _flow(residual) == len(seats)


def _flow(residual: Residual) -> int:
    """Send on what can be sent from start to end and return how much; `residual` keeps what is left."""
    sent = 0
    while path := _path(residual):
        for here, there in itertools.pairwise(path):
            residual[here][there] -= 1
            residual[there][here] += 1
        sent += 1
    return sent


def _path(residual: Residual) -> list[Hashable]:
    """Return a shortest way from start to end along which more can be sent, an empty list for none."""
    came: dict[Hashable, Hashable] = {START: START}
    waiting: deque[Hashable] = deque([START])
    while waiting and END not in came:
        here = waiting.popleft()
        for there, left in residual[here].items():
            if left > 0 and there not in came:
                came[there] = here
                waiting.append(there)
    if END not in came:
        return []
    path: list[Hashable] = [END]
    while path[-1] != START:
        path.append(came[path[-1]])
    return path[::-1]


# --- the proof ----------------------------------------------------------------------------------------------------


def replay(proof: Mapping[str, Any]) -> list[str]:
    """Draw again what a proof tells; return one English line for everything that differs, none when all holds."""
    pool = [candidate_of(line) for line in proof["pool"]]
    drawn = seed(proof["secret"], pool=proof["pool_hash"], public_value=proof["public_value"])
    wrong = []
    if pool_hash(pool) != proof["pool_hash"]:
        wrong.append("the pool is not the one whose hash was made public")
    if commitment(proof["secret"]) != proof["commitment"]:
        wrong.append("the secret is not the one that was committed to")
    rule = rule_of(proof["rule"])
    for number, step in enumerate(proof["steps"], 1):
        try:
            again = draw(pool, rule, drawn, kept=step["kept"], spent=step["spent"])
        except TooFewCandidatesError:
            again = Draw((), {})
        if [one.code for one in again.picked] != step["picked"]:
            wrong.append(f"step {number} picks others")
    return wrong


def rule_of(value: Mapping[str, Any]) -> Rule:
    """Return a rule as the policy parameter `review.panel` writes it."""
    return Rule(
        value["size"], value["least"], dict(value["seats"]), value["per_institution"], tuple(value["relax"])
    )
