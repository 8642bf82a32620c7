"""Who belongs to a unit and as what. Nobody gives himself a role, and a signatory comes and goes by the office."""

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from registry import accounts, messages, policy, trail
from registry.errors import NotAllowedError, RuleError
from registry.models import Organization, Role, User
from registry.organizations.permissions import MEMBER_ROLES
from registry.permissions import require

GIVEN_BY_SIGNATORY = (Role.APPLICANT_OPERATOR, Role.BUYER_OPERATOR, Role.BUYER_APPROVER)
"""What a signatory may make of a member; another signatory needs a letter and the office."""


def of(organization_id: int) -> Select[User]:
    """Select a unit's active accounts with their roles, oldest first."""
    return (
        select(User)
        .where(User.organization_id == organization_id, User.is_active)
        .options(selectinload(User.grants))
        .order_by(User.id)
    )


def signatories(session: Session, organization_id: int) -> list[User]:
    """Return the accounts that may sign for a unit now."""
    return messages.members(session, organization_id, (Role.APPLICANT_SIGNATORY,))


def member(session: Session, organization_id: int, user_id: int) -> User:
    """Return a member of a unit with its roles.

    Raises:
        RuleError: the account is no active member.
    """
    found = session.scalars(of(organization_id).where(User.id == user_id)).one_or_none()
    if found is None:
        raise RuleError("成员：不是本单位可用的账号，请刷新后重新选择。", parameter="member")
    return found


def admit(session: Session, user: User, organization: Organization, actor: User | None) -> None:
    """Make an account an operator of a unit, for a caller who has made sure that the actor may.

    Raises:
        RuleError: the account belongs to a unit already, or works for the programme itself.
    """
    if user.organization_id is not None:
        raise RuleError("该账号已属于一个单位。", parameter="member")
    if user.roles - set(MEMBER_ROLES):
        raise RuleError("承担公务、评审角色的账号不能加入申报单位，请另开账号。", parameter="member")
    user.organization_id = organization.id
    trail.record(
        session, actor, "member.admit", subject="organization", subject_id=organization.id,
        detail={"user": user.id},
    )  # fmt: skip
    accounts.give_role(session, user, actor, Role.APPLICANT_OPERATOR)


def set_roles(
    session: Session, organization: Organization, actor: User, *, user: User, roles: Collection[Role]
) -> None:
    """Set what another member is, among `GIVEN_BY_SIGNATORY`; a signatory keeps signing.

    Raises:
        NotAllowedError: the actor does not sign for the unit, or the account is his own.
        RuleError: no member, or both hands of a purchase in one.
    """
    _manage(organization, actor, user)
    wanted = set(roles)
    if wanted - set(GIVEN_BY_SIGNATORY):
        raise NotAllowedError("签署人须持授权书由秘书处核验，不能由成员授予。", parameter="roles")
    if {Role.BUYER_OPERATOR, Role.BUYER_APPROVER} <= wanted and not policy.value(
        session, "unit.one_hand_buys"
    ):
        raise RuleError("角色：采购方经办人与审批人不得为同一人。", parameter="roles")
    for role in GIVEN_BY_SIGNATORY:
        if role in wanted:
            accounts.give_role(session, user, actor, role)
        else:
            accounts.take_role(session, user, actor, role)


def remove(session: Session, organization: Organization, actor: User, *, user: User) -> None:
    """Let a member go: its roles and sessions end, what it did stays.

    Raises:
        NotAllowedError: the actor does not sign for the unit, or the account is his own.
        RuleError: another signatory, who is replaced by the office, or no member.
    """
    _manage(organization, actor, user)
    if Role.APPLICANT_SIGNATORY in user.roles:
        raise RuleError("签署人须由秘书处核验更换，不能直接移出。", parameter="member")
    for role in MEMBER_ROLES:
        accounts.take_role(session, user, actor, role)
    user.organization_id = None
    user.session_epoch += 1
    trail.record(
        session, actor, "member.remove", subject="organization", subject_id=organization.id,
        detail={"user": user.id},
    )  # fmt: skip


def make_signatory(session: Session, organization: Organization, actor: User, *, user: User) -> None:
    """Let a member sign for the unit, and nobody else any more; for the office's decision on a letter."""
    for former in session.scalars(of(organization.id)):
        if former.id != user.id:
            accounts.take_role(session, former, actor, Role.APPLICANT_SIGNATORY)
    accounts.give_role(session, user, actor, Role.APPLICANT_SIGNATORY)


def _manage(organization: Organization, actor: User, user: User) -> None:
    require(actor, "member:manage", organization)
    if user.id == actor.id:
        raise NotAllowedError("不能变更自己的角色或者将自己移出。", parameter="member")
    if user.organization_id != organization.id:
        raise RuleError("成员：不是本单位的账号。", parameter="member")
