"""What waits for staff: changes of synonyms that somebody else proposed."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import search.permissions  # noqa: F401 - it names who may
from registry import hooks
from registry.hooks import WorkItem
from registry.models import ProposalState, User
from registry.permissions import may
from search.synonyms.models import SynonymChange


def waiting(session: Session, user: User) -> Iterator[WorkItem]:
    """Yield the changes to decide on."""
    if may(user, "synonym:confirm"):
        others = select(func.count()).where(
            SynonymChange.state == ProposalState.PROPOSED, SynonymChange.proposed_by_id != user.id
        )
        if count := session.scalar(others):
            yield WorkItem("同义词变更待确认", "/office/synonyms", count)


hooks.work_items.append(waiting)
