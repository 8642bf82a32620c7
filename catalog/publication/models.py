"""Records of notices, objections, publications and the support of three-firsts products."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models import Application, Base, CallRound, Listing, PublicationScope
from registry.types import Fen, FenColumn, enum_of


class NoticeState(StrEnum):
    """The life of a notice (`domain.md` (b), PublicNotice)."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class EntryField(StrEnum):
    """What a notice may print of a product; which of them it prints is policy (`notice.public_fields`)."""

    LIST = "list"
    NAME = "name"
    MODEL = "model"
    BRAND = "brand"
    ORGANIZATION_NAME = "organization_name"
    DISTRICT = "district"
    FIELD = "field"
    CATEGORY = "category"
    SUMMARY = "summary"


class PublicNotice(Base):
    """A 公示 of products about to be listed. Both ends of the period are set when it opens; both count.

    `department` to `methods` are what every notice must print (`wording.md`).
    """

    __tablename__ = "public_notice"
    __table_args__ = (
        CheckConstraint("state = 'draft' OR (opens_on IS NOT NULL AND closes_on IS NOT NULL)", name="period"),
        CheckConstraint("closes_on >= opens_on", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("call_round.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    opening: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(200))
    methods: Mapped[str] = mapped_column(Text)
    state: Mapped[NoticeState] = mapped_column(enum_of(NoticeState, "state"))
    working_days: Mapped[int]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column()

    round: Mapped[CallRound] = relationship(lazy="raise")
    items: Mapped[list["NoticeItem"]] = relationship(
        lazy="raise", back_populates="notice", order_by="NoticeItem.position"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class NoticeItem(Base):
    """A product of a notice, as its frozen revision publishes it.

    `content` holds the fields of an `EntryVersion`, `scope` who may see them here and in the catalog: as the applicant
    asked unless the publisher decided otherwise, with a reason. `findings` is what the leak scan suspects. A finding is dealt
    with by withholding its field (in `withheld`) or by a reason why it is harmless (in `cleared`, by fingerprint).
    """

    __tablename__ = "notice_item"
    __table_args__ = (UniqueConstraint("notice_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notice.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    position: Mapped[int]
    content: Mapped[dict[str, Any]]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    withheld: Mapped[list[str]] = mapped_column(JSON)
    cleared: Mapped[dict[str, Any]]
    scanned_at: Mapped[datetime]
    scope: Mapped[PublicationScope] = mapped_column(enum_of(PublicationScope, "scope"))
    scope_reason: Mapped[str | None] = mapped_column(Text)

    notice: Mapped[PublicNotice] = relationship(lazy="raise", back_populates="items")
    application: Mapped[Application] = relationship(lazy="raise")

    @property
    def open_findings(self) -> list[dict[str, Any]]:
        """Return the findings that nobody has dealt with."""
        return [
            finding
            for finding in self.findings
            if finding["field"] not in self.withheld and finding["fingerprint"] not in self.cleared
        ]

    @property
    def scope_now(self) -> PublicationScope:
        """Return who may see the product today: its entry's scope once it has one, which must have been loaded."""
        entry = self.application.entry
        return entry.scope if entry else self.scope

    @property
    def published(self) -> dict[str, Any]:
        """Return what may be published: the content without what was withheld."""
        return {key: value for key, value in self.content.items() if key not in self.withheld}


class ObjectionKind(StrEnum):
    """Who objects. Nobody is heard anonymously, but a report with evidence goes to the discipline channel."""

    INDIVIDUAL = "individual"
    UNIT = "unit"
    ANONYMOUS = "anonymous"


class ObjectionState(StrEnum):
    """The life of an objection (`domain.md` (b)); `lead` is an anonymous report, which is no objection."""

    FILED = "filed"
    INADMISSIBLE = "inadmissible"
    INVESTIGATING = "investigating"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    LEAD = "lead"


class ObjectionGround(StrEnum):
    """Why a product is not listed after an objection was upheld."""

    FALSE_MATERIAL = "false_material"
    RIGHTS_DISPUTE = "rights_dispute"
    NOT_ELIGIBLE = "not_eligible"
    OTHER = "objection_other"


OPEN_OBJECTIONS = (ObjectionState.FILED, ObjectionState.INVESTIGATING)
"""While one of these stands, its product is not published."""


class Objection(Base):
    """An objection to one product of a notice. Who objects stands apart, in `ObjectorIdentity`.

    `gist` is what the maker is told, in the office's words; `report` what the investigation found; `due_on` the day
    by which the objector gets an answer, `told_at` when it went out to him.
    """

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('inadmissible', 'upheld', 'dismissed') OR reason IS NOT NULL", name="reason"
        ),
        CheckConstraint("state NOT IN ('upheld', 'dismissed') OR report IS NOT NULL", name="report"),
        CheckConstraint("state != 'investigating' OR gist IS NOT NULL", name="gist"),
        CheckConstraint(
            "state NOT IN ('upheld', 'dismissed') OR decided_by_id != reported_by_id", name="two_persons"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("notice_item.id"), index=True)
    kind: Mapped[ObjectionKind] = mapped_column(enum_of(ObjectionKind, "kind"))
    statement: Mapped[str] = mapped_column(Text)
    state: Mapped[ObjectionState] = mapped_column(enum_of(ObjectionState, "state"))
    filed_at: Mapped[datetime]
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    due_on: Mapped[date]
    gist: Mapped[str | None] = mapped_column(Text)
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    judged_at: Mapped[datetime | None]
    report: Mapped[str | None] = mapped_column(Text)
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reported_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column()

    item: Mapped[NoticeItem] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class ObjectorIdentity(Base):
    """Who objects: read by `objections/secrecy.py` alone; a look leaves a line in the trail; in no export and no log."""

    __tablename__ = "objector_identity"

    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(40))
    unit_name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    address: Mapped[str | None] = mapped_column(String(200))


class ObjectionFile(Base):
    """A sealed letter or a piece of evidence; it may name the objector and is guarded like the identity."""

    __tablename__ = "objection_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]


class PublicationState(StrEnum):
    """The sign-off of a publication: 拟稿, 审核, 签发, then published."""

    DRAFTED = "drafted"
    CHECKED = "checked"
    SIGNED = "signed"
    PUBLISHED = "published"


class Publication(Base):
    """A 发布公告: drafted, checked and signed by three persons, then published under the signed document's number.

    `issuer`, `document_number` and `published_on` are typed from the signed document, never made up.
    """

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("state = 'drafted' OR checked_by_id IS NOT NULL", name="checked"),
        CheckConstraint("state IN ('drafted', 'checked') OR signed_by_id IS NOT NULL", name="signed"),
        CheckConstraint("checked_by_id IS NULL OR checked_by_id != drafted_by_id", name="two_persons"),
        CheckConstraint(
            "signed_by_id IS NULL OR (signed_by_id != drafted_by_id AND signed_by_id != checked_by_id)",
            name="three_persons",
        ),
        CheckConstraint(
            "state != 'published' "
            "OR (issuer IS NOT NULL AND document_number IS NOT NULL AND published_on IS NOT NULL)",
            name="document",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("call_round.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[PublicationState] = mapped_column(enum_of(PublicationState, "state"))
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    drafted_at: Mapped[datetime]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    checked_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    signed_at: Mapped[datetime | None]
    returned_reason: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(String(100))
    document_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    published_on: Mapped[date | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column()

    round: Mapped[CallRound] = relationship(lazy="raise")
    items: Mapped[list["PublicationItem"]] = relationship(
        lazy="raise", order_by="PublicationItem.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class PublicationItem(Base):
    """A product of a publication; an application is in one at most. `listing_id` is set when it is published."""

    __tablename__ = "publication_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), index=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    notice_item_id: Mapped[int] = mapped_column(ForeignKey("notice_item.id"))
    position: Mapped[int]
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"), unique=True)

    application: Mapped[Application] = relationship(lazy="raise")
    notice_item: Mapped[NoticeItem] = relationship(lazy="raise")
    listing: Mapped[Listing | None] = relationship(lazy="raise")


class SupportDecision(Base):
    """The support of a listed three-firsts product: when, how much, by which document; apart from the listing."""

    __tablename__ = "support_decision"
    __table_args__ = (
        UniqueConstraint("listing_id", "document"),
        CheckConstraint("amount > 0 AND contracts >= amount", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    decided_on: Mapped[date]
    contracts: Mapped[Fen] = mapped_column(FenColumn)
    amount: Mapped[Fen] = mapped_column(FenColumn)
    document: Mapped[str] = mapped_column(String(100))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]

    listing: Mapped[Listing] = relationship(lazy="raise")
