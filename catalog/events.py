"""Facts of the catalog that others react to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogChanged:
    """Entries changed; all that changed since carry a revision up to this one."""

    revision: int
