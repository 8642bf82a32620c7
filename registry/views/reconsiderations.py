"""复核: the unit's page that asks for it, the office's pages that answer."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from registry import applications, calendar, clock, reconsideration
from registry.errors import NotFoundError, RuleError, StaleError
from registry.forms.rounds import VersionForm
from registry.models import User
from registry.paging import Page, page_number
from registry.views import bp
from registry.views.apply.common import own
from registry.web import account, db_session, requires, transaction

PER_PAGE = 50


def _version() -> int:
    version = VersionForm().shown()
    if version is None:
        raise StaleError("页面已经过期，请刷新后再办理。", parameter="version")
    return version


@bp.route("/apply/applications/<int:application_id>/reconsideration", methods=["GET", "POST"])
@requires("reconsideration:ask")
def reconsideration_ask(application_id: int) -> ResponseReturnValue:
    """Ask the office to reconsider how the application was turned away."""
    problem = None
    if request.method == "POST":
        try:
            with transaction() as session:
                application = applications.locked(session, account(), application_id, version=_version())
                reconsideration.ask(session, application, account(), grounds=request.form.get("grounds", ""))
            flash("复核申请已提交，回执已发到消息中。", "success")
            return redirect(url_for(".application_detail", application_id=application_id))
        except RuleError as refused:
            if isinstance(refused, NotFoundError):
                raise
            problem = refused
    application, session = own(application_id), db_session()
    page = render_template(
        "registry/reconsideration_ask.html",
        application=application,
        until=reconsideration.asked_until(session, application),
        asked=reconsideration.of_application(session, application),
        days=calendar.load(session),
        today=clock.today(),
        problem=problem,
    )
    return page, problem.status if problem else 200


@bp.route("/office/reconsiderations")
@requires("reconsideration:view")
def reconsideration_list() -> ResponseReturnValue:
    """List the requests: what waits first, by due day, then what was answered."""
    session, number = db_session(), page_number()
    query = reconsideration.for_office()
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/reconsideration_list.html",
        page=Page(rows, number=number, per_page=PER_PAGE, total=total),
        days=calendar.load(session),
    )


@bp.route("/office/reconsiderations/<int:request_id>")
@requires("reconsideration:view")
def reconsideration_detail(request_id: int) -> ResponseReturnValue:
    """Show a request and answer it."""
    return _page(request_id)


def _page(request_id: int, problem: RuleError | None = None) -> ResponseReturnValue:
    session = db_session()
    asked = reconsideration.find(session, request_id)
    page = render_template(
        "registry/reconsideration_detail.html",
        asked=asked,
        application=asked.application,
        asked_by=session.get_one(User, asked.asked_by_id),
        decided_by=session.get(User, asked.decided_by_id) if asked.decided_by_id else None,
        days=calendar.load(session),
        problem=problem,
    )
    return page, problem.status if problem else 200


def _answer(request_id: int, service: Callable[..., None], done: str) -> ResponseReturnValue:
    """Answer a request; a refused answer shows the page again with the sentence and what was typed."""
    try:
        with transaction() as session:
            asked = reconsideration.find(session, request_id)
            application = applications.held(session, asked.application_id, version=_version())
            service(session, application, account(), reason=request.form.get("reason", ""))
    except RuleError as problem:
        if isinstance(problem, NotFoundError):
            raise
        return _page(request_id, problem)
    flash(done, "success")
    return redirect(url_for(".reconsideration_detail", request_id=request_id))


@bp.route("/office/reconsiderations/<int:request_id>/grant", methods=["POST"])
@requires("reconsideration:decide")
def reconsideration_grant(request_id: int) -> ResponseReturnValue:
    """Take the application up again."""
    return _answer(request_id, reconsideration.grant, "复核通过，申报重新办理，已告知申报单位。")


@bp.route("/office/reconsiderations/<int:request_id>/refuse", methods=["POST"])
@requires("reconsideration:decide")
def reconsideration_refuse(request_id: int) -> ResponseReturnValue:
    """Leave the outcome as it is."""
    return _answer(request_id, reconsideration.refuse, "已维持原结果，说明已告知申报单位。")
