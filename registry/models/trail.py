"""The trail of official acts, and what is delivered after the commit."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base

BigKey = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only under INTEGER


class TrailLine(Base):
    """One official act: ids, action and hashes only. Append-only by triggers, chained by `previous_hash`."""

    __tablename__ = "trail_line"

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str] = mapped_column(String(60))
    subject_version: Mapped[int | None]
    payload_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    __table_args__ = (Index("ix_trail_line_subject", "subject", "subject_id"),)


class TrailDetail(Base):
    """The words behind a trail line (reasons, names); deletable where the law asks for it."""

    __tablename__ = "trail_detail"

    seq: Mapped[int] = mapped_column(
        BigKey, ForeignKey("trail_line.seq"), primary_key=True, autoincrement=False
    )
    salt: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]]


class TrailHead(Base):
    """The one locked row behind which the chain grows."""

    __tablename__ = "trail_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class TrailRoot(Base):
    """The chain's head at the end of a day, to be published."""

    __tablename__ = "trail_root"

    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class OutboxMessage(Base):
    """A fact to be delivered after the commit, at least once."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix_outbox_message_due",
            "not_before",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    event: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)


class Lease(Base):
    """Who may do a job now; it runs out by itself when its holder dies."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


class ClockRun(Base):
    """When a clock last ran to its end."""

    __tablename__ = "clock_run"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    finished_at: Mapped[datetime]
