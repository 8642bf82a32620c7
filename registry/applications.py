"""Applications from the applicant's side: draft, files, submission, return, withdrawal.

A draft is text as typed, shared by the unit's members; a revision is what was submitted, as answers under their hash.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from registry import attachments, clock, counters, questions, rounds, trail, workflow
from registry.canonical import digest
from registry.errors import NotFoundError, RuleError, StaleError
from registry.files import FileStore
from registry.models import (
    Action,
    Application,
    ApplicationRevision,
    AttachmentVisibility,
    CallRound,
    ListCode,
    Organization,
    State,
    User,
)
from registry.permissions import PERMISSIONS, Actor, require
from registry.questions import Checked, Classes, Merged, Question
from registry.terms import label
from registry.workflow import is_applicant, is_signatory

PERMISSIONS.update(
    {
        "application:create": is_applicant,
        "application:view": is_applicant,
        "application:edit": is_applicant,
        "application:submit": is_signatory,
        "application:withdraw": is_signatory,
    }
)

EDITABLE = (State.DRAFT, State.CORRECTION_REQUIRED)
COUNTED = tuple(state for state in State if state not in (State.DRAFT, State.WITHDRAWN))
"""States of an application that use up the unit's quota in a round."""

SPREAD = "A"
"""The block that a new draft takes over from the unit's latest one."""


# --- looking ------------------------------------------------------------------------------------------------------


def own(session: Session, actor: Actor, application_id: int) -> Application:
    """Return an application of the actor's unit with its round and unit.

    Raises:
        NotFoundError: there is none, or it is another unit's.
    """
    application = session.scalars(
        select(Application)
        .where(Application.id == application_id, Application.organization_id == actor.organization_id)
        .options(joinedload(Application.round), joinedload(Application.organization))
    ).one_or_none()
    if application is None:
        raise NotFoundError("没有找到这份申报。", parameter="application")
    require(actor, "application:view", application)
    return application


