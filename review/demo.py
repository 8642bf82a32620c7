"""The review's part of the demonstration: experts, departments, panels, sheets and what the committee decides."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from decimal import ROUND_DOWN, Decimal
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import accounts, clock, hooks, policy
from registry.demo import plan, stage
from registry.demo.plan import Fate, Product, Round
from registry.demo.stage import Stage, call_of, ids, person
from registry.hooks import Context, DemoRequest, Step
from registry.models import Application, Decision, Role, State, User
from review import experts, outcomes, panels, results, seats, sheets
from review.committee import ballots, decisions, representatives, sittings
from review.committee.ballots import Answer
from review.committee.models import Sitting, SittingKind, SittingState, TallyOutcome, Vote
from review.committee.sittings import Plan
from review.demo_names import TITLES, expert_name, member_name, stem
from review.models import Assignment, AssignmentState, ExpertKind, Panel, Relation
from review.sheets import Typed

EXPERTS = {ExpertKind.TECHNICAL: 44, ExpertKind.USER: 8, ExpertKind.FINANCE: 8}
FIELDS = ("AI", "AM", "DE", "EI", "HE", "LH")
FIRST_HALF = 4  # so many experts of a panel score in its first days; the others follow
PLACE = "示例会议室（虚构）"
REPLY = ("示例回函.pdf", b"%PDF-1.4\n%%EOF\n")
AGAINST = (Fate.MOVED, Fate.OUTVOTED)
OPPOSED = "用户单位反映量产一致性不足，建议暂不列入。"
LATER = "建议补充用户运行报告后再议。"


def steps(context: Context, request: DemoRequest) -> Iterator[Step]:
    """Yield the review's part."""
    play = _Play(Stage(context, request))
    yield Step(min(call.on(plan.CREATED) for call in play.stage.rounds), play.move_in)
    for call in play.stage.rounds:
        for place, field in enumerate(sorted({product.field for product in call.products})):
            begins = plan.PANELS + place * call.stagger
            for day, act in (
                (0, play.prepare), (plan.PANEL_DRAWN, play.draw), (plan.PANEL_FORMED, play.form),
                (plan.DECLARED, play.declare), (plan.REVIEW_BEGUN, play.begin), (plan.SCORED_FIRST, play.score_first),
                (plan.LATE_RECUSAL, play.recuse), (plan.SCORED, play.score), (plan.AGGREGATED, play.aggregate),
                (plan.REDISCUSSED, play.rediscuss), (plan.CONCLUDED, play.conclude),
            ):  # fmt: skip
                yield from play.stage.step(call, begins + day, partial(act, call, field))
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
    """The review's part, act by act."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        fates = {product.name: product.fate for call in stage.rounds for product in call.products}
        self._fates = fates

    def move_in(self) -> None:
        """Take sixty experts into the pool and let somebody speak for every department."""
        kinds = [kind for kind, count in EXPERTS.items() for _ in range(count)]
        with self.stage.session() as session:
            lead = person(session, "lead")
            departments = [row["unit"] for row in policy.value(session, representatives.UNITS)]
            stage.open_accounts(
                session,
                [
                    *((expert_name(number), f"示例专家{stem(number)}", None, (Role.EXPERT,)) for number in range(1, len(kinds))),
                    *(
                        (member_name(number), f"示例委员{stem(number)}", None, (Role.COMMITTEE_MEMBER,))
                        for number in range(1, len(departments))
                    ),
                ],
            )  # fmt: skip
            for number, kind in enumerate(kinds):
                experts.register(
                    session, lead, login=expert_name(number), kind=kind, institution=f"示例研究机构第{number + 1}室",
                    title=TITLES[number % len(TITLES)],
                    fields=[FIELDS[number % len(FIELDS)], FIELDS[(number + 1 + number // len(FIELDS)) % len(FIELDS)]],
                )  # fmt: skip
            session.flush()
            expert = experts.of_user(session, person(session, expert_name(1)))
            experts.affiliate(
                session, expert, person(session, expert_name(1)), name=plan.unit_name(1), relation=Relation.OFFICE,
                from_on=clock.today(), until_on=None,
            )  # fmt: skip
            for number, unit in enumerate(departments):
                user = person(session, member_name(number))
                representatives.appoint(session, lead, user_id=user.id, unit=unit, from_on=clock.today())

    # --- panels ---------------------------------------------------------------------------------------------------

    def prepare(self, call: Round, field: str) -> None:
        """Freeze the pool for the accepted products of a field."""
        with self.stage.session() as session:
            names = [product.name for product in call.products if product.field == field]
            found = session.scalars(
                select(Application)
                .where(Application.product_name.in_(names), Application.state == State.ACCEPTED)
                .order_by(Application.id)
            ).all()
            if found:
                panels.prepare(session, person(session, "lead"), found)

    def draw(self, call: Round, field: str) -> None:
        """Draw the lot with the value that the observer called out."""
        with self.stage.session() as session:
            for panel in _panels(session, call, field):
                panels.draw_lot(session, panel, person(session, "lead"), public_value=f"{271_828 + panel.id}")

    def form(self, call: Round, field: str) -> None:
        """Call the members."""
        with self.stage.session() as session:
            for panel in _panels(session, call, field):
                panels.form(session, panel, person(session, "lead"))

    def declare(self, call: Round, field: str) -> None:
        """Let everybody declare; one of each panel has another engagement and is followed by the next of the lot."""
        with self.stage.session() as session:
            for panel in _panels(session, call, field):
                busy = panel.assignments[0].expert_id
                for one in [one for one in panel.assignments if one.expert_id == busy]:
                    taken, actor = _seat(session, one)
                    seats.decline(session, taken, actor, reason="评审期间有其他公务安排。")
            for panel in _panels(session, call, field):
                _declare(session, panel)

    def begin(self, call: Round, field: str) -> None:
        """Open the sheets."""
        with self.stage.session() as session:
            for panel in _panels(session, call, field):
                panels.begin(session, panel, person(session, "lead"))

    def recuse(self, call: Round, field: str) -> None:
        """Let an expert find out late that there is a conflict; the next of the lot follows."""
        with self.stage.session() as session:
            for panel in _panels(session, call, field):
                for one in _seats(panel, call.of(Fate.RECUSED))[-1:]:
                    taken, actor = _seat(session, one)
                    seats.recuse(
                        session, taken, actor, relation=Relation.TEST_REPORT,
                        reason="本人所在机构曾为该产品出具检测报告。",
                    )  # fmt: skip
                    seats.settle(
                        session,
                        taken,
                        person(session, "lead"),
                        refilling=True,
                        reason="按抽取序列补抽一名专家。",
                    )

    # --- scoring --------------------------------------------------------------------------------------------------

    def score_first(self, call: Round, field: str) -> None:
        """Let the quick ones lock their sheets."""
        self._score(call, field, slice(FIRST_HALF))

    def score(self, call: Round, field: str) -> None:
        """Let the others lock theirs."""
        self._score(call, field, slice(None))

    def _score(self, call: Round, field: str, part: slice) -> None:
        with self.stage.session() as session:
            for panel in _panels(session, call, field):
                _declare(session, panel)
            for panel in _panels(session, call, field):
                for product in panels.under_way(panel):
                    seated = [
                        one
                        for one in panel.assignments
                        if one.application_id == product.id and one.is_standing
                    ]
                    for place, one in list(enumerate(seated))[part]:
                        if one.state is not AssignmentState.LOCKED:
                            self._lock(session, one, product, place)

    def _lock(self, session: Session, one: Assignment, product: Application, place: int) -> None:
        taken, actor = _seat(session, one)
        fate = self._fates[product.product_name]
        earlier = sheets.current(session, taken)
        is_weak = fate in (Fate.WEAK, Fate.MOVED)
        share = Decimal("0.66" if is_weak else "0.78") + Decimal(place * 3 + product.id % 4) / 100
        if is_weak:
            share -= Decimal("0.06")
        if fate is Fate.SPLIT and place == 0:
            share = Decimal("0.78" if earlier else "0.40")
        rubric = sheets.rubric(taken.panel.round, product)
        step = sheets.scale(taken.panel.round).step
        points = {
            line.key: str(
                (line.weight * min(share, Decimal("0.96")) / step).to_integral_value(ROUND_DOWN) * step
            )
            for line in rubric
        }
        words = (
            "与同类产品相比有改进，但证据不足，稳定性数据偏少。"
            if is_weak
            else "指标有检测报告支持，优于同类产品，证据充分可信。"
        )
        sheets.lock(
            session, taken, actor, version=earlier.version_id if earlier else None,
            typed=Typed(
                points, dict.fromkeys(points, words), recommends=not is_weak,
                comment="建议补充长期运行数据。" if is_weak else "建议列入。",
            ),
        )  # fmt: skip

    def aggregate(self, _call: Round, _field: str) -> None:
        """Let the clock aggregate what is complete."""
        results.turn(self.stage.context)

    def rediscuss(self, call: Round, field: str) -> None:
        """Lock the sheets again where they lay too far apart, and aggregate once more."""
        if call.of(Fate.SPLIT):
            self.score(call, field)
            results.turn(self.stage.context)

    def conclude(self, call: Round, field: str) -> None:
        """Bring what is above the line before the committee, and tell the others."""
        with self.stage.session() as session:
            lead = person(session, "lead")
            for panel in _panels(session, call, field):
                for product in panels.under_way(panel):
                    if self._fates[product.product_name] is Fate.MOVED:
                        outcomes.move_below_line(
                            session, product.id, lead, reason="属于国家急需领域，由秘书处动议提交审议。"
                        )
                    if product.is_above_line or product.motion_at:
                        outcomes.refer(session, product.id, lead)
                    else:
                        found = results.case(session, product.id)
                        outcomes.not_select(
                            session, product.id, lead, comments=outcomes.draft_comments(session, found)
                        )

    # --- the committee --------------------------------------------------------------------------------------------

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
        user = accounts.find(session, speaker.user_id)
        if user is None:
            raise LookupError(unit)
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


def _panels(session: Session, call: Round, field: str) -> list[Panel]:
    found = session.scalars(
        select(Panel.id)
        .where(Panel.round_id == call_of(session, call).id, Panel.field == field)
        .order_by(Panel.id)
    ).all()
    return [panels.whole(session, panel_id, lock=True) for panel_id in found]


def _seat(session: Session, one: Assignment) -> tuple[Assignment, User]:
    """Return a seat as its expert sees it, and the expert's account."""
    actor = accounts.find(session, one.expert.user_id)
    if actor is None:
        raise LookupError(one.code)
    return seats.own(session, actor, one.id), actor


