"""Records of publication and purchase: editions, buyers, certificates."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models import Base, CatalogEntry, EntryVersion, ListCode, Listing, Organization
from registry.types import enum_of


class EditionOrigin(StrEnum):
    """Where an edition comes from."""

    IMPORT = "import"
    ROUND = "round"


class Edition(Base):
    """One published batch of one list; `version` grows when an import adds to it."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("list", "year", "batch"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_code: Mapped[ListCode] = mapped_column("list", enum_of(ListCode, "list"))
    year: Mapped[int]
    batch: Mapped[int]
    origin: Mapped[EditionOrigin] = mapped_column(enum_of(EditionOrigin, "origin"))
    version: Mapped[int]
    document: Mapped[str | None] = mapped_column(Text)
    published_on: Mapped[date | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    items: Mapped[list["EditionItem"]] = relationship(lazy="raise", order_by="EditionItem.position")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy

    @property
    def slug(self) -> str:
        """Return the edition's id as addresses and commands write it, such as `CX-2026-01`."""
        return f"{self.list_code}-{self.year}-{self.batch:02}"


class EditionItem(Base):
    """A line of an edition: an entry's version, from the edition's version `since` up to but not `until`."""

    __tablename__ = "edition_item"
    __table_args__ = (
        Index(
            "uq_edition_item_current",
            "edition_id",
            "listing_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        CheckConstraint("until IS NULL OR until > since", name="span"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    position: Mapped[int]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    entry_version_id: Mapped[int] = mapped_column(ForeignKey("entry_version.id"))
    since: Mapped[int]
    until: Mapped[int | None]

    listing: Mapped[Listing] = relationship(lazy="raise")
    entry_version: Mapped[EntryVersion] = relationship(lazy="raise")


class BuyerNature(StrEnum):
    """The nature of a buyer, first key of the legal-basis table (`wording.md`)."""

    GOVERNMENT = "government"
    PUBLIC_INSTITUTION = "public_institution"
    PUBLIC_HOSPITAL = "public_hospital"
    PRIVATE_HOSPITAL = "private_hospital"
    UNIVERSITY = "university"
    CITY_SOE = "city_soe"
    CENTRAL_SOE = "central_soe"
    PRIVATE_ENTERPRISE = "private_enterprise"


class BuyerStatus(StrEnum):
    """The life of a buyer account."""

    APPLIED = "applied"
    VERIFIED = "verified"
    DISABLED = "disabled"


class Buyer(Base):
    """A unit in its role as buyer; only a verified one gets a 采购用途列入情况证明."""

    __tablename__ = "buyer"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), unique=True)
    nature: Mapped[BuyerNature] = mapped_column(enum_of(BuyerNature, "nature"))
    status: Mapped[BuyerStatus] = mapped_column(enum_of(BuyerStatus, "status"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    organization: Mapped[Organization] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class CertificateKind(StrEnum):
    """The letters in a certificate's number."""

    LISTING = "LR"
    HOSPITAL = "YL"
    SOE = "GQ"
    UNIVERSITY = "GX"
    GOVERNMENT = "ZF"
    ENTERPRISE = "QY"


class CertificateStatus(StrEnum):
    """The life of a certificate; that it ran out is read from `valid_until`."""

    ISSUED = "issued"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Certificate(Base):
    """What was certified, frozen: `payload` is canonical JSON, `payload_hash` its SHA-256.

    `request_key` makes a second click or a second worker find the first one's certificate.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("kind", "year", "serial"),
        CheckConstraint("status = 'issued' OR status_reason IS NOT NULL", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[CertificateKind] = mapped_column(enum_of(CertificateKind, "kind"))
    year: Mapped[int]
    serial: Mapped[int]
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    entry_version: Mapped[int]
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("buyer.id"), index=True)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    payload: Mapped[str] = mapped_column(Text)
    payload_hash: Mapped[str] = mapped_column(String(64))
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    short_code: Mapped[str] = mapped_column(String(12))
    status: Mapped[CertificateStatus] = mapped_column(enum_of(CertificateStatus, "status"))
    status_at: Mapped[datetime]
    status_reason: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime]
    valid_until: Mapped[date]
    version_id: Mapped[int] = mapped_column()

    entry: Mapped[CatalogEntry] = relationship(lazy="raise")
    buyer: Mapped[Buyer | None] = relationship(lazy="raise")
    file: Mapped["CertificateFile | None"] = relationship(lazy="raise", back_populates="certificate")
    listings: Mapped[list[Listing]] = relationship(
        lazy="raise", secondary="certificate_listing", order_by="Listing.list_code"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class CertificateListing(Base):
    """A listing that a certificate names."""

    __tablename__ = "certificate_listing"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True, index=True)


class KeyUse(StrEnum):
    """What a key signs."""

    DOCUMENT = "document"
    QR = "qr"


class SigningKey(Base):
    """The public half of a key that signs certificates; `chain` is PEM, the key's own certificate first.

    `fingerprint` is the SHA-256 of that certificate. A retired key signs nothing more, but what it signed holds; what a
    revoked key signed does not.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint("revoked_at IS NULL OR revoked_reason IS NOT NULL", name="revoked_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[KeyUse] = mapped_column(enum_of(KeyUse, "kind"))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    chain: Mapped[str] = mapped_column(Text)
    is_demonstration: Mapped[bool]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    registered_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(Text)


class CertificateFile(Base):
    """The one rendering of a certificate, stored under its hash and never made twice."""

    __tablename__ = "certificate_file"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    stored_at: Mapped[datetime]
    signing_key_id: Mapped[int | None] = mapped_column(ForeignKey("signing_key.id"), index=True)

    certificate: Mapped[Certificate] = relationship(lazy="raise", back_populates="file")
    signing_key: Mapped[SigningKey | None] = relationship(lazy="raise")


class CertificateCheck(Base):
    """One check of a certificate: when, by which door, with what answer; nothing about who asked."""

    __tablename__ = "certificate_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    at: Mapped[datetime]
    door: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(40))
