"""The trail, for reading only."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from registry import queries, trail
from registry.forms import TrailFilterForm
from registry.models import TrailHead, TrailLine
from registry.paging import Page, page_number
from registry.views import bp
from registry.web import db_session, requires

PER_PAGE = 50


@bp.route("/office/trail")
@requires("trail:view")
def trail_list() -> ResponseReturnValue:
    """List official acts, newest first, with the chain's head and the latest daily roots."""
    session, number = db_session(), page_number()
    form = TrailFilterForm(request.args)
    form.validate()
    filters = queries.TrailFilters(
        action=(form.action.data or "").strip(),
        subject_id=(form.subject_id.data or "").strip(),
        since=form.day("since"),
        until=form.day("until"),
    )
    query = queries.trail(filters)
    total = session.scalar(
        select(func.count()).select_from(query.with_only_columns(TrailLine.seq).order_by(None).subquery())
    )
    rows = session.execute(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/trail_list.html",
        form=form,
        lines=Page(rows, number=number, per_page=PER_PAGE, total=total or 0),
        head=session.get(TrailHead, 1),
        roots=session.scalars(trail.roots().limit(7)).all(),
    )
