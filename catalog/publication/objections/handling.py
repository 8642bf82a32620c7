"""From judging an objection to its answer: the lead investigates, the chair decides, the product is held and let go."""

from sqlalchemy.orm import Session

from catalog.publication.models import Objection, ObjectionGround, ObjectionState
from catalog.publication.objections.base import (
    locked_application,
    open_count,
    record,
    statement_of,
    tell_staff,
)
from catalog.publication.objections.secrecy import (
    AnswerChannel,
    ObjectionAnswered,
    channel,
    without_objector,
)
from registry import clock, messages, outbox, workflow
from registry.errors import RuleError, StaleError
from registry.models import Action, Application, Role, State, User
from registry.permissions import require


def admit(session: Session, objection: Objection, actor: User, *, gist: str) -> None:
    """Take an objection up: its product is held, the maker is told the gist, nothing of the objector.

    Raises:
        StaleError: it was judged already.
        RuleError: the gist is missing, or tells something of the objector.
    """
    require(actor, "objection:handle")
    expect(objection, "受理", ObjectionState.FILED)
    application = locked_application(session, objection.item.application_id)
    objection.gist = _gist(session, objection, gist)
    objection.state = ObjectionState.INVESTIGATING
    objection.judged_by_id, objection.judged_at = actor.id, clock.now()
    session.flush()  # the second of two clicks is refused here
    record(session, actor, objection, "admit")
    if application.state is State.IN_NOTICE:
        workflow.advance(session, application, actor, Action.HOLD)
    messages.tell(
        session,
        messages.members(session, application.organization_id, messages.APPLICANT_ROLES),
        subject=f"异议要点告知：{application.product_name}",
        body=f"公示期内收到对该产品的异议，要点如下，可以在申报页面或者书面向秘书处说明情况。\n{objection.gist}",
        path=f"/apply/applications/{application.id}",
        application=application,
    )


def reject(session: Session, objection: Objection, actor: User, *, reason: str) -> None:
    """Find an objection inadmissible; its product goes on.

    Raises:
        StaleError: it was judged already.
        RuleError: no reason.
    """
    require(actor, "objection:handle")
    expect(objection, "判断是否受理", ObjectionState.FILED)
    application = locked_application(session, objection.item.application_id)
    remaining = open_count(session, application.id, but=objection)
    objection.reason = statement_of(reason, "理由", "reason")
    objection.state = ObjectionState.INADMISSIBLE
    objection.judged_by_id, objection.judged_at = actor.id, clock.now()
    _close_one(session, application, actor, remaining)
    record(session, actor, objection, "reject", {"reason": objection.reason})


def report(session: Session, objection: Objection, actor: User, *, text: str) -> None:
    """Report what the investigation found, for the chair to decide; it may be rewritten until then.

    Raises:
        StaleError: it is not under investigation.
        RuleError: no text, or it tells something of the objector.
    """
    require(actor, "objection:handle")
    expect(objection, "提交核查报告", ObjectionState.INVESTIGATING)
    objection.report = without_objector(
        session, objection, statement_of(text, "核查情况", "report"), "核查情况", "report"
    )
    objection.reported_by_id, objection.reported_at = actor.id, clock.now()
    session.flush()  # the second of two clicks is refused here
    record(session, actor, objection, "report")
    tell_staff(session, objection, (Role.COMMITTEE_CHAIR,), subject="异议核查报告待决定")


def dismiss(session: Session, objection: Objection, actor: User, *, reason: str) -> None:
    """Decide that an objection does not hold; with the last one its product goes on.

    Raises:
        StaleError: it is not under investigation.
        RuleError: no reason, no report, or the report is one's own.
    """
    application, remaining = _decide(session, objection, actor, ObjectionState.DISMISSED, reason)
    _close_one(session, application, actor, remaining)
    record(session, actor, objection, "dismiss", {"reason": objection.reason})


def uphold(
    session: Session, objection: Objection, actor: User, *, reason: str, ground: ObjectionGround
) -> None:
    """Decide that an objection holds: its product is not listed. Further objections to it stay to be answered.

    Raises:
        StaleError: it is not under investigation.
        RuleError: no reason, no report, or the report is one's own.
    """
    application, remaining = _decide(session, objection, actor, ObjectionState.UPHELD, reason)
    application.open_objections = remaining
    if application.state is State.OBJECTION_HOLD:  # else another objection settled it, or the unit withdrew
        application.reason_code = ground.value
        workflow.advance(session, application, actor, Action.REJECT_ON_OBJECTION, reason=objection.reason)
    record(session, actor, objection, "uphold", {"reason": objection.reason, "ground": ground})


