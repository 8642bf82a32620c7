"""Who keeps a shortlist: buyers' accounts, each its own."""

from catalog.visibility import is_buyer
from registry.permissions import PERMISSIONS

PERMISSIONS["shortlist:keep"] = is_buyer
