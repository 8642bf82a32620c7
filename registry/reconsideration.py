"""复核: a unit that was turned away doubts the procedure; the office grants it and begins anew, or says why not.

What was not accepted goes back into formal review, what was not selected before a new panel, what the committee rejected
before the committee again. The office may also take up by itself what it did not accept.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from registry import calendar, clock, formal_review, hooks, messages, rounds, trail, workflow
from registry.errors import NotFoundError, RuleError, StaleError
from registry.formal_review.looking import is_of_another_unit
from registry.hooks import WorkItem
from registry.models import (
    Action,
    Application,
    Reconsideration,
    ReconsiderationState,
    Role,
    RoundState,
    State,
    User,
)
from registry.permissions import PERMISSIONS, is_discipline_observer, is_secretariat_lead, may, require
from registry.statements import stated
from registry.terms import label

PERMISSIONS.update(
    {
        "reconsideration:ask": workflow.is_signatory,
        "reconsideration:view": is_secretariat_lead | is_discipline_observer,
        "reconsideration:decide": is_secretariat_lead & is_of_another_unit,
    }
)

OUTCOMES = (State.NOT_ACCEPTED, State.NOT_SELECTED, State.REJECTED)
"""What a unit may ask to have reconsidered."""
WORDS_MAX = 2_000


# --- looking ------------------------------------------------------------------------------------------------------


def of_application(session: Session, application: Application) -> list[Reconsideration]:
    """Return what a unit asked about an application, the newest first."""
    return list(
        session.scalars(
            select(Reconsideration)
            .where(Reconsideration.application_id == application.id)
            .order_by(Reconsideration.id.desc())
        )
    )


def asked_until(session: Session, application: Application) -> date | None:
    """Return the last day to ask, None where there is nothing to ask about; its round must have been loaded."""
    if application.state not in OUTCOMES or application.round.state is RoundState.ARCHIVED:
        return None
    days = rounds.policy_value(application.round, "reconsideration.ask_working_days")
    return calendar.load(session).add(clock.day_of(application.state_since), days)


def is_open(session: Session, application: Application) -> bool:
    """Return whether the unit may ask today: in time, and not asked yet about how the application stands now."""
    until = asked_until(session, application)
    return (
        until is not None
        and clock.today() <= until
        and all(request.since != application.state_since for request in of_application(session, application))
    )


def for_office() -> Select[Reconsideration]:
    """Select every request with application, round and unit: what waits first, by due day, then the newest."""
    return (
        select(Reconsideration)
        .options(
            joinedload(Reconsideration.application).options(
                joinedload(Application.round), joinedload(Application.organization)
            )
        )
        .order_by(
            case((Reconsideration.state == ReconsiderationState.ASKED, 0), else_=1),
            case((Reconsideration.state == ReconsiderationState.ASKED, Reconsideration.due_on)),
            Reconsideration.id.desc(),
        )
    )


def find(session: Session, request_id: int) -> Reconsideration:
    """Return a request with application, round and unit.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalars(for_office().where(Reconsideration.id == request_id)).one_or_none()
    if found is None:
        raise NotFoundError("没有这项复核申请。", parameter="reconsideration")
    return found


# --- asking -------------------------------------------------------------------------------------------------------


def ask(session: Session, application: Application, actor: User, *, grounds: str) -> Reconsideration:
    """Ask the office to reconsider how an application was turned away; the round and unit must have been loaded.

    Raises:
        StaleError: it was not turned away, or not any more.
        RuleError: no grounds, the days to ask are over, or it was asked for this outcome before.
    """
    require(actor, "reconsideration:ask", application)
    until = asked_until(session, application)
    if until is None:
        raise StaleError(
            f"申报现处于“{label(application.state)}”，没有可以申请复核的结果。", parameter="state"
        )
    grounds = stated(grounds, "复核理由", "grounds", most=WORDS_MAX)
    work = calendar.load(session)
    if until < clock.today():
        raise RuleError(f"申请复核的期限已于{work.label(until)}届满。", parameter="grounds")
    days = rounds.policy_value(application.round, "reconsideration.reply_working_days")
    request = Reconsideration(
        application=application, outcome=application.state, since=application.state_since, grounds=grounds,
        asked_by_id=actor.id, asked_at=clock.now(), due_on=work.add(clock.today(), days),
        state=ReconsiderationState.ASKED,
    )  # fmt: skip
    session.add(request)
    application.reconsideration_due_on = request.due_on
    try:
        session.flush()  # the unique key refuses a second request
    except IntegrityError:
        raise RuleError("对这一结果已经申请过复核，不能重复申请。", parameter="grounds") from None
    line = _record(session, actor, request, "ask", {"reason": grounds})
    words = {"due": work.label(request.due_on), "receipt": str(line)}
    _tell(session, request, "reconsideration_asked", **words)
    messages.tell(
        session,
        messages.holders(session, Role.SECRETARIAT_LEAD),
        **messages.written("units", "reconsideration_waits", **_facts(request), **words),
        path=f"/office/reconsiderations/{request.id}",
        application=application,
    )
    return request


