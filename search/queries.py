"""What the index is made from: functions that return a `Select` and touch nothing."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, func, select

from registry.models import CatalogEntry, EntryVersion, ListCode, Listing, ListingStatus, PublicationScope

BATCH = 1000  # rows in memory at a time


def is_active() -> ColumnElement[bool]:
    """Return the condition that a listing is in force."""
    return Listing.status == ListingStatus.ACTIVE


def changed_entries(*, since: int) -> Select[int]:
    """Select the ids of the entries that changed after a revision."""
    return select(CatalogEntry.id).where(CatalogEntry.revision > since)


def entries(ids: Collection[int]) -> Select[CatalogEntry, EntryVersion]:
    """Select entries with their current version, in order of id."""
    return _with_version().where(CatalogEntry.id.in_(ids)).order_by(CatalogEntry.id)


def entry_ids(*, after: int, since: int | None = None) -> Select[int]:
    """Select the next batch of entry ids, of those that changed after a revision when it is given."""
    query = select(CatalogEntry.id) if since is None else changed_entries(since=since)
    return query.where(CatalogEntry.id > after).order_by(CatalogEntry.id).limit(BATCH)


def public_entry(code: str) -> Select[CatalogEntry, EntryVersion]:
    """Select one public entry with its current version."""
    return _with_version().where(CatalogEntry.code == code, CatalogEntry.scope == PublicationScope.PUBLIC)


def active_listings(entry_ids: Collection[int]) -> Select[Listing]:
    """Select the listings in force of some entries, oldest first within a list."""
    return (
        select(Listing)
        .where(Listing.entry_id.in_(entry_ids), is_active())
        .order_by(Listing.entry_id, Listing.id)
    )


def products_in(list_code: ListCode, *, active_only: bool) -> Select[int]:
    """Select how many products a list has, or has ever had: an official total over all scopes."""
    condition = is_active() if active_only else Listing.status != ListingStatus.PENDING_PUBLICATION
    return select(func.count(Listing.entry_id.distinct())).where(Listing.list_code == list_code, condition)


def _with_version() -> Select[CatalogEntry, EntryVersion]:
    return select(CatalogEntry, EntryVersion).join(
        EntryVersion,
        and_(EntryVersion.entry_id == CatalogEntry.id, EntryVersion.version == CatalogEntry.current_version),
    )
