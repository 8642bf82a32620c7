"""The four lists."""

from collections import Counter

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from catalog import exporting, queries, visibility
from catalog.views import bp
from catalog.views.files import SUFFIXES, known, table_file, take_along
from registry import clock, taxonomy
from registry.errors import NotFoundError, RuleError
from registry.models import ListCode, ListingStatus, NodeKind
from registry.paging import Page, page_number
from registry.web import actor, db_session, public

PER_PAGE = 50


@bp.route("/lists/")
@public
def list_index() -> ResponseReturnValue:
    """Show the four lists with the number of their active listings."""
    session = db_session()
    active: Counter[ListCode] = Counter()
    for list_code, status, count in session.execute(
        queries.listing_counts(visibility.scopes(session, actor()))
    ):
        if status is ListingStatus.ACTIVE:
            active[list_code] = count
    return render_template("catalog/list_index.html", lists=[(code, active[code]) for code in ListCode])


@bp.route("/lists/<list>")
@public
def listing_list(list: str) -> ResponseReturnValue:
    """Show a list: what is active, or with `status=all` also what has been."""
    list_code = _list(list)
    shown = request.args.get("status", "active")
    if shown not in ("active", "all"):
        raise RuleError("参数 status 应为 active（有效）或 all（全部）。", parameter="status")
    session, number = db_session(), page_number()
    query = queries.listings_of(list_code, visibility.scopes(session, actor()), active_only=shown == "active")
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "catalog/list_detail.html",
        list_code=list_code,
        shown=shown,
        suffixes=SUFFIXES,
        page=Page(rows, number=number, per_page=PER_PAGE, total=total),
        fields=taxonomy.labels(session, NodeKind.FIELD),
        districts=taxonomy.labels(session, NodeKind.DISTRICT),
    )


@bp.route("/lists/<list>.<suffix>")
@public
def list_file(list: str, suffix: str) -> ResponseReturnValue:
    """Give a list's active listings as a table."""
    known(suffix)
    list_code = _list(list)
    scopes, name = visibility.scopes(db_session(), actor()), f"{list_code}-{clock.today()}"
    take_along(name, scopes)
    records = exporting.current(db_session(), scopes=scopes, list_code=list_code)
    return table_file(records, name=name, suffix=suffix)


def _list(text: str) -> ListCode:
    if text.upper() not in ListCode.__members__:
        raise NotFoundError("没有这个名单，名单代码为 CX、TZ、PC、RJ 之一。", parameter="list")
    return ListCode(text.upper())
