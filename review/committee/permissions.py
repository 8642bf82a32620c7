"""Who may do what in the committee; see `docs/permissions.md`."""

from registry.models import Role
from registry.permissions import (
    PERMISSIONS,
    Rule,
    has_role,
    is_discipline_observer,
    is_secretariat_lead,
)

is_member = has_role(Role.COMMITTEE_MEMBER)
is_chair = has_role(Role.COMMITTEE_CHAIR)
is_own_voice = Rule(
    lambda actor, voice: (
        voice is None or (voice.representative is not None and actor.id == voice.representative.user_id)
    )
)

PERMISSIONS.update(
    {
        "committee:view": is_secretariat_lead | is_chair | is_discipline_observer,
        "committee:manage": is_secretariat_lead,
        "committee:decide": is_chair,
        "ballot:list": is_member,
        "ballot:cast": is_member & is_own_voice,
        "ballot:register": is_secretariat_lead,
    }
)
