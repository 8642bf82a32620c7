"""Listings end by themselves: with their own validity, or with the registration of the device they name."""

from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.entries import day_after, record_status, touch
from registry import clock, hooks
from registry.models import CatalogEntry, EntryVersion, Listing, ListingStatus


def is_in_force(listing: Listing) -> bool:
    """Return whether the listing counts today, also in the hours before the clock expires it."""
    return listing.status is ListingStatus.ACTIVE and (
        listing.valid_until is None or listing.valid_until >= clock.today()
    )


def expire_listings(session: Session, *, batch: int = 500) -> int:
    """Expire up to `batch` active listings whose validity, or whose device's registration, is over; return how many.

    A listing ends with the earlier of the two (`domain.md` (b), CatalogEntry).
    """
    licence = EntryVersion.device["valid_until"].as_string()
    due = session.execute(
        select(Listing, CatalogEntry, licence)
        .join(CatalogEntry, CatalogEntry.id == Listing.entry_id)
        .join(
            EntryVersion,
            (EntryVersion.entry_id == CatalogEntry.id)
            & (EntryVersion.version == CatalogEntry.current_version),
        )
        .where(
            Listing.status == ListingStatus.ACTIVE,
            or_(Listing.valid_until < clock.today(), licence < clock.today().isoformat()),
        )
        .order_by(Listing.id)
        .limit(batch)
    ).all()
    for listing, _, licence_until in due:
        ends = [
            day for day in (listing.valid_until, licence_until and date.fromisoformat(licence_until)) if day
        ]
        last, reason = min(ends), None
        if last != listing.valid_until:
            reason = f"医疗器械注册（备案）有效期至 {last}"
        record_status(session, listing, None, ListingStatus.EXPIRED, reason, day_after(last))
    if due:
        touch(session, *(entry for _, entry, _ in due))
    return len(due)


def expire_due(context: hooks.Context) -> None:
    """Expire everything that is due, some at a time, so that other writers get their turn."""
    while True:
        with context.database.transaction() as session:
            if not expire_listings(session):
                return


hooks.clocks.append(hooks.Clock("catalog.expire", timedelta(hours=1), expire_due))  # soon after midnight
