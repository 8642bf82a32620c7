"""Pages for matching requirements with products: ask, read, take along, keep."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from catalog import visibility
from catalog.importing.readers.table import FileError
from catalog.views.files import TYPES
from registry.errors import NotFoundError, RuleError, TooManyError
from registry.models import CatalogEntry
from registry.views.counting import count_in_minute
from registry.views.unit_forms import complain
from registry.web import (
    accepts_files,
    account,
    actor,
    db_session,
    public,
    requires,
    transaction,
)
from search import asking
from search.query import Request
from search.requirements import exporting, reading, services
from search.requirements.comparing import Fit
from search.requirements.forms import MatchForm
from search.requirements.models import RequirementMatch
from search.requirements.tables import PRODUCTS_MAX, Table

bp = Blueprint("requirements", __name__)

MATCHES = "search.matches_per_minute"  # one costs up to half a second of work


@bp.route("/catalog/requirements", methods=["GET", "POST"])
@accepts_files
@public
def match() -> ResponseReturnValue:
    """Match requirements with chosen products or those best found; show, export or keep the table."""
    form = MatchForm()
    if request.method == "GET":
        form.codes.data = form.codes.data or " ".join(request.args.getlist("code"))[:200]
        form.q.data = form.q.data or request.args.get("q", "")
        return render_template("search/requirements.html", form=form)
    status = 422
    if form.validate_on_submit():
        try:
            count_in_minute(MATCHES)
            table = _match(form)
            if (suffix := request.form.get("export")) is not None:
                return _file(table, suffix)
            if "keep" in request.form:
                return _keep(form, table)
            return _shown(form, table)
        except TooManyError as problem:
            form.lines.errors, status = [problem.sentence], problem.status
        except RuleError as problem:
            _complain(form, problem)
    return render_template("search/requirements.html", form=form), status


@bp.route("/catalog/requirements/kept")
@requires("requirement:keep")
def kept_list() -> ResponseReturnValue:
    """List the tables that the account keeps."""
    rows = db_session().scalars(services.SHELF.of(account().id).order_by(RequirementMatch.id.desc())).all()
    return render_template("search/requirements_kept.html", rows=rows)


@bp.route("/catalog/requirements/kept/<int:match_id>")
@requires("requirement:keep")
def kept(match_id: int) -> ResponseReturnValue:
    """Show a table as it was kept."""
    found = services.SHELF.own(db_session(), match_id, account())
    return _shown(None, Table.of_json(found.content), kept=found)


@bp.route("/catalog/requirements/kept/<int:match_id>.<suffix>")
@requires("requirement:keep")
def kept_file(match_id: int, suffix: str) -> ResponseReturnValue:
    """Give a kept table as a file."""
    found = services.SHELF.own(db_session(), match_id, account())
    return _file(Table.of_json(found.content), suffix)


@bp.route("/catalog/requirements/kept/<int:match_id>/delete", methods=["POST"])
@requires("requirement:keep")
def kept_delete(match_id: int) -> ResponseReturnValue:
    """Delete a kept table."""
    with transaction() as session:
        name = services.SHELF.drop(session, match_id, account())
    flash(f"比对“{name}”已删除。", "success")
    return redirect(url_for(".kept_list"))


def _match(form: MatchForm) -> Table:
    """Read what was typed and uploaded, choose the products, and match them.

    Raises:
        RuleError: something of it cannot be taken.
    """
    text = form.lines.data or ""
    if form.file.data:
        content = form.file.data.read(reading.FILE_MAX + 1)
        added = reading.text_of(content, form.file.data.filename or "")
        form.lines.data = f"{text.rstrip()}\n{added}".strip()
    lines = reading.lines_of(form.lines.data or "")
    entries = _entries(form)
    form.codes.data = " ".join(entry.code for entry in entries)
    return services.match(lines, entries)


def _entries(form: MatchForm) -> list[CatalogEntry]:
    session = db_session()
    scopes = visibility.scopes(session, actor())
    codes = form.codes.data.replace(",", " ").replace("，", " ").replace("、", " ").split()
    if not codes:
        if not form.q.data:
            raise RuleError("产品代码：请填写产品代码，或者填写采购标的。", parameter="codes")
        named = frozenset(scope.value for scope in scopes)
        found = asking.search(Request(q=form.q.data, scopes=named, per_page=PRODUCTS_MAX))
        codes = [hit.code for hit in found.hits or found.nearest][:PRODUCTS_MAX]
        if not codes:
            raise RuleError("采购标的：没有检索到相符的产品，请换一种说法，或者填写产品代码。", parameter="q")
    return services.chosen(session, codes, scopes)


def _keep(form: MatchForm, table: Table) -> ResponseReturnValue:
    if not form.name.data:
        raise RuleError("名称：必填，例如“刻蚀设备采购 技术要求”。", parameter="name")
    with transaction() as session:
        kept = services.keep(session, table, account(), name=form.name.data)
        address = url_for(".kept", match_id=kept.id)
    flash(f"比对“{form.name.data}”已保存，所载产品版本以当日为准。", "success")
    return redirect(address)


def _shown(form: MatchForm | None, table: Table, **more: Any) -> ResponseReturnValue:
    return render_template(
        "search/requirements_table.html",
        form=form,
        table=table,
        verdicts=tuple(Fit),
        note=exporting.NOTE,
        **{"kept": None, **more},
    )


def _file(table: Table, suffix: str) -> Response:
    if suffix not in exporting.WRITERS:
        raise NotFoundError("只提供 .xlsx、.csv 两种格式的下载。", parameter="export")
    out = BytesIO()
    exporting.WRITERS[suffix](table, out)
    out.seek(0)
    name = f"采购要求比对-{table.on:%Y%m%d}.{suffix}"
    response = send_file(out, mimetype=TYPES[suffix], as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _complain(form: MatchForm, problem: RuleError) -> None:
    """Put the sentence at the field that it names."""
    if isinstance(problem, FileError):
        form.file.errors = [problem.sentence]
    else:
        complain(form, problem)
