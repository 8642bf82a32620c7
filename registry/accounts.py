"""Accounts: log-in with a throttle, invitations, password reset, roles that nobody gives himself."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from registry import clock, outbox, policy, trail
from registry.errors import NotAllowedError, NotFoundError, RuleError, TooManyError
from registry.models import (
    SEPARATED_ROLES,
    Invitation,
    LoginThrottle,
    Organization,
    PasswordReset,
    Role,
    RoleGrant,
    User,
)
from registry.permissions import require
from registry.terms import label

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))
"""Verified when the account is unknown, so that the answer takes as long."""

USERNAME = re.compile(r"[a-z][a-z0-9_.-]{2,59}")
PASSWORD_MAX = 200  # characters; bounds the work of one hash


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


def find(session: Session, user_id: int, *, epoch: int | None = None) -> User | None:
    """Return an active account with its roles and unit; with `epoch`, only while its sessions still count."""
    user = session.scalars(
        select(User)
        .where(User.id == user_id, User.is_active)
        .options(selectinload(User.grants), selectinload(User.organization))
    ).one_or_none()
    return user if user and epoch in (None, user.session_epoch) else None


def named(session: Session, login: str) -> User | None:
    """Return the active account of a user name, e-mail address or mobile number."""
    login = login.strip().lower()
    if not login:
        return None
    return session.scalars(
        select(User)
        .where(or_(User.username == login, User.email == login, User.mobile == login), User.is_active)
        .options(selectinload(User.grants))
    ).one_or_none()


# --- log-in -------------------------------------------------------------------------------------------------------


def _throttle_keys(login: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        (_hashed("account:" + login.strip().lower()), "account.login_attempts"),
        (_hashed("address:" + address), "account.login_attempts_per_address"),
    )


def count_attempt(session: Session, *, login: str, address: str) -> None:
    """Count an attempt before the password is looked at, so that parallel ones cannot slip through.

    The caller commits even where the password turns out wrong.

    Raises:
        TooManyError: the account or the network address is held off.
    """
    window = timedelta(minutes=policy.value(session, "account.login_window_minutes"))
    now = clock.now()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for key, limit in _throttle_keys(login, address):
        session.execute(
            insert(LoginThrottle).values(key=key, failures=0, window_started_at=now).on_conflict_do_nothing()
        )
        row = session.scalars(select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()).one()
        if row.locked_until and row.locked_until > now:
            minutes = -(-(row.locked_until - now).total_seconds() // 60)
            raise TooManyError(
                f"尝试次数过多，请 {minutes:.0f} 分钟后再试，或使用“忘记密码”。", parameter="login"
            )
        if row.window_started_at + window <= now:
            row.failures, row.window_started_at, row.locked_until = 0, now, None
        row.failures += 1
        if row.failures >= policy.value(session, limit):
            row.locked_until = now + window


def forget_attempts(session: Session, *, login: str, address: str) -> None:
    """Clear the account's count after a log-in that succeeded, and take its attempt off the address."""
    (account, _), (place, _) = _throttle_keys(login, address)
    session.execute(
        update(LoginThrottle).where(LoginThrottle.key == account).values(failures=0, locked_until=None)
    )
    session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key == place, LoginThrottle.failures > 0)
        .values(failures=LoginThrottle.failures - 1)
    )


def password_matches(user: User | None, password: str) -> bool:
    """Return whether the password is the account's; takes as long for an unknown account."""
    known = user.password_hash if user and user.password_hash else _NOBODY
    try:
        _hasher.verify(known, password[:PASSWORD_MAX].encode("utf-8", "surrogatepass"))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return user is not None and user.password_hash is not None


def record_login(session: Session, user: User, *, login: str, address: str) -> None:
    """Write down that the account logged in."""
    forget_attempts(session, login=login, address=address)
    session.execute(update(User).where(User.id == user.id).values(last_login_at=clock.now()))
    trail.record(session, user, "account.log_in", subject="user", subject_id=user.id)


def check_password(session: Session, password: str, *, username: str) -> None:
    """Refuse a password that breaks the rule.

    Raises:
        RuleError: too short, too simple or containing the user name.
    """
    shortest = policy.value(session, "account.password_min_length")
    if not shortest <= len(password) <= PASSWORD_MAX:
        raise RuleError(f"密码：长度应为 {shortest} 至 {PASSWORD_MAX} 个字符。", parameter="password")
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
    if sum(bool(re.search(kind, password)) for kind in kinds) < 2:
        raise RuleError("密码：应至少包含大写字母、小写字母、数字、其他字符中的两类。", parameter="password")
    if username.lower() in password.lower():
        raise RuleError("密码：不得包含用户名。", parameter="password")


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hasher.hash(password.encode("utf-8", "surrogatepass"))


# --- accounts -----------------------------------------------------------------------------------------------------


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise RuleError("电子邮箱：格式不正确，应形如 name@example.org。", parameter="email") from None


