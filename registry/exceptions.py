"""Exceptions: everything that departed from the ordinary way, on one page, read from the trail and the records.

Nothing is kept for the page. Each package appends to `sources` a function that selects its exceptions in the columns of
`COLUMNS`, and to `places` where a case is looked at and who may.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from registry import clock, questions
from registry.models import (
    Application,
    Ban,
    BanState,
    CallRound,
    PolicyProposal,
    ProposalState,
    Reconsideration,
    RoundExtension,
    TrailDetail,
    TrailLine,
    User,
)
from registry.permissions import (
    PERMISSIONS,
    Actor,
    is_audit_admin,
    is_discipline_observer,
    is_secretariat_lead,
    may,
)
from registry.policy_checks import CALENDAR
from registry.terms import batch_name
from registry.types import beijing_day

PERMISSIONS["exception:view"] = is_secretariat_lead | is_discipline_observer | is_audit_admin

BATCH = 500  # rows of an export in memory at a time


class ExceptionKind(StrEnum):
    """In what way something departed from the ordinary."""

    EARLY_LOOK = "early_look"
    CONFIDENTIAL = "confidential"
    WAIVER = "waiver"
    MOTION = "motion"
    DRAW = "draw"
    CONFLICT = "conflict"
    UNLOCK = "unlock"
    EXTENSION = "extension"
    CALENDAR = "calendar"
    LATE = "late"
    RECONSIDERED = "reconsidered"
    BAN = "ban"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is looked at: its path with `{}` for the record, and what one needs to open it."""

    path: str
    permission: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; None does not narrow, both days are included."""

    kind: ExceptionKind | None = None
    round_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An exception as its reader may know it: names of experts and products only to who may open the case."""

    kind: str
    act: str
    at: datetime
    who: str
    approver: str
    reason: str
    round: str
    case: str
    path: str | None


COLUMNS = (
    "kind", "act", "at", "seq", "actor_id", "is_expert", "approver_id", "round_id", "application_id", "place",
    "record", "reason",
)  # fmt: skip
Source = Callable[[], Select[*tuple[Any, ...]]]
sources: list[Source] = []
places: dict[str, Place] = {
    "formal_review": Place("/office/formal-review/{}", "formal_review:view"),
    "reconsideration": Place("/office/reconsiderations/{}", "reconsideration:view"),
    "round": Place("/office/rounds/{}", "round:view"),
    "calendar": Place("/office/policy/calendar", "policy:view"),
    "ban": Place("/office/units/bans/{}", "unit:list"),
}


# --- what packages select -----------------------------------------------------------------------------------------


def chosen(
    kind: ExceptionKind,
    act: Any,
    *,
    at: Any,
    place: str,
    record: Any,
    actor_id: Any = None,
    is_expert: bool = False,
    approver_id: Any = None,
    round_id: Any = None,
    application_id: Any = None,
    reason: Any = None,
    seq: Any = None,
) -> Select[*tuple[Any, ...]]:
    """Select one kind of exception in the columns that all of them have."""
    values: dict[str, Any] = {
        "kind": literal(kind.value, String),
        "act": literal(act, String) if isinstance(act, str) else act,
        "at": at,
        "seq": _or_null(seq),
        "actor_id": _or_null(actor_id),
        "is_expert": true() if is_expert else false(),
        "approver_id": _or_null(approver_id),
        "round_id": _or_null(round_id),
        "application_id": _or_null(application_id),
        "place": literal(place, String),
        "record": cast(record, String),
        "reason": cast(null(), Text) if reason is None else reason,
    }
    return select(*(values[name].label(name) for name in COLUMNS))


def _or_null(column: Any) -> Any:
    return cast(null(), Integer) if column is None else column


def acts(
    kind: ExceptionKind, *actions: str, place: str, record: Any = None, **columns: Any
) -> Select[*tuple[Any, ...]]:
    """Select lines of the trail that are exceptions of a kind, made by people; words come from their details."""
    return chosen(
        kind, TrailLine.action, at=TrailLine.at, seq=TrailLine.seq, actor_id=TrailLine.actor_id, place=place,
        record=TrailLine.subject_id if record is None else record, **columns,
    ).where(TrailLine.action.in_(actions), TrailLine.actor_id.is_not(None))  # fmt: skip


def names(record: Any) -> ColumnElement[bool]:
    """Return the condition that a line of the trail is about a record, by its id."""
    return TrailLine.subject_id == cast(record.id, String)


def on_applications(
    kind: ExceptionKind, *actions: str, place: str, **columns: Any
) -> Select[*tuple[Any, ...]]:
    """Select lines about applications, with their application and round."""
    return acts(
        kind, *actions, place=place, round_id=Application.round_id, application_id=Application.id, **columns
    ).join(Application, and_(TrailLine.subject == "application", names(Application)))


def _early_looks() -> Select[*tuple[Any, ...]]:
    return (
        on_applications(ExceptionKind.EARLY_LOOK, "formal_review.open", place="formal_review")
        .join(CallRound, CallRound.id == Application.round_id)
        .where(TrailLine.at < CallRound.closes_at)
    )


def _waivers() -> Select[*tuple[Any, ...]]:
    return on_applications(ExceptionKind.WAIVER, "formal_review.waive", place="formal_review")


def _reconsidered() -> Select[*tuple[Any, ...]]:
    return on_applications(ExceptionKind.RECONSIDERED, "application.reconsider", place="formal_review")


def _late_reconsiderations() -> Select[*tuple[Any, ...]]:
    return (
        chosen(
            ExceptionKind.LATE, "reconsideration.late", at=Reconsideration.decided_at, place="reconsideration",
            record=Reconsideration.id, actor_id=Reconsideration.decided_by_id, round_id=Application.round_id,
            application_id=Application.id, reason=Reconsideration.reason,
        )
        .join(Application, Application.id == Reconsideration.application_id)
        .where(beijing_day(Reconsideration.decided_at) > Reconsideration.due_on)
    )  # fmt: skip


