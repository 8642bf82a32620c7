"""Products of the catalog: entries with versions, their listings in four lists, and what hangs on them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base
from registry.models.organizations import Organization
from registry.types import enum_of


class ListCode(StrEnum):
    """The four lists; the code stands in every listing number."""

    CX = "CX"
    TZ = "TZ"
    PC = "PC"
    RJ = "RJ"


class PublicationScope(StrEnum):
    """Who may see an entry."""

    PUBLIC = "public"
    VERIFIED_BUYERS = "verified_buyers"
    NOT_PUBLISHED = "not_published"


class ListingStatus(StrEnum):
    """The life of a listing (`domain.md` (b), CatalogEntry)."""

    PENDING_PUBLICATION = "pending_publication"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RENEWAL_PENDING = "renewal_pending"
    EXPIRED = "expired"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class KeyKind(StrEnum):
    """By what an import recognises an entry: 来源编号, 目录编号, or name, model and unit together."""

    SOURCE = "source"
    NUMBER = "number"
    CONTENT = "content"


class CatalogEntry(Base):
    """A product with a code that is never reused. `revision` tells the search index what is new."""

    __tablename__ = "catalog_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    source_ref: Mapped[str | None] = mapped_column(String(200))
    scope: Mapped[PublicationScope] = mapped_column(enum_of(PublicationScope, "scope"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    current_version: Mapped[int]
    revision: Mapped[int] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    organization: Mapped[Organization | None] = relationship(lazy="raise")
    version: Mapped["EntryVersion"] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin="and_(EntryVersion.entry_id == CatalogEntry.id, EntryVersion.version == CatalogEntry.current_version)",
        foreign_keys="[EntryVersion.entry_id, EntryVersion.version]",
        uselist=False,
    )
    listings: Mapped[list["Listing"]] = relationship(
        back_populates="entry", lazy="raise", order_by="Listing.list_code, Listing.id"
    )
    national_listings: Mapped[list["NationalListing"]] = relationship(
        lazy="raise", order_by="NationalListing.id"
    )
    pictures: Mapped[list["EntryPicture"]] = relationship(lazy="raise", order_by="EntryPicture.position")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class Trait(StrEnum):
    """What a product is besides its class (沪经信研〔2024〕256号): each is said, denied or not recorded."""

    GREEN = "green"
    DIGITAL = "digital"
    XKQZ = "xkqz"


class EntryVersion(Base):
    """What is published about a product, in one version; never changed, only followed by the next.

    Text is kept as it was given (imports cut nothing). `kpis` rows hold indicator, unit, ours, domestic_best,
    world_best, source; `device` is the medical-device block; `traits` says which of `Trait` it has, as far as known;
    `hints` what the office may look at again.
    """

    __tablename__ = "entry_version"
    __table_args__ = (UniqueConstraint("entry_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(Text)
    brand: Mapped[str | None] = mapped_column(Text)
    organization_name: Mapped[str | None] = mapped_column(Text)
    credit_code: Mapped[str | None] = mapped_column(Text)
    field: Mapped[str | None] = mapped_column(String(20))
    field_text: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(String(20))
    district_text: Mapped[str | None] = mapped_column(Text)
    special_area: Mapped[str | None] = mapped_column(String(20))
    region: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    registration_number: Mapped[str | None] = mapped_column(Text)
    kpis: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    device: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    traits: Mapped[dict[str, bool] | None] = mapped_column(JSON(none_as_null=True))
    hints: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class EntryKey(Base):
    """A key under which imports know an entry; content keys are hashes."""

    __tablename__ = "entry_key"

    kind: Mapped[KeyKind] = mapped_column(enum_of(KeyKind, "kind"), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)


class Listing(Base):
    """An entry's membership in one list. The number never changes; each change of the rest is a version.

    `year` and `batch` stand in the number; `recorded_year` is the 入选年度 as published, null where it was not.
    `first_on_market` is a finding at `first_on_market_as_of`, frozen (domain trap 4).
    """

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("list", "year", "batch", "serial"),
        Index("ix_listing_list_status", "list", "status"),
        CheckConstraint("serial > 0", name="serial"),
        CheckConstraint("batch > 0", name="batch"),
        CheckConstraint(
            "status NOT IN ('suspended', 'revoked', 'withdrawn') OR status_reason IS NOT NULL", name="reason"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    list_code: Mapped[ListCode] = mapped_column("list", enum_of(ListCode, "list"))
    year: Mapped[int]
    batch: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    version: Mapped[int]
    status: Mapped[ListingStatus] = mapped_column(enum_of(ListingStatus, "status"))
    status_on: Mapped[date]
    status_reason: Mapped[str | None] = mapped_column(Text)
    recorded_year: Mapped[int | None]
    recognised_on: Mapped[date | None]
    valid_until: Mapped[date | None] = mapped_column(index=True)
    document: Mapped[str | None] = mapped_column(Text)
    published_on: Mapped[date | None]
    first_on_market: Mapped[bool | None]
    first_on_market_as_of: Mapped[date | None]
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    entry: Mapped[CatalogEntry] = relationship(back_populates="listings", lazy="raise")
    versions: Mapped[list["ListingVersion"]] = relationship(lazy="raise", order_by="ListingVersion.version")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class ListingVersion(Base):
    """A listing's facts as they stood from `from_at` on."""

    __tablename__ = "listing_version"
    __table_args__ = (UniqueConstraint("listing_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    version: Mapped[int]
    facts: Mapped[dict[str, Any]]
    from_at: Mapped[datetime]


class NationalListing(Base):
    """A national list on which the product stands, and the document that attaches an effect to it."""

    __tablename__ = "national_listing"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    year: Mapped[int | None]
    item: Mapped[str | None] = mapped_column(Text)
    proof: Mapped[str | None] = mapped_column(Text)
    effect_document: Mapped[str | None] = mapped_column(Text)


class EntryPicture(Base):
    """A public picture of a product, stored under its hash."""

    __tablename__ = "entry_picture"
    __table_args__ = (UniqueConstraint("entry_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"))
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    caption: Mapped[str] = mapped_column(String(200))
