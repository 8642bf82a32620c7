"""The moves of the committee: departments are asked, vote, and the chair decides."""

from datetime import datetime

from sqlalchemy import select

from registry import clock
from registry.models import Decision
from review.committee import ballots, decisions, sittings
from review.committee.ballots import Answer
from review.committee.models import AgendaItem, Sitting, SittingKind, Vote
from review.committee.sittings import Plan
from tests.lifecycle.cast import DAY, DEPARTMENTS, NINE, Cast
from tests.review.committee.factories import REPLY


class Deciding(Cast):
    """The moves of the committee: departments are asked, vote, and the chair decides."""

    def ready_approve(self) -> None:
        self._vote(Vote.AGREE)

    def approve(self) -> None:
        self._decide(Decision.APPROVED)

    def ready_reject(self) -> None:
        self._vote(Vote.OBJECT)

    def reject(self) -> None:
        self._decide(Decision.REJECTED)

    def ready_defer(self) -> None:
        self._vote(Vote.OBJECT)

    def defer(self) -> None:
        self._decide(Decision.DEFERRED)

    def resume(self) -> None:
        self._sit()

    def _sit(self) -> Sitting:
        """Put the product on an agenda: of a letter and of a meeting in turn."""
        is_letter = next(self.serial) % 2
        made = sittings.prepare(
            self.session, self.lead, self.application.round, application_ids=[self.application.id],
            plan=Plan(SittingKind.OPINION_ROUND, due_on=self.on + 14 * DAY) if is_letter else Plan(
                SittingKind.MEETING, held_at=datetime.combine(self.on + DAY, NINE, clock.BEIJING), place="示例会议室"
            ),
        )  # fmt: skip
        self.session.flush()
        return sittings.locked(self.session, made.id)

    def _vote(self, vote: Vote) -> None:
        """Call the departments and let them vote; to a letter the last stays silent, and the clock closes it."""
        sitting = self._agenda() or self._sit()
        is_letter = sitting.kind is SittingKind.OPINION_ROUND
        self.records |= {"sitting": sitting.id, "item": sitting.items[0].id}
        sittings.call_units(self.session, sitting, self.lead)
        if not is_letter:
            vote = Vote.DISAGREE if vote is Vote.OBJECT else vote
            present = {unit.id for unit in sitting.units}
            sittings.begin_voting(self.session, self._sitting(), self.lead, present=present)
        answer = Answer(vote, "" if vote is Vote.AGREE else "指标没有实测")
        for unit in DEPARTMENTS[:-1] if is_letter else DEPARTMENTS:
            user, shared = self.speakers[unit], sittings.locked(self.session, sitting.id, shared=True)
            ballots.cast(
                self.session, ballots.voice(self.session, user, shared), user, files=self.files,
                answers={item.id: answer for item in shared.items}, reply=REPLY if is_letter else None,
            )  # fmt: skip
        if is_letter:
            with self.standing(sitting.due_on + DAY):
                sittings.close_due(self.session)
        else:
            sittings.close(self.session, self._sitting(), self.lead)

    def _decide(self, decision: Decision) -> None:
        """Let the chair decide as the ballots allow, the secretariat write the minutes and the chair seal them."""
        closed = self._sitting()
        decisions.decide(
            self.session, closed, self.chair, item_id=closed.items[0].id, decision=decision,
            reason="" if decision is Decision.APPROVED else "指标没有实测",
        )  # fmt: skip
        decisions.write_minutes(self.session, closed, self.lead, text=decisions.draft_minutes(closed))
        self.session.flush()
        decisions.seal(self.session, self._sitting(), self.chair)

    def _sitting(self) -> Sitting:
        return sittings.locked(self.session, self.records["sitting"])

    def _agenda(self) -> Sitting | None:
        found = self.session.scalar(
            select(AgendaItem.sitting_id).where(
                AgendaItem.application_id == self.application.id, AgendaItem.ended_at.is_(None)
            )
        )
        return None if found is None else sittings.locked(self.session, found)