def locked(session: Session, actor: Actor, application_id: int, *, version: int | None = None) -> Application:
    """Return an application of the actor's unit for changing it; others wait until the commit.

    Raises:
        NotFoundError: there is none, or it is another unit's.
        StaleError: it was changed since the page with `version` was shown.
    """
    application = session.scalars(
        select(Application)
        .where(Application.id == application_id, Application.organization_id == actor.organization_id)
        .options(joinedload(Application.round), joinedload(Application.organization))
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if application is None:
        raise NotFoundError("没有找到这份申报。", parameter="application")
    if version is not None and application.version_id != version:
        raise StaleError("这份申报在您打开页面后有变化，请刷新页面，核对后再办理。", parameter="version")
    return application


def unit_facts(unit: Organization) -> dict[str, str | None]:
    """Return what the form takes from the unit's record rather than asking."""
    return {
        "name": unit.name,
        "credit_code": unit.credit_code,
        "district": unit.district,
        "special_area": unit.special_area,
    }


def check(application: Application, classes: Classes) -> Checked:
    """Check the draft as it stands against every rule; round and unit must have been loaded."""
    return questions.check(
        application.list_code, application.draft, unit=unit_facts(application.organization), classes=classes
    )


def revision(session: Session, application: Application, number: int | None = None) -> ApplicationRevision:
    """Return a submitted revision, the latest unless told.

    Raises:
        NotFoundError: it was never submitted.
    """
    found = session.scalars(
        select(ApplicationRevision).where(
            ApplicationRevision.application_id == application.id,
            ApplicationRevision.number == (application.revision if number is None else number),
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("没有这个提交版本。", parameter="revision")
    return found


# --- the draft ----------------------------------------------------------------------------------------------------


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
    if not product_name.strip():
        raise RuleError("产品名称：必填。", parameter="product_name")
    application = Application(
        round_id=call.id,
        list_code=list_code,
        organization_id=actor.organization_id,
        product_name=product_name.strip(),
        state=State.DRAFT,
        state_since=clock.now(),
        draft={**_spread(session, actor.organization_id), "product_name": product_name.strip()},
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
    checked = check(application, questions.classes(session))
    application.is_complete = not checked.problems
    _project(application, {**checked.answers, "product_name": draft.get("product_name", "")})


def _project(application: Application, answers: Mapping[str, Any]) -> None:
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


# --- submitting ---------------------------------------------------------------------------------------------------


def submit(session: Session, application: Application, actor: User, *, commitment: bool) -> None:
    """Submit the draft as a revision; the signatory signs the commitment with it.

    The round is held open until the commit, so that a submission either is in before the close or is refused.

    Raises:
        StaleError: it is no draft any more.
        RuleError: the round is closed, the unit not verified, its quota used up, the draft incomplete, or the
            commitment not signed.
    """
    require(actor, "application:submit", application)
    workflow.transition(application, Action.SUBMIT)
    call = rounds.taking(session, application.round_id)
    unit = (
        session.scalars(  # the row keeps two submissions of one unit from both taking the last of its quota
            select(Organization).where(Organization.id == application.organization_id).with_for_update()
        ).one()
    )
    if unit.verified_at is None:
        raise RuleError("单位尚未通过核验，核验后才能提交申报书。", parameter="unit")
    _within_quota(session, application, call)
    file_revision(session, application, actor, commitment=commitment)
    if application.number is None:
        serial = counters.take(session, f"application.{call.year}-{call.batch:02}")
        application.number = f"SB-{call.year}-{call.batch:02}-{serial:05}"
    application.submitted_at = clock.now()
    workflow.advance(session, application, actor, Action.SUBMIT)


def quota_left(session: Session, organization_id: int, call: CallRound) -> int | None:
    """Return how many applications a unit may still submit in a round, None where there is no limit."""
    quota: int = rounds.policy_value(call, "application.quota_per_unit")
    if not quota:
        return None
    used = session.scalar(
        select(func.count()).where(
            Application.organization_id == organization_id,
            Application.round_id == call.id,
            Application.state.in_(COUNTED),
        )
    )
    return max(0, quota - (used or 0))


def _within_quota(session: Session, application: Application, call: CallRound) -> None:
    if quota_left(session, application.organization_id, call) == 0:
        quota = rounds.policy_value(call, "application.quota_per_unit")
        raise RuleError(f"每个单位在{call.name}至多申报 {quota} 项，已经用完。", parameter="quota")


def file_revision(
    session: Session, application: Application, actor: User, *, commitment: bool
) -> ApplicationRevision:
    """Keep the draft's answers as the next revision under their hash, with the commitment signed.

    Who calls it moves the application in the same transaction: by a submission, or by the answer to a correction.

    Raises:
        RuleError: the commitment is not ticked, or the draft is not complete.
    """
    require(actor, "application:submit", application)
    if not commitment:
        raise RuleError("申报承诺：请阅读后勾选。", parameter="commitment")
    checked = check(application, questions.classes(session))
    if checked.problems:
        more = f"（另有 {len(checked.problems) - 1} 处）" if len(checked.problems) > 1 else ""
        raise RuleError(f"申报书还不完整。{checked.problems[0].sentence}{more}", parameter="complete")
    application.is_complete = True
    application.commitment_signed_at, application.commitment_signed_by_id = clock.now(), actor.id
    application.revision += 1
    _project(application, checked.answers)
    filed = ApplicationRevision(
        application_id=application.id,
        number=application.revision,
        answers=checked.answers,
        hash=digest(checked.answers),
        submitted_by_id=actor.id,
        submitted_at=clock.now(),
    )
    session.add(filed)
    return filed


def return_to_draft(session: Session, application: Application, actor: User) -> None:
    """Take a submission back into the draft while the round is open and nobody opened it.

    Raises:
        RuleError: the round is closed, or somebody opened it.
    """
    workflow.transition(application, Action.RETURN_TO_DRAFT)
    rounds.taking(session, application.round_id)
    application.commitment_signed_at = application.commitment_signed_by_id = None
    workflow.advance(session, application, actor, Action.RETURN_TO_DRAFT)


def withdraw(session: Session, application: Application, actor: User, *, reason: str) -> None:
    """Withdraw the application for good."""
    workflow.advance(session, application, actor, Action.WITHDRAW, reason=reason.strip() or None)
