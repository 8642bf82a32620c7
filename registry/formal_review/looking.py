"""What formal review looks up: the queue, and one case with all that is decided on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from registry import applications, calendar, clock, questions, rounds, workflow
from registry.errors import NotFoundError
from registry.formal_review.deadlines import Due, due
from registry.formal_review.findings import Facts, Finding, find
from registry.models import (
    FROZEN_STATES,
    Application,
    ApplicationRevision,
    CallRound,
    CatalogEntry,
    CorrectionLetter,
    EntryVersion,
    FormalReviewItem,
    ListCode,
    Listing,
    ListingStatus,
    MoveProposal,
    Role,
    State,
    User,
)
from registry.permissions import (
    PERMISSIONS,
    Actor,
    Rule,
    has_role,
    is_discipline_observer,
    is_secretariat_lead,
    require,
)
from registry.questions import Change, Classes, Question, formats

is_of_another_unit = Rule(
    lambda actor, application: (
        application is None
        or actor.organization_id is None
        or actor.organization_id != application.organization_id
    )
)

PERMISSIONS.update(
    {
        "formal_review:view": has_role(Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD) | is_discipline_observer,
        "formal_review:examine": has_role(Role.FORMAL_REVIEWER) & is_of_another_unit,
        "formal_review:decide": is_secretariat_lead & is_of_another_unit,
    }
)

Shown = Literal["waiting", "correction", "proposed", "accepted", "refused"]
SHOWN: Sequence[Shown] = get_args(Shown)
LIVE = (ListingStatus.ACTIVE, ListingStatus.SUSPENDED, ListingStatus.RENEWAL_PENDING)


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show of the queue; None does not narrow."""

    shown: Shown = "waiting"
    round_id: int | None = None
    list_code: ListCode | None = None


def _in_sight() -> ColumnElement[bool]:
    """Return the condition that an application may be known of; its round must have been joined."""
    return or_(
        Application.state != State.SUBMITTED,
        CallRound.sealed.is_(False),
        CallRound.closes_at <= clock.now(),
    )


def queue(filters: Filters) -> Select[Application]:
    """Select the applications of a part of formal review with round and unit, what is due first in front.

    What was submitted to a sealed round stays out of sight until its close.
    """
    proposed = select(MoveProposal.id).where(
        MoveProposal.application_id == Application.id, MoveProposal.decided_at.is_(None)
    )
    parts = {
        "waiting": Application.state.in_((State.SUBMITTED, State.FORMAL_REVIEW)) & ~proposed.exists(),
        "correction": Application.state == State.CORRECTION_REQUIRED,
        "proposed": (Application.state == State.FORMAL_REVIEW) & proposed.exists(),
        "accepted": Application.state.in_(FROZEN_STATES),
        "refused": Application.state == State.NOT_ACCEPTED,
    }
    query = (
        select(Application)
        .join(Application.round)
        .where(
            parts[filters.shown],
            _in_sight(),
        )
        .options(contains_eager(Application.round), joinedload(Application.organization))
        .order_by(CallRound.closes_at, Application.state_since, Application.id)
    )
    if filters.round_id is not None:
        query = query.where(Application.round_id == filters.round_id)
    if filters.list_code is not None:
        query = query.where(Application.list_code == filters.list_code)
    return query


def due_days(session: Session, found: Sequence[Application]) -> dict[int, Due]:
    """Return by when somebody must act on each application; those that wait for nobody are left out."""
    work = calendar.load(session)
    return {row.id: day for row in found if (day := due(work, row))}


def letters(session: Session, application: Application) -> Sequence[CorrectionLetter]:
    """Return the correction letters with their items, the first one first."""
    return session.scalars(
        select(CorrectionLetter)
        .where(CorrectionLetter.application_id == application.id)
        .options(selectinload(CorrectionLetter.items))
        .order_by(CorrectionLetter.number)
    ).all()


def answered(application: Application, sent: Sequence[CorrectionLetter]) -> list[CorrectionLetter]:
    """Return those letters that the unit answered with a new revision."""
    return [letter for letter in sent if letter.revision < application.revision]


