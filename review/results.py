"""What the sheets come to: the official score, a re-discussion where they lie far apart, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from registry import clock, hooks, rounds, trail, workflow
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Action, Application, State, User
from registry.permissions import Actor, require
from review import queries, scoring, seats, sheets
from review.models import (
    Assignment,
    AssignmentState,
    Expert,
    NotSelectedReason,
    Panel,
    PanelItem,
    ReviewResult,
    ScoreSheet,
)
from review.scoring import Aggregate, AggregationRule, Sheet


@dataclass(frozen=True, slots=True)
class Case:
    """A product before its panel, with the seats."""

    application: Application
    panel: Panel
    seats: list[Assignment]

    @property
    def locked(self) -> list[Assignment]:
        """Return the seats whose sheet counts."""
        return [seat for seat in self.seats if seat.state is AssignmentState.LOCKED]

    @property
    def waiting(self) -> list[Assignment]:
        """Return the filled seats whose sheet is not locked."""
        return [seat for seat in self.seats if seat.is_standing and seat.state is not AssignmentState.LOCKED]

    @property
    def recusals(self) -> list[Assignment]:
        """Return the recusals that nobody settled yet."""
        return [
            seat for seat in self.seats if seat.state is AssignmentState.RECUSED and seat.settled_at is None
        ]


# --- looking ------------------------------------------------------------------------------------------------------


def case(session: Session, application_id: int, *, lock: bool = False) -> Case:
    """Return a product with its latest panel and all seats; with `lock`, others wait until the commit.

    Raises:
        NotFoundError: it never had a panel.
    """
    panel = session.scalars(
        select(Panel)
        .join(PanelItem)
        .where(PanelItem.application_id == application_id, Panel.cancelled_at.is_(None))
        .order_by(Panel.id.desc())
        .limit(1)
        .options(joinedload(Panel.round))
    ).one_or_none()
    if panel is None:
        raise NotFoundError("这项申报还没有专家组。", parameter="application")
    if lock:
        seats.hold(session, application_id)
    application = session.scalars(
        select(Application)
        .where(Application.id == application_id)
        .options(joinedload(Application.organization))
    ).one()
    found = session.scalars(
        select(Assignment)
        .where(Assignment.panel_id == panel.id, Assignment.application_id == application_id)
        .order_by(Assignment.id)
        .options(
            joinedload(Assignment.expert).joinedload(Expert.user),
            joinedload(Assignment.panel).joinedload(Panel.round),
            joinedload(Assignment.application).joinedload(Application.organization),
        )
    ).all()
    return Case(application, panel, list(found))


def history(session: Session, application_id: int) -> Sequence[ReviewResult]:
    """Return every result of a product, newest first."""
    return session.scalars(
        select(ReviewResult)
        .where(ReviewResult.application_id == application_id)
        .order_by(ReviewResult.number.desc())
    ).all()


def latest(session: Session, application_id: int) -> ReviewResult:
    """Return the result that counts.

    Raises:
        NotFoundError: there is none yet.
    """
    found = next((one for one in history(session, application_id) if one.is_final), None)
    if found is None:
        raise NotFoundError("还没有汇总得分。", parameter="application")
    return found


def ranked(session: Session, round_id: int) -> list[tuple[Application, str]]:
    """Return a round's products under review or scored, each with its unit's name: the best first, unscored ones last."""
    rows = [(product, unit) for product, unit in session.execute(queries.products(round_id))]
    means: dict[int, dict[str, int]] = {}
    for result in session.scalars(queries.final_results(round_id)):
        means[result.application_id] = result.means

    def place(row: tuple[Application, str]) -> tuple[bool, tuple[Any, ...]]:
        product, score = row[0], row[0].official_score
        if score is None:
            return True, (product.id,)
        return False, (
            *scoring.rank(score, means.get(product.id, {}), product.accepted_on or date.max),
            product.id,
        )

    return sorted(rows, key=place)


def rule_of(case: Case) -> AggregationRule:
    """Return the rule of aggregation as the product's round froze it."""
    return scoring.aggregation_of(rounds.policy_value(case.panel.round, "review.aggregation"))


# --- aggregating --------------------------------------------------------------------------------------------------


def aggregate(session: Session, application_id: int, actor: Actor) -> ReviewResult:
    """Make the official score of the locked sheets, by the rule that the round froze.

    Sheets that are not locked when their day is over are left out, not counted as zero. Where the sheets lie too far
    apart the first result is kept, the sheets are reopened for one re-discussion, and the product stays under review.
    A product that is scored already is aggregated anew after a late recusal.

    Raises:
        StaleError: it is not under review, or nothing changed since it was scored.
        RuleError: sheets are still waited for, too few are locked, or a recusal is open.
    """
    if actor is not workflow.SYSTEM:
        require(actor, "panel:manage")
    this = case(session, application_id, lock=True)
    application, again = this.application, this.application.state is State.SCORED
    if not again:
        workflow.transition(application, Action.AGGREGATE)
    _ready(session, this, again=again)
    rule = rule_of(this)
    counted = counting(session, this)
    came_to = scoring.aggregate([_sheet(sheet) for sheet in counted], rule)
    earlier = [one for one in history(session, application_id) if one.panel_id == this.panel.id]
    result = _keep(session, this, actor, counted, came_to, is_final=bool(earlier) or not came_to.is_wide)
    if not result.is_final:
        _rediscuss(session, this, result)
        return result
    for seat in this.waiting:  # whoever is late is out, so that nobody writes into a finished score
        seat.state, seat.left_at, seat.reason = AssignmentState.LAPSED, clock.now(), "逾期未锁定评分表"
    application.official_score, application.recommend_share = result.score, result.recommend_share
    application.is_above_line = came_to.is_above_line
    seats.refresh(session, application, this.panel)
    if not again:
        workflow.advance(session, application, actor, Action.AGGREGATE)
    return result


