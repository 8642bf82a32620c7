"""Rounds: a call for applications with its dates, lists and the policy frozen when it was announced."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base
from registry.terms import batch_name
from registry.types import enum_of


class RoundState(StrEnum):
    """The life of a round (`domain.md` (b), CallRound)."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    REVIEWING = "reviewing"
    NOTICED = "noticed"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class CallRound(Base):
    """A yearly call. `policy` is frozen at the announcement: `{key: {"id": …, "value": …}}`; never re-read later.

    `sealed` rounds are read by nobody before they close. `lists` holds list codes.
    """

    __tablename__ = "call_round"
    __table_args__ = (
        UniqueConstraint("year", "batch"),
        CheckConstraint("closes_at > opens_at", name="period"),
        CheckConstraint("state = 'draft' OR policy IS NOT NULL", name="frozen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    batch: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    lists: Mapped[list[str]]
    state: Mapped[RoundState] = mapped_column(enum_of(RoundState, "state"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    reference_on: Mapped[date]
    sealed: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    policy: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    announced_at: Mapped[datetime | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    extensions: Mapped[list["RoundExtension"]] = relationship(lazy="raise", order_by="RoundExtension.id")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy

    @property
    def name(self) -> str:
        """Return the round as people call it, such as 2026年第一批."""
        return batch_name(self.year, self.batch)


class RoundExtension(Base):
    """A later end of a round, with the reason that everybody was told."""

    __tablename__ = "round_extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("call_round.id"), index=True)
    closed_before_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    extended_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    extended_at: Mapped[datetime]
