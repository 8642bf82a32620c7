"""The unit's applications: the list, a new one, where one stands, what was submitted."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from registry import applications, queries, questions, reconsideration, rounds
from registry.applications.stages import ENDED, STAGES, stage_of
from registry.applications.stages import NEXT as NEXT_STEP
from registry.errors import NotFoundError, RuleError
from registry.models import CallRound, InboxMessage, ListCode, Organization
from registry.organizations import bans
from registry.paging import Page, page_number
from registry.permissions import may
from registry.views import bp
from registry.views.apply.common import own, progress
from registry.web import account, db_session, requires, transaction
from registry.workflow import actions

PER_PAGE = 20


def _call(round_id: int) -> CallRound:
    call = db_session().scalars(queries.announced_rounds().where(CallRound.id == round_id)).one_or_none()
    if call is None:
        raise NotFoundError("没有这个批次，或者申报通知还没有发布。", parameter="round")
    return call


@bp.route("/apply/")
@requires("application:view")
def application_list() -> ResponseReturnValue:
    """List the unit's applications, the newest first, and the rounds that take some now."""
    session, number, user = db_session(), page_number(), account()
    query = queries.applications_of(user.organization_id)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/application_list.html",
        applications=Page(rows, number=number, per_page=PER_PAGE, total=total),
        calls=[call for call in session.scalars(queries.announced_rounds()) if rounds.is_taking(call)],
        unit=session.get(Organization, user.organization_id) if user.organization_id else None,
        ban=bans.in_force(session, user.organization_id) if user.organization_id else None,
    )


@bp.route("/apply/rounds/<int:round_id>", methods=["GET", "POST"])
@requires("application:create")
def application_new(round_id: int) -> ResponseReturnValue:
    """Begin an application in a round: which list, which product."""
    call, user, problem = _call(round_id), account(), None
    if request.method == "POST":
        try:
            with transaction() as session:
                application = applications.create(
                    session,
                    rounds.taking(session, round_id),
                    user,
                    list_code=_list_code(request.form.get("list", "")),
                    product_name=request.form.get("product_name", ""),
                )
            return redirect(url_for(".application_edit", application_id=application.id, block="A"))
        except RuleError as refused:
            problem = refused
    left = applications.quota_left(db_session(), user.organization_id, call) if user.organization_id else None
    page = render_template("registry/application_new.html", call=call, problem=problem, quota_left=left)
    return page, problem.status if problem else 200


def _list_code(text: str) -> ListCode:
    if text not in ListCode.__members__:
        raise RuleError("申报名单：请选择。", parameter="list")
    return ListCode(text)


@bp.route("/apply/applications/<int:application_id>")
@requires("application:view")
def application_detail(application_id: int) -> ResponseReturnValue:
    """Show where an application stands, what comes next and what may be done now."""
    session, user, application = db_session(), account(), own(application_id)
    return render_template(
        "registry/application_detail.html",
        application=application,
        stages=STAGES,
        stage=stage_of(application.state),
        has_ended=application.state in ENDED,
        may_ask=may(user, "reconsideration:ask", application)
        and reconsideration.is_open(session, application),
        has_asked=bool(reconsideration.of_application(session, application)),
        next_step=NEXT_STEP[application.state],
        moves={row.action.value: missing for row, missing in actions(application, user)},
        blocks=progress(application, applications.draft(session, application)),
        is_editable=application.state in applications.EDITABLE,
        revisions=session.execute(queries.revisions(application.id)).all(),
        letters=session.scalars(
            select(InboxMessage)
            .where(InboxMessage.user_id == user.id, InboxMessage.application_id == application.id)
            .order_by(InboxMessage.id.desc())
        ).all(),
    )


@bp.route("/apply/applications/<int:application_id>/revisions/<int:number>")
@requires("application:view")
def application_revision(application_id: int, number: int) -> ResponseReturnValue:
    """Show a submitted revision as it was, for reading and printing."""
    session, application = db_session(), own(application_id)
    return render_template(
        "registry/application_revision.html",
        application=application,
        revision=applications.revision(session, application, number),
        classes=questions.classes(session),
        blocks=questions.blocks(application.list_code),
    )
