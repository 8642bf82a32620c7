"""Accounts: found, opened, closed, logged in; roles that nobody gives himself."""

import re
from collections.abc import Sequence
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, selectinload

from registry import clock, passwords, policy, throttle, trail
from registry.errors import NotAllowedError, RuleError
from registry.models import SEPARATED_ROLES, Organization, PasswordReset, Role, RoleGrant, User
from registry.permissions import require
from registry.terms import label

USERNAME = re.compile(r"[a-z][a-z0-9_.-]{2,59}")
MOBILE = re.compile(r"1[3-9][0-9]{9}")


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


def count_attempt(session: Session, *, login: str, address: str, act: str = "log_in") -> None:
    """Count an attempt on an account and from a network address, before the password is looked at.

    The caller commits even where the password turns out wrong.

    Raises:
        TooManyError: the account or the address is held off.
    """
    window = timedelta(minutes=policy.value(session, "account.login_window_minutes"))
    account, place = (
        policy.value(session, "account.login_attempts"),
        policy.value(session, "account.login_attempts_per_address"),
    )
    throttle.count(session, f"{act}.account", login.strip().lower(), limit=account, window=window)
    throttle.count(session, f"{act}.address", address, limit=place, window=window)


def forget_attempts(session: Session, *, login: str, address: str) -> None:
    """Clear the account's count after a log-in that succeeded, and take its attempt off the address."""
    throttle.forget(session, "log_in.account", login.strip().lower())
    throttle.take_back(session, "log_in.address", address)


def record_login(session: Session, user: User, *, login: str, address: str) -> None:
    """Write down that the account logged in."""
    forget_attempts(session, login=login, address=address)
    session.execute(update(User).where(User.id == user.id).values(last_login_at=clock.now()))
    trail.record(session, user, "account.log_in", subject="user", subject_id=user.id)


# --- accounts -----------------------------------------------------------------------------------------------------


def checked_address(email: str) -> str:
    """Return an e-mail address in its normal form.

    Raises:
        RuleError: it is none.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise RuleError("电子邮箱：格式不正确，应形如 name@example.org。", parameter="email") from None


def checked_username(username: str) -> str:
    """Return a user name in its normal form.

    Raises:
        RuleError: it is none.
    """
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise RuleError(
            "用户名：3 至 60 位，以字母开头，可含小写字母、数字、点、横线、下划线。", parameter="username"
        )
    return username


def checked_mobile(mobile: str) -> str:
    """Return a mobile number.

    Raises:
        RuleError: it is none.
    """
    if not MOBILE.fullmatch(mobile.strip()):
        raise RuleError("手机号：应为 11 位数字，以 13 至 19 开头。", parameter="mobile")
    return mobile.strip()


def create_user(
    session: Session,
    actor: User | None,
    *,
    username: str,
    password: str | None,
    display_name: str = "",
    email: str | None = None,
    mobile: str | None = None,
    organization: Organization | None = None,
    roles: Sequence[Role] = (),
) -> User:
    """Open an account; only the system itself (`actor` None: a command) may give it roles at once.

    Without a password nobody can log in until one is set.

    Raises:
        RuleError: a value breaks its rule, or the name or address is taken.
    """
    username = checked_username(username)
    if actor is not None and roles:
        raise NotAllowedError("角色须由安全管理员授予。", parameter="role")
    if password is not None:
        passwords.check(session, password, username=username)
    email = checked_address(email) if email else None
    mobile = checked_mobile(mobile) if mobile else None
    if session.scalar(select(User.id).where(User.username == username)):
        raise RuleError("用户名：已被使用。", parameter="username")
    if email and session.scalar(select(User.id).where(User.email == email)):
        raise RuleError("电子邮箱：已被使用。", parameter="email")
    if mobile and session.scalar(select(User.id).where(User.mobile == mobile)):
        raise RuleError("手机号：已被使用。", parameter="mobile")
    user = User(
        username=username,
        display_name=display_name.strip() or username,
        email=email,
        mobile=mobile,
        password_hash=passwords.hashed(password) if password is not None else None,
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
        give_role(session, user, None, role)
    return user


def disable_user(session: Session, user: User, actor: User) -> None:
    """Close an account and end its sessions; what it did stays."""
    require(actor, "user:disable", user)
    user.is_active = False
    user.session_epoch += 1
    trail.record(session, actor, "user.disable", subject="user", subject_id=user.id)


def give_role(session: Session, user: User, actor: User | None, role: Role) -> None:
    """Give a role, for a caller who has made sure that the actor may; giving it twice changes nothing.

    Raises:
        RuleError: the account holds a role from which this one is separated.
    """
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
    give_role(session, user, actor, role)


def revoke_role(session: Session, user: User, actor: User, *, role: Role) -> None:
    """Take a role back and end the account's sessions; revoking it twice changes nothing."""
    require(actor, "role:revoke", user)
    take_role(session, user, actor, role)


def take_role(session: Session, user: User, actor: User | None, role: Role) -> None:
    """Take a role back, for a caller who has made sure that the actor may, and end the account's sessions."""
    for grant in user.grants:
        if grant.role == role and grant.revoked_at is None:
            grant.revoked_at, grant.revoked_by_id = clock.now(), actor.id if actor else None
            user.session_epoch += 1
            trail.record(
                session, actor, "role.revoke", subject="user", subject_id=user.id, detail={"role": role}
            )


# --- one's own password -------------------------------------------------------------------------------------------


def change_password(session: Session, user: User, *, current: str, password: str) -> None:
    """Change one's own password; every other session ends."""
    if not passwords.matches(user, current):
        raise RuleError("当前密码：不正确。", parameter="current")
    set_password(session, user, password)
    trail.record(session, user, "account.change_password", subject="user", subject_id=user.id)


def set_password(session: Session, user: User, password: str) -> None:
    """Set a password, end every session and use up every open reset."""
    passwords.check(session, password, username=user.username)
    user.password_hash = passwords.hashed(password)
    user.session_epoch += 1
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .values(used_at=clock.now())
    )
