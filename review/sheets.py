"""Score sheets: saved as often as one likes, locked once; reopened only by the secretariat's lead, with a reason."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from registry import clock, rounds, trail
from registry.canonical import digest
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Application, CallRound, State, User
from registry.permissions import may, require
from registry.statements import stated
from registry.terms import label
from review import scoring, seats
from review.models import Assignment, AssignmentState, Expert, Panel, ScoreItem, ScoreSheet
from review.scoring import Criterion, Scale

COMMENT_MAX = 2_000
REASON_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Typed:
    """What an expert typed: points and reasons by criterion as text, veto questions answered with yes, the vote."""

    points: Mapping[str, str]
    reasons: Mapping[str, str]
    vetoes: frozenset[str] = frozenset()
    recommends: bool | None = None
    comment: str = ""


class SheetError(RuleError):
    """A sheet cannot be saved or locked as it is: everything that is wrong with it, each with its field."""

    def __init__(self, each: Sequence[RuleError]) -> None:
        super().__init__(each[0].sentence, parameter=each[0].parameter)
        self.each = each


# --- the rules of a round -----------------------------------------------------------------------------------------


def rubric(call: CallRound, application: Application) -> tuple[Criterion, ...]:
    """Return the criteria by which a product is scored, as its round froze them."""
    return scoring.rubric_of(rounds.policy_value(call, f"rubric.{application.list_code}"))


def scale(call: CallRound) -> Scale:
    """Return how points are given, as the round froze it."""
    return scoring.scale_of(rounds.policy_value(call, "review.scale"))


def vetoes(call: CallRound) -> dict[str, str]:
    """Return the veto questions by key, as the round froze them."""
    return {row["key"]: row["label"] for row in rounds.policy_value(call, "review.vetoes")}


# --- looking ------------------------------------------------------------------------------------------------------


def current(session: Session, taken: Assignment) -> ScoreSheet | None:
    """Return the sheet's present version with its points, None when nothing was saved yet."""
    return session.scalars(
        select(ScoreSheet)
        .where(ScoreSheet.assignment_id == taken.id, ScoreSheet.replaced_at.is_(None))
        .options(selectinload(ScoreSheet.items))
        .execution_options(populate_existing=True)
    ).one_or_none()


def version(session: Session, taken: Assignment, number: int) -> ScoreSheet:
    """Return a version of a seat's sheet."""
    return session.scalars(
        select(ScoreSheet).where(ScoreSheet.assignment_id == taken.id, ScoreSheet.number == number)
    ).one()


