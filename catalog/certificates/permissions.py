"""Who may issue and revoke certificates. A 列入情况证明 is for anyone who may see the product."""

from registry.models import Role
from registry.permissions import PERMISSIONS, Rule, has_role, is_secretariat_lead

approves_for_buyer = has_role(Role.BUYER_APPROVER) & Rule(
    lambda actor, buyer: buyer is None or actor.organization_id == buyer.organization_id
)
"""The actor approves for the buyer's unit; True while no buyer is named yet (a page's gate)."""

PERMISSIONS.update(
    {
        "certificate:issue_for_buyer": approves_for_buyer,
        "certificate:revoke": is_secretariat_lead,
    }
)
