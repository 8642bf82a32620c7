"""Who may do what with notices, objections and publications; see `docs/permissions.md`."""

from registry.models import Role
from registry.permissions import (
    PERMISSIONS,
    has_role,
    is_discipline_observer,
    is_publisher,
    is_secretariat_lead,
    is_staff,
)

is_chair = has_role(Role.COMMITTEE_CHAIR)

PERMISSIONS.update(
    {
        "notice:view": is_staff | is_discipline_observer,
        "notice:manage": is_publisher,
        "objection:view": is_secretariat_lead | is_chair | is_discipline_observer,
        "objection:register": is_publisher | is_secretariat_lead,
        "objection:handle": is_secretariat_lead,
        "objection:identify": is_secretariat_lead,
        "objection:decide": is_chair,
        "publication:view": is_staff | is_chair | is_discipline_observer,
        "publication:draft": is_publisher,
        "publication:check": is_publisher | is_secretariat_lead,
        "publication:sign": is_secretariat_lead | is_chair,
        "publication:publish": is_publisher,
        "support:view": is_staff | is_discipline_observer,
        "support:record": is_secretariat_lead,
    }
)
