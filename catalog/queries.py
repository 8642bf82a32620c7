"""What the catalog's pages look up: functions that return a `Select` and touch nothing.

Everything shown to an asker is narrowed by the scopes that `catalog.visibility.scopes` allows.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, func, select, union
from sqlalchemy.orm import joinedload, selectinload

from catalog.models import Edition, EditionItem
from registry.models import (
    CatalogEntry,
    EntryPicture,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    Organization,
    OrganizationName,
    PublicationScope,
)

Scopes = Collection[PublicationScope]


def is_published() -> ColumnElement[bool]:
    """Return the condition that an entry stands, or has stood, in a list."""
    return CatalogEntry.listings.any(Listing.status != ListingStatus.PENDING_PUBLICATION)


def entries_for(scopes: Scopes) -> Select[CatalogEntry]:
    """Select the published entries within the scopes."""
    return select(CatalogEntry).where(CatalogEntry.scope.in_(scopes), is_published())


def entry_by_code(code: str, scopes: Scopes) -> Select[CatalogEntry]:
    """Select one entry with all that its page shows."""
    return (
        entries_for(scopes)
        .where(CatalogEntry.code == code)
        .options(
            joinedload(CatalogEntry.version),
            selectinload(CatalogEntry.listings).selectinload(Listing.versions),
            selectinload(CatalogEntry.national_listings),
            selectinload(CatalogEntry.pictures),
        )
    )


def entries_by_code(codes: Collection[str], scopes: Scopes) -> Select[CatalogEntry]:
    """Select the entries of some codes with all that lists, matches and comparisons read of them."""
    return (
        entries_for(scopes)
        .where(CatalogEntry.code.in_(codes))
        .options(
            joinedload(CatalogEntry.version),
            selectinload(CatalogEntry.listings),
            selectinload(CatalogEntry.national_listings),
        )
        .order_by(CatalogEntry.code)
    )


def entry_versions(entry: CatalogEntry) -> Select[EntryVersion]:
    """Select an entry's versions, oldest first."""
    return select(EntryVersion).where(EntryVersion.entry_id == entry.id).order_by(EntryVersion.version)


def picture(sha256: str, scopes: Scopes) -> Select[EntryPicture, PublicationScope]:
    """Select a picture by its hash with the scope of an entry that shows it, the most public first."""
    return (
        select(EntryPicture, CatalogEntry.scope)
        .join(CatalogEntry, CatalogEntry.id == EntryPicture.entry_id)
        .where(EntryPicture.sha256 == sha256, CatalogEntry.scope.in_(scopes), is_published())
        .order_by(CatalogEntry.scope != PublicationScope.PUBLIC, EntryPicture.id)
        .limit(1)
    )


def former_names(entry_ids: Collection[int]) -> Select[int, str]:
    """Select the names that the units of some entries bear or bore, but for the published one, by entry."""
    borne = union(
        select(CatalogEntry.id, Organization.name)
        .join(Organization, Organization.id == CatalogEntry.organization_id)
        .where(CatalogEntry.id.in_(entry_ids)),
        select(CatalogEntry.id, OrganizationName.name)
        .join(OrganizationName, OrganizationName.organization_id == CatalogEntry.organization_id)
        .where(CatalogEntry.id.in_(entry_ids)),
    ).subquery("borne")
    return (
        select(borne.c.id, borne.c.name)
        .join(CatalogEntry, CatalogEntry.id == borne.c.id)
        .join(CatalogEntry.version)
        .where(borne.c.name != func.coalesce(EntryVersion.organization_name, ""))
        .order_by(borne.c.id, borne.c.name)
    )


def listings_of(list_code: ListCode, scopes: Scopes, *, active_only: bool) -> Select[Listing]:
    """Select a list's listings with entry and version, newest number first."""
    statuses = (
        [ListingStatus.ACTIVE]
        if active_only
        else [status for status in ListingStatus if status is not ListingStatus.PENDING_PUBLICATION]
    )
    return (
        select(Listing)
        .join(Listing.entry)
        .where(Listing.list_code == list_code, Listing.status.in_(statuses), CatalogEntry.scope.in_(scopes))
        .options(joinedload(Listing.entry).joinedload(CatalogEntry.version))
        .order_by(Listing.year.desc(), Listing.batch.desc(), Listing.serial)
    )


def listing_counts(scopes: Scopes) -> Select[ListCode, ListingStatus, int]:
    """Select how many listings each list has in each status."""
    return (
        select(Listing.list_code, Listing.status, func.count())
        .join(Listing.entry)
        .where(CatalogEntry.scope.in_(scopes))
        .group_by(Listing.list_code, Listing.status)
    )


def editions(scopes: Scopes) -> Select[Edition, int]:
    """Select the editions with the number of their lines within the scopes, newest first, none that is empty."""
    counts = (
        select(EditionItem.edition_id, func.count().label("lines"))
        .join(EditionItem.listing)
        .join(Listing.entry)
        .where(EditionItem.until.is_(None), CatalogEntry.scope.in_(scopes))
        .group_by(EditionItem.edition_id)
        .subquery()
    )
    return (
        select(Edition, counts.c.lines)
        .join(counts, counts.c.edition_id == Edition.id)
        .order_by(
            Edition.published_on.desc().nulls_last(),
            Edition.year.desc(),
            Edition.batch.desc(),
            Edition.list_code,
        )
    )


def edition_items(edition_id: int, scopes: Scopes) -> Select[EditionItem]:
    """Select the lines of an edition's current version within the scopes, in printed order."""
    return (
        select(EditionItem)
        .join(EditionItem.listing)
        .join(Listing.entry)
        .where(
            EditionItem.edition_id == edition_id,
            EditionItem.until.is_(None),
            CatalogEntry.scope.in_(scopes),
        )
        .options(
            joinedload(EditionItem.listing).joinedload(Listing.entry), joinedload(EditionItem.entry_version)
        )
        .order_by(EditionItem.position)
    )
