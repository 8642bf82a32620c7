"""What a match reads and keeps: functions that return a `Select` and touch nothing."""

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from catalog import queries as catalog_queries
from registry.models import CatalogEntry, PublicationScope
from search.requirements.models import RequirementMatch


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


def kept_by(user_id: int) -> Select[RequirementMatch]:
    """Select what an account keeps, newest first."""
    return (
        select(RequirementMatch)
        .where(RequirementMatch.user_id == user_id)
        .order_by(RequirementMatch.created_at.desc(), RequirementMatch.id.desc())
    )
