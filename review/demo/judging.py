"""Panels are drawn, experts declare and score, and what is above the line goes on."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import hooks
from registry.demo import plan
from registry.demo.plan import Fate, Product, Round
from registry.demo.stage import Stage, call_of, person
from registry.hooks import Context, DemoRequest, Step
from registry.models import Application, State, User
from review import outcomes, panels, results, seats, sheets
from review.demo.people import account
from review.models import Assignment, AssignmentState, Panel, Relation
from review.sheets import Typed

FIRST_HALF = 4
"""How many experts of a panel score in its first days; the others follow."""


def steps(context: Context, request: DemoRequest) -> Iterator[Step]:
    """Yield what happens to the panels of every round, a panel for each field."""
    play = _Play(Stage(context, request))
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


class _Play:
    """The review of products, act by act."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._fates = stage.fates

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


def _panels(session: Session, call: Round, field: str) -> list[Panel]:
    found = session.scalars(
        select(Panel.id)
        .where(Panel.round_id == call_of(session, call).id, Panel.field == field)
        .order_by(Panel.id)
    ).all()
    return [panels.whole(session, panel_id, lock=True) for panel_id in found]


def _seat(session: Session, one: Assignment) -> tuple[Assignment, User]:
    """Return a seat as its expert sees it, and the expert's account."""
    actor = account(session, one.expert.user_id)
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


hooks.demo_steps.append(steps)