def items(session: Session, application: Application) -> list[FormalReviewItem]:
    """Return the rows of the checklist in the order of the questions."""
    order = list(questions.by_key())
    rows = session.scalars(
        select(FormalReviewItem).where(FormalReviewItem.application_id == application.id)
    ).all()
    return sorted(rows, key=lambda row: order.index(row.key))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the checklist as the examiner sees it."""

    item: FormalReviewItem
    question: Question
    findings: Sequence[Finding]
    asked: Sequence[tuple[str, str | None]]
    """What the last answered letter said of it, each with the unit's answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """An application as formal review sees it; before it is opened there is nothing of its content."""

    application: Application
    due: Due | None
    moves: frozenset[str]
    revision: ApplicationRevision | None
    classes: Classes
    rows: Sequence[Row]
    letters: Sequence[CorrectionLetter]
    changes: Sequence[Change]
    proposal: MoveProposal | None
    proposed_by: User | None


def case(session: Session, actor: Actor, application_id: int) -> Case:
    """Return a case for its page.

    Raises:
        NotFoundError: there is no such application, it was not submitted yet, or its round is sealed until the close.
    """
    application = session.scalars(
        select(Application)
        .join(Application.round)
        .where(Application.id == application_id, Application.submitted_at.is_not(None), _in_sight())
        .where(Application.state != State.DRAFT)
        .options(contains_eager(Application.round), joinedload(Application.organization))
    ).one_or_none()
    if application is None:
        raise NotFoundError("没有找到这份申报。", parameter="application")
    require(actor, "formal_review:view", application)
    classes = questions.classes(session)
    proposal = workflow.open_proposal(session, application)
    moves = frozenset(row.action.value for row, _ in workflow.actions(application, actor))
    day = due(calendar.load(session), application)
    by = session.get(User, proposal.proposed_by_id) if proposal else None
    if application.opened_at is None:
        return Case(application, day, moves, None, classes, (), (), (), proposal, by)
    filed, sent = applications.revision(session, application), letters(session, application)
    last = next(reversed(answered(application, sent)), None)
    before = applications.revision(session, application, last.revision).answers if last else filed.answers
    return Case(
        application, day, moves, filed, classes,
        _rows(session, application, filed, last), sent,
        questions.difference(before, filed.answers, classes), proposal, by,
    )  # fmt: skip


def _rows(
    session: Session, application: Application, filed: ApplicationRevision, last: CorrectionLetter | None
) -> list[Row]:
    found = find(filed.answers, _facts(session, application, filed))
    asked: dict[str, list[tuple[str, str | None]]] = {}
    for row in last.items if last else ():
        asked.setdefault(row.question, []).append((row.problem, row.answer))
    by_key = questions.by_key()
    return [
        Row(row, by_key[row.key], found.get(row.key, ()), asked.get(row.key, ()))
        for row in items(session, application)
    ]


def _facts(session: Session, application: Application, filed: ApplicationRevision) -> Facts:
    call, unit = application.round, application.organization
    return Facts(
        list_code=application.list_code,
        unit_name=unit.name,
        verified_on=clock.day_of(unit.verified_at) if unit.verified_at else None,
        year=call.year,
        closes_on=clock.day_of(call.closes_at),
        reference_on=call.reference_on,
        rights=rounds.policy_value(call, "formal.rights"),
        twins=_twins(session, application, filed.answers),
    )


def _twins(session: Session, application: Application, answers: Mapping[str, str]) -> list[str]:
    """Return like-named products: live ones of this list, and other applications of this unit in the round."""
    name = formats.fold(answers["product_name"])
    entries = session.execute(
        select(CatalogEntry.code, EntryVersion.name, EntryVersion.organization_name)
        .join(CatalogEntry.version)
        .where(
            or_(
                EntryVersion.name == answers["product_name"],
                CatalogEntry.organization_id == application.organization_id,
            ),
            CatalogEntry.listings.any(
                (Listing.list_code == application.list_code) & Listing.status.in_(LIVE)
            ),
        )
        .order_by(CatalogEntry.code)
    ).all()
    others = session.execute(
        select(Application.number, Application.product_name)
        .where(
            Application.organization_id == application.organization_id,
            Application.round_id == application.round_id,
            Application.list_code == application.list_code,
            Application.id != application.id,
            Application.state.not_in((State.DRAFT, State.WITHDRAWN)),
        )
        .order_by(Application.number)
    ).all()
    return [
        *(f"{code}（{unit or '未记单位'}）" for code, title, unit in entries if formats.fold(title) == name),
        *(f"申报 {number}" for number, title in others if formats.fold(title) == name),
    ]
