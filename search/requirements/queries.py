"""What a match reads and keeps: functions that return a `Select` and touch nothing."""

from collections.abc import Collection

from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from catalog import queries as catalog_queries
from registry.models import CatalogEntry, PublicationScope


def products(codes: Collection[str], scopes: Collection[PublicationScope]) -> Select[CatalogEntry]:
    """Select the published entries of some codes within the scopes, with all that a match or a comparison reads."""
    return (
        catalog_queries.entries_for(scopes)
        .where(CatalogEntry.code.in_(codes))
        .options(
            joinedload(CatalogEntry.version),
            selectinload(CatalogEntry.listings),
            selectinload(CatalogEntry.national_listings),
        )
    )
