"""The departments are asked by letter, what was put off comes before a meeting, and the chair decides."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, hooks
from registry.demo import plan
from registry.demo.plan import Fate, Product, Round
from registry.demo.stage import Stage, call_of, ids, person
from registry.hooks import Context, DemoRequest, Step
from registry.models import Application, Decision, State
from review.committee import ballots, decisions, representatives, sittings
from review.committee.ballots import Answer
from review.committee.models import Sitting, SittingKind, SittingState, TallyOutcome, Vote
from review.committee.sittings import Plan
from review.demo.people import account

PLACE = "示例会议室（虚构）"
REPLY = ("示例回函.pdf", b"%PDF-1.4\n%%EOF\n")
AGAINST = (Fate.MOVED, Fate.OUTVOTED)
OPPOSED = "用户单位反映量产一致性不足，建议暂不列入。"
LATER = "建议补充用户运行报告后再议。"


def steps(context: Context, request: DemoRequest) -> Iterator[Step]:
    """Yield the committee's part."""
    play = _Play(Stage(context, request))
    yield from play.stage.steps(
        (plan.LETTER, play.write),
        (plan.REPLIES, play.reply),
        (plan.LETTER_CLOSED, play.close),
        (plan.DECIDED, play.decide),
        (plan.SEALED, play.seal),
        (plan.MEETING_CALLED, play.call_meeting),
        (plan.MEETING, play.meet),
        (plan.MEETING_SEALED, play.seal),
    )


class _Play:
    """The committee, act by act."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._fates = stage.fates

    def write(self, call: Round) -> None:
        """Ask the departments by letter."""
        with self.stage.session() as session:
            self._sit(
                session, call, Plan(SittingKind.OPINION_ROUND, due_on=call.on(plan.LETTER_DUE)), call.products
            )

    def reply(self, call: Round) -> None:
        """Let every department but the last answer; silence is no consent."""
        with self.stage.session() as session:
            for sitting in _sittings(session, call, SittingState.VOTING):
                for unit in sitting.units[:-1]:
                    self._vote(session, sitting.id, unit.unit)

    def close(self, _call: Round) -> None:
        """Let the clock close the letters whose last day is over."""
        with self.stage.session() as session:
            sittings.close_due(session)

    def decide(self, call: Round) -> None:
        """Let the chair decide as the ballots allow, and the secretariat write the minutes."""
        with self.stage.session() as session:
            chair = person(session, "chair")
            for sitting in _sittings(session, call, SittingState.CLOSED):
                for item in [item for item in sitting.items if decisions.awaits_decision(item)]:
                    choices = decisions.CHOICES[item.outcome or TallyOutcome.NO_QUORUM]
                    fate = self._fates[item.application.product_name]
                    is_later = fate in (Fate.PUT_OFF, Fate.NOT_RESUMED)
                    wanted = Decision.DEFERRED if is_later and Decision.DEFERRED in choices else choices[0]
                    decisions.decide(
                        session, sitting, chair, item_id=item.id, decision=wanted,
                        reason="" if wanted is Decision.APPROVED else LATER if is_later else OPPOSED,
                    )  # fmt: skip
                decisions.write_minutes(
                    session, sitting, person(session, "lead"), text=decisions.draft_minutes(sitting)
                )

    def seal(self, call: Round) -> None:
        """Seal the minutes."""
        with self.stage.session() as session:
            for sitting in _sittings(session, call, SittingState.CLOSED):
                decisions.seal(session, sitting, person(session, "chair"))

    def call_meeting(self, call: Round) -> None:
        """Call a meeting about what was put off."""
        held_at = datetime.combine(call.on(plan.MEETING), time(9, 30), clock.BEIJING)
        with self.stage.session() as session:
            self._sit(
                session, call, Plan(SittingKind.MEETING, held_at=held_at, place=PLACE), call.of(Fate.PUT_OFF)
            )

    def meet(self, call: Round) -> None:
        """Hold the meeting; everybody attends."""
        with self.stage.session() as session:
            lead = person(session, "lead")
            for sitting in _sittings(session, call, SittingState.CALLED):
                sittings.begin_voting(session, sitting, lead, present={unit.id for unit in sitting.units})
                session.flush()
                for unit in sitting.units:
                    self._vote(session, sitting.id, unit.unit)
                sittings.close(session, sittings.locked(session, sitting.id), lead)
        self.decide(call)

    def _sit(self, session: Session, call: Round, planned: Plan, products: Sequence[Product]) -> None:
        lead = person(session, "lead")
        waiting = session.scalars(
            select(Application.id).where(
                Application.id.in_(ids(session, products)),
                Application.state.in_((State.COMMITTEE_PENDING, State.DEFERRED)),
            )
        ).all()
        if waiting:
            made = sittings.prepare(
                session, lead, call_of(session, call), plan=planned, application_ids=waiting
            )
            session.flush()
            sittings.call_units(session, sittings.locked(session, made.id), lead)

    def _vote(self, session: Session, sitting_id: int, unit: str) -> None:
        speaker = next(one for one in representatives.departments(session) if one.unit == unit).people[0]
        user = account(session, speaker.user_id)
        sitting = sittings.locked(session, sitting_id, shared=True)
        is_letter = sitting.kind is SittingKind.OPINION_ROUND
        against = Vote.OBJECT if is_letter else Vote.DISAGREE

        def answer(product: Application) -> Answer:
            fate = self._fates[product.product_name]
            if fate in AGAINST:
                return Answer(against, OPPOSED)
            if is_letter and fate in (Fate.PUT_OFF, Fate.NOT_RESUMED):
                return Answer(against, LATER)
            return Answer(Vote.AGREE)

        ballots.cast(
            session, ballots.voice(session, user, sitting), user, files=self.stage.files,
            answers={item.id: answer(item.application) for item in sitting.items},
            reply=REPLY if is_letter else None,
        )  # fmt: skip


def _sittings(session: Session, call: Round, state: SittingState) -> list[Sitting]:
    found = session.scalars(
        select(Sitting.id).where(Sitting.round_id == call_of(session, call).id, Sitting.state == state)
    ).all()
    return [sittings.locked(session, sitting_id) for sitting_id in found]


hooks.demo_steps.append(steps)
