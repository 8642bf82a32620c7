"""The pool of experts, kept by the secretariat's lead."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import taxonomy
from registry.errors import NotFoundError, RuleError
from registry.models import NodeKind
from registry.paging import Page, page_number
from registry.web import account, db_session, requires, transaction
from review import experts, queries
from review.forms import AffiliationForm, EndForm, ExpertForm
from review.models import Expert, ExpertKind, Relation
from review.views import bp

PER_PAGE = 50


def _expert(session: Session, expert_id: int) -> Expert:
    found = session.scalars(queries.expert(expert_id)).one_or_none()
    if found is None:
        raise NotFoundError("没有这位专家。", parameter="expert")
    return found


@bp.route("/office/experts")
@requires("expert:manage")
def expert_list() -> ResponseReturnValue:
    """List the pool."""
    session, number = db_session(), page_number()
    kind = request.args.get("kind", "")
    filters = queries.ExpertFilters(
        text=request.args.get("q", "").strip()[:60],
        kind=ExpertKind(kind) if kind in set(ExpertKind) else None,
    )
    query = queries.experts(filters)
    total = session.scalar(
        select(func.count()).select_from(query.with_only_columns(Expert.id).order_by(None).subquery())
    )
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "review/expert_list.html",
        experts=Page(rows, number=number, per_page=PER_PAGE, total=total or 0),
        filters=filters,
        kinds=list(ExpertKind),
        fields=taxonomy.labels(session, NodeKind.FIELD),
    )


def _form(**shown: Any) -> ExpertForm:
    form = ExpertForm(**shown)
    form.offer(taxonomy.labels(db_session(), NodeKind.FIELD).by_code)
    return form


def _values(form: ExpertForm) -> dict[str, Any]:
    return {
        "kind": ExpertKind(form.kind.data),
        "institution": form.institution.data,
        "title": form.title.data or "",
        "fields": form.fields.data or [],
    }


def _blame(form: Any, problem: RuleError, default: str) -> None:
    form[problem.parameter if problem.parameter in form else default].errors = [problem.sentence]


@bp.route("/office/experts/new", methods=["GET", "POST"])
@requires("expert:manage")
def expert_new() -> ResponseReturnValue:
    """Take an account into the pool."""
    form = _form()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                expert = experts.register(session, account(), login=form.login.data or "", **_values(form))
        except RuleError as problem:
            _blame(form, problem, "login")
        else:
            flash("专家已入库。", "success")
            return redirect(url_for(".expert_detail", expert_id=expert.id))
    return render_template("review/expert_edit.html", form=form, expert=None), 422 if form.errors else 200


@bp.route("/office/experts/<int:expert_id>", methods=["GET", "POST"])
@requires("expert:manage")
def expert_detail(expert_id: int) -> ResponseReturnValue:
    """Show an expert with the ties to units, and change what the pool says."""
    expert = _expert(db_session(), expert_id)
    form = _form(obj=expert)
    if not form.is_submitted():
        form.version.data = str(expert.version_id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                experts.revise(
                    session, _expert(session, expert_id), account(), version=form.shown() or 0,
                    is_available=form.is_available.data, **_values(form),
                )  # fmt: skip
        except RuleError as problem:
            if problem.parameter not in form or problem.parameter == "version":
                raise
            _blame(form, problem, "institution")
        else:
            flash("专家信息已修改。", "success")
            return redirect(url_for(".expert_detail", expert_id=expert_id))
    return _detail(expert, form, AffiliationForm(formdata=None)), 422 if form.errors else 200


@bp.route("/office/experts/<int:expert_id>/affiliations", methods=["POST"])
@requires("expert:manage")
def expert_affiliate(expert_id: int) -> ResponseReturnValue:
    """Record a tie of an expert that the secretariat learnt of."""
    form = AffiliationForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                experts.affiliate(
                    session, _expert(session, expert_id), account(), name=form.name.data,
                    relation=Relation(form.relation.data), from_on=form.from_on.data, until_on=form.until_on.data,
                )  # fmt: skip
        except RuleError as problem:
            _blame(form, problem, "name")
        else:
            flash("关系已登记，抽取时据此回避。", "success")
            return redirect(url_for(".expert_detail", expert_id=expert_id))
    expert = _expert(db_session(), expert_id)
    shown = _form(formdata=None, obj=expert)
    shown.version.data = str(expert.version_id)
    return _detail(expert, shown, form), 422


@bp.route("/office/experts/<int:expert_id>/affiliations/<int:affiliation_id>/end", methods=["POST"])
@requires("expert:manage")
def expert_affiliation_end(expert_id: int, affiliation_id: int) -> ResponseReturnValue:
    """Say when a tie of an expert ended."""
    form = EndForm()
    if not form.validate():
        raise RuleError(next(iter(form.until_on.errors), "止：必填。"), parameter="until_on")
    with transaction() as session:
        tie = experts.affiliation(session, _expert(session, expert_id), affiliation_id)
        experts.end_affiliation(session, tie, account(), on=form.until_on.data)
    flash("终止日期已登记。", "success")
    return redirect(url_for(".expert_detail", expert_id=expert_id))


def _detail(expert: Expert, form: ExpertForm, affiliation: AffiliationForm) -> str:
    return render_template(
        "review/expert_edit.html",
        expert=expert,
        form=form,
        affiliation=affiliation,
        end=EndForm(formdata=None),
    )
