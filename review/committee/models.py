"""Departments' representatives, sittings with their agenda and units, ballots and what they came to."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models import Application, Attachment, Base, CallRound, Decision, User
from registry.terms import label
from registry.types import enum_of


class Representative(Base):
    """A person who speaks for a department, with the days; several may, and the department still has one vote.

    The department is meant by its name in the policy's list of units. `until_on` is the first day that no longer counts.
    """

    __tablename__ = "representative"
    __table_args__ = (
        Index(
            "uq_representative_open",
            "user_id",
            unique=True,
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    unit: Mapped[str] = mapped_column(String(60), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    appointed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    appointed_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise", foreign_keys=[user_id])


class SittingKind(StrEnum):
    """How the committee is asked."""

    OPINION_ROUND = "opinion_round"
    MEETING = "meeting"


class SittingState(StrEnum):
    """The life of a sitting; an opinion round knows no `called`, the letter itself begins the voting."""

    PREPARED = "prepared"
    CALLED = "called"
    VOTING = "voting"
    CLOSED = "closed"
    SEALED = "sealed"
    CANCELLED = "cancelled"


class Sitting(Base):
    """One time that the committee is asked about products of a round: by letter until a day, or in a meeting.

    `sealed_hash` is over the minutes with agenda, units, ballots, tallies and decisions.
    """

    __tablename__ = "sitting"
    __table_args__ = (
        UniqueConstraint("round_id", "kind", "number"),
        CheckConstraint("kind != 'opinion_round' OR due_on IS NOT NULL", name="due"),
        CheckConstraint("kind != 'meeting' OR (held_at IS NOT NULL AND place IS NOT NULL)", name="held"),
        CheckConstraint("state NOT IN ('closed', 'sealed') OR closed_at IS NOT NULL", name="closed"),
        CheckConstraint("state != 'sealed' OR (sealed_hash IS NOT NULL AND minutes IS NOT NULL)", name="sealed"),
        CheckConstraint("state != 'cancelled' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("sealed_by_id IS NULL OR sealed_by_id != minutes_by_id", name="two_persons"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("call_round.id"), index=True)
    number: Mapped[int]
    kind: Mapped[SittingKind] = mapped_column(enum_of(SittingKind, "kind"))
    state: Mapped[SittingState] = mapped_column(enum_of(SittingState, "state"))
    due_on: Mapped[date | None]
    held_at: Mapped[datetime | None]
    place: Mapped[str | None] = mapped_column(String(200))
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    prepared_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    minutes: Mapped[str | None] = mapped_column(Text)
    minutes_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    sealed_hash: Mapped[str | None] = mapped_column(String(64))
    sealed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    sealed_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column()

    round: Mapped[CallRound] = relationship(lazy="raise")
    units: Mapped[list["SittingUnit"]] = relationship(
        lazy="raise", order_by="SittingUnit.id", back_populates="sitting"
    )
    items: Mapped[list["AgendaItem"]] = relationship(
        lazy="raise", order_by="AgendaItem.position", back_populates="sitting"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy

    @property
    def name(self) -> str:
        """Return the sitting as people call it; its round must have been loaded."""
        return f"{self.round.name}第{self.number}次{label(self.kind)}"


class SittingUnit(Base):
    """A department in a sitting, as the round's policy named it; `is_present` is noted in meetings.

    `attachment` is the scanned reply to a letter, `is_on_paper` when the office entered it for the department. A
    department without an answer has given none, never its consent.
    """

    __tablename__ = "sitting_unit"
    __table_args__ = (
        UniqueConstraint("sitting_id", "unit"),
        CheckConstraint("answered_at IS NULL OR answered_by_id IS NOT NULL", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    unit: Mapped[str] = mapped_column(String(60), index=True)
    is_lead: Mapped[bool]
    remit: Mapped[str] = mapped_column(String(40))
    is_present: Mapped[bool] = mapped_column(default=False)
    is_on_paper: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))

    sitting: Mapped[Sitting] = relationship(lazy="raise", back_populates="units")
    attachment: Mapped[Attachment | None] = relationship(lazy="raise")


class TallyOutcome(StrEnum):
    """What the ballots on a product came to."""

    CARRIED = "carried"
    NOT_CARRIED = "not_carried"
    VETOED = "vetoed"
    PUT_OFF = "put_off"
    NO_QUORUM = "no_quorum"


class RejectedReason(StrEnum):
    """Why the committee rejects a product; the application keeps the code."""

    NOT_CARRIED = "not_carried"
    VETOED = "vetoed"


class AgendaItem(Base):
    """A product on the agenda of a sitting; ended when it was decided, or left the agenda without a decision."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("sitting_id", "application_id"),
        Index(
            "uq_agenda_item_open",
            "application_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint(
            "decision IS NULL OR (outcome IS NOT NULL AND decided_by_id IS NOT NULL AND ended_at IS NOT NULL)",
            name="decided",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    position: Mapped[int]
    outcome: Mapped[TallyOutcome | None] = mapped_column(enum_of(TallyOutcome, "outcome"))
    tally: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    decision: Mapped[Decision | None] = mapped_column(enum_of(Decision, "decision"))
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    sitting: Mapped[Sitting] = relationship(lazy="raise", back_populates="items")
    application: Mapped[Application] = relationship(lazy="raise")
    ballots: Mapped[list["Ballot"]] = relationship(lazy="raise", order_by="Ballot.unit_id")


class Vote(StrEnum):
    """What a department says of a product; which of these it may choose depends on how it is asked."""

    AGREE = "agree"
    DISAGREE = "disagree"
    OBJECT = "object"
    DEFER = "defer"
    ABSTAIN = "abstain"
    RECUSE = "recuse"


class Ballot(Base):
    """A department's one vote on a product; the key refuses a second, whoever of the department casts it."""

    __tablename__ = "ballot"
    __table_args__ = (
        CheckConstraint("vote = 'agree' OR reason != ''", name="reason"),
        CheckConstraint("NOT is_veto OR vote IN ('disagree', 'object')", name="veto"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("sitting_unit.id"), primary_key=True)
    vote: Mapped[Vote] = mapped_column(enum_of(Vote, "vote"))
    is_veto: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text)
    cast_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    cast_at: Mapped[datetime]
