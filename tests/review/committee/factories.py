"""`make` for the committee: representatives and sittings, made through the services."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from registry import clock, policy
from registry.files import FileStore
from registry.models import Application, CallRound, Role, State, User
from review.committee import ballots, representatives, sittings
from review.committee.ballots import Answer
from review.committee.models import Representative, Sitting, SittingKind, SittingState, Vote

LEADS = ("市经济信息化委", "市科委", "市科创办")
OTHERS = (
    "市发展改革委", "市卫生健康委", "市国资委", "市市场监管局", "市版权局", "市知识产权局", "市药品监管局",
)  # fmt: skip
REPLY = ("回函.pdf", b"%PDF-1.7 reply")


class CommitteeMake:
    """The part of `Make` that knows the committee."""

    session: Session
    user: Any
    application: Any
    round: Any

    def representative(self, unit: str, *, user: User | None = None) -> Representative:
        """Return who speaks for a department since today, a new account unless told."""
        user = user or self.user(Role.COMMITTEE_MEMBER)
        lead = self.user(Role.SECRETARIAT_LEAD)
        found = representatives.appoint(self.session, lead, user_id=user.id, unit=unit, from_on=clock.today())
        found.user = user
        return found

    def committee(self) -> dict[str, User]:
        """Return one person for each of today's departments, by its name."""
        return {
            row["unit"]: self.representative(row["unit"]).user
            for row in policy.value(self.session, "committee.units")
        }

    def sitting(
        self,
        *applications: Application,
        kind: SittingKind = SittingKind.OPINION_ROUND,
        state: SittingState = SittingState.VOTING,
    ) -> Sitting:
        """Return a sitting brought to a state by a lead of its own, about one product unless told.

        A meeting is attended by every department.
        """
        lead = self.user(Role.SECRETARIAT_LEAD)
        products = applications or (self.application(state=State.COMMITTEE_PENDING),)
        call = self.session.get_one(CallRound, products[0].round_id)
        plan = sittings.Plan(kind, due_on=clock.today() + timedelta(days=14))
        if kind is SittingKind.MEETING:
            plan = sittings.Plan(kind, held_at=clock.now() + timedelta(days=2), place="示例会议室")
        sitting = sittings.prepare(
            self.session, lead, call, plan=plan, application_ids=[product.id for product in products]
        )
        self.session.flush()
        if state is not SittingState.PREPARED:
            sittings.call_units(self.session, self.seen(sitting), lead)
        if state is SittingState.VOTING and kind is SittingKind.MEETING:
            sittings.begin_voting(
                self.session, self.seen(sitting), lead, present={unit.id for unit in sitting.units}
            )
        return self.seen(sitting)

    def seen(self, sitting: Sitting) -> Sitting:
        """Return the sitting afresh, with everything of it."""
        self.session.flush()
        return sittings.whole(self.session, sitting.id)

    def answer(
        self, sitting: Sitting, user: User, files: FileStore, vote: Vote = Vote.AGREE, **values: Any
    ) -> None:
        """Let a person answer the same for every product of a sitting, with a reason and a scanned reply."""
        values.setdefault("reason", "" if vote is Vote.AGREE else "示例理由")
        answers: Mapping[int, Answer] = {item.id: Answer(vote, **values) for item in sitting.items}
        sitting = self.seen(sitting)
        voice = ballots.voice(self.session, user, sitting)
        ballots.cast(self.session, voice, user, answers=answers, reply=REPLY, files=files)

    def voted(
        self,
        sitting: Sitting,
        people: Mapping[str, User],
        files: FileStore,
        votes: Mapping[str, Vote] | None = None,
        *,
        silent: tuple[str, ...] = (),
    ) -> Sitting:
        """Return a sitting in which everybody but the silent voted, agreeing unless told, closed on the day after."""
        for unit, user in people.items():
            if unit not in silent:
                self.answer(sitting, user, files, (votes or {}).get(unit, Vote.AGREE))
        with clock.standing_at(clock.today() + timedelta(days=15)):
            sittings.close(self.session, self.seen(sitting), None)
        return self.seen(sitting)
