"""Seats: who was drawn declares, or drops out and is followed by the next of the same lot."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from registry import calendar, clock, messages, rounds, trail
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Application, CallRound, Capacity, Role, State, User
from registry.participation import take_part
from registry.permissions import PERMISSIONS, require
from registry.statements import stated
from registry.terms import label
from review import experts, pool
from review.models import (
    STANDING,
    Assignment,
    AssignmentState,
    Expert,
    Panel,
    PanelItem,
    PanelState,
    Relation,
)

BEFORE_SCORING = (State.ACCEPTED, State.PANEL_READY)
IN_REVIEW = (*BEFORE_SCORING, State.UNDER_REVIEW, State.SCORED)
"""States in which a seat that was lost is filled again."""

RECALLABLE = (State.COMMITTEE_PENDING, State.DEFERRED, State.APPROVED)
"""States that rest on a score and are not public yet: a conflict found now brings the product back to its panel."""

COLUMNS = [column.key for column in Application.__mapper__.column_attrs]


# --- looking ------------------------------------------------------------------------------------------------------


def hold(session: Session, application_id: int) -> Application:
    """Return an application afresh; others who want to change it wait until the commit."""
    application = session.get_one(Application, application_id)
    session.refresh(
        application, COLUMNS, with_for_update=True
    )  # only columns: what was loaded beside them stays
    return application


def own(session: Session, actor: User, assignment_id: int) -> Assignment:
    """Return the actor's own seat, with what its pages show.

    Raises:
        NotFoundError: there is none, or it is another's: nobody learns who else reviews.
    """
    seat = session.scalars(
        select(Assignment)
        .where(Assignment.id == assignment_id)
        .options(
            joinedload(Assignment.application).joinedload(Application.organization),
            joinedload(Assignment.expert).joinedload(Expert.user),
            joinedload(Assignment.panel).joinedload(Panel.round),
        )
    ).one_or_none()
    if (
        seat is None
        or seat.state is AssignmentState.DRAWN
        or not PERMISSIONS["assignment:declare"](actor, seat)
    ):
        raise NotFoundError("没有找到这项评审任务。", parameter="assignment")
    return seat


def rests_on(session: Session, application: Application, panel: Panel) -> bool:
    """Return whether the application's evidence is this panel's: not once its review is over for good, or made again."""
    if session.get_one(PanelItem, (panel.id, application.id)).ended_at is None:
        return True
    return application.state in RECALLABLE and _newest(session, application) == panel.id


def _newest(session: Session, application: Application) -> int | None:
    return session.scalar(
        select(func.max(PanelItem.panel_id)).where(PanelItem.application_id == application.id)
    )


def refresh(session: Session, application: Application, panel: Panel) -> None:
    """Write what the lifecycle asks of the panel into the application's columns, where they rest on this panel."""
    session.flush()  # the counts below are taken by the database
    if not rests_on(session, application, panel):
        return
    of_product = (Assignment.panel_id == panel.id) & (Assignment.application_id == application.id)
    counts = dict(
        session.execute(
            select(Assignment.state, func.count()).where(of_product).group_by(Assignment.state)
        ).all()
    )
    application.panel_size = sum(counts.get(state, 0) for state in STANDING)
    application.locked_sheets = counts.get(AssignmentState.LOCKED, 0)
    application.min_panel = panel.rule["least"]
    application.open_conflicts = (
        session.scalar(
            select(func.count()).where(
                of_product, Assignment.state == AssignmentState.RECUSED, Assignment.settled_at.is_(None)
            )
        )
        or 0
    )


def due(session: Session, call: CallRound, key: str) -> date:
    """Return the last working day of a period of the round's policy that begins today."""
    return calendar.load(session).add(clock.today(), rounds.policy_value(call, key))


# --- seating and telling ------------------------------------------------------------------------------------------


def seat(
    session: Session, panel: Panel, application: Application, expert: Expert, *, by_hand: str | None = None
) -> Assignment:
    """Seat an expert for a product; once the panel is formed the expert is told at once."""
    taken = Assignment(
        panel=panel, application=application, expert=expert, code=pool.code_of(panel.salt, expert),
        state=AssignmentState.DRAWN, drawn_at=clock.now(), reason_appointed=by_hand,
    )  # fmt: skip
    session.add(taken)
    if panel.state in (PanelState.FORMED, PanelState.REVIEWING):
        call_to_declare(session, panel, [taken])
    return taken


def call_to_declare(session: Session, panel: Panel, seats: Sequence[Assignment]) -> None:
    """Tell experts that they were drawn and until when they declare."""
    due_on = due(session, panel.round, "review.declaration_days")
    for taken in seats:
        taken.state, taken.due_on = AssignmentState.NOTIFIED, due_on
    tell(session, panel.round, "review.letter_declare", seats, due_on=due_on)


