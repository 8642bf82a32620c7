"""How a unit comes to the registry: the first person opens it, later ones ask to join."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import accounts, clock, policy, throttle, trail
from registry.errors import NotFoundError, RuleError
from registry.models import Organization, Role, UnitRequestKind, User
from registry.organizations import requests
from registry.organizations.codes import credit_code
from registry.organizations.lookup import by_code
from registry.permissions import require
from registry.statements import stated

NAME_MAX = 200  # characters, the width of the column


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a unit says of itself; empty texts are nothing."""

    name: str
    credit_code: str
    district: str = ""
    special_area: str = ""
    legal_representative: str = ""
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a person gives for an account of his own; the e-mail address may be empty."""

    username: str
    password: str
    display_name: str
    mobile: str
    email: str = ""


def count_attempt(session: Session, *, address: str) -> None:
    """Count a registration from a network address; the caller commits in any case.

    Raises:
        TooManyError: the address is held off.
    """
    throttle.count(
        session, "register.address", address,
        limit=policy.value(session, "account.login_attempts_per_address"),
        window=timedelta(minutes=policy.value(session, "account.login_window_minutes")),
    )  # fmt: skip


def register(session: Session, *, unit: UnitFacts, person: PersonFacts) -> tuple[User, bool]:
    """Open an account and its unit; return it and whether the unit must still let the person in.

    The first person of a unit becomes its operator, who signs nothing; the office verifies the unit before anybody
    signs for it. Where the unit has members already, the person asks to join.

    Raises:
        RuleError: a value breaks its rule, or is taken.
    """
    code = credit_code(unit.credit_code)
    user = accounts.create_user(
        session, None, username=person.username, password=person.password,
        display_name=stated(person.display_name, "姓名", "display_name"),
        mobile=stated(person.mobile, "手机号", "mobile"), email=person.email or None,
    )  # fmt: skip
    organization = by_code(session, code)
    if organization is None:
        organization = _open(session, user, unit, code)
    if _has_members(session, organization):
        join(session, user, code=code)
        return user, True
    user.organization_id = organization.id
    accounts.give_role(session, user, None, Role.APPLICANT_OPERATOR)
    return user, False


def join(session: Session, user: User, *, code: str) -> None:
    """Ask a unit's signatory (or the office, while it has none) to be let in.

    Raises:
        NotFoundError: no unit is registered under the code.
        RuleError: the code is none, or the account belongs to a unit already.
    """
    organization = by_code(session, credit_code(code))
    if organization is None:
        raise NotFoundError("统一社会信用代码：没有以此代码注册的单位。", parameter="credit_code")
    requests.file(session, organization, user, kind=UnitRequestKind.MEMBERSHIP, user_id=user.id)


def correct(session: Session, organization: Organization, actor: User, *, unit: UnitFacts) -> None:
    """Correct what a unit says of itself; once it is verified, name and code change by request only.

    Raises:
        RuleError: a value breaks its rule, or the code is another unit's.
    """
    require(actor, "unit:correct", organization)
    if organization.verified_at is None:
        code = credit_code(unit.credit_code)
        if code != organization.credit_code and by_code(session, code) is not None:
            raise RuleError("统一社会信用代码：已有单位以此代码注册。", parameter="credit_code")
        organization.name = stated(unit.name, "单位名称", "name", most=NAME_MAX)
        organization.credit_code = code
    organization.district = unit.district or None
    organization.special_area = unit.special_area or None
    organization.legal_representative = unit.legal_representative.strip() or None
    organization.short_name = unit.short_name.strip() or None
    _flush(session)
    trail.record(
        session, actor, "unit.correct", subject="organization", subject_id=organization.id,
        detail={"name": organization.name, "credit_code": organization.credit_code},
    )  # fmt: skip


def _open(session: Session, user: User, unit: UnitFacts, code: str) -> Organization:
    organization = Organization(
        name=stated(unit.name, "单位名称", "name", most=NAME_MAX),
        short_name=unit.short_name.strip() or None,
        credit_code=code,
        district=unit.district or None,
        special_area=unit.special_area or None,
        legal_representative=unit.legal_representative.strip() or None,
        created_at=clock.now(),
    )
    session.add(organization)
    _flush(session)
    trail.record(
        session, user, "unit.register", subject="organization", subject_id=organization.id,
        detail={"name": organization.name, "credit_code": code},
    )  # fmt: skip
    return organization


def _flush(session: Session) -> None:
    try:
        session.flush()  # another process may have taken the code since it was looked up
    except IntegrityError:
        raise RuleError(
            "统一社会信用代码：刚刚有人以此代码注册，请重新提交。", parameter="credit_code"
        ) from None


def _has_members(session: Session, organization: Organization) -> bool:
    return bool(
        session.scalar(select(func.count()).where(User.organization_id == organization.id, User.is_active))
    )
