"""What happens to entries and their listings outside an import: every change gets a version and a trail line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalog import editions
from catalog.events import CatalogChanged
from catalog.numbers import ListingNumber, counter_name
from registry import clock, counters, outbox, trail
from registry.canonical import digest
from registry.errors import RuleError
from registry.models import (
    CatalogEntry,
    EntryPicture,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    ListingVersion,
    NationalListing,
    PublicationScope,
    Trait,
    User,
)

REVISION_COUNTER = "catalog.revision"
CODE_COUNTER = "entry.code"

CONTENT_FIELDS = (
    "name", "model", "brand", "organization_name", "credit_code", "field", "field_text", "category", "district",
    "district_text", "special_area", "region", "summary", "registration_number", "kpis", "device", "traits",
)  # fmt: skip
"""What a version of an entry publishes."""

ADDED_FIELDS = frozenset({"traits"})
"""Fields that came later: they count in the hash only where they say something, so that earlier hashes still hold."""

FACT_FIELDS = (
    "status", "status_on", "status_reason", "recorded_year", "recognised_on", "valid_until", "document", "published_on",
    "first_on_market", "first_on_market_as_of",
)  # fmt: skip
"""What a version of a listing records; the rest of a listing never changes."""

# fmt: off
STATUS_MOVES: Mapping[ListingStatus, frozenset[ListingStatus]] = {
    ListingStatus.ACTIVE: frozenset({
        ListingStatus.SUSPENDED, ListingStatus.REVOKED, ListingStatus.WITHDRAWN, ListingStatus.EXPIRED,
    }),
    ListingStatus.SUSPENDED: frozenset({
        ListingStatus.ACTIVE, ListingStatus.REVOKED, ListingStatus.WITHDRAWN, ListingStatus.EXPIRED,
    }),
    ListingStatus.RENEWAL_PENDING: frozenset({
        ListingStatus.ACTIVE, ListingStatus.REVOKED, ListingStatus.WITHDRAWN, ListingStatus.EXPIRED,
    }),
    ListingStatus.EXPIRED: frozenset({ListingStatus.ACTIVE, ListingStatus.REVOKED}),
}
"""How a listing may move (`domain.md` (b)); revoked, withdrawn and superseded ones stay so."""
# fmt: on

REASONED = frozenset({ListingStatus.SUSPENDED, ListingStatus.REVOKED, ListingStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture already kept in the file store."""

    sha256: str
    media_type: str
    caption: str


@dataclass(frozen=True, slots=True)
class National:
    """A national list on which the product stands."""

    name: str
    year: int | None = None
    item: str | None = None
    proof: str | None = None
    effect_document: str | None = None


def entry_code(serial: int) -> str:
    """Write an entry's code from its serial."""
    return f"P{serial:06}"


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the hash under which a version's content is known."""
    return digest(
        {name: content.get(name) for name in CONTENT_FIELDS if name not in ADDED_FIELDS or content.get(name)}
    )


def content_of(version: EntryVersion) -> dict[str, Any]:
    """Return what a version publishes, as plain values."""
    return {name: getattr(version, name) for name in CONTENT_FIELDS}


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listing's facts as JSON keeps them."""
    return {
        name: value.isoformat() if isinstance(value := facts.get(name), date) else value
        for name in FACT_FIELDS
    }


def next_revision(session: Session) -> int:
    """Take the revision that marks what this transaction changes, and tell those who follow the catalog.

    The counter's row stays locked until the commit, so whoever sees a revision sees all smaller ones too.
    """
    revision = counters.take(session, REVISION_COUNTER)
    outbox.emit(session, CatalogChanged(revision))
    return revision


def touch(session: Session, *entries: CatalogEntry) -> int:
    """Mark entries as changed, under one revision."""
    revision = next_revision(session)
    for entry in entries:
        entry.revision = revision
    return revision


def add_listing(
    session: Session,
    entry: CatalogEntry,
    actor: User | None,
    *,
    list_code: ListCode,
    year: int,
    batch: int = 1,
    **facts: Any,
) -> Listing:
    """List an entry, active unless `facts` (see `FACT_FIELDS`) says otherwise, in an imported or new edition.

    Raises:
        RuleError: the entry stands in that list already, or a round published that edition.
    """
    if session.scalar(select(Listing.id).where(Listing.entry_id == entry.id, Listing.list_code == list_code)):
        raise RuleError(f"产品 {entry.code} 已在此目录中。", parameter="list")
    book = editions.Book(session)
    key = (list_code, year, batch)
    if book.is_closed(key):
        raise RuleError(f"{editions.slug(*key)} 已由申报批次发布，不能再添加。", parameter="batch")
    number = ListingNumber(list_code, year, batch, counters.take(session, counter_name(*key)))
    facts = {"status": ListingStatus.ACTIVE, "status_on": clock.today(), "recorded_year": year, **facts}
    listing = Listing(
        entry_id=entry.id, list_code=list_code, year=year, batch=batch, serial=number.serial, number=str(number),
        version=0, created_at=clock.now(), **facts,
    )  # fmt: skip
    session.add(listing)
    session.flush()  # its versions and the edition's line point at it
    _keep_version(session, listing)
    book.add(key, [editions.Line(listing.id, _version_id(session, entry), _is_restricted(entry))], facts)
    book.close()
    touch(session, entry)
    trail.record(
        session, actor, "listing.add", subject="listing", subject_id=listing.number, version=listing.version
    )
    return listing


