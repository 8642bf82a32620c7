"""Links that open an account or set a new password: sent by letter, used once, kept as hashes only."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry import accounts, clock, messages, outbox, policy, trail
from registry.errors import NotFoundError, RuleError
from registry.models import Invitation, PasswordReset, Role, User
from registry.permissions import require
from registry.statements import stated

RESET_SUBJECT = "您的账号已出具重设密码链接"
RESET_BODY = (
    "安全管理员核实身份后，为您的账号出具了一次性的重设密码链接。如果不是您本人申请的，请立即与秘书处联系。"
)


@dataclass(frozen=True, slots=True)
class InvitationSent:
    """An invitation was written; the mail carries its link."""

    email: str
    display_name: str
    path: str


@dataclass(frozen=True, slots=True)
class PasswordResetRequested:
    """A reset was asked for; the mail carries its link."""

    email: str
    display_name: str
    path: str


def _token() -> tuple[str, str]:
    token = secrets.token_urlsafe(32)
    return token, _hashed(token)


def _hashed(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def invite(
    session: Session, actor: User, *, email: str, display_name: str, proposed_role: Role | None = None
) -> tuple[Invitation, str]:
    """Invite a person to open an account; return the invitation and the token its link carries."""
    require(actor, "user:invite")
    email = accounts.checked_address(email)
    if session.scalar(select(User.id).where(User.email == email)):
        raise RuleError("电子邮箱：已有账号使用此地址。", parameter="email")
    display_name = stated(display_name, "姓名", "display_name")
    token, token_hash = _token()
    days = policy.value(session, "account.invitation_days")
    invitation = Invitation(
        token_hash=token_hash,
        email=email,
        display_name=display_name,
        proposed_role=proposed_role,
        invited_by_id=actor.id,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )
    session.add(invitation)
    session.flush()  # the trail needs the id
    trail.record(session, actor, "user.invite", subject="invitation", subject_id=invitation.id)
    outbox.emit(session, InvitationSent(email, invitation.display_name, f"/invitations/{token}"))
    return invitation, token


def open_invitation(session: Session, token: str) -> Invitation:
    """Return an invitation that can still be taken.

    Raises:
        NotFoundError: unknown, used or run out; one sentence for all three.
    """
    invitation = session.scalars(
        select(Invitation).where(
            Invitation.token_hash == _hashed(token),
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
    ).one_or_none()
    if invitation is None:
        raise NotFoundError("邀请链接无效、已使用或已过期，请联系系统管理员重新发出。")
    return invitation


def accept_invitation(session: Session, token: str, *, username: str, password: str) -> User:
    """Open the account that an invitation offers; its role waits for the security administrator."""
    invitation = open_invitation(session, token)
    user = accounts.create_user(
        session, None, username=username, password=password,
        display_name=invitation.display_name, email=invitation.email,
    )  # fmt: skip
    user.organization_id = invitation.organization_id
    invitation.accepted_at, invitation.user_id = clock.now(), user.id
    return user


def request_reset(session: Session, *, login: str, address: str) -> None:
    """Write a reset link to the account's address; silent whether the account exists or not."""
    accounts.count_attempt(session, login=login, address=address, act="reset")
    user = accounts.named(session, login)
    if user is None or user.email is None:
        return
    _, token = _reset(session, user)
    outbox.emit(session, PasswordResetRequested(user.email, user.display_name, f"/password/{token}"))


def issue_reset(session: Session, actor: User, user: User, *, reason: str) -> tuple[PasswordReset, str]:
    """Make a reset link for somebody who cannot get one by mail; return it and the token, to be handed over once.

    `reason` says how the office made sure who asks; the account's holder is told, whoever used the link.

    Raises:
        RuleError: there is no reason, or the account is closed.
    """
    require(actor, "user:reset", user)
    if not user.is_active:
        raise RuleError("该账号已停用，不能重设密码。", parameter="reason")
    reason = stated(reason, "理由", "reason")
    reset, token = _reset(session, user)
    trail.record(
        session,
        actor,
        "user.issue_reset",
        subject="user",
        subject_id=user.id,
        detail={"reason": reason},
    )
    messages.tell(session, [user], subject=RESET_SUBJECT, body=RESET_BODY)
    return reset, token


def _reset(session: Session, user: User) -> tuple[PasswordReset, str]:
    token, token_hash = _token()
    minutes = policy.value(session, "account.reset_minutes")
    reset = PasswordReset(
        user_id=user.id,
        token_hash=token_hash,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(minutes=minutes),
    )
    session.add(reset)
    return reset, token


def open_reset(session: Session, token: str) -> PasswordReset:
    """Return a reset that can still be used.

    Raises:
        NotFoundError: unknown, used or run out.
    """
    reset = session.scalars(
        select(PasswordReset).where(
            PasswordReset.token_hash == _hashed(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > clock.now(),
        )
    ).one_or_none()
    if reset is None:
        raise NotFoundError("重设密码的链接无效、已使用或已过期，请重新申请。")
    return reset


def reset_password(session: Session, token: str, *, password: str) -> None:
    """Set a new password, end all sessions and use up every open reset of the account."""
    user = session.get_one(User, open_reset(session, token).user_id)
    if not user.is_active:
        raise NotFoundError("该账号已停用，请联系系统管理员。")
    accounts.set_password(session, user, password)
    trail.record(session, user, "account.reset_password", subject="user", subject_id=user.id)


def forget_run_out(session: Session, *, before: datetime) -> None:
    """Delete resets and untaken invitations that ran out before an instant."""
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at < before))
    session.execute(
        delete(Invitation).where(Invitation.expires_at < before, Invitation.accepted_at.is_(None))
    )