def tell(
    session: Session, call: CallRound, key: str, seats: Sequence[Assignment], *, due_on: date | None
) -> None:
    """Write each expert one letter of the round's policy; it names no product and no other expert."""
    text = rounds.policy_value(call, key)
    for expert in {taken.expert.id: taken.expert for taken in seats}.values():
        words = {
            "round": call.name,
            "count": str(sum(taken.expert is expert for taken in seats)),
            "due": calendar.load(session).label(due_on) if due_on else "",
        }
        messages.tell(
            session, [expert.user], path="/review/",
            subject=text["subject"].format(**words), body=text["body"].format(**words),
        )  # fmt: skip


# --- declaring ----------------------------------------------------------------------------------------------------


def declare(session: Session, taken: Assignment, actor: User) -> None:
    """Declare that there is no conflict, and take the seat: from now on the expert may read the application.

    Raises:
        StaleError: declared already, or the seat is lost.
        RuleError: the registry knows of a tie.
        NotAllowedError: the expert acted on this application in another capacity.
    """
    require(actor, "assignment:declare", taken)
    application = hold(session, taken.application_id)
    _expect(taken, "声明", AssignmentState.NOTIFIED)
    years = rounds.policy_value(taken.panel.round, "review.recusal_years")
    (person,) = pool.people(session, taken.expert_id)
    if why := experts.exclusions(session, [person], [application], years=years).get(person.id):
        raise RuleError(
            f"登记的信息与“没有利害关系”不符（{label(why)}）；请选择“有利害关系，回避”，或者联系秘书处核对。",
            parameter="answer",
        )
    take_part(session, application, actor, Capacity.EXPERT)
    taken.state, taken.declared_at = AssignmentState.DECLARED, clock.now()
    if taken.panel.state is PanelState.REVIEWING:
        taken.due_on = due(session, taken.panel.round, "review.scoring_days")
    refresh(session, application, taken.panel)
    _record(session, actor, taken, "declare", {})


def recuse(session: Session, taken: Assignment, actor: User, *, relation: Relation, reason: str) -> None:
    """Take an expert off a product because of a conflict, whenever it comes to light.

    Before the review begins the lot's next one follows at once. Later the recusal stays open until the secretariat
    settles it; a sheet that was locked is kept, and counted no more. A product before the committee is recalled first.

    Raises:
        StaleError: the seat is lost already.
        RuleError: no reason.
    """
    if actor.id != taken.expert.user_id:
        require(actor, "panel:manage")
    else:
        require(actor, "assignment:declare", taken)
    reason = stated(reason, "说明", "reason", why="，请写明利害关系")
    application = _leave(session, taken, AssignmentState.RECUSED, reason)
    taken.relation = relation
    if _is_superseded(session, application, taken.panel):
        taken.settled_at, taken.settlement = clock.now(), "产品已另行组织评审，原评分不再使用"
    elif application.state in BEFORE_SCORING and refill(session, taken.panel, application) is not None:
        taken.settled_at, taken.settlement = clock.now(), "评审开始前已顺次补抽"
    _record(session, actor, taken, "recuse", {"relation": relation, "reason": reason})
    refresh(session, application, taken.panel)
    if taken.settled_at is None:
        _tell_leads(session, taken, application)


def decline(session: Session, taken: Assignment, actor: User, *, reason: str) -> None:
    """Give a seat back for another cause than a conflict; the lot's next one follows.

    Raises:
        StaleError: the sheet is locked, or the seat is lost already.
    """
    require(actor, "assignment:declare", taken)
    if taken.state is AssignmentState.LOCKED:
        raise StaleError("评分表已锁定，不能再退出；如有利害关系，请申报回避。", parameter="answer")
    reason = stated(reason, "说明", "reason")
    application = _leave(session, taken, AssignmentState.DECLINED, reason)
    refill(session, taken.panel, application)
    _record(session, actor, taken, "decline", {"reason": reason})


def lapse(session: Session, taken: Assignment) -> None:
    """Free the seat of an expert who did not declare in time; the lot's next one follows."""
    application = _leave(session, taken, AssignmentState.LAPSED, "逾期未作回避声明")
    refill(session, taken.panel, application)
    _record(session, None, taken, "lapse", {})


def _leave(session: Session, taken: Assignment, state: AssignmentState, reason: str) -> Application:
    _wait_for(session, taken.panel)
    application = hold(session, taken.application_id)
    _expect(taken, "退出", *STANDING)
    taken.state, taken.reason, taken.left_at = state, reason, clock.now()
    refresh(session, application, taken.panel)
    return application


def _is_superseded(session: Session, application: Application, panel: Panel) -> bool:
    """Return whether another panel judges the product, or will."""
    is_over = application.state is State.ACCEPTED and not rests_on(session, application, panel)
    return is_over or _newest(session, application) != panel.id


def _wait_for(session: Session, panel: Panel) -> None:
    """Let one change of a panel at a time through; asked before the product is held, so that nobody waits in a circle."""
    session.refresh(panel, ["steps", "state", "version_id"], with_for_update=True)


# --- who follows --------------------------------------------------------------------------------------------------


