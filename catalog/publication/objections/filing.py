"""Filing: in the period, by a named person or a unit under seal; anonymous reports become leads."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.publication.models import (
    NoticeItem,
    Objection,
    ObjectionFile,
    ObjectionKind,
    ObjectionState,
    ObjectorIdentity,
)
from catalog.publication.objections.base import (
    is_taking,
    locked_application,
    open_count,
    statement_of,
    tell_staff,
)
from catalog.publication.objections.secrecy import digits
from registry import accounts, attachments, calendar, clock, policy, rounds, throttle, trail
from registry.errors import RuleError
from registry.files import FileStore
from registry.models import Role, State, User
from registry.permissions import require

FILES_MAX = 5
PHONE_MIN = 7  # digits of the shortest number that reaches anybody
DAY = timedelta(days=1)
LONGEST = {"name": 60, "phone": 40, "unit_name": 200, "address": 200}
OPTIONAL = {"unit_name": "单位名称", "address": "通信地址"}


@dataclass(frozen=True, slots=True)
class Objector:
    """Who objects: a person with name and phone, or a unit under its seal with a person to reach."""

    name: str = ""
    phone: str = ""
    unit_name: str = ""
    email: str = ""
    address: str = ""


def count_filing(session: Session, address: str) -> None:
    """Count a filing from a network address before it is made; only a hash of the address is kept.

    Raises:
        TooManyError: too many today.
    """
    limit = policy.value(session, "objection.per_address")
    throttle.count(session, "objection.address", address, limit=limit, window=DAY)


def file(
    session: Session,
    item: NoticeItem,
    registrar: User | None,
    *,
    files: FileStore,
    kind: ObjectionKind,
    objector: Objector,
    statement: str,
    letter: tuple[str, bytes] | None = None,
    evidence: Collection[tuple[str, bytes]] = (),
) -> tuple[Objection, int]:
    """File an objection while the notice is open; return it with the number of its receipt.

    `registrar` is the member of the office who enters a letter from paper; an objector himself stays unnamed in the
    trail, whoever is signed in. An anonymous report becomes a lead for the discipline channel and holds nothing.

    Raises:
        RuleError: the period is over, the statement is missing, or name and phone, or the sealed letter, are.
    """
    if registrar is not None:
        require(registrar, "objection:register")
    notice = item.notice
    if not is_taking(notice):
        raise RuleError("不在公示期内，不能提出异议。", parameter="notice")
    statement = statement_of(statement, "异议内容", "statement")
    if len(evidence) > FILES_MAX:
        raise RuleError(f"证据材料：至多 {FILES_MAX} 件。", parameter="evidence")
    application = locked_application(session, item.application_id)
    if application.state not in (State.IN_NOTICE, State.OBJECTION_HOLD):
        raise RuleError("产品：已不在公示之列，不能提出异议。", parameter="item")
    if session.scalar(
        select(Objection.id).where(Objection.item_id == item.id, Objection.statement == statement)
    ):
        raise RuleError("异议内容：同样内容的异议已经收到，不必重复提交。", parameter="statement")
    identity = _identity(kind, objector, letter)
    is_lead = kind is ObjectionKind.ANONYMOUS
    days = rounds.policy_value(notice.round, "objection.reply_days")
    objection = Objection(
        item=item,
        kind=kind,
        statement=statement,
        state=ObjectionState.LEAD if is_lead else ObjectionState.FILED,
        filed_at=clock.now(),
        registered_by_id=registrar.id if registrar else None,
        due_on=calendar.load(session).add(clock.today(), days),
    )
    session.add(objection)
    session.flush()  # identity and files point at it
    if identity is not None:
        session.add(ObjectorIdentity(objection_id=objection.id, **identity))
    _keep_files(session, files, objection, [*([letter] if letter else []), *evidence])
    line = trail.record(
        session, registrar, "objection.file", subject="objection", subject_id=objection.id,
        detail={"notice": notice.id, "application": item.application_id, "kind": kind},
    )  # fmt: skip
    if not is_lead:
        application.open_objections = open_count(session, application.id)
    tell_staff(session, objection, (Role.DISCIPLINE_OBSERVER,) if is_lead else (Role.SECRETARIAT_LEAD,))
    return objection, line.seq


def faults(kind: ObjectionKind, objector: Objector, *, has_letter: bool) -> dict[str, str]:
    """Return what is missing or wrong about an objector, a sentence by field; nothing of an anonymous report."""
    if kind is ObjectionKind.ANONYMOUS:
        return {}
    is_unit = kind is ObjectionKind.UNIT
    needed = {"name": ("联系人" if is_unit else "姓名"), "phone": "联系电话"}
    if is_unit:
        needed["unit_name"] = "单位名称"
    found = {
        name: f"{text}：必填，信息予以保密。"
        for name, text in needed.items()
        if not getattr(objector, name).strip()
    }
    for name, most in LONGEST.items():
        if len(getattr(objector, name)) > most:
            found[name] = f"{needed.get(name) or OPTIONAL[name]}：不超过 {most} 个字符。"
    if len(digits(objector.phone)) < PHONE_MIN:
        found.setdefault("phone", f"联系电话：至少 {PHONE_MIN} 位数字。")
    if is_unit and not has_letter:
        found["letter"] = "盖章的异议书：单位提出异议的必须上传。"
    return found


def _identity(
    kind: ObjectionKind, objector: Objector, letter: tuple[str, bytes] | None
) -> dict[str, str | None] | None:
    """Return what to keep of the objector, None for nobody."""
    for name, sentence in faults(kind, objector, has_letter=letter is not None).items():
        raise RuleError(sentence, parameter=name)
    if kind is ObjectionKind.ANONYMOUS:
        return None
    is_unit = kind is ObjectionKind.UNIT
    return {
        "name": objector.name.strip(),
        "phone": objector.phone.strip(),
        "unit_name": objector.unit_name.strip() if is_unit else None,
        "email": accounts.checked_address(objector.email) if objector.email.strip() else None,
        "address": objector.address.strip() or None,
    }


def _keep_files(
    session: Session, store: FileStore, objection: Objection, uploads: Collection[tuple[str, bytes]]
) -> None:
    most = policy.value(session, "attachment.max_megabytes")
    for name, content in uploads:
        name = attachments.clean_name(name)
        if len(content) > most * attachments.MEGABYTE:
            raise RuleError(f"附件“{name}”：超过 {most} MB，请压缩或拆分后重新上传。", parameter="evidence")
        media_type = attachments.recognise(name, content)
        session.add(
            ObjectionFile(
                objection_id=objection.id, sha256=store.put(content), name=name, media_type=media_type,
                size=len(content),
            )
        )  # fmt: skip
