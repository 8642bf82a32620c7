"""Applications: one product, one list, one round; the evidence that the lifecycle asks for stands in columns."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base
from registry.models.entries import CatalogEntry, ListCode
from registry.models.organizations import Organization
from registry.models.rounds import CallRound
from registry.types import Points, PointsColumn, enum_of


class State(StrEnum):
    """Where an application stands; `registry/workflow.py` is the only place that moves it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    FORMAL_REVIEW = "formal_review"
    CORRECTION_REQUIRED = "correction_required"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    PANEL_READY = "panel_ready"
    UNDER_REVIEW = "under_review"
    SCORED = "scored"
    NOT_SELECTED = "not_selected"
    COMMITTEE_PENDING = "committee_pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    IN_NOTICE = "in_notice"
    OBJECTION_HOLD = "objection_hold"
    LISTED = "listed"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What moves an application."""

    SUBMIT = "submit"
    RETURN_TO_DRAFT = "return_to_draft"
    BEGIN_FORMAL_REVIEW = "begin_formal_review"
    REQUIRE_CORRECTION = "require_correction"
    ANSWER_CORRECTION = "answer_correction"
    LAPSE = "lapse"
    ACCEPT = "accept"
    REFUSE = "refuse"
    RECONSIDER = "reconsider"
    FORM_PANEL = "form_panel"
    BEGIN_REVIEW = "begin_review"
    AGGREGATE = "aggregate"
    REFER = "refer"
    NOT_SELECT = "not_select"
    RECALL = "recall"
    APPROVE = "approve"
    REJECT = "reject"
    DEFER = "defer"
    RESUME = "resume"
    OPEN_NOTICE = "open_notice"
    HOLD = "hold"
    RELEASE = "release"
    REJECT_ON_OBJECTION = "reject_on_objection"
    ORDER_NEW_PANEL = "order_new_panel"
    LIST = "list"
    WITHDRAW = "withdraw"


class Decision(StrEnum):
    """What the committee decided."""

    APPROVED = "approved"
    REJECTED = "rejected"
    DEFERRED = "deferred"


FROZEN_STATES = (
    State.ACCEPTED,
    State.PANEL_READY,
    State.UNDER_REVIEW,
    State.SCORED,
    State.NOT_SELECTED,
    State.COMMITTEE_PENDING,
    State.APPROVED,
    State.REJECTED,
    State.DEFERRED,
    State.IN_NOTICE,
    State.OBJECTION_HOLD,
    State.LISTED,
)
"""From acceptance on the content stands under a hash."""

SCORED_STATES = tuple(state for state in FROZEN_STATES[3:])


def _states(states: tuple[State, ...]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


class Application(Base):
    """One product's application. The upper columns say what it is, the lower ones are evidence for the lifecycle.

    Evidence is written by whoever makes it (formal review, review, committee, notice) in the same transaction;
    `workflow.py` and the constraints read only this record. `draft` is the working copy of the answers;
    `application_revision` what was submitted. `recommend_share` is in thousandths of the valid votes.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("state = 'draft' OR state = 'withdrawn' OR revision > 0", name="submitted"),
        CheckConstraint(f"state NOT IN ({_states(FROZEN_STATES)}) OR frozen_hash IS NOT NULL", name="frozen"),
        CheckConstraint("state != 'correction_required' OR correction_due_on IS NOT NULL", name="correction"),
        CheckConstraint(
            f"state NOT IN ({_states(SCORED_STATES)}) OR official_score IS NOT NULL", name="scored"
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'rejected', 'deferred') OR decision IS NOT NULL", name="decided"
        ),
        CheckConstraint(
            "state NOT IN ('in_notice', 'objection_hold', 'listed') "
            "OR (notice_closes_on IS NOT NULL AND leak_scan_at IS NOT NULL AND decision = 'approved')",
            name="noticed",
        ),
        CheckConstraint("state != 'objection_hold' OR open_objections > 0", name="held"),
        CheckConstraint("state != 'listed' OR (entry_id IS NOT NULL AND open_objections = 0)", name="listed"),
        CheckConstraint(
            "state NOT IN ('not_accepted', 'not_selected', 'rejected') OR reason_code IS NOT NULL",
            name="reason",
        ),
        Index("ix_application_round_state", "round_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("call_round.id"))
    list_code: Mapped[ListCode] = mapped_column("list", enum_of(ListCode, "list"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    product_name: Mapped[str] = mapped_column(Text)
    field: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[State] = mapped_column(enum_of(State, "state"))
    state_since: Mapped[datetime]
    draft: Mapped[dict[str, Any]] = mapped_column(JSON)
    draft_saved_at: Mapped[datetime]
    draft_saved_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    draft_version: Mapped[int]
    revision: Mapped[int]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    # submission and formal review
    submitted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    is_complete: Mapped[bool] = mapped_column(default=False)
    commitment_signed_at: Mapped[datetime | None]
    commitment_signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    open_checks: Mapped[int] = mapped_column(default=0)
    failed_checks: Mapped[int] = mapped_column(default=0)
    correction_rounds: Mapped[int] = mapped_column(default=0)
    correction_due_on: Mapped[date | None]
    open_corrections: Mapped[int] = mapped_column(default=0)
    frozen_hash: Mapped[str | None] = mapped_column(String(64))
    frozen_revision: Mapped[int | None]
    accepted_on: Mapped[date | None]
    reason_code: Mapped[str | None] = mapped_column(String(40))
    reconsideration_due_on: Mapped[date | None]

    # review
    panel_size: Mapped[int] = mapped_column(default=0)
    min_panel: Mapped[int | None]
    open_conflicts: Mapped[int] = mapped_column(default=0)
    locked_sheets: Mapped[int] = mapped_column(default=0)
    official_score: Mapped[Points | None] = mapped_column(PointsColumn)
    recommend_share: Mapped[int | None]
    is_above_line: Mapped[bool | None]
    motion_at: Mapped[datetime | None]

    # committee
    decision: Mapped[Decision | None] = mapped_column(enum_of(Decision, "decision"))
    decided_on: Mapped[date | None]
    is_on_agenda: Mapped[bool] = mapped_column(default=False)

    # notice and publication
    notice_closes_on: Mapped[date | None]
    leak_scan_at: Mapped[datetime | None]
    open_objections: Mapped[int] = mapped_column(default=0)
    publication_signed_at: Mapped[datetime | None]
    licence_valid_until: Mapped[date | None]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_entry.id"))

    round: Mapped[CallRound] = relationship(lazy="raise")
    organization: Mapped[Organization] = relationship(lazy="raise")
    entry: Mapped[CatalogEntry | None] = relationship(lazy="raise")
    revisions: Mapped[list["ApplicationRevision"]] = relationship(
        lazy="raise", back_populates="application", order_by="ApplicationRevision.number"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class ApplicationRevision(Base):
    """The answers as they were submitted; `hash` is the SHA-256 of their canonical JSON with the files' hashes."""

    __tablename__ = "application_revision"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int]
    answers: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[datetime]

    application: Mapped[Application] = relationship(lazy="raise", back_populates="revisions")


class MoveProposal(Base):
    """The first half of a two-person move; another person confirms or declines it."""

    __tablename__ = "move_proposal"
    __table_args__ = (
        Index(
            "uq_move_proposal_open",
            "application_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id != proposed_by_id", name="two_persons"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    action: Mapped[Action] = mapped_column(enum_of(Action, "action"))
    reason_code: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    is_confirmed: Mapped[bool | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]


class ReconsiderationState(StrEnum):
    """The life of a unit's request to reconsider."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class Reconsideration(Base):
    """A 复核: the unit doubts the procedure that turned its application away; one request for each outcome.

    `outcome` is the state that it is about and `since` when the application came into it.
    """

    __tablename__ = "reconsideration"
    __table_args__ = (
        UniqueConstraint("application_id", "since"),
        CheckConstraint(
            "state = 'asked' OR (decided_by_id IS NOT NULL AND reason IS NOT NULL)", name="decided"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    outcome: Mapped[State] = mapped_column(enum_of(State, "outcome"))
    since: Mapped[datetime]
    grounds: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[ReconsiderationState] = mapped_column(enum_of(ReconsiderationState, "state"))
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(lazy="raise")


class Capacity(StrEnum):
    """As what somebody acted on an application; nobody acts in two capacities on one."""

    FORMAL_REVIEWER = "formal_reviewer"
    EXPERT = "expert"
    COMMITTEE_MEMBER = "committee_member"


class Participation(Base):
    """Who acted on an application, and as what."""

    __tablename__ = "participation"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    capacity: Mapped[Capacity] = mapped_column(enum_of(Capacity, "capacity"))
    since: Mapped[datetime]


class CheckVerdict(StrEnum):
    """What the examiner says of one line of the checklist."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"


class FormalReviewItem(Base):
    """One line of the formal review's checklist for an application."""

    __tablename__ = "formal_review_item"
    __table_args__ = (
        UniqueConstraint("application_id", "key"),
        CheckConstraint("verdict != 'waived' OR note IS NOT NULL", name="waiver"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    key: Mapped[str] = mapped_column(String(80))
    verdict: Mapped[CheckVerdict] = mapped_column(enum_of(CheckVerdict, "verdict"))
    note: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int]
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    judged_at: Mapped[datetime | None]


class CorrectionLetter(Base):
    """A 一次性补正告知: the complete list of what must be corrected, told once."""

    __tablename__ = "correction_letter"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int]
    revision: Mapped[int]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    issued_at: Mapped[datetime]
    due_on: Mapped[date]

    items: Mapped[list["CorrectionItem"]] = relationship(lazy="raise", order_by="CorrectionItem.id")


class CorrectionItem(Base):
    """One fault of a correction letter, the question it concerns and the applicant's answer."""

    __tablename__ = "correction_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("correction_letter.id"), index=True)
    question: Mapped[str] = mapped_column(String(80))
    problem: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
