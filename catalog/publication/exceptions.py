"""What of notices and objections departs from the ordinary; never who objects. See `registry/exceptions.py`."""

from typing import Any

from sqlalchemy import Select, and_

from catalog.publication.models import NoticeItem, Objection, PublicNotice
from registry.exceptions import ExceptionKind, Place, acts, names, places, sources
from registry.models import Application, TrailLine
from registry.types import beijing_day

NOTICE, OBJECTION = "notice", "objection"
places[NOTICE] = Place("/office/notices/{}", "notice:view")
places[OBJECTION] = Place("/office/objections/{}", "objection:view")


def _on_objections(kind: ExceptionKind, *actions: str) -> Select[*tuple[Any, ...]]:
    return (
        acts(
            kind,
            *actions,
            place=OBJECTION,
            round_id=Application.round_id,
            application_id=Application.id,
        )
        .join(Objection, and_(TrailLine.subject == "objection", names(Objection)))
        .join(NoticeItem, NoticeItem.id == Objection.item_id)
        .join(Application, Application.id == NoticeItem.application_id)
    )


def _identified() -> Select[*tuple[Any, ...]]:
    return _on_objections(ExceptionKind.CONFIDENTIAL, "objection.identify", "objection.open_file")


def _late_answers() -> Select[*tuple[Any, ...]]:
    return _on_objections(ExceptionKind.LATE, "objection.answer").where(
        beijing_day(TrailLine.at) > Objection.due_on
    )


def _cleared() -> Select[*tuple[Any, ...]]:
    return acts(ExceptionKind.WAIVER, "notice.clear", place=NOTICE, round_id=PublicNotice.round_id).join(
        PublicNotice, and_(TrailLine.subject == "notice", names(PublicNotice))
    )


sources += [_identified, _late_answers, _cleared]
