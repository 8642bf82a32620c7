"""What is looked up of shortlists: functions that return a `Select` and touch nothing."""

from collections.abc import Sequence

from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from catalog.queries import Scopes, entries_for
from catalog.shortlists.models import ShortlistItem
from registry.models import CatalogEntry


def shortlisted(user_id: int, scopes: Scopes) -> Select[CatalogEntry]:
    """Select an account's shortlist as far as the scopes allow, in the order in which it grew."""
    return (
        _shown(scopes)
        .join(ShortlistItem, ShortlistItem.entry_id == CatalogEntry.id)
        .where(ShortlistItem.user_id == user_id)
        .order_by(ShortlistItem.added_at, CatalogEntry.code)
    )


def products(codes: Sequence[str], scopes: Scopes) -> Select[CatalogEntry]:
    """Select the products of some codes within the scopes."""
    sound = [code for code in codes if code.isalnum()]  # PostgreSQL takes no NUL
    return _shown(scopes).where(CatalogEntry.code.in_(sound)).order_by(CatalogEntry.code)


def _shown(scopes: Scopes) -> Select[CatalogEntry]:
    return entries_for(scopes).options(joinedload(CatalogEntry.version), selectinload(CatalogEntry.listings))
