"""Experts and their relations, panels drawn by lot, score sheets and what they came to."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models import Application, Base, CallRound, User
from registry.types import Points, PointsColumn, enum_of


class ExpertKind(StrEnum):
    """From which side an expert judges."""

    TECHNICAL = "technical"
    USER = "user"
    FINANCE = "finance"


class Expert(Base):
    """A person of the pool. `fields` are codes of the industry scheme, of fields or of their leaves."""

    __tablename__ = "expert"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    kind: Mapped[ExpertKind] = mapped_column(enum_of(ExpertKind, "kind"))
    institution: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(60))
    fields: Mapped[list[str]]
    is_available: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    user: Mapped[User] = relationship(lazy="raise")
    affiliations: Mapped[list["ExpertAffiliation"]] = relationship(
        lazy="raise", order_by="ExpertAffiliation.id"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class Relation(StrEnum):
    """What ties a person to a unit (政府采购评审专家管理办法 第十六条)."""

    EMPLOYMENT = "employment"
    OFFICE = "office"
    SHAREHOLDER = "shareholder"
    KIN = "kin"
    TEST_REPORT = "test_report"
    OTHER = "other"


class ExpertAffiliation(Base):
    """A tie between an expert and a unit, with its days; an open end lasts. A tie is ended, never deleted.

    The unit is meant by its name; `organization_id` is set where it is known to the registry.
    """

    __tablename__ = "expert_affiliation"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    relation: Mapped[Relation] = mapped_column(enum_of(Relation, "relation"))
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]


class Exclusion(StrEnum):
    """Why somebody of the pool is not among those who may be drawn."""

    NOT_AVAILABLE = "not_available"
    SAME_UNIT = "same_unit"
    RECENT_UNIT = "recent_unit"
    DECLARED = "declared"
    OTHER_CAPACITY = "other_capacity"
    SAT_BEFORE = "sat_before"


class PanelState(StrEnum):
    """The life of a panel."""

    PREPARED = "prepared"
    DRAWN = "drawn"
    FORMED = "formed"
    REVIEWING = "reviewing"
    CANCELLED = "cancelled"


class Panel(Base):
    """A group of products and the lot drawn for it.

    `pool` and `steps` are what `draw.py` works on and hold salted pseudonyms only; `salt` ties them to persons. Before the
    end of the review nobody but the discipline observer and the audit administrator sees `salt` and `secret`.
    """

    __tablename__ = "panel"
    __table_args__ = (
        CheckConstraint(
            "state IN ('prepared', 'cancelled') OR (seed IS NOT NULL AND public_value IS NOT NULL)",
            name="drawn",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("call_round.id"), index=True)
    field: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[PanelState] = mapped_column(enum_of(PanelState, "state"))
    pool: Mapped[list[dict[str, Any]]]
    pool_hash: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(64))
    secret: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    public_source: Mapped[str] = mapped_column(String(200))
    public_value: Mapped[str | None] = mapped_column(String(80))
    seed: Mapped[str | None] = mapped_column(String(64))
    rule: Mapped[dict[str, Any]]
    steps: Mapped[list[dict[str, Any]]]
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    prepared_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    formed_at: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column()

    round: Mapped[CallRound] = relationship(lazy="raise")
    items: Mapped[list["PanelItem"]] = relationship(lazy="raise", order_by="PanelItem.application_id")
    assignments: Mapped[list["Assignment"]] = relationship(
        lazy="raise", order_by="Assignment.id", back_populates="panel"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class PanelItem(Base):
    """A product before a panel; ended when its review is over, so that another panel may be ordered."""

    __tablename__ = "panel_item"
    __table_args__ = (
        Index(
            "uq_panel_item_open",
            "application_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    ended_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(lazy="raise")
    panel: Mapped[Panel] = relationship(lazy="raise", viewonly=True)


class AssignmentState(StrEnum):
    """The life of an expert's seat for one product; declaring no conflict also accepts it."""

    DRAWN = "drawn"
    NOTIFIED = "notified"
    DECLARED = "declared"
    SCORING = "scoring"
    LOCKED = "locked"
    RECUSED = "recused"
    DECLINED = "declined"
    LAPSED = "lapsed"


