"""The office's pages on units: what they ask, and who they are."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from registry import clock, taxonomy
from registry.errors import NotFoundError, RuleError
from registry.models import CatalogEntry, NodeKind, Organization, UnitRequest, UnitRequestKind, User
from registry.organizations import bans, findings, kinds, lookup, members, requests
from registry.paging import Page, page_number
from registry.views import bp
from registry.views.unit_forms import AnswerForm, MergeForm, complain
from registry.views.units import answer
from registry.web import account, db_session, requires, transaction

PER_PAGE = 50
SHOWN = {"waiting": True, "decided": False}


@bp.route("/office/units")
@requires("unit:list")
def unit_queue() -> ResponseReturnValue:
    """List what units ask: what waits, oldest first, or with `shown=decided` what was decided."""
    shown = request.args.get("shown", "waiting")
    if shown not in SHOWN:
        raise RuleError("参数 shown 应为 waiting（待办理）或 decided（已办结）。", parameter="shown")
    session, number = db_session(), page_number()
    query = requests.for_office(waiting=SHOWN[shown])
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/unit_queue.html",
        shown=shown,
        page=Page(rows, number=number, per_page=PER_PAGE, total=total),
        due=requests.due_days(session, rows),
    )


@bp.route("/office/units/requests/<int:request_id>")
@requires("unit:list")
def unit_request_detail(request_id: int) -> ResponseReturnValue:
    """Show a request with what the registry can say about it, and decide it."""
    session = db_session()
    return _request_page(session, request_id, AnswerForm())


def _request_page(session: Session, request_id: int, form: AnswerForm) -> ResponseReturnValue:
    asked = session.scalars(
        select(UnitRequest)
        .where(UnitRequest.id == request_id)
        .options(joinedload(UnitRequest.organization), joinedload(UnitRequest.attachment))
    ).one_or_none()
    if asked is None:
        raise NotFoundError("没有这项申请。", parameter="request")
    form.version.data = str(asked.version_id)
    return render_template(
        "registry/unit_request_detail.html",
        asked=asked,
        organization=asked.organization,
        form=form,
        findings=findings.of(session, asked, asked.organization),
        filed_by=session.get_one(User, asked.filed_by_id),
        decided_by=session.get(User, asked.decided_by_id) if asked.decided_by_id else None,
        due=requests.due_days(session, [asked])[asked.id],
        may_decide=requests.may_decide(session, account(), asked),
    ), 422 if form.errors else 200


@bp.route("/office/units/requests/<int:request_id>", methods=["POST"])
@requires("unit:decide")
def unit_request_answer(request_id: int) -> ResponseReturnValue:
    """Decide a request."""
    try:
        answer(request_id)
    except RuleError as problem:
        if problem.parameter != "reason":
            raise
        form = AnswerForm()
        complain(form, problem)
        return _request_page(db_session(), request_id, form)
    return redirect(url_for(".unit_queue"))


@bp.route("/office/units/all")
@requires("unit:list")
def unit_list() -> ResponseReturnValue:
    """List the registered units; a text narrows to names, former names and codes that contain it."""
    session, number = db_session(), page_number()
    text = request.args.get("q", "").strip()[:60]
    query = lookup.matching(text)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/unit_list.html",
        q=text,
        page=Page(rows, number=number, per_page=PER_PAGE, total=total),
        districts=taxonomy.labels(session, NodeKind.DISTRICT),
    )


@bp.route("/office/units/<int:organization_id>", methods=["GET", "POST"])
@requires("unit:list")
def unit_record(organization_id: int) -> ResponseReturnValue:
    """Show a unit with its names, members, requests and products; propose that another record is the same unit."""
    form = MergeForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                organization = session.get_one(Organization, organization_id)
                filed = requests.file(
                    session, organization, account(), kind=UnitRequestKind.MERGE, **form.values()
                )
            flash("合并申请已提出，由另一位工作人员办理。", "success")
            return redirect(url_for(".unit_request_detail", request_id=filed.id))
        except RuleError as problem:
            if problem.parameter == "kind":
                problem.parameter = "other"
            complain(form, problem)
    session = db_session()
    found = session.get(Organization, organization_id)
    if found is None:
        raise NotFoundError("没有这个单位。", parameter="unit")
    return render_template(
        "registry/unit_record.html",
        organization=found,
        merged_into=session.get(Organization, found.merged_into_id) if found.merged_into_id else None,
        former_names=kinds.own_names(session, found)[1:],
        members=session.scalars(members.of(found.id)).all(),
        asked=session.scalars(requests.of_unit(found.id)).all(),
        bans=session.scalars(bans.of_unit(found.id)).all(),
        today=clock.today(),
        products=session.scalar(select(func.count()).where(CatalogEntry.organization_id == found.id)),
        districts=taxonomy.labels(session, NodeKind.DISTRICT),
        form=form,
    ), 422 if form.errors else 200