def order_new_panel(session: Session, objection: Objection, actor: User, *, reason: str) -> None:
    """Decide that an objection holds and that a new panel shall look at its product; review begins anew.

    Raises:
        StaleError: it is not under investigation, or its product not held.
        RuleError: no reason, no report, the report is one's own, or another objection to the product is open.
    """
    application, remaining = _decide(session, objection, actor, ObjectionState.UPHELD, reason)
    if remaining:
        raise RuleError("对该产品还有其他没有办结的异议，办结后才能重新组织评审。", parameter="outcome")
    _begin_anew(application)
    workflow.advance(session, application, actor, Action.ORDER_NEW_PANEL, reason=objection.reason)
    record(session, actor, objection, "order_new_panel", {"reason": objection.reason})


def answer(session: Session, objection: Objection, actor: User, *, text: str) -> None:
    """Answer the objector after the decision: by mail where an address was left, else the office tells it.

    Raises:
        StaleError: it is not decided yet, or answered already.
        RuleError: no text.
    """
    require(actor, "objection:handle")
    expect(objection, "答复", ObjectionState.INADMISSIBLE, ObjectionState.UPHELD, ObjectionState.DISMISSED)
    if objection.answered_at is not None:
        raise StaleError("这项异议已经答复。", parameter="state")
    objection.answer, objection.answered_at = statement_of(text, "答复", "answer"), clock.now()
    session.flush()  # the second of two clicks is refused here
    record(session, actor, objection, "answer")
    if channel(session, objection) is AnswerChannel.EMAIL:
        outbox.emit(session, ObjectionAnswered(objection.id))


def tell(session: Session, objection: Objection, actor: User) -> None:
    """Note that the office told the objector the answer, by post or by phone.

    Raises:
        StaleError: it is not answered yet, or was told already.
    """
    require(actor, "objection:handle")
    if objection.answered_at is None or objection.told_at is not None:
        raise StaleError("这项异议还没有答复，或者答复已经送达，请刷新页面。", parameter="state")
    objection.told_at = clock.now()
    session.flush()  # the second of two clicks is refused here
    record(session, actor, objection, "tell")


def _decide(
    session: Session, objection: Objection, actor: User, state: ObjectionState, reason: str
) -> tuple[Application, int]:
    """Write the chair's decision; return the locked application and how many other objections stay open."""
    require(actor, "objection:decide")
    expect(objection, "决定", ObjectionState.INVESTIGATING)
    if objection.report is None:
        raise RuleError("核查情况：秘书处还没有提交，不能决定。", parameter="report")
    if objection.reported_by_id == actor.id:
        raise RuleError("核查人不得决定自己核查的异议。", parameter="actor")
    application = locked_application(session, objection.item.application_id)
    remaining = open_count(session, application.id, but=objection)
    objection.reason = statement_of(reason, "理由", "reason")
    objection.state, objection.decided_by_id, objection.decided_at = state, actor.id, clock.now()
    return application, remaining


def _close_one(session: Session, application: Application, actor: User, remaining: int) -> None:
    """Write how many objections remain; with the last one a held product goes on, in the same statement."""
    application.open_objections = remaining
    if remaining == 0 and application.state is State.OBJECTION_HOLD:
        workflow.advance(session, application, actor, Action.RELEASE)


def _begin_anew(application: Application) -> None:
    """Take back the evidence of review, committee and notice: all of it is to be made again."""
    application.panel_size = application.open_conflicts = application.locked_sheets = 0
    application.official_score = application.recommend_share = application.is_above_line = None
    application.motion_at = application.decision = application.decided_on = None
    application.is_on_agenda = False
    application.notice_closes_on = application.leak_scan_at = application.publication_signed_at = None
    application.open_objections = 0


def _gist(session: Session, objection: Objection, gist: str) -> str:
    return without_objector(session, objection, statement_of(gist, "异议要点", "gist"), "异议要点", "gist")


def expect(objection: Objection, act: str, *states: ObjectionState) -> None:
    if objection.state not in states:
        raise StaleError(f"这项异议不能再{act}，请刷新页面查看最新状态。", parameter="state")