STANDING = (
    AssignmentState.DRAWN,
    AssignmentState.NOTIFIED,
    AssignmentState.DECLARED,
    AssignmentState.SCORING,
    AssignmentState.LOCKED,
)
"""Seats that count as filled."""


class Assignment(Base):
    """One expert's seat for one product. `code` is the pseudonym under the panel's salt.

    `reason_appointed` says why somebody was seated by hand, without a draw. `due_on` is the day for what comes next: the declaration, then the sheet. A recusal stays open until `settled_at`.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("panel_id", "application_id", "expert_id"),
        CheckConstraint("state != 'recused' OR reason IS NOT NULL", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    state: Mapped[AssignmentState] = mapped_column(enum_of(AssignmentState, "state"))
    due_on: Mapped[date | None]
    drawn_at: Mapped[datetime]
    declared_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    relation: Mapped[Relation | None] = mapped_column(enum_of(Relation, "relation"))
    reason: Mapped[str | None] = mapped_column(Text)
    reason_appointed: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settlement: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column()

    panel: Mapped[Panel] = relationship(lazy="raise", back_populates="assignments")
    application: Mapped[Application] = relationship(lazy="raise")
    expert: Mapped[Expert] = relationship(lazy="raise")
    sheets: Mapped[list["ScoreSheet"]] = relationship(
        lazy="raise", order_by="ScoreSheet.number", back_populates="assignment"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy

    @property
    def is_standing(self) -> bool:
        """Return whether the seat counts as filled."""
        return self.state in STANDING


class ScoreSheet(Base):
    """One version of a score sheet. Reopening makes the next version and keeps this one as it was.

    `hash` is over the salted content; the trail carries it, and gives nothing away.
    """

    __tablename__ = "score_sheet"
    __table_args__ = (
        UniqueConstraint("assignment_id", "number"),
        Index(
            "uq_score_sheet_current",
            "assignment_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
        CheckConstraint(
            "locked_at IS NULL OR (total IS NOT NULL AND recommends IS NOT NULL AND hash IS NOT NULL)",
            name="locked",
        ),
        CheckConstraint("replaced_at IS NULL OR replaced_reason IS NOT NULL", name="replaced"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    number: Mapped[int]
    vetoes: Mapped[list[str]]
    recommends: Mapped[bool | None]
    comment: Mapped[str] = mapped_column(Text)
    total: Mapped[Points | None] = mapped_column(PointsColumn)
    salt: Mapped[str] = mapped_column(String(32))
    hash: Mapped[str | None] = mapped_column(String(64))
    saved_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    replaced_reason: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column()

    assignment: Mapped[Assignment] = relationship(lazy="raise", back_populates="sheets")
    items: Mapped[list["ScoreItem"]] = relationship(lazy="raise", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class ScoreItem(Base):
    """The points for one criterion of a sheet, and why."""

    __tablename__ = "score_item"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheet.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(String(40), primary_key=True)
    points: Mapped[Points | None] = mapped_column(PointsColumn)
    reason: Mapped[str] = mapped_column(Text)


class NotSelectedReason(StrEnum):
    """Why a product does not reach the line; the application keeps the code."""

    BELOW_MARK = "below_mark"
    BELOW_SHARE = "below_share"
    VETOED = "vetoed"


class ReviewResult(Base):
    """What the valid sheets came to. A result that is not final led to a re-discussion; both are kept.

    `recommend_share` is in thousandths, `means` are thousandths of a point by criterion, `sheets` says which versions
    were counted. `comments` are the experts' remarks cleared of names, as the applicant may read them.
    """

    __tablename__ = "review_result"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"), index=True)
    number: Mapped[int]
    score: Mapped[Points] = mapped_column(PointsColumn)
    recommend_share: Mapped[int]
    spread: Mapped[Points] = mapped_column(PointsColumn)
    valid: Mapped[int]
    vetoes: Mapped[dict[str, Any]]
    means: Mapped[dict[str, Any]]
    sheets: Mapped[list[dict[str, Any]]]
    rule: Mapped[dict[str, Any]]
    failing: Mapped[NotSelectedReason | None] = mapped_column(enum_of(NotSelectedReason, "failing"))
    is_wide: Mapped[bool]
    is_final: Mapped[bool]
    comments: Mapped[str | None] = mapped_column(Text)
    motion: Mapped[str | None] = mapped_column(Text)
    computed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    computed_at: Mapped[datetime]
