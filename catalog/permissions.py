"""Who may do what with the catalog; see `docs/permissions.md`."""

from registry.permissions import PERMISSIONS, is_discipline_observer, is_staff

PERMISSIONS.update(
    {
        "entry:view_restricted": is_staff | is_discipline_observer,
    }
)
