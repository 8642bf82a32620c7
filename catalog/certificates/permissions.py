"""Who may issue, look up and revoke certificates. A 列入情况证明 is for anyone who may see the product."""

from catalog.visibility import is_buyer
from registry.models import Role
from registry.permissions import (
    PERMISSIONS,
    Rule,
    has_role,
    is_discipline_observer,
    is_secretariat_lead,
    is_signed_in,
    is_staff,
)

approves_for_buyer = has_role(Role.BUYER_APPROVER) & Rule(
    lambda actor, buyer: buyer is None or actor.organization_id == buyer.organization_id
)
"""The actor approves for the buyer's unit; True while no buyer is named yet (a page's gate)."""

sees_every_certificate = is_staff | is_discipline_observer
is_for_own_unit = is_buyer & Rule(
    lambda actor, certificate: (
        certificate.buyer is not None and certificate.buyer.organization_id == actor.organization_id
    )
)
holds_certificate = is_signed_in & (
    Rule(lambda actor, certificate: certificate is None or certificate.issued_by_id == actor.id)
    | is_for_own_unit
)
"""The actor asked for the certificate, or it is the own unit's; True while none is named yet (a page's gate)."""

PERMISSIONS.update(
    {
        "certificate:issue_for_buyer": approves_for_buyer,
        "certificate:view": sees_every_certificate | holds_certificate,
        "certificate:revoke": is_secretariat_lead,
    }
)