def create_user(
    session: Session,
    actor: User | None,
    *,
    username: str,
    password: str | None,
    display_name: str = "",
    email: str | None = None,
    organization: Organization | None = None,
    roles: Sequence[Role] = (),
) -> User:
    """Open an account; only the system itself (`actor` None: a command) may give it roles at once.

    Without a password nobody can log in until one is set.

    Raises:
        RuleError: a value breaks its rule, or the name or address is taken.
    """
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise RuleError(
            "用户名：3 至 60 位，以字母开头，可含小写字母、数字、点、横线、下划线。", parameter="username"
        )
    if actor is not None and roles:
        raise NotAllowedError("角色须由安全管理员授予。", parameter="role")
    if password is not None:
        check_password(session, password, username=username)
    email = _address(email) if email else None
    if session.scalar(select(User.id).where(User.username == username)):
        raise RuleError("用户名：已被使用。", parameter="username")
    if email and session.scalar(select(User.id).where(User.email == email)):
        raise RuleError("电子邮箱：已被使用。", parameter="email")
    user = User(
        username=username,
        display_name=display_name.strip() or username,
        email=email,
        password_hash=hash_password(password) if password is not None else None,
        organization=organization,
        created_at=clock.now(),
        grants=[],
    )
    session.add(user)
    session.flush()  # the trail and the grants need the id
    trail.record(
        session, actor, "user.create", subject="user", subject_id=user.id, detail={"username": username}
    )
    for role in roles:
        _grant(session, user, None, role)
    return user


def disable_user(session: Session, user: User, actor: User) -> None:
    """Close an account and end its sessions; what it did stays."""
    require(actor, "user:disable", user)
    user.is_active = False
    user.session_epoch += 1
    trail.record(session, actor, "user.disable", subject="user", subject_id=user.id)


def _grant(session: Session, user: User, actor: User | None, role: Role) -> None:
    held = user.roles
    if role in held:
        return
    for pair in SEPARATED_ROLES:
        if role in pair and (clash := pair & held):
            other = label(next(iter(clash)))
            raise RuleError(f"角色：“{label(role)}”与已有的“{other}”不得由同一账号兼任。", parameter="role")
    user.grants.append(
        RoleGrant(role=role, granted_by_id=actor.id if actor else None, granted_at=clock.now())
    )
    session.flush()  # the unique index refuses a second click
    trail.record(session, actor, "role.grant", subject="user", subject_id=user.id, detail={"role": role})


def grant_role(session: Session, user: User, actor: User, *, role: Role) -> None:
    """Give a role to another account; granting it twice changes nothing.

    Raises:
        NotAllowedError: the actor is not the security administrator, or the account is his own.
        RuleError: the account holds a role from which this one is separated.
    """
    require(actor, "role:grant", user)
    _grant(session, user, actor, role)


def revoke_role(session: Session, user: User, actor: User, *, role: Role) -> None:
    """Take a role back and end the account's sessions; revoking it twice changes nothing."""
    require(actor, "role:revoke", user)
    for grant in user.grants:
        if grant.role == role and grant.revoked_at is None:
            grant.revoked_at, grant.revoked_by_id = clock.now(), actor.id
            user.session_epoch += 1
            trail.record(
                session, actor, "role.revoke", subject="user", subject_id=user.id, detail={"role": role}
            )


# --- invitations and password reset -------------------------------------------------------------------------------


def invite(
    session: Session, actor: User, *, email: str, display_name: str, proposed_role: Role | None = None
) -> tuple[Invitation, str]:
    """Invite a person to open an account; return the invitation and the token its link carries."""
    require(actor, "user:invite")
    email = _address(email)
    if session.scalar(select(User.id).where(User.email == email)):
        raise RuleError("电子邮箱：已有账号使用此地址。", parameter="email")
    if not display_name.strip():
        raise RuleError("姓名：必填。", parameter="display_name")
    token, token_hash = _token()
    days = policy.value(session, "account.invitation_days")
    invitation = Invitation(
        token_hash=token_hash,
        email=email,
        display_name=display_name.strip(),
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
    user = create_user(
        session, None, username=username, password=password,
        display_name=invitation.display_name, email=invitation.email,
    )  # fmt: skip
    user.organization_id = invitation.organization_id
    invitation.accepted_at, invitation.user_id = clock.now(), user.id
    return user


def request_reset(session: Session, *, login: str, address: str) -> None:
    """Write a reset link to the account's address; silent whether the account exists or not."""
    count_attempt(session, login="reset:" + login, address=address)
    user = named(session, login)
    if user is None or user.email is None:
        return
    token, token_hash = _token()
    minutes = policy.value(session, "account.reset_minutes")
    session.add(
        PasswordReset(
            user_id=user.id,
            token_hash=token_hash,
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(minutes=minutes),
        )
    )
    outbox.emit(session, PasswordResetRequested(user.email, user.display_name, f"/password/{token}"))


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
    _set_password(session, user, password)
    trail.record(session, user, "account.reset_password", subject="user", subject_id=user.id)


def change_password(session: Session, user: User, *, current: str, password: str) -> None:
    """Change one's own password; every other session ends."""
    if not password_matches(user, current):
        raise RuleError("当前密码：不正确。", parameter="current")
    _set_password(session, user, password)
    trail.record(session, user, "account.change_password", subject="user", subject_id=user.id)


def _set_password(session: Session, user: User, password: str) -> None:
    check_password(session, password, username=user.username)
    user.password_hash = hash_password(password)
    user.session_epoch += 1
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .values(used_at=clock.now())
    )


def forget_run_out(session: Session, *, before: datetime) -> None:
    """Delete throttles, resets and untaken invitations that ran out before an instant."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.window_started_at < before))
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at < before))
    session.execute(
        delete(Invitation).where(Invitation.expires_at < before, Invitation.accepted_at.is_(None))
    )
