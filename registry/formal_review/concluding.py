"""Concluding: accept under a hash, not accept by two persons, and look at it again when that was wrong."""

from enum import StrEnum

from sqlalchemy.orm import Session

from registry import applications, clock, messages, workflow
from registry.errors import RuleError, StaleError
from registry.formal_review import looking
from registry.formal_review.correcting import UNCORRECTED as NOT_CORRECTED
from registry.formal_review.examining import examine, reopen
from registry.models import Action, Application, Capacity, CheckVerdict, MoveProposal, User
from registry.participation import take_part
from registry.permissions import require
from registry.statements import stated
from registry.terms import label

REASON_MAX = 2_000


class RefusalReason(StrEnum):
    """Why an application is not accepted."""

    UNIT_NOT_ELIGIBLE = "unit_not_eligible"
    PRODUCT_NOT_ELIGIBLE = "product_not_eligible"
    RIGHTS_INSUFFICIENT = "rights_insufficient"
    LICENCE_MISSING = "licence_missing"
    DUPLICATE = "duplicate"
    UNTRUE = "untrue"
    UNCORRECTED = NOT_CORRECTED


def accept(session: Session, application: Application, actor: User) -> None:
    """Accept an application: its content stands from now on under the hash of its latest revision.

    Raises:
        RuleError: a row is not judged, or judged a fault.
    """
    examine(session, application, actor)
    filed = applications.revision(session, application)
    application.frozen_hash, application.frozen_revision = filed.hash, filed.number
    application.accepted_on = clock.today()
    workflow.advance(session, application, actor, Action.ACCEPT)


def propose_refusal(
    session: Session, application: Application, actor: User, *, code: RefusalReason, reason: str
) -> MoveProposal:
    """Propose not to accept; nothing happens before another person confirms.

    Raises:
        RuleError: no row is judged a fault, no reason is given, or "not corrected" before any correction.
    """
    examine(session, application, actor)
    if application.failed_checks == 0:
        raise RuleError("没有判为“不符合”的事项，不能提议不予受理。", parameter="items")
    if code is RefusalReason.UNCORRECTED and application.correction_rounds == 0:
        raise RuleError("还没有要求过补正，不能以补正后仍不符合为由不予受理。", parameter="code")
    reason = stated(reason, "理由", "reason", most=REASON_MAX)
    return workflow.propose(session, application, actor, Action.REFUSE, reason_code=code.value, reason=reason)


def _proposed(session: Session, application: Application, proposal_id: int) -> MoveProposal:
    proposal = workflow.open_proposal(session, application)
    if proposal is None or proposal.id != proposal_id:
        raise StaleError("这项提议已经办结，请刷新页面。", parameter="proposal")
    return proposal


def confirm_refusal(session: Session, application: Application, actor: User, *, proposal_id: int) -> None:
    """Confirm what another person proposed; the unit is told the reason.

    Raises:
        StaleError: the proposal is settled already, or the application elsewhere.
        NotAllowedError: one's own proposal, or not one's to confirm.
    """
    require(actor, "formal_review:decide", application)
    workflow.transition(application, Action.REFUSE)
    proposal = _proposed(session, application, proposal_id)
    take_part(session, application, actor, Capacity.FORMAL_REVIEWER)
    code = RefusalReason(proposal.reason_code or "")
    application.reason_code = code.value
    workflow.advance(
        session, application, actor, Action.REFUSE, reason=f"{label(code)}。{proposal.reason}", proposal=proposal
    )  # fmt: skip


def decline_refusal(
    session: Session, application: Application, actor: User, *, proposal_id: int, reason: str
) -> None:
    """Send a proposal back to who made it, with a reason; the examination goes on.

    Raises:
        StaleError: the proposal is settled already.
        NotAllowedError: one's own proposal, or not one's to decline.
    """
    require(actor, "formal_review:decide", application)
    proposal = _proposed(session, application, proposal_id)
    reason = stated(reason, "理由", "reason", most=REASON_MAX)
    workflow.decline(session, proposal, actor, reason=reason)
    messages.tell(
        session,
        [session.get_one(User, proposal.proposed_by_id)],
        subject=f"不予受理的提议已退回：{application.product_name}",
        body=f"{application.number}的不予受理提议没有得到确认，请继续审查。理由：{reason}",
        path=f"/office/formal-review/{application.id}",
        application=application,
    )


def reconsider(session: Session, application: Application, actor: User, *, reason: str) -> None:
    """Take an application that was not accepted back into formal review; its faults are judged anew.

    A correction that nobody answered does not count among the rounds: it may be asked for again.

    Raises:
        RuleError: no reason is given.
    """
    require(actor, "formal_review:decide", application)
    workflow.transition(application, Action.RECONSIDER)
    reason = stated(reason, "理由", "reason", most=REASON_MAX)
    faults = {row.key for row in looking.items(session, application) if row.verdict is CheckVerdict.FAILED}
    answered = looking.answered(application, looking.letters(session, application))
    workflow.advance(session, application, actor, Action.RECONSIDER, reason=reason)
    application.reason_code = application.correction_due_on = None
    application.open_corrections, application.correction_rounds = 0, len(answered)
    reopen(session, application, faults)
