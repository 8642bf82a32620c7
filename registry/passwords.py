"""Passwords: the rule for new ones, argon2id hashes, and a check that takes as long for an unknown account."""

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from registry import policy
from registry.errors import RuleError
from registry.models import User

PASSWORD_MAX = 200  # characters; bounds the work of one hash

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Return a hash of no password, to verify when the account is unknown, so that the answer takes as long."""
    return _hasher.hash(secrets.token_hex(16))


def matches(user: User | None, password: str) -> bool:
    """Return whether the password is the account's; takes as long for an unknown account."""
    nobody = _nobody()  # made by the first log-in of a process, whether or not its account is known
    known = user.password_hash if user and user.password_hash else nobody
    try:
        _hasher.verify(known, password[:PASSWORD_MAX].encode("utf-8", "surrogatepass"))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return user is not None and user.password_hash is not None


def check(session: Session, password: str, *, username: str) -> None:
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


def hashed(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hasher.hash(password.encode("utf-8", "surrogatepass"))
