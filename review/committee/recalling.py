"""A product that the committee holds goes back to its panel, because a conflict came to light after the score.

The sheet of who is recused counts no more, and not as a zero; the score is made again, and the committee asked anew.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import messages, rounds, workflow
from registry.models import Action, Application, User
from registry.permissions import require
from review import results
from review.committee import sittings
from review.committee.models import AgendaItem, Sitting, SittingState
from review.models import PanelItem

REASON = "评审后查明专家须回避，重新汇总得分"


def recall(session: Session, application_id: int, actor: User) -> None:
    """Bring a product back before its panel; what was voted or decided on the old score is kept and counts no more.

    Raises:
        StaleError: the committee does not hold it any more.
        RuleError: no recusal is open.
    """
    require(actor, "panel:manage")
    sitting = _sitting(session, application_id)
    this = results.case(session, application_id, lock=True)
    application = this.application
    workflow.advance(session, application, actor, Action.RECALL, reason=REASON)
    application.decision = application.decided_on = None
    application.motion_at = None  # a motion was for the score that falls
    session.get_one(PanelItem, (this.panel.id, application_id)).ended_at = None
    if sitting is not None:
        sittings.release(next(item for item in sitting.items if item.application_id == application_id))
        if sitting.state not in (SittingState.PREPARED, SittingState.CANCELLED):
            _tell(session, sitting, application)
    application.is_on_agenda = False


def _sitting(session: Session, application_id: int) -> Sitting | None:
    """Return the latest sitting that was asked about a product, held like everybody does: before the product."""
    found = session.scalars(
        select(AgendaItem.sitting_id)
        .where(AgendaItem.application_id == application_id)
        .order_by(AgendaItem.id.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else sittings.locked(session, found)


def _tell(session: Session, sitting: Sitting, application: Application) -> None:
    text = rounds.policy_value(sitting.round, "committee.letter_recalled")
    words = {"sitting": sitting.name, "product": application.product_name}
    messages.tell(
        session, sittings.speakers(session, sitting), path=f"/review/committee/{sitting.id}",
        subject=text["subject"].format(**words), body=text["body"].format(**words),
    )  # fmt: skip
