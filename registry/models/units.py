"""What a unit asks of the office, attachments under their hash, bans, and the messages it gets."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base
from registry.models.organizations import Organization
from registry.types import enum_of


class AttachmentVisibility(StrEnum):
    """Who may open an attachment."""

    PUBLIC = "public"
    RESTRICTED = "restricted"


class Attachment(Base):
    """An uploaded file, stored once under its hash; `kind` is the question's key or the letter it stands for.

    What a committee's department sends in belongs to no unit.
    """

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    kind: Mapped[str] = mapped_column(String(80))
    visibility: Mapped[AttachmentVisibility] = mapped_column(enum_of(AttachmentVisibility, "visibility"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    uploaded_at: Mapped[datetime]


class UnitRequestKind(StrEnum):
    """What a unit may ask of the office, and a person of a unit."""

    VERIFICATION = "verification"
    CLAIM = "claim"
    SIGNATORY = "signatory"
    MERGE = "merge"
    RENAME = "rename"
    BUYER = "buyer"
    MEMBERSHIP = "membership"


class UnitRequestState(StrEnum):
    """The life of a unit's request."""

    FILED = "filed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class UnitRequest(Base):
    """A request with its letter of authorization or proof, decided by the office; `detail` says what is asked."""

    __tablename__ = "unit_request"
    __table_args__ = (
        Index(
            "uq_unit_request_filed",
            "organization_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("state = 'filed'"),
            postgresql_where=text("state = 'filed'"),
        ),
        CheckConstraint("state != 'refused' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("state NOT IN ('approved', 'refused') OR decided_by_id IS NOT NULL", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[UnitRequestKind] = mapped_column(enum_of(UnitRequestKind, "kind"))
    subject: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]]
    state: Mapped[UnitRequestState] = mapped_column(enum_of(UnitRequestState, "state"))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    filed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    filed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column()

    organization: Mapped[Organization] = relationship(lazy="raise")
    attachment: Mapped[Attachment | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class BanReason(StrEnum):
    """Why a unit may not apply for a time (`domain.md` §6)."""

    FALSE_MATERIAL = "false_material"
    SAMPLE_DIFFERS = "sample_differs"
    SUBSIDY_FRAUD = "subsidy_fraud"
    DISCREDIT = "discredit"


class BanState(StrEnum):
    """The life of a ban: two persons set it, two persons lift it; it ends by itself after its last day."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    ACTIVE = "active"
    LIFT_PROPOSED = "lift_proposed"
    LIFTED = "lifted"


class Ban(Base):
    """A time in which a unit may not submit applications; both ends count.

    `basis` are the facts and the document that it rests on, as the unit reads them; `answer` is why it was declined.
    """

    __tablename__ = "ban"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="order"),
        CheckConstraint("state = 'proposed' OR decided_by_id IS NOT NULL", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id != proposed_by_id", name="two_persons"),
        CheckConstraint("state != 'declined' OR answer IS NOT NULL", name="declined"),
        CheckConstraint(
            "state NOT IN ('lift_proposed', 'lifted') "
            "OR (lift_reason IS NOT NULL AND lift_proposed_by_id IS NOT NULL)",
            name="lift",
        ),
        CheckConstraint("state != 'lifted' OR lifted_by_id IS NOT NULL", name="lifted"),
        CheckConstraint("lifted_by_id IS NULL OR lifted_by_id != lift_proposed_by_id", name="lifted_by_two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    reason: Mapped[BanReason] = mapped_column(enum_of(BanReason, "reason"))
    basis: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    until_on: Mapped[date]
    state: Mapped[BanState] = mapped_column(enum_of(BanState, "state"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    lift_reason: Mapped[str | None] = mapped_column(Text)
    lift_proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    lift_proposed_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    lifted_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column()

    organization: Mapped[Organization] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class InboxMessage(Base):
    """A message to one account; the letter with the same words goes out by mail."""

    __tablename__ = "inbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    path: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