def _extensions() -> Select[*tuple[Any, ...]]:
    return chosen(
        ExceptionKind.EXTENSION, "round.extend", at=RoundExtension.extended_at, place="round",
        record=RoundExtension.round_id, actor_id=RoundExtension.extended_by_id,
        round_id=RoundExtension.round_id, reason=RoundExtension.reason,
    )  # fmt: skip


def _calendar() -> Select[*tuple[Any, ...]]:
    return chosen(
        ExceptionKind.CALENDAR, "policy.calendar", at=PolicyProposal.decided_at, place="calendar",
        record=PolicyProposal.id, actor_id=PolicyProposal.proposed_by_id, approver_id=PolicyProposal.decided_by_id,
        reason=PolicyProposal.basis_document + "　" + PolicyProposal.source_note,
    ).where(PolicyProposal.key == CALENDAR, PolicyProposal.state == ProposalState.CONFIRMED)  # fmt: skip


def _bans() -> Select[*tuple[Any, ...]]:
    return chosen(
        ExceptionKind.BAN, "ban.confirm", at=Ban.decided_at, place="ban", record=Ban.id, actor_id=Ban.proposed_by_id,
        approver_id=Ban.decided_by_id, reason=Ban.basis,
    ).where(Ban.state.in_((BanState.ACTIVE, BanState.LIFT_PROPOSED, BanState.LIFTED)))  # fmt: skip


def _lifted_bans() -> Select[*tuple[Any, ...]]:
    return chosen(
        ExceptionKind.BAN, "ban.lift", at=Ban.lifted_at, place="ban", record=Ban.id, actor_id=Ban.lift_proposed_by_id,
        approver_id=Ban.lifted_by_id, reason=Ban.lift_reason,
    ).where(Ban.state == BanState.LIFTED)  # fmt: skip


def _exports() -> Select[*tuple[Any, ...]]:
    return acts(ExceptionKind.EXPORT, "catalog.export", "search.export", "exception.export", place="export")


sources += [
    _early_looks, _waivers, _reconsidered, _late_reconsiderations, _extensions, _calendar, _bans, _lifted_bans,
    _exports,
]  # fmt: skip


# --- reading ------------------------------------------------------------------------------------------------------


def found(filters: Filters) -> Select[*tuple[Any, ...]]:
    """Select the exceptions with the names of what they concern, the latest first."""
    every = union_all(*(source() for source in sources)).subquery("departed")
    who, approver = aliased(User), aliased(User)
    query = (
        select(
            every,
            who.display_name.label("who"),
            approver.display_name.label("approver"),
            Application.number.label("number"),
            Application.product_name.label("product"),
            CallRound.year,
            CallRound.batch,
        )
        .outerjoin(who, who.id == every.c.actor_id)
        .outerjoin(approver, approver.id == every.c.approver_id)
        .outerjoin(Application, Application.id == every.c.application_id)
        .outerjoin(CallRound, CallRound.id == every.c.round_id)
        .order_by(every.c.at.desc(), every.c.seq.desc(), every.c.act, every.c.record)
    )
    if filters.kind is not None:
        query = query.where(every.c.kind == filters.kind.value)
    if filters.round_id is not None:
        query = query.where(every.c.round_id == filters.round_id)
    if filters.since is not None:
        query = query.where(every.c.at >= clock.start_of(filters.since))
    if filters.until is not None:
        query = query.where(every.c.at < clock.start_of(filters.until + clock.ONE_DAY))
    return query


def count(session: Session, filters: Filters) -> int:
    """Return how many exceptions there are."""
    return session.scalar(select(func.count()).select_from(found(filters).order_by(None).subquery())) or 0


def shown(session: Session, viewer: Actor, rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Shown]:
    """Return exceptions as a reader may know them, with their words."""
    rows = list(rows)
    seqs = [row.seq for row in rows if row.seq is not None]
    query = select(TrailDetail.seq, TrailDetail.detail).where(TrailDetail.seq.in_(seqs))
    details: dict[int, dict[str, Any]] = dict(session.execute(query).all())
    return [_shown(viewer, row, details.get(row.seq, {})) for row in rows]


def _shown(viewer: Actor, row: Row[*tuple[Any, ...]], detail: dict[str, Any]) -> Shown:
    place = places.get(row.place)
    opens = place is not None and may(viewer, place.permission)
    case = row.number or ""
    if opens and row.product:
        case = f"{row.product}　{case}".strip()
    return Shown(
        kind=row.kind,
        act=row.act,
        at=row.at,
        who="评审专家" if row.is_expert and not opens else row.who or "系统",
        approver=row.approver or "",
        reason=row.reason or _words(detail),
        round=batch_name(row.year, row.batch) if row.year else "",
        case=case,
        path=place.path.format(row.record) if opens and place else None,
    )


def _words(detail: dict[str, Any]) -> str:
    """Return why, as the trail has it; a checklist's waivers each with its question."""
    waived = detail.get("waived") or {}
    by_key = questions.by_key()
    said = [f"{by_key[key].label if key in by_key else key}：{note}" for key, note in waived.items()]
    return "；".join(said) or str(detail.get("reason") or detail.get("address") or "")


def batches(session: Session, viewer: Actor, filters: Filters) -> Iterator[list[Shown]]:
    """Yield all exceptions, some at a time."""
    rows = session.execute(found(filters).execution_options(yield_per=BATCH))
    for part in rows.partitions():
        yield shown(session, viewer, part)
