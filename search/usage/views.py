"""Pages for what was searched: searches kept, results taken along, and the office's report."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from catalog import exporting, visibility
from catalog.views.files import known, table_file
from registry import clock, policy, trail
from registry.errors import RuleError
from registry.views.unit_forms import complain
from registry.web import account, actor, db_session, requires, transaction
from search import asking, parameters
from search.parameters import Asked, ParameterError, Taxonomy
from search.usage import saved, tally
from search.usage.forms import SaveForm
from search.usage.models import SavedSearch

bp = Blueprint("usage", __name__)

PERIODS = (7, 30, 90)  # days that the report may look back


@bp.route("/catalog/saved", methods=["GET", "POST"])
@requires("search:keep")
def saved_list() -> ResponseReturnValue:
    """List the account's searches; keep the one whose query string is handed over."""
    labels = asking.labels()
    form, status = SaveForm(address=request.query_string.decode("utf-8", "replace")), 200
    asked = parameters.parse(parse_qs(form.address.data or ""), labels, _scopes())
    if form.validate_on_submit():
        try:
            with transaction() as writing:
                kept = saved.keep(writing, asked, account(), name=form.name.data, is_told=form.is_told.data)
        except RuleError as problem:
            complain(form, problem)
        else:
            flash(f"检索“{kept.name}”已保存。", "success")
            return redirect(url_for(".saved_list"))
    if form.errors:
        status = 422
    rows = db_session().scalars(saved.SHELF.of(account().id).order_by(SavedSearch.name)).all()
    return render_template(
        "search/saved_list.html",
        form=form,
        asked=_words(asked, labels),
        rows=[(row, _described(row.address, labels)) for row in rows],
    ), status


@bp.route("/catalog/saved/<int:saved_id>")
@requires("search:keep")
def saved_search(saved_id: int) -> ResponseReturnValue:
    """Run one of the account's searches again."""
    kept = saved.SHELF.own(db_session(), saved_id, account())
    return redirect(f"{url_for('search.product_list')}?{kept.address}")


@bp.route("/catalog/saved/<int:saved_id>/delete", methods=["POST"])
@requires("search:keep")
def saved_delete(saved_id: int) -> ResponseReturnValue:
    """Delete one of the account's searches."""
    with transaction() as session:
        name = saved.SHELF.drop(session, saved_id, account())
    flash(f"检索“{name}”已删除。", "success")
    return redirect(url_for(".saved_list"))


@bp.route("/catalog/export.<suffix>")
@requires("search:export")
def export(suffix: str) -> ResponseReturnValue:
    """Give the products of a search as a table, in the order of the results, one line for each listing in force."""
    known(suffix)
    asked = parameters.parse(request.args.to_dict(flat=False), asking.labels(), _scopes())
    most = policy.value(db_session(), "search.export_rows")
    found = asking.search(replace(asked.request, page=1, per_page=most))
    if found.total > most:
        raise ParameterError(
            f"检索结果共 {found.total:,} 项，一次最多导出 {most:,} 项，请增加检索词或筛选条件。",
            parameter="q",
        )
    with transaction() as session:
        trail.record(
            session,
            account(),
            "search.export",
            subject="search",
            subject_id=clock.today().isoformat(),
            detail={"address": saved.address_of(asked), "products": found.total},
        )
    session = db_session()
    records = exporting.products(
        session, [hit.code for hit in found.hits], scopes=visibility.scopes(session, actor())
    )
    return table_file(records, name=f"检索结果-{clock.today():%Y%m%d}", suffix=suffix)


@bp.route("/office/searches")
@requires("search:report")
def report() -> ResponseReturnValue:
    """Show what was searched for without result, and what was searched for most."""
    session = db_session()
    days = next((days for days in PERIODS if str(days) == request.args.get("days")), PERIODS[1])
    since, most = clock.today() - timedelta(days=days), policy.value(session, "search.tally")["shown"]
    return render_template(
        "search/usage_report.html",
        days=days,
        periods=PERIODS,
        fruitless=tally.fruitless(session, since=since, limit=most),
        frequent=tally.frequent(session, since=since, limit=most),
    )


def _scopes() -> frozenset[str]:
    return frozenset(scope.value for scope in visibility.scopes(db_session(), actor()))


def _described(address: str, labels: Taxonomy) -> str:
    """Say what a search asks for; one whose values are no longer in the scheme says so."""
    try:
        return _words(parameters.parse(parse_qs(address), labels, _scopes()), labels)
    except ParameterError as problem:
        return problem.sentence


def _words(asked: Asked, labels: Taxonomy) -> str:
    chosen = [
        asking.value_label(labels, name, value)
        for name, values in asked.request.filters.items()
        for value in values
    ]
    return " · ".join([f"“{asked.request.q}”"] * bool(asked.request.q) + chosen)