def seen(session: Session, actor: User, sheet_id: int) -> ScoreSheet:
    """Return a sheet that the actor may read: the own one, for the lead a locked one.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    sheet = session.scalars(
        select(ScoreSheet)
        .where(ScoreSheet.id == sheet_id)
        .options(
            selectinload(ScoreSheet.items),
            joinedload(ScoreSheet.assignment).options(
                joinedload(Assignment.expert).joinedload(Expert.user),
                joinedload(Assignment.application),
                joinedload(Assignment.panel).joinedload(Panel.round),
            ),
        )
    ).one_or_none()
    if sheet is None or not may(actor, "sheet:view", sheet.assignment):
        raise NotFoundError("没有找到这份评分表。", parameter="sheet")
    return sheet


def looked_at(session: Session, actor: User, sheet_id: int) -> ScoreSheet:
    """Return a sheet to somebody else than its expert, and note that it was looked at; see `seen`."""
    sheet = seen(session, actor, sheet_id)
    trail.record(
        session, actor, "sheet.look", subject="application", subject_id=sheet.assignment.application_id,
        detail={"sheet": sheet.id},
    )  # fmt: skip
    return sheet


def locked_of(session: Session, seated: Sequence[Assignment]) -> dict[int, ScoreSheet]:
    """Return the present sheets of the seats that are locked, by seat."""
    locked = [taken.id for taken in seated if taken.state is AssignmentState.LOCKED]
    found = session.scalars(
        select(ScoreSheet).where(ScoreSheet.assignment_id.in_(locked), ScoreSheet.replaced_at.is_(None))
    )
    return {sheet.assignment_id: sheet for sheet in found}


# --- scoring ------------------------------------------------------------------------------------------------------


def save(
    session: Session, taken: Assignment, actor: User, *, typed: Typed, version: int | None
) -> ScoreSheet:
    """Save a sheet as far as it is filled; points that were typed must already be points.

    Raises:
        SheetError: points that are none, or a text that is too long.
        StaleError: it was saved elsewhere since the page with `version` was shown, or locked meanwhile.
    """
    application = _open(session, taken, actor)
    sheet = current(session, taken)
    if (sheet.version_id if sheet else None) != version:
        raise StaleError("评分表刚刚在另一处保存过。", parameter="version")
    points = _checked(taken.panel.round, application, typed, locking=False)
    if sheet is None:
        sheet = ScoreSheet(
            assignment_id=taken.id, number=1, salt=secrets.token_hex(16), items=[], vetoes=[], comment="",
            saved_at=clock.now(),
        )  # fmt: skip
        session.add(sheet)
    known = {item.criterion: item for item in sheet.items}
    for criterion in rubric(taken.panel.round, application):
        item = known.get(criterion.key)
        if item is None:
            item = ScoreItem(criterion=criterion.key)
            sheet.items.append(item)
        given = points.get(criterion.key)
        item.points = None if given is None else scoring.to_points(given)
        item.reason = typed.reasons.get(criterion.key, "").strip()
    sheet.vetoes, sheet.recommends = sorted(typed.vetoes), typed.recommends
    sheet.comment, sheet.saved_at = typed.comment.strip(), clock.now()
    taken.state = AssignmentState.SCORING
    session.flush()  # the version counts up, and the unique index refuses a second first version
    return sheet


def lock(
    session: Session, taken: Assignment, actor: User, *, typed: Typed, version: int | None
) -> ScoreSheet:
    """Save a sheet and lock it: from now on it counts, and only the secretariat's lead can reopen it.

    Raises:
        SheetError: something is missing or breaks its rule.
        StaleError: it was saved elsewhere, or locked already.
    """
    application = _open(session, taken, actor)
    points = _checked(taken.panel.round, application, typed, locking=True)
    sheet = save(session, taken, actor, typed=typed, version=version)
    sheet.total = scoring.to_points(sum(points.values(), Decimal(0)))
    sheet.hash = content_hash(sheet)
    sheet.locked_at = clock.now()
    taken.state = AssignmentState.LOCKED
    seats.refresh(session, application, taken.panel)
    trail.record(
        session, actor, "sheet.lock", subject="application", subject_id=application.id,
        version=application.frozen_revision, detail={"sheet": sheet.id, "number": sheet.number, "hash": sheet.hash},
    )  # fmt: skip
    return sheet


def content_hash(sheet: ScoreSheet) -> str:
    """Return the hash of what a sheet says, with its salt: it can be checked, but not guessed."""
    return digest(
        {
            "salt": sheet.salt,
            "assignment": sheet.assignment_id,
            "number": sheet.number,
            "items": sorted([item.criterion, item.points, item.reason] for item in sheet.items),
            "vetoes": sheet.vetoes,
            "recommends": sheet.recommends,
            "comment": sheet.comment,
            "total": sheet.total,
        }
    )


def _open(session: Session, taken: Assignment, actor: User) -> Application:
    application = seats.hold(session, taken.application_id)
    session.refresh(taken, ["state", "version_id"])
    if taken.state is AssignmentState.LOCKED:
        raise StaleError("评分表已锁定，不能再修改；确需修改的，请联系秘书处。", parameter="state")
    if taken.state is AssignmentState.LAPSED or (
        taken.is_standing and application.state not in (State.PANEL_READY, State.UNDER_REVIEW, State.SCORED)
    ):
        raise StaleError("这个产品的评分已经截止，评分表不再接收。", parameter="state")
    if taken.state is AssignmentState.DECLARED and application.state is State.PANEL_READY:
        raise StaleError("评审还没有开始，请等候秘书处通知。", parameter="state")
    require(actor, "sheet:score", taken)
    return application


def _checked(call: CallRound, application: Application, typed: Typed, *, locking: bool) -> dict[str, Decimal]:
    """Return the points; collect everything that is wrong instead of stopping at the first."""
    problems: list[RuleError] = []
    points: dict[str, Decimal] = {}
    rule = scale(call)
    for criterion in rubric(call, application):
        text, reason = typed.points.get(criterion.key, ""), typed.reasons.get(criterion.key, "")
        if len(reason) > REASON_MAX:
            problems.append(
                RuleError(
                    f"{criterion.label}：理由不超过 {REASON_MAX} 个字。", parameter=f"reason-{criterion.key}"
                )
            )
        try:
            if text.strip() or locking:
                points[criterion.key] = scoring.read_points(text, criterion, rule)
                if locking:
                    scoring.check_reason(points[criterion.key], reason, criterion, rule)
        except RuleError as problem:
            of_reason = criterion.key in points
            problem.parameter = f"{'reason' if of_reason else 'points'}-{criterion.key}"
            problems.append(problem)
    if unknown := typed.vetoes - set(vetoes(call)):
        problems.append(RuleError(f"否决项：没有 {'、'.join(sorted(unknown))} 这一项。", parameter="vetoes"))
    if len(typed.comment) > COMMENT_MAX:
        problems.append(RuleError(f"总体意见：不超过 {COMMENT_MAX} 个字。", parameter="comment"))
    if locking and typed.recommends is None:
        problems.append(RuleError("是否推荐：请选择推荐或者不推荐。", parameter="recommends"))
    if locking and typed.vetoes and not typed.comment.strip():
        problems.append(RuleError("总体意见：提出否决项的，请写明事实和依据。", parameter="comment"))
    if problems:
        raise SheetError(problems)
    return points


# --- reopening ----------------------------------------------------------------------------------------------------


def reopen(session: Session, taken: Assignment, actor: User | None, *, reason: str) -> ScoreSheet:
    """Open a locked sheet as its next version and keep the old one as it was; the caller tells the expert."""
    old = current(session, taken)
    if old is None or taken.state is not AssignmentState.LOCKED:
        raise StaleError(
            f"这份评分表现为“{label(taken.state)}”，不能退回；请刷新页面查看最新状态。", parameter="state"
        )
    old.replaced_at, old.replaced_reason = clock.now(), reason
    old.replaced_by_id = actor.id if actor else None
    session.flush()  # one current version at a time
    sheet = ScoreSheet(
        assignment_id=taken.id, number=old.number + 1, salt=secrets.token_hex(16), vetoes=old.vetoes,
        recommends=old.recommends, comment=old.comment, saved_at=clock.now(),
        items=[ScoreItem(criterion=item.criterion, points=item.points, reason=item.reason) for item in old.items],
    )  # fmt: skip
    session.add(sheet)
    taken.state = AssignmentState.SCORING
    session.flush()
    trail.record(
        session, actor, "sheet.reopen", subject="application", subject_id=taken.application_id,
        detail={"sheet": old.id, "number": old.number, "reason": reason},
    )  # fmt: skip
    return sheet


def unlock(session: Session, taken: Assignment, actor: User, *, reason: str) -> None:
    """Give a locked sheet back to its expert while the product is under review; it goes among the exceptions.

    Raises:
        StaleError: it is not locked, or the score is aggregated.
        RuleError: no reason.
    """
    require(actor, "panel:manage")
    application = seats.hold(session, taken.application_id)
    if application.state is not State.UNDER_REVIEW:
        raise StaleError("得分已经汇总，评分表不能再退回。", parameter="state")
    reason = stated(reason, "理由", "reason", why="，退回评分表将列入例外事项")
    reopen(session, taken, actor, reason=reason)
    seats.refresh(session, application, taken.panel)
    seats.tell(session, taken.panel.round, "review.letter_reopened", [taken], due_on=taken.due_on)