def refill(session: Session, panel: Panel, application: Application) -> int | None:
    """Seat the next of the same lot where a panel lost somebody; return how many, None when nobody is left."""
    if application.state not in IN_REVIEW or not rests_on(session, application, panel):
        return 0
    seats = session.execute(
        select(Assignment.code, Assignment.state).where(
            Assignment.panel_id == panel.id, Assignment.application_id == application.id
        )
    ).all()
    found = pool.step(
        session, panel, [application],
        kept=[code for code, state in seats if state in STANDING],
        spent=[code for code, state in seats if state not in STANDING],
    )  # fmt: skip
    for expert in found or ():
        seat(session, panel, application, expert)
    refresh(session, application, panel)
    return None if found is None else len(found)


def settle(session: Session, taken: Assignment, actor: User, *, refilling: bool, reason: str) -> None:
    """Settle a recusal that came after the review began: draw the next one, or go on with those who remain.

    Raises:
        StaleError: it is settled already.
        RuleError: no reason, nobody is left to draw, too few remain, or the product was not recalled yet.
    """
    require(actor, "panel:manage")
    _wait_for(session, taken.panel)
    application = hold(session, taken.application_id)
    if taken.state is not AssignmentState.RECUSED or taken.settled_at is not None:
        raise StaleError("这项回避已经处理过了，请刷新页面。", parameter="assignment")
    reason = stated(reason, "理由", "reason")
    if application.state in RECALLABLE:
        raise RuleError(
            f"产品现处于“{label(application.state)}”，须先退回评审，再处理回避、重新汇总得分。",
            parameter="reason",
        )
    if refilling and not refill(session, taken.panel, application):
        raise RuleError(
            "抽取序列中没有可以补抽的专家，请手工补充，或者按余下的专家继续。", parameter="refilling"
        )
    is_short = application.panel_size < taken.panel.rule["least"]
    if not refilling and application.state in IN_REVIEW and is_short:
        raise RuleError(
            f"余下 {application.panel_size} 位专家，不足 {taken.panel.rule['least']} 位，须补充专家。",
            parameter="refilling",
        )
    taken.settled_at, taken.settled_by_id, taken.settlement = clock.now(), actor.id, reason
    refresh(session, application, taken.panel)
    _record(session, actor, taken, "settle", {"refilled": refilling, "reason": reason})


def appoint(
    session: Session, panel: Panel, application: Application, actor: User, *, expert: Expert, reason: str
) -> None:
    """Seat somebody by hand because the lot is exhausted; it goes among the exceptions, with the reason.

    Raises:
        StaleError: nothing was drawn yet, or the review is over.
        RuleError: the panel is full, no reason, or the person is excluded or was seated before.
    """
    require(actor, "panel:manage")
    application = hold(session, application.id)
    if panel.state is PanelState.PREPARED or panel.state is PanelState.CANCELLED:
        raise StaleError("还没有抽取，不能手工补充专家。", parameter="state")
    if application.state not in IN_REVIEW or not rests_on(session, application, panel):
        raise StaleError("这个产品的评审已经结束，不能补充专家。", parameter="state")
    reason = stated(reason, "理由", "reason", why="，手工指定专家将列入例外事项")
    if application.panel_size >= panel.rule["size"]:
        raise RuleError("这个产品的专家组已经满员。", parameter="expert")
    years = rounds.policy_value(panel.round, "review.recusal_years")
    (person,) = pool.people(session, expert.id)
    if why := experts.exclusions(session, [person], [application], years=years).get(person.id):
        raise RuleError(f"专家：{label(why)}，不得评审这个产品。", parameter="expert")
    seated = select(Assignment.id).where(
        Assignment.panel_id == panel.id,
        Assignment.application_id == application.id,
        Assignment.expert_id == person.id,
    )
    if session.scalar(seated):
        raise RuleError("专家：已在或者曾在这个产品的专家组中。", parameter="expert")
    taken = seat(session, panel, application, person, by_hand=reason)
    refresh(session, application, panel)
    _record(session, actor, taken, "appoint", {"reason": reason})


def _tell_leads(session: Session, taken: Assignment, application: Application) -> None:
    text = rounds.policy_value(taken.panel.round, "review.letter_recusal")
    words = {"round": taken.panel.round.name, "product": application.product_name}
    messages.tell(
        session, messages.holders(session, Role.SECRETARIAT_LEAD), application=application,
        subject=text["subject"].format(**words), body=text["body"].format(**words),
        path=f"/office/review/applications/{application.id}",
    )  # fmt: skip


def _expect(taken: Assignment, act: str, *states: AssignmentState) -> None:
    if taken.state not in states:
        raise StaleError(
            f"这项评审任务现为“{label(taken.state)}”，不能{act}；请刷新页面查看最新状态。", parameter="state"
        )


def _record(
    session: Session, actor: User | None, taken: Assignment, act: str, detail: dict[str, object]
) -> None:
    trail.record(
        session, actor, f"assignment.{act}", subject="application", subject_id=taken.application_id,
        detail={"panel": taken.panel_id, "expert": taken.code, **detail},
    )  # fmt: skip
