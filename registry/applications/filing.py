"""Submitting: a revision is what was submitted, as answers under their hash."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, counters, rounds, workflow
from registry.applications import looking
from registry.applications.drafting import project
from registry.canonical import digest
from registry.errors import RuleError
from registry.models import Action, Application, ApplicationRevision, CallRound, Organization, User
from registry.organizations import bans
from registry.permissions import require


def submit(session: Session, application: Application, actor: User, *, commitment: bool) -> None:
    """Submit the draft as a revision; the signatory signs the commitment with it.

    The round is held open until the commit, so that a submission either is in before the close or is refused.

    Raises:
        StaleError: it is no draft any more.
        RuleError: the round is closed, the unit not verified or under a ban, its quota used up, the draft incomplete,
            or the commitment not signed.
    """
    require(actor, "application:submit", application)
    workflow.transition(application, Action.SUBMIT)
    call = rounds.taking(session, application.round_id)
    unit = session.scalars(  # held, so that neither the last of a quota nor a ban comes at the same moment unseen
        select(Organization).where(Organization.id == application.organization_id).with_for_update()
    ).one()
    if unit.verified_at is None:
        raise RuleError("单位尚未通过核验，核验后才能提交申报书。", parameter="unit")
    if ban := bans.in_force(session, unit.id):
        raise RuleError(bans.sentence(ban), parameter="unit")
    _within_quota(session, application, call)
    file_revision(session, application, actor, commitment=commitment)
    if application.number is None:
        serial = counters.take(session, f"application.{call.year}-{call.batch:02}")
        application.number = f"SB-{call.year}-{call.batch:02}-{serial:05}"
    application.submitted_at = clock.now()
    workflow.advance(session, application, actor, Action.SUBMIT)


def _within_quota(session: Session, application: Application, call: CallRound) -> None:
    if looking.quota_left(session, application.organization_id, call) == 0:
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
    checked = looking.draft(session, application).checked
    if checked.problems:
        more = f"（另有 {len(checked.problems) - 1} 处）" if len(checked.problems) > 1 else ""
        raise RuleError(f"申报书还不完整。{checked.problems[0].sentence}{more}", parameter="complete")
    application.is_complete = True
    application.commitment_signed_at, application.commitment_signed_by_id = clock.now(), actor.id
    application.revision += 1
    project(application, checked.answers)
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
