"""The draft: text as typed, shared by the unit's members, with its files."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import attachments, clock, questions, rounds, trail
from registry.applications import looking
from registry.errors import RuleError, StaleError
from registry.files import FileStore
from registry.models import Application, AttachmentVisibility, CallRound, ListCode, State, User
from registry.permissions import require
from registry.questions import Merged, Question
from registry.statements import stated
from registry.terms import label

EDITABLE = (State.DRAFT, State.CORRECTION_REQUIRED)
SPREAD = "A"
"""The block that a new draft takes over from the unit's latest one."""


def create(
    session: Session, call: CallRound, actor: User, *, list_code: ListCode, product_name: str
) -> Application:
    """Begin a draft for one product in one list of a round; the unit's own block comes from its latest draft.

    Raises:
        RuleError: the round is not open, does not take that list, or the account belongs to no unit.
    """
    require(actor, "application:create")
    if actor.organization_id is None:
        raise RuleError("您的账号还没有所属单位，请先登记单位。", parameter="unit")
    if not rounds.is_taking(call):
        raise RuleError(f"{call.name}现在不接收申报。", parameter="round")
    if list_code not in call.lists:
        raise RuleError(f"申报名单：{call.name}不受理{label(list_code)}。", parameter="list")
    product_name = stated(product_name, "产品名称", "product_name")
    application = Application(
        round_id=call.id,
        list_code=list_code,
        organization_id=actor.organization_id,
        product_name=product_name,
        state=State.DRAFT,
        state_since=clock.now(),
        draft={**_spread(session, actor.organization_id), "product_name": product_name},
        draft_saved_at=clock.now(),
        draft_saved_by_id=actor.id,
        draft_version=1,
        revision=0,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(application)
    session.flush()  # the trail names it by its id
    trail.record(
        session, actor, "application.create", subject="application", subject_id=application.id,
        detail={"list": list_code, "round": call.id},
    )  # fmt: skip
    return application


def _spread(session: Session, organization_id: int) -> dict[str, Any]:
    latest = session.scalars(
        select(Application.draft)
        .where(Application.organization_id == organization_id)
        .order_by(Application.id.desc())
        .limit(1)
    ).one_or_none()
    keys = {question.key for question in questions.by_key().values() if question.block == SPREAD}
    return {key: value for key, value in (latest or {}).items() if key in keys}


def save_draft(
    session: Session, application: Application, actor: User, *, typed: Mapping[str, Any], remembered: str
) -> Merged:
    """Save what was typed into the draft, whatever it is worth; see `questions.merge` for what others changed meanwhile.

    The commitment is to be signed anew after a change.

    Raises:
        StaleError: the application can no longer be edited.
    """
    require(actor, "application:edit", application)
    _editable(application)
    merged = questions.merge(application.draft, typed, remembered)
    if merged.changed:
        _keep(session, application, actor, merged.draft)
    return merged


def _editable(application: Application) -> None:
    if application.state not in EDITABLE:
        raise StaleError(
            f"申报现处于“{label(application.state)}”，不能修改；您刚填写的内容没有保存。", parameter="state"
        )


def _keep(session: Session, application: Application, actor: User, draft: dict[str, Any]) -> None:
    application.draft, application.draft_version = draft, application.draft_version + 1
    application.draft_saved_at, application.draft_saved_by_id = clock.now(), actor.id
    application.commitment_signed_at = application.commitment_signed_by_id = None
    checked = looking.draft(session, application).checked
    application.is_complete = not checked.problems
    project(application, {**checked.answers, "product_name": draft.get("product_name", "")})


def project(application: Application, answers: Mapping[str, Any]) -> None:
    """Copy what lists and guards need out of the answers into columns."""
    application.product_name = answers["product_name"]
    application.field = answers.get("field")
    until = answers.get("licence_valid_until")
    application.licence_valid_until = date.fromisoformat(until) if until else None


def attach(
    session: Session,
    files: FileStore,
    application: Application,
    actor: User,
    *,
    question: Question,
    name: str,
    content: bytes,
) -> None:
    """Upload a file for a question of the draft; pictures may be published later, nothing else.

    Raises:
        RuleError: too many files for the question, or the file itself is refused.
    """
    require(actor, "application:edit", application)
    _editable(application)
    held = application.draft.get(question.key) or []
    if len(held) >= question.max_items:
        raise RuleError(
            f"{question.label}：至多 {question.max_items} 件，请先移除不用的文件。", parameter=question.key
        )
    attachment = attachments.store(
        session, files, actor, organization_id=application.organization_id, kind=question.key, name=name,
        content=content, application=application,
        visibility=AttachmentVisibility.PUBLIC if question.images else AttachmentVisibility.RESTRICTED,
    )  # fmt: skip
    if question.images and not attachment.media_type.startswith("image/"):
        raise RuleError(f"{question.label}：只接受 JPG 或 PNG 图片。", parameter=question.key)
    if attachment.sha256 in {file["sha256"] for file in held}:
        raise RuleError(f"{question.label}：“{attachment.name}”已经上传过。", parameter=question.key)
    _keep(
        session, application, actor,
        {**application.draft, question.key: [*held, attachments.facts(attachment)]},
    )  # fmt: skip


def detach(
    session: Session, application: Application, actor: User, *, question: Question, attachment_id: int
) -> None:
    """Take a file out of the draft; taking it out twice changes nothing. Revisions keep what they held."""
    require(actor, "application:edit", application)
    _editable(application)
    held = application.draft.get(question.key) or []
    kept = [file for file in held if file["id"] != attachment_id]
    if len(kept) < len(held):
        _keep(session, application, actor, {**application.draft, question.key: kept})
