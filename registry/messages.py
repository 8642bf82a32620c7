"""What people are told: a message in the inbox, and the same words as a letter through the outbox.

The applicant hears of a move in words that never name who reviews. Texts stand in `registry/data/messages/`.
"""

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry import clock, outbox
from registry.models import Action, Application, InboxMessage, Role, RoleGrant, User

TEXTS = Path(__file__).parent / "data" / "messages"
APPLICANT_ROLES = (Role.APPLICANT_OPERATOR, Role.APPLICANT_SIGNATORY)


@dataclass(frozen=True, slots=True)
class LetterWritten:
    """A message waits in an inbox; its words go out by mail where there is an address."""

    message_id: int


class Written(TypedDict):
    """A message with its words filled in."""

    subject: str
    body: str


@cache
def texts(about: str) -> dict[str, Written]:
    """Return subject and body of each message about `moves`, by action, or about `units`."""
    found: dict[str, Any] = tomllib.loads((TEXTS / f"{about}.toml").read_text("utf-8"))
    return found


def written(about: str, message: str, **words: str) -> Written:
    """Fill words into a message."""
    text = texts(about)[message]
    return Written(subject=text["subject"].format(**words), body=text["body"].format(**words).strip())


def tell(
    session: Session,
    users: Collection[User],
    *,
    subject: str,
    body: str,
    path: str | None = None,
    application: Application | None = None,
) -> None:
    """Put a message into the inboxes and its letter into the outbox."""
    for user in users:
        message = InboxMessage(
            user_id=user.id,
            application_id=application.id if application else None,
            subject=subject,
            body=body,
            path=path,
            created_at=clock.now(),
        )
        session.add(message)
        session.flush()  # the letter names the message by its id
        outbox.emit(session, LetterWritten(message.id))


def inbox(user_id: int) -> Select[InboxMessage]:
    """Select what an account was told, newest first."""
    return select(InboxMessage).where(InboxMessage.user_id == user_id).order_by(InboxMessage.id.desc())


def members(session: Session, organization_id: int, roles: Sequence[Role]) -> list[User]:
    """Return a unit's active accounts that hold one of the roles now."""
    return list(
        session.scalars(
            select(User)
            .where(
                User.organization_id == organization_id,
                User.is_active,
                User.grants.any((RoleGrant.revoked_at.is_(None)) & RoleGrant.role.in_(roles)),
            )
            .order_by(User.id)
        )
    )


def holders(session: Session, *roles: Role) -> list[User]:
    """Return the active accounts that hold one of the roles now."""
    return list(
        session.scalars(
            select(User)
            .where(
                User.is_active, User.grants.any((RoleGrant.revoked_at.is_(None)) & RoleGrant.role.in_(roles))
            )
            .order_by(User.id)
        )
    )


def tell_applicant(
    session: Session, application: Application, action: Action, *, reason: str | None, seq: int
) -> None:
    """Tell the applicant's members of a move, where the texts have one for it; `seq` is the receipt's number."""
    if action.value not in texts("moves"):
        return
    due = application.correction_due_on
    words = {
        "product": application.product_name or "（未填产品名称）",
        "number": application.number or "",
        "reason": (reason or "").strip() or "见申报页面",
        "due": f"{due.year}年{due.month}月{due.day}日" if due else "",
        "receipt": str(seq),
        "day": "{0.year}年{0.month}月{0.day}日".format(clock.today()),
    }
    tell(
        session,
        members(session, application.organization_id, APPLICANT_ROLES),
        **written("moves", action.value, **words),
        path=f"/apply/applications/{application.id}",
        application=application,
    )
