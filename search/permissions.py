"""Who may do what with searches; see `docs/permissions.md`."""

from catalog.visibility import is_buyer
from registry.permissions import PERMISSIONS, is_discipline_observer, is_signed_in, is_staff

PERMISSIONS.update(
    {
        "search:keep": is_signed_in,
        "search:export": is_buyer | is_staff,
        "requirement:keep": is_buyer,
        "search:report": is_staff | is_discipline_observer,
        "synonym:view": is_staff | is_discipline_observer,
        "synonym:propose": is_staff,
        "synonym:confirm": is_staff,
    }
)
