"""Run migrations on the database that `registry.migration` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

import catalog.certificates.batches.models
import catalog.models
import catalog.publication.models
import catalog.shortlists.models  # noqa: F401 - as above
import review.committee.models
import review.models  # noqa: F401 - as above
import search.requirements.models
import search.synonyms.models
import search.usage.models  # noqa: F401 - as above
from registry.models import Base
from registry.types import FenColumn, Instant


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Name SQL types in a new migration, never our classes, which may change."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, FenColumn):
        return f"sa.{type(item.impl).__name__}()"
    if kind == "type" and isinstance(item, sa.Enum):
        values = ", ".join(repr(value) for value in item.enums)
        return f"sa.Enum({values}, name={item.name!r}, native_enum=False, create_constraint=True, length=40)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