# --- answering ----------------------------------------------------------------------------------------------------


def grant(session: Session, application: Application, actor: User, *, reason: str) -> None:
    """Take an application up again where it was turned away; the unit is told the reason.

    Raises:
        StaleError: it is not turned away any more.
        RuleError: no reason; or, but for what was not accepted, the unit did not ask.
    """
    require(actor, "reconsideration:decide", application)
    workflow.transition(application, Action.RECONSIDER)
    reason = stated(reason, "复核理由", "reason", most=WORDS_MAX)
    request = _open(session, application)
    if application.state is State.NOT_ACCEPTED:
        formal_review.reconsider(session, application, actor, reason=reason)
    else:
        workflow.advance(session, application, actor, Action.RECONSIDER, reason=reason)
        _begin_anew(application)
    if request is not None:
        _settle(session, request, actor, ReconsiderationState.GRANTED, reason)


def refuse(session: Session, application: Application, actor: User, *, reason: str) -> None:
    """Leave the outcome as it is; the unit is told why.

    Raises:
        StaleError: nothing is asked, or it was answered meanwhile.
        RuleError: no reason.
    """
    require(actor, "reconsideration:decide", application)
    request = _open(session, application)
    if request is None:
        raise StaleError("这项复核申请已经答复，请刷新页面。", parameter="reconsideration")
    reason = stated(reason, "说明", "reason", most=WORDS_MAX)
    _settle(session, request, actor, ReconsiderationState.REFUSED, reason)
    _tell(session, request, "reconsideration_refused", reason=request.reason or "")


def _open(session: Session, application: Application) -> Reconsideration | None:
    return session.scalars(
        select(Reconsideration)
        .where(
            Reconsideration.application_id == application.id,
            Reconsideration.state == ReconsiderationState.ASKED,
        )
        .options(joinedload(Reconsideration.application))
    ).one_or_none()


def _begin_anew(application: Application) -> None:
    """Take back what the stage that begins anew is to find, so that nothing of the former one counts."""
    if application.state is State.ACCEPTED:
        application.panel_size = application.open_conflicts = application.locked_sheets = 0
        application.official_score = application.recommend_share = application.is_above_line = None
        application.motion_at = None
    application.reason_code = application.decision = application.decided_on = None
    application.is_on_agenda = False
    application.notice_closes_on = application.leak_scan_at = application.publication_signed_at = None


def _settle(
    session: Session, request: Reconsideration, actor: User, state: ReconsiderationState, reason: str
) -> None:
    request.state, request.reason = state, reason
    request.decided_by_id, request.decided_at = actor.id, clock.now()
    request.application.reconsideration_due_on = None
    session.flush()  # the application's version refuses a second click
    _record(
        session, actor, request, "grant" if state is ReconsiderationState.GRANTED else "refuse", {"reason": reason}
    )  # fmt: skip


# --- shared -------------------------------------------------------------------------------------------------------


def _record(session: Session, actor: User, request: Reconsideration, act: str, detail: dict[str, Any]) -> int:
    line = trail.record(
        session, actor, f"reconsideration.{act}", subject="reconsideration", subject_id=request.id,
        detail={"application": request.application_id, "outcome": request.outcome, **detail},
    )  # fmt: skip
    return line.seq


def _facts(request: Reconsideration) -> dict[str, str]:
    return {
        "product": request.application.product_name,
        "number": request.application.number or "",
        "outcome": label(request.outcome),
    }


def _tell(session: Session, request: Reconsideration, text: str, **words: str) -> None:
    """Tell the applicant's members."""
    messages.tell(
        session,
        messages.members(session, request.application.organization_id, messages.APPLICANT_ROLES),
        **messages.written("units", text, **_facts(request), **words),
        path=f"/apply/applications/{request.application_id}",
        application=request.application,
    )


def waiting(session: Session, user: Any) -> Iterator[WorkItem]:
    """Yield the requests that wait for an answer."""
    if may(user, "reconsideration:decide"):
        count, first = session.execute(
            select(func.count(), func.min(Reconsideration.due_on)).where(
                Reconsideration.state == ReconsiderationState.ASKED
            )
        ).one()
        if count:
            yield WorkItem("复核申请待答复", "/office/reconsiderations", count, first)


hooks.work_items.append(waiting)
