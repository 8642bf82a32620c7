"""What must hold between panels, seats, sheets and scores, whatever happened."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, selectinload

from registry import hooks
from registry.models import Application, Capacity, Participation
from review import draw, panels, sheets
from review.models import (
    STANDING,
    Assignment,
    AssignmentState,
    Expert,
    Panel,
    PanelItem,
    ReviewResult,
    ScoreSheet,
)
from review.seats import RECALLABLE

BATCH = 200  # records read at once


def broken(session: Session) -> Iterator[str]:
    """Yield one English line for every invariant found broken."""
    yield from _draws(session)
    yield from _counts(session)
    yield from _sheets(session)
    yield from _scores(session)
    yield from _capacities(session)


def _draws(session: Session) -> Iterator[str]:
    drawn = select(Panel).where(Panel.seed.is_not(None)).execution_options(yield_per=BATCH)
    for panel in session.scalars(drawn):
        for line in draw.replay(panels.proof(panel)):
            yield f"panel {panel.id}: {line}"


def _counts(session: Session) -> Iterator[str]:
    """Compare the evidence of products with the seats of the panel on which it rests; see `seats.rests_on`."""
    filled: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for panel_id, application_id, state, settled_at in session.execute(
        select(
            Assignment.panel_id, Assignment.application_id, Assignment.state, Assignment.settled_at
        ).execution_options(yield_per=BATCH)
    ):
        count = filled[panel_id, application_id]
        count["panel_size"] += state in STANDING
        count["locked_sheets"] += state is AssignmentState.LOCKED
        count["open_conflicts"] += state is AssignmentState.RECUSED and settled_at is None
    later = aliased(PanelItem)
    newest = select(func.max(later.panel_id)).where(later.application_id == PanelItem.application_id)
    is_held = Application.state.in_(RECALLABLE) & (PanelItem.panel_id == newest.scalar_subquery())
    rows = session.execute(
        select(PanelItem.panel_id, Application)
        .join(Application, Application.id == PanelItem.application_id)
        .where(PanelItem.ended_at.is_(None) | is_held)
        .execution_options(yield_per=BATCH)
    )
    for panel_id, application in rows:
        for name in ("panel_size", "locked_sheets", "open_conflicts"):
            if getattr(application, name) != filled[panel_id, application.id][name]:
                yield f"application {application.id}: {name} is not what its seats say"


def _sheets(session: Session) -> Iterator[str]:
    locked = (
        select(ScoreSheet)
        .where(ScoreSheet.locked_at.is_not(None))
        .options(selectinload(ScoreSheet.items))
        .execution_options(yield_per=BATCH)
    )
    for sheet in session.scalars(locked):
        if sheet.hash != sheets.content_hash(sheet):
            yield f"sheet {sheet.id} was altered after it was locked"
        if sheet.total != sum(item.points or 0 for item in sheet.items):
            yield f"sheet {sheet.id} does not add up"


def _scores(session: Session) -> Iterator[str]:
    """Compare the official scores with the results they come from."""
    hashes = dict(
        session.execute(select(ScoreSheet.id, ScoreSheet.hash).where(ScoreSheet.locked_at.is_not(None))).all()
    )
    last: dict[int, ReviewResult] = {}
    for result in session.scalars(
        select(ReviewResult).order_by(ReviewResult.id).execution_options(yield_per=BATCH)
    ):
        if result.is_final:
            last[result.application_id] = result
        if any(hashes.get(row["sheet"]) != row["hash"] for row in result.sheets):
            yield f"result {result.id} counted a sheet that is not locked as it was"
    for application_id, score in session.execute(
        select(Application.id, Application.official_score).where(Application.official_score.is_not(None))
    ):
        if application_id not in last or last[application_id].score != score:
            yield f"application {application_id}: the official score is no result's"


def _capacities(session: Session) -> Iterator[str]:
    """Yield those who declared for a product and are not known as its experts."""
    known = select(Participation.user_id).where(
        Participation.application_id == Assignment.application_id,
        Participation.user_id == Expert.user_id,
        Participation.capacity == Capacity.EXPERT,
    )
    for assignment_id in session.scalars(
        select(Assignment.id)
        .join(Assignment.expert)
        .where(Assignment.declared_at.is_not(None), ~known.exists())
    ):
        yield f"assignment {assignment_id}: its expert acts in another capacity"


def check(context: hooks.Context) -> list[str]:
    """Return what is broken; see `broken`."""
    with context.database.reading() as session:
        return list(broken(session))


hooks.checks.append(check)
