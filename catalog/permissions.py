"""Who may do what with the catalog; see `docs/permissions.md`."""

from registry.permissions import (
    PERMISSIONS,
    is_discipline_observer,
    is_publisher,
    is_secretariat_lead,
    is_staff,
)

PERMISSIONS.update(
    {
        "catalog:import": is_secretariat_lead | is_publisher,
        "entry:view_restricted": is_staff | is_discipline_observer,
    }
)
