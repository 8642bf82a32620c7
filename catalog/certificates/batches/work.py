"""What waits for a buyer's approver."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.certificates.batches import queries
from registry import hooks
from registry.hooks import WorkItem
from registry.models import User
from registry.permissions import may


def waiting(session: Session, actor: User) -> Iterator[WorkItem]:
    """Yield the requests that the actor may approve."""
    if not may(actor, "certificate_batch:decide"):
        return
    query = queries.awaiting(actor).order_by(None).subquery()
    if count := session.scalar(select(func.count()).select_from(query)):
        yield WorkItem("审批批量证明", "/buyer/batches/", count)


hooks.work_items.append(waiting)
