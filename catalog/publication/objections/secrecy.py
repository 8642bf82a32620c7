"""Who objects: the only code that reads `ObjectorIdentity` once it is filed; every look leaves a line in the trail."""

from sqlalchemy.orm import Session

from catalog.publication.models import Objection, ObjectionFile, ObjectionState, ObjectorIdentity
from catalog.publication.objections.base import find, record, required
from registry.errors import NotFoundError, RuleError
from registry.models import Role, User
from registry.permissions import require

TELLING = 2  # characters; a single one would be found in every text


def identity(session: Session, objection: Objection, actor: User, *, reason: str) -> ObjectorIdentity | None:
    """Return who objects, to answer or to ask; every look leaves a line. None for an anonymous report.

    Raises:
        RuleError: no reason.
    """
    require(actor, "objection:identify")
    record(session, actor, objection, "identify", {"reason": required(reason, "理由", "reason")})
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
    told = (known.name, known.unit_name, known.address) if known else ()
    is_told = any(part and len(part) >= TELLING and part in text for part in told)
    if is_told or (known and digits(known.phone) in digits(text)):
        raise RuleError(f"{name}：含有异议人的信息，请改写。", parameter=parameter)
    return text


def digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
