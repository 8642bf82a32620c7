"""The comparison page, and the products that a product's page names beside it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from catalog import visibility
from catalog.queries import entries_for
from catalog.shortlists import services as shortlists
from registry import hooks
from registry.errors import RuleError
from registry.hooks import Related
from registry.models import CatalogEntry, EntryVersion
from registry.web import actor, db_session, public
from search import asking
from search.comparison import rows
from search.index import IndexBusyError, IndexMissingError
from search.query import MAX_QUERY_CHARACTERS, Hit, Request
from search.requirements import services
from search.requirements.tables import PRODUCTS_MAX

bp = Blueprint("comparison", __name__)

RELATED_MAX = 5


@bp.route("/catalog/compare")
@public
def compare() -> ResponseReturnValue:
    """Show up to five products beside each other."""
    session = db_session()
    codes = request.args.getlist("code")
    entries: list[CatalogEntry] = []
    refused: Sequence[CatalogEntry] = []
    problem = ""
    try:
        entries = services.chosen(session, codes, visibility.scopes(session, actor()))
    except RuleError as error:
        problem = error.sentence
        refused = shortlists.known(session, codes, actor())
    known = asking.labels()
    shown = (rows.facts(entries, known), rows.measured(entries)) if entries else ([], [])
    is_only = request.args.get("show") == "different"
    groups = [
        (title, [row for row in group if row.differs or not is_only])
        for title, group in zip(("基本信息", "主要技术指标"), shown, strict=True)
    ]
    return render_template(
        "search/compare.html",
        problem=problem,
        entries=entries,
        refused=refused,
        groups=groups,
        is_only=is_only,
        most=PRODUCTS_MAX,
        different=sum(row.differs for group in shown for row in group),
    ), 422 if problem else 200


def related(who: Any, code: str) -> Sequence[Related]:
    """Return products like one: those found by its name, then others of its category, all within the asker's scopes."""
    session = db_session()
    scopes = visibility.scopes(session, who)
    found = session.execute(
        select(EntryVersion.name, EntryVersion.category, EntryVersion.field)
        .join(CatalogEntry, CatalogEntry.id == EntryVersion.entry_id)
        .where(CatalogEntry.code == code, EntryVersion.version == CatalogEntry.current_version)
        .where(CatalogEntry.id.in_(entries_for(scopes).with_only_columns(CatalogEntry.id)))
    ).one_or_none()
    if found is None:
        return ()
    name, category, field = found
    named = frozenset(scope.value for scope in scopes)
    filters = {"field": (field,)} if field else {}
    hits: dict[str, Hit] = {}
    for text in filter(None, (name, category)):
        asked = Request(
            q=text[:MAX_QUERY_CHARACTERS], filters=filters, scopes=named, per_page=RELATED_MAX + 1
        )
        try:
            result = asking.search(asked)
        except (IndexMissingError, IndexBusyError):
            break  # the page of a product stands without its neighbours
        for hit in (*result.hits, *result.nearest):
            hits.setdefault(hit.code, hit)
    hits.pop(code, None)
    return [
        Related(hit.code, hit.document.name, hit.document.organization or "")
        for hit in list(hits.values())[:RELATED_MAX]
    ]


hooks.related.append(related)
