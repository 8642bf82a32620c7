"""Exceptions on one page: who departed from the ordinary way, why, and by whose approval."""

from datetime import date

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from registry import clock, exceptions, presentation, queries, spreadsheets, terms, trail
from registry.errors import RuleError
from registry.exceptions import ExceptionKind, Filters
from registry.paging import Page, page_number
from registry.views import bp
from registry.web import account, db_session, requires, transaction

PER_PAGE = 50
HEADERS = ("类别", "事项", "时间", "办理人", "理由", "批准人", "批次", "申报或产品")


def _filters() -> Filters:
    kind, call = request.args.get("kind", ""), request.args.get("round", "")
    if kind and kind not in list(ExceptionKind):
        raise RuleError("类别：请从列表中选择。", parameter="kind")
    if call and not (call.isascii() and call.isdigit() and len(call) <= 9):
        raise RuleError("批次：请从列表中选择。", parameter="round")
    filters = Filters(
        ExceptionKind(kind) if kind else None,
        int(call) if call else None,
        _day("since", "起"),
        _day("until", "止"),
    )
    if filters.since and filters.until and filters.since > filters.until:
        raise RuleError("止：不得早于起。", parameter="until")
    return filters


def _day(name: str, label: str) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = None
    if text and (day is None or not 2000 <= day.year <= 2100):
        raise RuleError(f"{label}：请写成 2026-03-01 这样的日期。", parameter=name)
    return day


@bp.route("/office/exceptions")
@requires("exception:view")
def exception_list() -> ResponseReturnValue:
    """List the exceptions, the latest first."""
    session, number, filters = db_session(), page_number(), _filters()
    rows = session.execute(exceptions.found(filters).limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/exception_list.html",
        filters=filters,
        kinds=list(ExceptionKind),
        calls=session.scalars(queries.announced_rounds()).all(),
        page=Page(
            exceptions.shown(session, account(), rows),
            number=number,
            per_page=PER_PAGE,
            total=exceptions.count(session, filters),
        ),
        kept={name: value for name, value in request.args.items() if name != "page"},
    )


@bp.route("/office/exceptions.csv")
@requires("exception:view")
def exception_file() -> ResponseReturnValue:
    """Give the exceptions as a table; taking it along leaves a line in the trail."""
    filters, session = _filters(), db_session()
    lines = (
        (
            presentation.named("exception_kind.", row.kind), presentation.named("act.", row.act),
            presentation.instant(row.at), row.who, row.reason, row.approver, row.round, row.case,
        )
        for part in exceptions.batches(session, account(), filters)
        for row in part
    )  # fmt: skip
    content = spreadsheets.csv_bytes((HEADERS, *lines))
    with transaction() as session:
        trail.record(
            session, account(), "exception.export", subject="exception", subject_id=clock.today().isoformat(),
            detail={"reason": _chosen(filters)},
        )  # fmt: skip
    response = Response(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=exceptions-{clock.today():%Y%m%d}.csv"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _chosen(filters: Filters) -> str:
    """Return in words what an export holds."""
    period = f"{filters.since or ''}至{filters.until or ''}" if filters.since or filters.until else "全部时间"
    return f"{terms.label(filters.kind) or '全部类别'}，{period}"
