"""The lifecycle of an application, as one table. `advance()` is the only code that writes `Application.state`.

`docs/workflow.md` is the agreed table, written by hand; a test compares the two. `who` is answered from the actor and
the record, `needs` from the record alone: formal review, review, committee and notice write the evidence columns.
A move with `confirmed` takes two persons: one proposes it, another confirms.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, messages, outbox, trail
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import (
    Action,
    Application,
    Decision,
    MoveProposal,
    Role,
    State,
    User,
)
from registry.permissions import Actor, Rule, has_role, is_publisher, is_secretariat_lead
from registry.statements import stated
from registry.terms import label


@dataclass(frozen=True, slots=True)
class Need:
    """A guard over the record: what must hold, and the sentence that says what is missing."""

    holds: Callable[[Application], bool]
    sentence: str

    def __and__(self, other: "Need | Needs") -> "Needs":
        """Return both guards, this one first."""
        return Needs((self,)) & other


@dataclass(frozen=True, slots=True)
class Needs:
    """Several guards, asked in order."""

    each: tuple[Need, ...] = ()

    def __and__(self, other: "Need | Needs") -> "Needs":
        """Return these guards and the other."""
        return Needs(self.each + (other.each if isinstance(other, Needs) else (other,)))


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    action: Action
    source: State
    target: State
    who: Rule
    needs: Need | Needs
    confirmed: bool = False

    def missing(self, application: Application) -> str | None:
        """Return the sentence of the first guard that does not hold, None when all do."""
        guards = self.needs.each if isinstance(self.needs, Needs) else (self.needs,)
        return next((guard.sentence for guard in guards if not guard.holds(application)), None)


@dataclass(frozen=True, slots=True)
class ApplicationMoved:
    """An application was moved."""

    application_id: int
    action: str
    source: str
    target: str


# --- who ----------------------------------------------------------------------------------------------------------

is_of_applicant = Rule(
    lambda actor, subject: (
        subject is None
        or (actor.organization_id is not None and actor.organization_id == subject.organization_id)
    )
)
is_signatory = has_role(Role.APPLICANT_SIGNATORY) & is_of_applicant
is_applicant = has_role(Role.APPLICANT_OPERATOR, Role.APPLICANT_SIGNATORY) & is_of_applicant
is_formal_reviewer = has_role(Role.FORMAL_REVIEWER)
is_chair = has_role(Role.COMMITTEE_CHAIR)
is_system = Rule(lambda actor, _subject: actor is SYSTEM)


@dataclass(frozen=True, slots=True)
class _System:
    """The registry itself, moving what falls due."""

    id: None = None
    organization_id: None = None
    roles: frozenset[Role] = frozenset()


SYSTEM: Actor = _System()

# --- needs --------------------------------------------------------------------------------------------------------

nothing = Needs()
complete = Need(lambda a: a.is_complete, "申报书还有未填或不合要求的内容。")
committed = Need(lambda a: a.commitment_signed_at is not None, "申报承诺还没有由签署人签署。")
unopened = Need(lambda a: a.opened_at is None, "申报书已有人查阅，不能再退回修改。")
has_faults = Need(lambda a: a.open_corrections > 0 and a.correction_due_on is not None, "补正清单还是空的。")
answered = Need(lambda a: a.open_corrections == 0, "补正清单还有没有答复的事项。")
overdue = Need(
    lambda a: a.correction_due_on is not None and a.correction_due_on < clock.today(), "补正期限还没有届满。"
)
in_time = Need(
    lambda a: a.correction_due_on is not None and a.correction_due_on >= clock.today(), "补正期限已过。"
)
checks_passed = Need(
    lambda a: a.open_checks == 0 and a.failed_checks == 0, "形式审查还有未判定或不符合的事项。"
)
frozen = Need(lambda a: a.frozen_hash is not None, "内容还没有固定。")
reasoned = Need(lambda a: a.reason_code is not None, "没有写明理由代码。")
asked_for = Need(lambda a: a.reconsideration_due_on is not None, "申报单位没有申请复核。")
panel_full = Need(lambda a: a.min_panel is not None and a.panel_size >= a.min_panel, "评审专家人数不足。")
no_conflict = Need(lambda a: a.open_conflicts == 0, "还有未处理的回避事项。")
conflicted = Need(lambda a: a.open_conflicts > 0, "没有未处理的回避事项。")
sheets_locked = Need(
    lambda a: a.min_panel is not None and a.locked_sheets >= a.min_panel, "已锁定的评分表不足。"
)
aggregated = Need(
    lambda a: a.official_score is not None and a.recommend_share is not None, "还没有汇总得分。"
)
above_line = Need(
    lambda a: a.is_above_line is True or a.motion_at is not None, "未达入选线，须先有书面动议。"
)
below_line = Need(lambda a: a.is_above_line is False, "已达入选线，应提交编审委员会。")
on_agenda = Need(lambda a: a.is_on_agenda, "还没有列入会议或书面征求意见。")


def decided(decision: Decision) -> Need:
    """Return the guard that the committee decided so."""
    return Need(lambda a: a.decision is decision, f"编审委员会的决定不是“{label(decision)}”。")


notice_open = Need(lambda a: a.notice_closes_on is not None, "还没有列入公示。")
leak_free = Need(lambda a: a.leak_scan_at is not None, "公示内容还没有通过泄露检查。")
objected = Need(lambda a: a.open_objections > 0, "没有待处理的异议。")
undisputed = Need(lambda a: a.open_objections == 0, "还有没有办结的异议。")
notice_over = Need(
    lambda a: a.notice_closes_on is not None and a.notice_closes_on < clock.today(), "公示期还没有届满。"
)
signed_off = Need(lambda a: a.publication_signed_at is not None, "发布文件还没有完成拟稿、审核、签发。")
licensed = Need(
    lambda a: a.licence_valid_until is None or a.licence_valid_until >= clock.today(),
    "产品的许可证照已过期。",
)
entered = Need(lambda a: a.entry_id is not None, "还没有编号入目。")

# fmt: off
TRANSITIONS: tuple[Transition, ...] = (
    #          action                      from                       to                         who                  needs
    Transition(Action.SUBMIT,              State.DRAFT,               State.SUBMITTED,           is_signatory,        complete & committed),
    Transition(Action.RETURN_TO_DRAFT,     State.SUBMITTED,           State.DRAFT,               is_applicant,        unopened),
    Transition(Action.BEGIN_FORMAL_REVIEW, State.SUBMITTED,           State.FORMAL_REVIEW,       is_formal_reviewer | is_system, nothing),
    Transition(Action.REQUIRE_CORRECTION,  State.FORMAL_REVIEW,       State.CORRECTION_REQUIRED, is_formal_reviewer,  has_faults),
    Transition(Action.ANSWER_CORRECTION,   State.CORRECTION_REQUIRED, State.FORMAL_REVIEW,       is_signatory,        answered & in_time & complete & committed),
    Transition(Action.LAPSE,               State.CORRECTION_REQUIRED, State.NOT_ACCEPTED,        is_system,           overdue & reasoned),
    Transition(Action.ACCEPT,              State.FORMAL_REVIEW,       State.ACCEPTED,            is_formal_reviewer,  checks_passed & frozen),
    Transition(Action.REFUSE,              State.FORMAL_REVIEW,       State.NOT_ACCEPTED,        is_secretariat_lead, reasoned, confirmed=True),
    Transition(Action.RECONSIDER,          State.NOT_ACCEPTED,        State.FORMAL_REVIEW,       is_secretariat_lead, nothing),
    Transition(Action.RECONSIDER,          State.NOT_SELECTED,        State.ACCEPTED,            is_secretariat_lead, asked_for),
    Transition(Action.RECONSIDER,          State.REJECTED,            State.COMMITTEE_PENDING,   is_secretariat_lead, asked_for),
    Transition(Action.FORM_PANEL,          State.ACCEPTED,            State.PANEL_READY,         is_secretariat_lead, panel_full & no_conflict),
    Transition(Action.BEGIN_REVIEW,        State.PANEL_READY,         State.UNDER_REVIEW,        is_secretariat_lead, panel_full & no_conflict),
    Transition(Action.AGGREGATE,           State.UNDER_REVIEW,        State.SCORED,              is_secretariat_lead | is_system, sheets_locked & no_conflict & aggregated),
    Transition(Action.REFER,               State.SCORED,              State.COMMITTEE_PENDING,   is_secretariat_lead, above_line),
    Transition(Action.NOT_SELECT,          State.SCORED,              State.NOT_SELECTED,        is_secretariat_lead, below_line & reasoned),
    Transition(Action.APPROVE,             State.COMMITTEE_PENDING,   State.APPROVED,            is_chair,            on_agenda & decided(Decision.APPROVED) & no_conflict),
    Transition(Action.REJECT,              State.COMMITTEE_PENDING,   State.REJECTED,            is_chair,            on_agenda & decided(Decision.REJECTED) & reasoned & no_conflict),
    Transition(Action.DEFER,               State.COMMITTEE_PENDING,   State.DEFERRED,            is_chair,            on_agenda & decided(Decision.DEFERRED)),
    Transition(Action.RESUME,              State.DEFERRED,            State.COMMITTEE_PENDING,   is_secretariat_lead, on_agenda),
    *(Transition(Action.RECALL,            state,                     State.SCORED,              is_secretariat_lead, conflicted)
      for state in (State.COMMITTEE_PENDING, State.DEFERRED, State.APPROVED)),
    Transition(Action.OPEN_NOTICE,         State.APPROVED,            State.IN_NOTICE,           is_publisher,        notice_open & leak_free & no_conflict),
    Transition(Action.HOLD,                State.IN_NOTICE,           State.OBJECTION_HOLD,      is_secretariat_lead, objected),
    Transition(Action.RELEASE,             State.OBJECTION_HOLD,      State.IN_NOTICE,           is_chair,            undisputed),
    Transition(Action.REJECT_ON_OBJECTION, State.OBJECTION_HOLD,      State.REJECTED,            is_chair,            reasoned),
    Transition(Action.ORDER_NEW_PANEL,     State.OBJECTION_HOLD,      State.ACCEPTED,            is_chair,            nothing),
    Transition(Action.LIST,                State.IN_NOTICE,           State.LISTED,              is_publisher,        notice_over & undisputed & signed_off & licensed & entered),
    *(Transition(Action.WITHDRAW,          state,                     State.WITHDRAWN,           is_signatory,        nothing)
      for state in (
          State.DRAFT, State.SUBMITTED, State.FORMAL_REVIEW, State.CORRECTION_REQUIRED, State.ACCEPTED, State.PANEL_READY,
          State.UNDER_REVIEW, State.SCORED, State.COMMITTEE_PENDING, State.APPROVED, State.DEFERRED, State.IN_NOTICE,
      )),
)
# fmt: on


def transition(application: Application, action: Action) -> Transition:
    """Return the row for an action in the application's present state.

    Raises:
        StaleError: the state has no such move: somebody was faster, or the page is old.
    """
    for row in TRANSITIONS:
        if row.action is action and row.source is application.state:
            return row
    raise StaleError(
        f"申报现处于“{label(application.state)}”，不能{label(action)}；请刷新页面查看最新状态。",
        parameter="action",
    )


def actions(application: Application, actor: Actor) -> Iterator[tuple[Transition, str | None]]:
    """Yield the moves that an actor may make now, each with what is still missing for it (None: nothing)."""
    for row in TRANSITIONS:
        if row.source is application.state and row.who(actor, application):
            yield row, row.missing(application)


def advance(
    session: Session,
    application: Application,
    actor: Actor,
    action: Action,
    *,
    reason: str | None = None,
    proposal: MoveProposal | None = None,
) -> None:
    """Make a move: check state, person and guards, write state, trail, message and event.

    A two-person move needs the `proposal` of somebody else. `reason` is told to the applicant and kept in the trail.

    Raises:
        StaleError: the state has no such move any more.
        NotAllowedError: not this person's to make.
        RuleError: a guard does not hold, or the second person is missing.
    """
    row = transition(application, action)
    if not row.who(actor, application):
        raise NotAllowedError(f"您不能对此申报{label(action)}。", parameter="action")
    if missing := row.missing(application):
        raise RuleError(f"不能{label(action)}：{missing}", parameter="action")
    if row.confirmed:
        _settle(application, actor, row, proposal)
    source = application.state
    application.state, application.state_since = row.target, clock.now()
    session.flush()  # the constraints of the new state and the version refuse here, not at the commit
    line = trail.record(
        session,
        actor if isinstance(actor, User) else None,
        f"application.{action}",
        subject="application",
        subject_id=application.id,
        version=application.revision,
        detail={"from": source, "to": row.target, "reason": reason},
    )
    messages.tell_applicant(session, application, action, reason=reason, seq=line.seq)
    outbox.emit(session, ApplicationMoved(application.id, action, source, row.target))


def _settle(application: Application, actor: Actor, row: Transition, proposal: MoveProposal | None) -> None:
    if (
        proposal is None
        or proposal.application_id != application.id
        or proposal.action is not row.action
        or proposal.decided_at is not None
    ):
        raise RuleError(f"{label(row.action)}须由一人提出、另一人确认。", parameter="action")
    if proposal.proposed_by_id == actor.id:
        raise NotAllowedError("提出人不得确认自己提出的事项。", parameter="action")
    proposal.is_confirmed, proposal.decided_by_id, proposal.decided_at = True, actor.id, clock.now()


PROPOSERS: dict[Action, Rule] = {Action.REFUSE: is_formal_reviewer}
"""Who may propose a two-person move; who may confirm it stands in the table."""


def propose(
    session: Session,
    application: Application,
    actor: User,
    action: Action,
    *,
    reason_code: str | None,
    reason: str,
) -> MoveProposal:
    """Propose a two-person move; the application stays where it is.

    Raises:
        StaleError: the state has no such move.
        NotAllowedError: not this person's to propose.
        RuleError: no reason, or another proposal waits already.
    """
    row = transition(application, action)
    if not row.confirmed or not PROPOSERS[action](actor, application):
        raise NotAllowedError(f"您不能提出{label(action)}。", parameter="action")
    reason = stated(reason, "理由", "reason")
    if open_proposal(session, application):
        raise RuleError("已有一项待确认的提议，请先办结。", parameter="action")
    proposal = MoveProposal(
        application_id=application.id,
        action=action,
        reason_code=reason_code,
        reason=reason,
        proposed_by_id=actor.id,
        proposed_at=clock.now(),
    )
    session.add(proposal)
    session.flush()  # the unique index refuses a second click
    trail.record(
        session, actor, f"application.propose_{action}", subject="application", subject_id=application.id,
        version=application.revision, detail={"reason_code": reason_code, "reason": proposal.reason},
    )  # fmt: skip
    return proposal


def decline(session: Session, proposal: MoveProposal, actor: User, *, reason: str) -> None:
    """Decline a proposal, with a reason; only who could confirm it may."""
    if proposal.decided_at is not None:
        raise StaleError("这项提议已经办结。", parameter="action")
    application = session.get_one(Application, proposal.application_id)
    if proposal.proposed_by_id == actor.id:
        raise NotAllowedError("提出人不得自行办结，请由有确认权的人退回。", parameter="action")
    if not transition(application, proposal.action).who(actor, application):
        raise NotAllowedError("您不能退回这项提议。", parameter="action")
    proposal.is_confirmed, proposal.decided_by_id, proposal.decided_at = False, actor.id, clock.now()
    trail.record(
        session, actor, f"application.decline_{proposal.action}", subject="application",
        subject_id=application.id, version=application.revision, detail={"reason": reason},
    )  # fmt: skip


def open_proposal(session: Session, application: Application) -> MoveProposal | None:
    """Return the proposal that waits for confirmation, None when there is none."""
    return session.scalars(
        select(MoveProposal).where(
            MoveProposal.application_id == application.id, MoveProposal.decided_at.is_(None)
        )
    ).one_or_none()
