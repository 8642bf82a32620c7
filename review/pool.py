"""The pool as a panel freezes it, under pseudonyms, and the steps in which the lot is drawn from it."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from registry import rounds
from registry.models import Application, CallRound, User
from review import draw, experts
from review.draw import Candidate, TooFewCandidatesError
from review.models import Expert, ExpertKind, Panel

CODE_LENGTH = 12  # hexadecimal digits of a pseudonym: enough that no two of a pool meet


def pseudonym(salt: str, name: str) -> str:
    """Return the name under which somebody stands in a panel's pool."""
    return hashlib.sha256(f"{salt}:{name}".encode()).hexdigest()[:CODE_LENGTH]


def code_of(salt: str, expert: Expert) -> str:
    """Return the pseudonym of an expert."""
    return pseudonym(salt, f"expert:{expert.id}")


def people(session: Session, *ids: int) -> Sequence[Expert]:
    """Return experts with what their exclusion depends on; everybody when none is named."""
    return session.scalars(
        select(Expert)
        .where(Expert.id.in_(ids) if ids else true())
        .order_by(Expert.id)
        .options(joinedload(Expert.user).selectinload(User.grants), selectinload(Expert.affiliations))
        .execution_options(populate_existing=True)  # ties declared in this session count too
    ).all()


def freeze(
    session: Session, call: CallRound, applications: Sequence[Application], *, salt: str
) -> list[dict[str, Any]]:
    """Return the pool for a group of products of one field: everybody, with the reason of those who are left out."""
    everybody = people(session)
    left_out = _left_out(session, call, everybody, applications)
    field = applications[0].field
    return [
        {
            "code": code_of(salt, one),
            "institution": pseudonym(salt, f"institution:{experts.folded(one.institution)}"),
            "strata": _strata(one, field),
            "exclusion": left_out.get(one.id),
        }
        for one in everybody
    ]


def _left_out(
    session: Session, call: CallRound, people: Sequence[Expert], applications: Sequence[Application]
) -> dict[int, str]:
    years = rounds.policy_value(call, "review.recusal_years")
    return {
        key: why.value for key, why in experts.exclusions(session, people, applications, years=years).items()
    }


def _strata(expert: Expert, field: str | None) -> list[str]:
    if expert.kind is not ExpertKind.TECHNICAL:
        return [expert.kind.value]
    return ["field", "technical"] if field in expert.fields else ["technical"]


def of_panel(panel: Panel) -> list[Candidate]:
    """Return a panel's frozen pool as the draw takes it."""
    return [draw.candidate_of(line) for line in panel.pool]


def step(
    session: Session,
    panel: Panel,
    applications: Sequence[Application],
    *,
    kept: Sequence[str] = (),
    spent: Sequence[str] = (),
) -> list[Expert] | None:
    """Draw whom the seats lack and keep the step for the proof; None when the pool is exhausted.

    Whoever came under an exclusion since the pool was frozen is passed over. The panel's round must have been loaded.
    """
    known = {code_of(panel.salt, one): one for one in people(session)}
    left_out = _left_out(session, panel.round, list(known.values()), applications)
    late = {code for code, one in known.items() if one.id in left_out and code not in kept}
    gone = {line["code"] for line in panel.pool if line["code"] not in known}
    passed = sorted({*spent, *late, *gone})
    try:
        drawn = draw.draw(
            of_panel(panel), draw.rule_of(panel.rule), panel.seed or "", kept=kept, spent=passed
        )
    except TooFewCandidatesError:
        return None
    picked = [one.code for one in drawn.picked]
    panel.steps = [
        *panel.steps,
        {
            "applications": [one.id for one in applications],
            "kept": sorted(kept),
            "spent": passed,
            "picked": picked,
            "relaxed": dict(drawn.relaxed),
        },
    ]
    return [known[code] for code in picked]
