"""Published editions."""

import re

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from catalog import exporting, queries, visibility
from catalog.models import Edition
from catalog.views import bp
from catalog.views.files import SUFFIXES, known, table_file, take_along
from registry import taxonomy
from registry.errors import NotFoundError
from registry.models import ListCode, NodeKind
from registry.paging import Page, page_number
from registry.web import actor, db_session, public

PER_PAGE = 50
_SLUG = re.compile(r"([A-Z]{2})-([0-9]{4})-([0-9]{2})")


@bp.route("/editions/")
@public
def edition_list() -> ResponseReturnValue:
    """List the published editions, newest first."""
    session, number = db_session(), page_number()
    query = queries.editions(visibility.scopes(session, actor()))
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.execute(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "catalog/edition_list.html",
        suffixes=SUFFIXES,
        page=Page(rows, number=number, per_page=PER_PAGE, total=total),
    )


def edition_of(slug: str) -> tuple[Edition, int]:
    """Return an edition by its id with the number of lines the asker may see.

    Raises:
        NotFoundError: there is none, or none of its lines is for the asker.
    """
    match = _SLUG.fullmatch(slug)
    if match is not None and match[1] in ListCode.__members__:
        session = db_session()
        found = session.execute(
            queries.editions(visibility.scopes(session, actor())).where(
                Edition.list_code == ListCode(match[1]),
                Edition.year == int(match[2]),
                Edition.batch == int(match[3]),
            )
        ).one_or_none()
        if found is not None:
            return found[0], found[1]
    raise NotFoundError("没有这个目录版本。", parameter="edition")


@bp.route("/editions/<slug>")
@public
def edition(slug: str) -> ResponseReturnValue:
    """Show an edition's lines in printed order."""
    shown, total = edition_of(slug)
    session, number = db_session(), page_number()
    rows = session.scalars(
        queries.edition_items(shown.id, visibility.scopes(session, actor()))
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    return render_template(
        "catalog/edition_detail.html",
        edition=shown,
        suffixes=SUFFIXES,
        page=Page(rows, number=number, per_page=PER_PAGE, total=total),
        fields=taxonomy.labels(session, NodeKind.FIELD),
        districts=taxonomy.labels(session, NodeKind.DISTRICT),
    )


@bp.route("/editions/<slug>.<suffix>")
@public
def edition_file(slug: str, suffix: str) -> ResponseReturnValue:
    """Give an edition as a table, as it was cut."""
    known(suffix)
    shown, _ = edition_of(slug)
    scopes = visibility.scopes(db_session(), actor())
    take_along(shown.slug, scopes)
    records = exporting.edition(db_session(), shown, scopes=scopes)
    return table_file(records, name=shown.slug, suffix=suffix)
