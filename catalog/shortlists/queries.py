"""What is looked up of shortlists: functions that return a `Select` and touch nothing."""

from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from catalog.queries import Scopes, entries_for
from catalog.shortlists.models import ShortlistItem
from registry.models import CatalogEntry


def shortlisted(user_id: int, scopes: Scopes) -> Select[CatalogEntry]:
    """Select an account's shortlist as far as the scopes allow, in the order in which it grew."""
    return (
        entries_for(scopes)
        .options(joinedload(CatalogEntry.version), selectinload(CatalogEntry.listings))
        .join(ShortlistItem, ShortlistItem.entry_id == CatalogEntry.id)
        .where(ShortlistItem.user_id == user_id)
        .order_by(ShortlistItem.added_at, CatalogEntry.code)
    )
