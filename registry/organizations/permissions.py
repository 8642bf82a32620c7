"""Who may do what with units; see `docs/permissions.md`."""

from registry.models import Role
from registry.permissions import (
    PERMISSIONS,
    Rule,
    has_role,
    is_discipline_observer,
    is_secretariat_lead,
    is_signed_in,
)

MEMBER_ROLES = (
    Role.APPLICANT_OPERATOR,
    Role.APPLICANT_SIGNATORY,
    Role.BUYER_OPERATOR,
    Role.BUYER_APPROVER,
)
"""What an account may be in its own unit."""

is_own_unit = Rule(
    lambda actor, unit: (
        unit is None or (actor.organization_id is not None and actor.organization_id == unit.id)
    )
)
is_member = has_role(*MEMBER_ROLES) & is_own_unit
is_officer = has_role(Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD)

PERMISSIONS.update(
    {
        "unit:view": is_signed_in,
        "unit:correct": has_role(Role.APPLICANT_OPERATOR, Role.APPLICANT_SIGNATORY) & is_own_unit,
        "unit:request": is_member,
        "unit:list": is_officer | is_discipline_observer,
        "unit:decide": is_officer,
        "member:manage": has_role(Role.APPLICANT_SIGNATORY) & is_own_unit,
        "ban:propose": has_role(Role.FORMAL_REVIEWER),
        "ban:decide": is_secretariat_lead,
        "inbox:view": is_signed_in,
    }
)
