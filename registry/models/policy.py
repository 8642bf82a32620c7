"""Policy as data: parameters with effective dates, calendar overrides and the taxonomy."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base
from registry.types import enum_of


class PolicyParameter(Base):
    """One value of one parameter, in force from a day on; `set_by_id` is null for a shipped default."""

    __tablename__ = "policy_parameter"
    __table_args__ = (
        UniqueConstraint("key", "effective_from"),
        CheckConstraint("effective_to IS NULL OR effective_to > effective_from", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    value: Mapped[Any] = mapped_column(JSON)
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    basis_document: Mapped[str] = mapped_column(String(200))
    source_note: Mapped[str] = mapped_column(Text)
    is_assumed: Mapped[bool]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    set_at: Mapped[datetime]


class ProposalState(StrEnum):
    """The life of a proposed change of policy."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class PolicyProposal(Base):
    """A change of policy that one person proposed and another must confirm.

    `key` is a parameter's key, or `calendar:<day>` for an override of the working-day calendar.
    """

    __tablename__ = "policy_proposal"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id != proposed_by_id", name="two_persons"),
        CheckConstraint("state = 'proposed' OR decided_by_id IS NOT NULL", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), index=True)
    value: Mapped[Any] = mapped_column(JSON)
    effective_from: Mapped[date]
    basis_document: Mapped[str] = mapped_column(String(200))
    source_note: Mapped[str] = mapped_column(Text)
    is_assumed: Mapped[bool]
    state: Mapped[ProposalState] = mapped_column(enum_of(ProposalState, "state"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class CalendarOverride(Base):
    """A day declared working or free, above the library's calendar and the weekday rule."""

    __tablename__ = "calendar_override"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    note: Mapped[str] = mapped_column(String(200))
    basis_document: Mapped[str] = mapped_column(String(200))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    set_at: Mapped[datetime]


class NodeKind(StrEnum):
    """What a taxonomy node classifies."""

    FIELD = "field"
    LEAF = "leaf"
    DISTRICT = "district"
    SPECIAL_AREA = "special_area"


class TaxonomyNode(Base):
    """A class of the industry scheme, a district or a special area, under the scheme's version."""

    __tablename__ = "taxonomy_node"
    __table_args__ = (UniqueConstraint("kind", "scheme", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NodeKind] = mapped_column(enum_of(NodeKind, "kind"))
    scheme: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(20))
    parent_code: Mapped[str | None] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(60))
    group_label: Mapped[str | None] = mapped_column(String(60))
    position: Mapped[int]
    basis_document: Mapped[str] = mapped_column(String(200))
