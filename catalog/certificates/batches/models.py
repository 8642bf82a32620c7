"""Records of batches: what was asked for, who decided, and what became of each product."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.certificates.wording import Funds, Project, PurchaseObject
from catalog.models import Buyer, Certificate
from registry.models import CatalogEntry
from registry.models.base import Base
from registry.types import enum_of


class BatchState(StrEnum):
    """The life of a batch."""

    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    ISSUING = "issuing"
    COMPLETE = "complete"


OPEN = "state IN ('requested', 'issuing')"


class CertificateBatch(Base):
    """One purpose for many products. `request_hash` makes a second click find the first one's batch while it is open."""

    __tablename__ = "certificate_batch"
    __table_args__ = (
        Index(
            "uq_certificate_batch_open",
            "request_hash",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        CheckConstraint("(state IN ('requested', 'withdrawn')) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id != requested_by_id", name="two_persons"),
        CheckConstraint("state != 'refused' OR answer IS NOT NULL", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("buyer.id"), index=True)
    state: Mapped[BatchState] = mapped_column(enum_of(BatchState, "state"))
    purpose: Mapped[str] = mapped_column(Text)
    funds: Mapped[Funds] = mapped_column(enum_of(Funds, "funds"))
    object: Mapped[PurchaseObject] = mapped_column(enum_of(PurchaseObject, "object"))
    project: Mapped[Project] = mapped_column(enum_of(Project, "project"))
    request_hash: Mapped[str] = mapped_column(String(64))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    completed_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column()

    buyer: Mapped[Buyer] = relationship(lazy="raise")
    lines: Mapped[list["BatchLine"]] = relationship(lazy="raise", order_by="BatchLine.position")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class BatchLine(Base):
    """A product of a batch: done once its certificate has its file, or `problem` says why it has none."""

    __tablename__ = "certificate_batch_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "entry_id"),
        CheckConstraint(
            "done_at IS NULL OR certificate_id IS NOT NULL OR problem IS NOT NULL", name="outcome"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("certificate_batch.id"))
    position: Mapped[int]
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), index=True)
    problem: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]

    entry: Mapped[CatalogEntry] = relationship(lazy="raise")
    certificate: Mapped[Certificate | None] = relationship(lazy="raise")
