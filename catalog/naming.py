"""A unit that is renamed, merged, or claims a product: its entries are marked as changed, so that those who follow look."""

from sqlalchemy import select

from catalog.entries import touch
from registry import outbox
from registry.hooks import Context
from registry.models import CatalogEntry
from registry.organizations.kinds import UnitNamesChanged


@outbox.on(UnitNamesChanged)
def follow(context: Context, event: UnitNamesChanged) -> None:
    """Mark a unit's entries as changed; a second time only makes them be looked at again."""
    with context.database.transaction() as session:
        found = session.scalars(
            select(CatalogEntry).where(CatalogEntry.organization_id == event.organization_id)
        )
        if entries := found.all():
            touch(session, *entries)
