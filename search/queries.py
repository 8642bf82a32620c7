"""What the index is made from: functions that return a `Select` and touch nothing."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from registry.models import (
    CatalogEntry,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    NationalListing,
    PublicationScope,
)

BATCH = 1000  # rows in memory at a time

# Columns rather than records: reading tens of thousands takes a third of the time.
ENTRY_COLUMNS = (
    CatalogEntry.id,
    CatalogEntry.code,
    CatalogEntry.source_ref,
    CatalogEntry.scope,
    CatalogEntry.revision,
    EntryVersion.name,
    EntryVersion.model,
    EntryVersion.brand,
    EntryVersion.organization_name,
    EntryVersion.credit_code,
    EntryVersion.category,
    EntryVersion.summary,
    EntryVersion.registration_number,
    EntryVersion.field,
    EntryVersion.district,
    EntryVersion.special_area,
    EntryVersion.traits,
    exists(select(NationalListing.id).where(NationalListing.entry_id == CatalogEntry.id)).label(
        "is_national"
    ),
)
LISTING_COLUMNS = (
    Listing.entry_id,
    Listing.id,
    Listing.list_code,
    Listing.number,
    Listing.status,
    Listing.valid_until,
    Listing.recorded_year,
    Listing.recognised_on,
    Listing.published_on,
    Listing.first_on_market,
)


def is_active() -> ColumnElement[bool]:
    """Return the condition that a listing is in force."""
    return Listing.status == ListingStatus.ACTIVE


def changed_entries(*, since: int) -> Select[int]:
    """Select the ids of the entries that changed after a revision."""
    return select(CatalogEntry.id).where(CatalogEntry.revision > since)


def entries(ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Select what the index holds of entries in their current version, in order of id."""
    return _indexed().where(CatalogEntry.id.in_(ids)).order_by(CatalogEntry.id)


def entry_ids(*, after: int, since: int | None = None) -> Select[int]:
    """Select the next batch of entry ids, of those that changed after a revision when it is given."""
    query = select(CatalogEntry.id) if since is None else changed_entries(since=since)
    return query.where(CatalogEntry.id > after).order_by(CatalogEntry.id).limit(BATCH)


def public_entry(code: str) -> Select[*tuple[Any, ...]]:
    """Select what the index holds of one public entry."""
    return _indexed().where(CatalogEntry.code == code, CatalogEntry.scope == PublicationScope.PUBLIC)


def active_listings(entry_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Select what the index holds of the listings in force of some entries, oldest first."""
    return (
        select(*LISTING_COLUMNS)
        .where(Listing.entry_id.in_(entry_ids), is_active())
        .order_by(Listing.entry_id, Listing.id)
    )


def products_in(list_code: ListCode, *, active_only: bool) -> Select[int]:
    """Select how many products a list has, or has ever had: an official total over all scopes."""
    condition = is_active() if active_only else Listing.status != ListingStatus.PENDING_PUBLICATION
    return select(func.count(Listing.entry_id.distinct())).where(Listing.list_code == list_code, condition)


def _indexed() -> Select[*tuple[Any, ...]]:
    return select(*ENTRY_COLUMNS).join(
        EntryVersion,
        and_(EntryVersion.entry_id == CatalogEntry.id, EntryVersion.version == CatalogEntry.current_version),
    )
