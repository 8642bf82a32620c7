"""Who speaks for a department: appointed with a day, ended with a day, never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from registry import clock, messages, policy, trail
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import PolicyParameter, Role, User
from registry.permissions import require
from review.committee.models import Representative

UNITS = "committee.units"


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the committee as today's policy names it, with who speaks for it now."""

    unit: str
    is_lead: bool
    remit: str
    people: Sequence[Representative]


def standing(on: date | None = None) -> Select[Representative]:
    """Select who speaks for a department on a day, today unless told."""
    on = on or clock.today()
    return (
        select(Representative)
        .where(
            Representative.from_on <= on, or_(Representative.until_on.is_(None), Representative.until_on > on)
        )
        .order_by(Representative.id)
    )


def of_user(session: Session, user_id: int) -> Representative | None:
    """Return as whose representative an account acts today, None when it is nobody's."""
    return session.scalars(standing().where(Representative.user_id == user_id).limit(1)).one_or_none()


def departments(session: Session) -> list[Department]:
    """Return today's departments in the policy's order, each with its people."""
    people = session.scalars(standing().options(joinedload(Representative.user))).all()
    return [
        Department(row["unit"], row["lead"], row["remit"], [one for one in people if one.unit == row["unit"]])
        for row in policy.value(session, UNITS)
    ]


def past(session: Session) -> Sequence[Representative]:
    """Return who does not speak for a department today: ended, or not begun; newest first."""
    return session.scalars(
        select(Representative)
        .where(or_(Representative.until_on <= clock.today(), Representative.from_on > clock.today()))
        .order_by(Representative.id.desc())
        .options(joinedload(Representative.user))
    ).all()


def candidates(session: Session) -> list[User]:
    """Return the accounts that may be appointed: committee members who speak for nobody yet."""
    taken = set(session.scalars(select(Representative.user_id).where(Representative.until_on.is_(None))))
    return [user for user in messages.holders(session, Role.COMMITTEE_MEMBER) if user.id not in taken]


def names(session: Session) -> list[str]:
    """Return every department that a version of the policy names: a running round may keep an older one."""
    versions = session.scalars(
        select(PolicyParameter.value)
        .where(PolicyParameter.key == UNITS)
        .order_by(PolicyParameter.effective_from.desc())
    )
    return list(dict.fromkeys(row["unit"] for units in versions for row in units))


def appoint(session: Session, actor: User, *, user_id: int, unit: str, from_on: date) -> Representative:
    """Let a person speak for a department from a day on.

    Raises:
        RuleError: no such department, no account of a committee member, or the person speaks for one already.
    """
    require(actor, "committee:manage")
    if unit not in names(session):
        raise RuleError("委员单位：请从名单中选择。", parameter="unit")
    if user_id not in {user.id for user in messages.holders(session, Role.COMMITTEE_MEMBER)}:
        raise RuleError("代表：请选择有委员单位代表角色的账号。", parameter="user")
    session.execute(select(User.id).where(User.id == user_id).with_for_update())
    if session.scalar(
        select(Representative.id).where(
            Representative.user_id == user_id,
            or_(Representative.until_on.is_(None), Representative.until_on > from_on),
        )
    ):
        raise RuleError("代表：此人在这一天已是委员单位的代表，请先办理终止。", parameter="user")
    representative = Representative(
        user_id=user_id, unit=unit, from_on=from_on, appointed_by_id=actor.id, appointed_at=clock.now()
    )
    session.add(representative)
    session.flush()  # the trail names it by its id, and the unique index refuses a second click
    trail.record(
        session, actor, "representative.appoint", subject="representative", subject_id=representative.id,
        detail={"user": user_id, "unit": unit, "from_on": from_on.isoformat()},
    )  # fmt: skip
    return representative


def end(session: Session, actor: User, *, representative_id: int, until_on: date) -> None:
    """End a representation; `until_on` is the first day on which the person speaks no more.

    Raises:
        NotFoundError: there is no such representation.
        StaleError: it was ended already.
        RuleError: the day lies in the past or before its beginning: what was cast stays cast.
    """
    require(actor, "committee:manage")
    representative = session.get(Representative, representative_id, with_for_update=True)
    if representative is None:
        raise NotFoundError("没有这位代表。", parameter="representative")
    if representative.until_on is not None:
        raise StaleError("这位代表已经办理过终止，请刷新页面。", parameter="representative")
    if until_on < max(representative.from_on, clock.today()):
        raise RuleError("终止日期：不得早于今天，也不得早于起始日期。", parameter="until_on")
    representative.until_on = until_on
    trail.record(
        session, actor, "representative.end", subject="representative", subject_id=representative.id,
        detail={"until_on": until_on.isoformat()},
    )  # fmt: skip