def _ready(session: Session, this: Case, *, again: bool) -> None:
    if this.recusals:
        raise RuleError("还有未处理的回避事项，不能汇总得分。", parameter="recusals")
    late = [seat for seat in this.waiting if seat.due_on is not None and seat.due_on < clock.today()]
    if pending := len(this.waiting) - len(late):
        raise RuleError(
            f"还有 {pending} 份评分表没有锁定，评分期限届满后才能按已锁定的汇总。", parameter="sheets"
        )
    if again and is_current(session, this):
        raise StaleError("得分已经汇总，评分表没有变化。", parameter="state")


def is_current(session: Session, this: Case) -> bool:
    """Return whether the result still stands on the sheets that count."""
    counted = {row["sheet"] for row in latest(session, this.application.id).sheets}
    return counted == {sheet.id for sheet in counting(session, this)}


def counting(session: Session, this: Case) -> Sequence[ScoreSheet]:
    """Return the sheets that count: locked, and by nobody who was recused."""
    return session.scalars(
        select(ScoreSheet)
        .where(
            ScoreSheet.assignment_id.in_([seat.id for seat in this.locked]),
            ScoreSheet.replaced_at.is_(None),
        )
        .order_by(ScoreSheet.id)
        .options(selectinload(ScoreSheet.items))
    ).all()


def _sheet(sheet: ScoreSheet) -> Sheet:
    return Sheet(scoring.from_points(sheet.total or 0), bool(sheet.recommends), frozenset(sheet.vetoes))


def _keep(
    session: Session,
    this: Case,
    actor: Actor,
    counted: Sequence[ScoreSheet],
    came_to: Aggregate,
    *,
    is_final: bool,
) -> ReviewResult:
    application = this.application
    points = [
        {item.criterion: scoring.from_points(item.points or 0) for item in sheet.items} for sheet in counted
    ]
    means = scoring.means(points, sheets.rubric(this.panel.round, application))
    number = len(history(session, application.id)) + 1
    result = ReviewResult(
        application_id=application.id, panel_id=this.panel.id, number=number,
        score=scoring.to_points(came_to.score), recommend_share=scoring.to_points(came_to.recommend_share),
        spread=scoring.to_points(came_to.spread), valid=came_to.valid, vetoes=dict(came_to.vetoes),
        means={key: scoring.to_points(mean) for key, mean in means.items()},
        sheets=[{"sheet": sheet.id, "hash": sheet.hash} for sheet in counted],
        rule=rounds.policy_value(this.panel.round, "review.aggregation"), failing=_failing(came_to),
        is_wide=came_to.is_wide, is_final=is_final, computed_by_id=actor.id, computed_at=clock.now(),
    )  # fmt: skip
    session.add(result)
    session.flush()  # the unique number refuses a second click
    trail.record(
        session, actor if isinstance(actor, User) else None, "review.aggregate", subject="application",
        subject_id=application.id, version=application.frozen_revision,
        detail={"result": result.id, "number": number, "is_final": is_final, "sheets": len(counted)},
    )  # fmt: skip
    return result


def _failing(came_to: Aggregate) -> NotSelectedReason | None:
    if came_to.is_vetoed:
        return NotSelectedReason.VETOED
    if not came_to.passes_mark:
        return NotSelectedReason.BELOW_MARK
    return None if came_to.passes_share else NotSelectedReason.BELOW_SHARE


def _rediscuss(session: Session, this: Case, result: ReviewResult) -> None:
    due_on = seats.due(session, this.panel.round, "review.rediscussion_days")
    again = this.locked
    for seat in again:
        sheets.reopen(session, seat, None, reason=f"极差 {scoring.from_points(result.spread)} 分，复议一轮")
        seat.due_on = due_on
    seats.refresh(session, this.application, this.panel)
    seats.tell(session, this.panel.round, "review.letter_rediscuss", again, due_on=due_on)


# --- by the clock -------------------------------------------------------------------------------------------------


def turn(context: hooks.Context) -> None:
    """Free seats whose declaration is overdue, and aggregate the products whose sheets are all locked."""
    with context.database.reading() as session:
        silent = session.scalars(_silent()).all()
        complete = session.scalars(
            select(Application.id).where(
                Application.state == State.UNDER_REVIEW,
                Application.open_conflicts == 0,
                Application.locked_sheets >= Application.min_panel,
                Application.locked_sheets == Application.panel_size,
            )
        ).all()
    for assignment_id in silent:
        with context.database.transaction() as session:
            seat = session.scalars(
                _silent()
                .where(Assignment.id == assignment_id)
                .with_only_columns(Assignment)
                .options(joinedload(Assignment.panel).joinedload(Panel.round), joinedload(Assignment.expert))
            ).one_or_none()
            if seat is not None:
                seats.lapse(session, seat)
    for application_id in complete:
        try:
            with context.database.transaction() as session:
                aggregate(session, application_id, workflow.SYSTEM)
        except RuleError as problem:  # somebody was faster, or it waits for the lead; the others go on
            context.say(f"application {application_id}: {problem.sentence}")


def _silent() -> Select[int]:
    return (
        select(Assignment.id)
        .join(Assignment.application)
        .where(
            Assignment.state == AssignmentState.NOTIFIED,
            Assignment.due_on < clock.today(),
            Application.state.in_(seats.IN_REVIEW),
        )
    )


hooks.clocks.append(hooks.Clock("review.turn", timedelta(minutes=10), turn))
