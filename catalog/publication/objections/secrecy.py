"""Who objects: the only code that reads `ObjectorIdentity` once it is filed; every look leaves a line in the trail.

An answer goes by mail to who left an address for it. Neither the outbox nor a log holds more than the objection's number.
"""

from dataclasses import dataclass
from enum import StrEnum
from smtplib import SMTPException

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.publication.models import Objection, ObjectionFile, ObjectionState, ObjectorIdentity
from catalog.publication.objections.base import find, record, statement_of
from registry import clock, mail, outbox
from registry.errors import NotFoundError, RuleError
from registry.hooks import Context
from registry.models import Role, User
from registry.permissions import require

TELLING = 2  # characters; a single one would be found in every text


class AnswerChannel(StrEnum):
    """How an objector is told the answer, by what he left."""

    EMAIL = "email"
    POST = "post"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class ObjectionAnswered:
    """An objection was answered; who objects is looked up when the letter goes out."""

    objection_id: int


class LetterError(Exception):
    """A letter to an objector could not be sent; says nothing of the address."""


def identity(session: Session, objection: Objection, actor: User, *, reason: str) -> ObjectorIdentity | None:
    """Return who objects, to answer or to ask; every look leaves a line. None for an anonymous report.

    Raises:
        RuleError: no reason.
    """
    require(actor, "objection:identify")
    record(session, actor, objection, "identify", {"reason": statement_of(reason, "理由", "reason")})
    return session.get(ObjectorIdentity, objection.id)


def opened_file(session: Session, objection_id: int, file_id: int, actor: User) -> ObjectionFile:
    """Return a letter or piece of evidence; every look leaves a line. Leads open to the discipline observer too.

    Raises:
        NotFoundError: there is none, or it is not the actor's to know of.
    """
    objection = find(session, objection_id)
    lead_reader = objection.state is ObjectionState.LEAD and Role.DISCIPLINE_OBSERVER in actor.roles
    if not lead_reader:
        require(actor, "objection:identify")
    found = session.get(ObjectionFile, file_id)
    if found is None or found.objection_id != objection.id:
        raise NotFoundError("没有找到这个附件。", parameter="file")
    record(session, actor, objection, "open_file", {"file": found.id})
    return found


def without_objector(session: Session, objection: Objection, text: str, name: str, parameter: str) -> str:
    """Refuse a text that tells what is known of the objector."""
    known = session.get(ObjectorIdentity, objection.id)
    told = (known.name, known.unit_name, known.email, known.address) if known else ()
    is_told = any(part and len(part) >= TELLING and part in text for part in told)
    if is_told or (known and digits(known.phone) in digits(text)):
        raise RuleError(f"{name}：含有异议人的信息，请改写。", parameter=parameter)
    return text


def digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


# --- telling the answer -------------------------------------------------------------------------------------------


def channel(session: Session, objection: Objection) -> AnswerChannel | None:
    """Return how the objector is told the answer, without who it is; None where nobody is known."""
    known = session.get(ObjectorIdentity, objection.id)
    if known is None:
        return None
    return (
        AnswerChannel.EMAIL if known.email else AnswerChannel.POST if known.address else AnswerChannel.PHONE
    )


def to_tell(session: Session) -> int:
    """Return how many answers the office still has to post or to tell by phone."""
    return session.scalar(
        select(func.count())
        .select_from(Objection)
        .join(ObjectorIdentity, ObjectorIdentity.objection_id == Objection.id)
        .where(
            Objection.answered_at.is_not(None), Objection.told_at.is_(None), ObjectorIdentity.email.is_(None)
        )
    ) or 0  # fmt: skip


@outbox.on(ObjectionAnswered)
def send_answer(context: Context, event: ObjectionAnswered) -> None:
    """Send the answer to who left an address, and note that it went out.

    Raises:
        LetterError: the mail server did not take it.
    """
    with context.database.reading() as session:
        objection = find(session, event.objection_id)
        known = session.get(ObjectorIdentity, objection.id)
        if known is None or known.email is None or objection.told_at is not None:
            return
        letter = mail.compose(
            "objection_answer", to=known.email, settings=context.settings, name=known.name,
            notice=objection.item.notice.title, product=objection.item.content["name"], answer=objection.answer,
        )  # fmt: skip
    try:
        mail.send(letter, context.settings)
    except (SMTPException, OSError):
        raise LetterError("the mail server did not take it") from None  # its words would name the address
    with context.database.transaction() as session:
        find(session, event.objection_id, lock=True).told_at = clock.now()