def _seats(panel: Panel, products: Sequence[Product]) -> list[Assignment]:
    """Return the standing seats of a panel for products of the plan."""
    names = {product.name for product in products}
    wanted = {item.application_id for item in panel.items if item.application.product_name in names}
    return [one for one in panel.assignments if one.is_standing and one.application_id in wanted]


def _declare(session: Session, panel: Panel) -> None:
    """Let everybody declare who was told and did not declare yet."""
    for one in panel.assignments:
        if one.state is AssignmentState.NOTIFIED:
            seats.declare(session, *_seat(session, one))


def _sittings(session: Session, call: Round, state: SittingState) -> list[Sitting]:
    found = session.scalars(
        select(Sitting.id).where(Sitting.round_id == call_of(session, call).id, Sitting.state == state)
    ).all()
    return [sittings.locked(session, sitting_id) for sitting_id in found]


def _logins(context: Context, _request: DemoRequest) -> None:
    with context.database.reading() as session:
        members = len(representatives.departments(session))
    count = sum(EXPERTS.values())
    context.say(
        f"评审专家 {expert_name(1)} 至 {expert_name(count - 1)}；委员单位代表 {member_name(1)} 至 {member_name(members - 1)}。"
    )


hooks.demo_steps.append(steps)
hooks.demo.append(_logins)
