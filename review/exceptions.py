"""What of the review departs from the ordinary; see `registry/exceptions.py`."""

from typing import Any

from sqlalchemy import Select, String, and_, cast, select
from sqlalchemy.orm import aliased

from registry.exceptions import ExceptionKind, Place, acts, chosen, names, on_applications, places, sources
from registry.models import Application, TrailLine
from registry.types import beijing_day
from review.models import Assignment, Expert, Panel, ScoreSheet

CASE, PANEL = "review", "panel"
places[CASE] = Place("/office/review/applications/{}", "panel:view")
places[PANEL] = Place("/office/review/panels/{}", "panel:view")


def _looks_before_the_score() -> Select[*tuple[Any, ...]]:
    scored = aliased(TrailLine)
    before = (
        select(scored.seq)
        .where(
            scored.action == "review.aggregate",
            scored.subject == "application",
            scored.subject_id == cast(Application.id, String),
            scored.seq < TrailLine.seq,
        )
        .correlate(Application, TrailLine)
    )
    return on_applications(ExceptionKind.EARLY_LOOK, "sheet.look", place=CASE).where(~before.exists())


def _motions() -> Select[*tuple[Any, ...]]:
    return on_applications(ExceptionKind.MOTION, "review.motion", place=CASE)


def _appointed() -> Select[*tuple[Any, ...]]:
    return on_applications(ExceptionKind.DRAW, "assignment.appoint", place=CASE)


def _settled() -> Select[*tuple[Any, ...]]:
    return on_applications(ExceptionKind.CONFLICT, "assignment.settle", place=CASE)


def _unlocked() -> Select[*tuple[Any, ...]]:
    return on_applications(ExceptionKind.UNLOCK, "sheet.reopen", place=CASE)


def _cancelled() -> Select[*tuple[Any, ...]]:
    return acts(ExceptionKind.DRAW, "panel.cancel", place=PANEL, round_id=Panel.round_id).join(
        Panel, names(Panel)
    )


def _proven() -> Select[*tuple[Any, ...]]:
    return acts(ExceptionKind.CONFIDENTIAL, "panel.prove", place=PANEL, round_id=Panel.round_id).join(
        Panel, and_(TrailLine.subject == "panel", names(Panel))
    )


def _late_sheets() -> Select[*tuple[Any, ...]]:
    return (
        chosen(
            ExceptionKind.LATE, "sheet.late", at=ScoreSheet.locked_at, place=CASE, record=Application.id,
            actor_id=Expert.user_id, is_expert=True, round_id=Application.round_id, application_id=Application.id,
        )
        .join(Assignment, Assignment.id == ScoreSheet.assignment_id)
        .join(Expert, Expert.id == Assignment.expert_id)
        .join(Application, Application.id == Assignment.application_id)
        .where(beijing_day(ScoreSheet.locked_at) > Assignment.due_on)
    )  # fmt: skip


sources += [
    _looks_before_the_score, _motions, _appointed, _settled, _unlocked, _cancelled, _proven, _late_sheets,
]  # fmt: skip
