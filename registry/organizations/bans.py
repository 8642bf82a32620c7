"""Bans: a time in which a unit may not submit applications; two persons set one, two persons lift it."""

from datetime import date
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, joinedload

import registry.organizations.permissions  # noqa: F401 - its rows are asked for below
from registry import clock, messages, policy, policy_checks, trail
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import Ban, BanReason, BanState, Organization, User
from registry.permissions import require
from registry.statements import stated
from registry.terms import label

WORDS_MAX = 2_000
IN_FORCE = (BanState.ACTIVE, BanState.LIFT_PROPOSED)
"""States in which a ban counts, from its first day to its last."""
WAITING = (BanState.PROPOSED, BanState.LIFT_PROPOSED)
"""States in which a ban waits for the second person."""


# --- looking ------------------------------------------------------------------------------------------------------


def of_unit(organization_id: int) -> Select[Ban]:
    """Select what was ever decided or proposed about a unit, newest first."""
    return select(Ban).where(Ban.organization_id == organization_id).order_by(Ban.id.desc())


def told(organization_id: int) -> Select[Ban]:
    """Select the bans that a unit knows of: those that came into force, newest first."""
    return of_unit(organization_id).where(Ban.state.in_((*IN_FORCE, BanState.LIFTED)))


def for_office() -> Select[Ban]:
    """Select every ban with its unit: what waits for the second person first, then the newest."""
    return (
        select(Ban)
        .options(joinedload(Ban.organization))
        .order_by(case((Ban.state.in_(WAITING), 0), else_=1), Ban.id.desc())
    )


def in_force(session: Session, organization_id: int) -> Ban | None:
    """Return the ban under which a unit stands today, the longest where there are several."""
    today = clock.today()
    return session.scalars(
        select(Ban)
        .where(
            Ban.organization_id == organization_id,
            Ban.state.in_(IN_FORCE),
            Ban.from_on <= today,
            Ban.until_on >= today,
        )
        .order_by(Ban.until_on.desc(), Ban.id)
        .limit(1)
    ).one_or_none()


def sentence(ban: Ban) -> str:
    """Return what a unit under a ban reads where it wants to submit."""
    return (
        f"本单位自 {ban.from_on} 起至 {ban.until_on} 止限制申报（{label(ban.reason)}），期间不能提交申报书；"
        "详情见“本单位”页面。"
    )


def find(session: Session, ban_id: int, *, version: int | None = None) -> Ban:
    """Return a ban with its unit; for a change (`version`) the unit is held, as those who submit hold it.

    Raises:
        NotFoundError: there is none.
        StaleError: it was changed since the page with `version` was shown.
    """
    found = session.scalars(
        select(Ban).where(Ban.id == ban_id).options(joinedload(Ban.organization))
    ).one_or_none()
    if found is None:
        raise NotFoundError("没有这项限制申报。", parameter="ban")
    if version is not None:
        _hold(session, found.organization_id)
        session.refresh(found)
        if found.version_id != version:
            raise StaleError("这项限制申报刚刚有变化，请刷新页面后再办理。", parameter="version")
    return found


# --- setting ------------------------------------------------------------------------------------------------------


def propose(
    session: Session, organization: Organization, actor: User, *, reason: BanReason, basis: str, from_on: date
) -> Ban:
    """Propose that a unit may not submit for the time of the policy; nothing holds before another confirms.

    Raises:
        RuleError: no facts, a time that is over, a merged unit, or another proposal that waits.
    """
    require(actor, "ban:propose")
    if organization.merged_into_id is not None:
        raise RuleError("单位已并入别的单位，请对并入后的单位提出。", parameter="reason")
    basis = stated(basis, "事实和依据", "basis", most=WORDS_MAX)
    years: int = policy.value(session, "sanction.ban_years")
    until_on = clock.months_before(from_on, -12 * years) - clock.ONE_DAY
    if until_on < clock.today():
        raise RuleError(f"起始日期：从这一天起 {years} 年已经届满，没有可以限制的时间。", parameter="from_on")
    _hold(session, organization.id)
    if session.scalar(
        select(Ban.id).where(Ban.organization_id == organization.id, Ban.state == BanState.PROPOSED).limit(1)
    ):
        raise RuleError("对该单位已有一项待确认的限制申报，请先办结。", parameter="reason")
    ban = Ban(
        organization=organization, reason=reason, basis=basis, from_on=from_on, until_on=until_on,
        state=BanState.PROPOSED, proposed_by_id=actor.id, proposed_at=clock.now(),
    )  # fmt: skip
    session.add(ban)
    session.flush()  # the trail names it by its id
    _record(session, actor, ban, "propose", {"reason_code": reason, "reason": basis})
    return ban


