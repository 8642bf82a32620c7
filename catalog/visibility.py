"""Who may see which entries: one answer for pages, certificates, search and exports."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

import catalog.permissions  # noqa: F401 - it names the permission asked for here
from catalog.models import Buyer, BuyerStatus
from registry.models import PublicationScope, Role
from registry.permissions import Actor, has_role, may

EVERYTHING = frozenset(PublicationScope)
BUYER_ROLES = (Role.BUYER_OPERATOR, Role.BUYER_APPROVER)
is_buyer = has_role(*BUYER_ROLES)


def scopes(session: Session, actor: Actor | None) -> frozenset[PublicationScope]:
    """Return the scopes that an actor may see; None is the system itself, which sees everything."""
    if actor is None or may(actor, "entry:view_restricted"):
        return EVERYTHING
    visible = {PublicationScope.PUBLIC}
    if is_buyer(actor) and actor.organization_id is not None:
        verified = select(
            exists().where(
                Buyer.organization_id == actor.organization_id, Buyer.status == BuyerStatus.VERIFIED
            )
        )
        if session.scalar(verified):
            visible.add(PublicationScope.VERIFIED_BUYERS)
    return frozenset(visible)