def change_status(
    session: Session,
    listing: Listing,
    actor: User | None,
    *,
    status: ListingStatus,
    reason: str | None = None,
) -> None:
    """Move a listing to a status: suspend, resume, revoke, withdraw, expire.

    Raises:
        RuleError: the listing cannot move there, or the move needs a reason.
    """
    if status not in STATUS_MOVES.get(listing.status, frozenset()):
        raise RuleError(f"目录编号 {listing.number} 的状态不允许这样变更，请刷新后核对。", parameter="status")
    if status in REASONED and not (reason and reason.strip()):
        raise RuleError("请填写理由。", parameter="reason")
    record_status(session, listing, actor, status, reason, clock.today())
    touch(session, session.get_one(CatalogEntry, listing.entry_id))


def set_scope(session: Session, entry: CatalogEntry, actor: User | None, *, scope: PublicationScope) -> None:
    """Decide who may see an entry; the same scope again changes nothing."""
    if entry.scope is scope:
        return
    entry.scope = scope
    touch(session, entry)
    trail.record(
        session, actor, "entry.scope", subject="entry", subject_id=entry.code, version=entry.current_version,
        detail={"scope": scope},
    )  # fmt: skip


def enrich(
    session: Session,
    entry: CatalogEntry,
    actor: User | None,
    *,
    kpis: list[dict[str, Any]] | None = None,
    device: dict[str, Any] | None = None,
    brand: str | None = None,
    special_area: str | None = None,
    traits: Mapping[Trait, bool] | None = None,
    pictures: Sequence[Picture] | None = None,
    national: Sequence[National] | None = None,
    revision: int | None = None,
) -> None:
    """Add to an entry what no import carries; None leaves a part as it is.

    `revision` shares one from `next_revision` among many entries of one transaction.
    """
    given = {
        name: value
        for name, value in (
            ("kpis", kpis),
            ("device", device),
            ("brand", brand),
            ("special_area", special_area),
            ("traits", traits),
        )
        if value is not None
    }
    old = session.scalars(
        select(EntryVersion).where(
            EntryVersion.entry_id == entry.id, EntryVersion.version == entry.current_version
        )
    ).one()
    content = content_of(old) | given
    if (hashed := content_hash(content)) != old.content_hash:
        entry.current_version += 1
        session.add(
            EntryVersion(
                entry_id=entry.id, version=entry.current_version, hints=old.hints, content_hash=hashed,
                created_at=clock.now(), **content,
            )
        )  # fmt: skip
    if pictures is not None:
        session.execute(delete(EntryPicture).where(EntryPicture.entry_id == entry.id))
        session.add_all(
            EntryPicture(
                entry_id=entry.id, position=position, sha256=picture.sha256, media_type=picture.media_type,
                caption=picture.caption,
            )
            for position, picture in enumerate(pictures, 1)
        )  # fmt: skip
    if national is not None:
        session.execute(delete(NationalListing).where(NationalListing.entry_id == entry.id))
        session.add_all(
            NationalListing(
                entry_id=entry.id, name=item.name, year=item.year, item=item.item, proof=item.proof,
                effect_document=item.effect_document,
            )
            for item in national
        )  # fmt: skip
    entry.revision = revision or next_revision(session)
    trail.record(
        session, actor, "entry.enrich", subject="entry", subject_id=entry.code, version=entry.current_version
    )


def day_after(day: date) -> date:
    """Return the next day: the first on which what was valid until `day` no longer is."""
    return date.fromordinal(day.toordinal() + 1)


def record_status(
    session: Session,
    listing: Listing,
    actor: User | None,
    status: ListingStatus,
    reason: str | None,
    on: date,
) -> None:
    listing.status, listing.status_on, listing.status_reason = status, on, reason
    _keep_version(session, listing)
    trail.record(
        session, actor, f"listing.{status}", subject="listing", subject_id=listing.number,
        version=listing.version, detail={"reason": reason},
    )  # fmt: skip


def _keep_version(session: Session, listing: Listing) -> None:
    listing.version += 1
    facts = plain_facts({name: getattr(listing, name) for name in FACT_FIELDS})
    session.add(
        ListingVersion(listing_id=listing.id, version=listing.version, facts=facts, from_at=clock.now())
    )


def _version_id(session: Session, entry: CatalogEntry) -> int:
    return session.scalars(
        select(EntryVersion.id).where(
            EntryVersion.entry_id == entry.id, EntryVersion.version == entry.current_version
        )
    ).one()


def _is_restricted(entry: CatalogEntry) -> bool:
    return entry.scope is not PublicationScope.PUBLIC
