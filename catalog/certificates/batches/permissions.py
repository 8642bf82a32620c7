"""Who asks for a batch of certificates, and who decides: two hands of one buyer."""

from catalog.certificates.permissions import approves_for_buyer
from catalog.visibility import is_buyer
from registry.models import Role
from registry.permissions import PERMISSIONS, Rule, has_role

of_own_unit = Rule(lambda actor, batch: batch is None or batch.buyer.organization_id == actor.organization_id)
"""The batch is the actor's unit's; True while none is named yet (a page's gate)."""

asked_by_another = Rule(lambda actor, batch: batch is None or batch.requested_by_id != actor.id)
asked_oneself = Rule(lambda actor, batch: batch is None or batch.requested_by_id == actor.id)
approves = Rule(lambda actor, batch: approves_for_buyer(actor, batch and batch.buyer))

PERMISSIONS.update(
    {
        "certificate_batch:view": is_buyer & of_own_unit,
        "certificate_batch:request": has_role(Role.BUYER_OPERATOR),
        "certificate_batch:withdraw": has_role(Role.BUYER_OPERATOR) & of_own_unit & asked_oneself,
        "certificate_batch:decide": approves & asked_by_another,
    }
)