def confirm(session: Session, ban: Ban, actor: User) -> None:
    """Bring a proposed ban into force; the unit is told.

    Raises:
        StaleError: it is settled already.
        NotAllowedError: it is one's own proposal.
    """
    _second(ban, actor, BanState.PROPOSED, ban.proposed_by_id)
    ban.state, ban.decided_by_id, ban.decided_at = BanState.ACTIVE, actor.id, clock.now()
    _record(session, actor, ban, "confirm", {"from_on": str(ban.from_on), "until_on": str(ban.until_on)})
    _tell(session, ban, "banned", label(ban.reason))


def decline(session: Session, ban: Ban, actor: User, *, reason: str) -> None:
    """Decline a proposal, to ban or to lift; what held before holds on.

    Raises:
        StaleError: it is settled already.
        NotAllowedError: it is one's own proposal.
        RuleError: no reason.
    """
    is_lift = ban.state is BanState.LIFT_PROPOSED
    _second(
        ban, actor, BanState.LIFT_PROPOSED if is_lift else BanState.PROPOSED,
        ban.lift_proposed_by_id if is_lift else ban.proposed_by_id,
    )  # fmt: skip
    ban.answer = stated(reason, "不同意的理由", "reason", most=WORDS_MAX)
    if is_lift:
        ban.state = BanState.ACTIVE
    else:
        ban.state, ban.decided_by_id, ban.decided_at = BanState.DECLINED, actor.id, clock.now()
    _record(session, actor, ban, "decline", {"reason": ban.answer})


# --- lifting ------------------------------------------------------------------------------------------------------


def propose_lift(session: Session, ban: Ban, actor: User, *, reason: str) -> None:
    """Propose to lift a ban before its end; it holds until another confirms.

    Raises:
        StaleError: it is not in force, or its lifting is proposed already.
        RuleError: no reason.
    """
    require(actor, "ban:propose")
    _expect(ban, BanState.ACTIVE)
    if ban.until_on < clock.today():
        raise StaleError("这项限制申报已经届满。", parameter="state")
    ban.lift_reason = stated(reason, "解除的理由", "reason", most=WORDS_MAX)
    ban.state, ban.lift_proposed_by_id = BanState.LIFT_PROPOSED, actor.id
    ban.lift_proposed_at, ban.answer = clock.now(), None
    _record(session, actor, ban, "propose_lift", {"reason": ban.lift_reason})


def lift(session: Session, ban: Ban, actor: User) -> None:
    """Lift a ban as it was proposed; the unit is told.

    Raises:
        StaleError: its lifting is not proposed, or settled already.
        NotAllowedError: it is one's own proposal.
    """
    _second(ban, actor, BanState.LIFT_PROPOSED, ban.lift_proposed_by_id)
    ban.state, ban.lifted_by_id, ban.lifted_at = BanState.LIFTED, actor.id, clock.now()
    _record(session, actor, ban, "lift", {"reason": ban.lift_reason})
    _tell(session, ban, "ban_lifted", ban.lift_reason or "")


# --- shared -------------------------------------------------------------------------------------------------------


def _hold(session: Session, organization_id: int) -> None:
    """Hold the unit's row until the commit, as submitting does: a ban and a submission come one after the other."""
    session.execute(select(Organization.id).where(Organization.id == organization_id).with_for_update())


def _second(ban: Ban, actor: User, state: BanState, proposed_by_id: int | None) -> None:
    require(actor, "ban:decide")
    _expect(ban, state)
    if proposed_by_id == actor.id:
        raise NotAllowedError("提出人不得办理自己提出的事项，请由另一人办理。", parameter="actor")


def _expect(ban: Ban, state: BanState) -> None:
    if ban.state is not state:
        raise StaleError(f"这项限制申报现为“{label(ban.state)}”，请刷新页面查看最新状态。", parameter="state")


def _record(session: Session, actor: User, ban: Ban, act: str, detail: dict[str, Any]) -> None:
    session.flush()  # the second of two clicks is refused here
    trail.record(
        session, actor, f"ban.{act}", subject="ban", subject_id=ban.id,
        detail={"organization": ban.organization_id, **detail},
    )  # fmt: skip


def _tell(session: Session, ban: Ban, text: str, reason: str) -> None:
    words = {
        "unit": ban.organization.name,
        "reason": reason,
        "basis": ban.basis,
        "since": str(ban.from_on),
        "until": str(ban.until_on),
    }
    messages.tell(
        session,
        messages.members(session, ban.organization_id, messages.APPLICANT_ROLES),
        **messages.written("units", text, **words),
        path="/unit",
    )


def _check_policy(_session: Session, _key: str, value: Any) -> None:
    if value < 1:
        raise ValueError("至少 1 年。")


policy_checks.CHECKS["sanction."] = _check_policy
