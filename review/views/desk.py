"""The expert's desk: declare, read, score, lock. An expert sees the own tasks, and nothing of the others."""

import dataclasses
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry import applications, questions, rounds, taxonomy
from registry.errors import RuleError, StaleError
from registry.models import NodeKind
from registry.permissions import may
from registry.web import account, db_session, requires, transaction
from review import experts, queries, seats, sheets
from review.forms import AffiliationForm, EndForm, LeaveForm, sheet_form, typed
from review.models import Assignment, AssignmentState, Relation, ScoreSheet
from review.sheets import SheetError
from review.views import bp

TO_SCORE = (AssignmentState.DECLARED, AssignmentState.SCORING)


# --- tasks and declarations ---------------------------------------------------------------------------------------


@bp.route("/review/")
@requires("assignment:list")
def task_list() -> ResponseReturnValue:
    """List the expert's tasks: before the declaration only title, unit and field."""
    return _tasks()


def _tasks(*, chosen: Collection[int] = (), errors: Mapping[str, str] = MappingProxyType({})) -> str:
    session = db_session()
    tasks = session.scalars(queries.assignments(account().id)).all()
    silent = [task for task in tasks if task.state is AssignmentState.NOTIFIED]
    return render_template(
        "review/task_list.html",
        silent=silent,
        to_score=[task for task in tasks if may(account(), "sheet:score", task)],
        others=[task for task in tasks if task not in silent and not may(account(), "sheet:score", task)],
        recusal_years={
            rounds.policy_value(task.application.round, "review.recusal_years") for task in silent
        },
        chosen=chosen,
        errors=errors,
        fields=taxonomy.labels(session, NodeKind.FIELD),
    )


@bp.route("/review/declarations", methods=["POST"])
@requires("assignment:declare")
def declare() -> ResponseReturnValue:
    """Declare for the chosen products that there is no conflict, and promise to keep silence."""
    chosen = request.form.getlist("assignment", type=int)
    errors = {}
    if not chosen:
        errors["chosen"] = "产品：请至少选择一个。"
    if not request.form.get("promise"):
        errors["promise"] = "保密承诺：须勾选后才能作出声明。"
    if errors:
        return _tasks(chosen=chosen, errors=errors), 422
    with transaction() as session:
        for assignment_id in chosen:
            seats.declare(session, seats.own(session, account(), assignment_id), account())
    flash(f"已对 {len(chosen)} 个产品声明没有利害关系。", "success")
    return redirect(url_for(".task_list"))


@bp.route("/review/assignments/<int:assignment_id>/leave", methods=["GET", "POST"])
@requires("assignment:declare")
def leave(assignment_id: int) -> ResponseReturnValue:
    """Give a seat up because of a conflict, at any time, or for another cause before the sheet is locked."""
    form, task = LeaveForm(), seats.own(db_session(), account(), assignment_id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                own = seats.own(session, account(), assignment_id)
                if form.answer.data == "recuse":
                    relation = Relation(form.relation.data)
                    seats.recuse(session, own, account(), relation=relation, reason=form.reason.data)
                else:
                    seats.decline(session, own, account(), reason=form.reason.data)
        except RuleError as problem:
            if problem.parameter not in form:
                raise
            form[problem.parameter].errors = [problem.sentence]
        else:
            flash("已记录，您不再评审这个产品，评审内容请继续保密。", "success")
            return redirect(url_for(".task_list"))
    return render_template(
        "review/task_leave.html", form=form, task=task, fields=taxonomy.labels(db_session(), NodeKind.FIELD)
    ), 422 if form.errors else 200


# --- sheets -------------------------------------------------------------------------------------------------------


@bp.route("/review/assignments/<int:assignment_id>", methods=["GET", "POST"])
@requires("assignment:declare")
def task_detail(assignment_id: int) -> ResponseReturnValue:
    """Show the application and the sheet once there is no conflict; save or lock the sheet."""
    task = seats.own(db_session(), account(), assignment_id)
    if not may(account(), "sheet:view", task):
        return redirect(url_for(".task_list"))
    sheet = sheets.current(db_session(), task)
    rubric, vetoes = sheets.rubric(task.panel.round, task.application), sheets.vetoes(task.panel.round)
    form, status = sheet_form(rubric, vetoes, sheet), 200
    if form.validate_on_submit():
        locking = request.form.get("act") == "lock"
        try:
            with transaction() as session:
                own = seats.own(session, account(), assignment_id)
                act = sheets.lock if locking else sheets.save
                act(session, own, account(), typed=typed(form, rubric, vetoes), version=form.shown())
        except SheetError as problem:
            status = problem.status
            for each in problem.each:
                form[each.parameter if each.parameter in form else "comment"].errors = [each.sentence]
        except StaleError as problem:
            if problem.parameter != "version":
                raise
            status = problem.status
            sheet = sheets.current(db_session(), seats.own(db_session(), account(), assignment_id))
            form.version.data = str(sheet.version_id) if sheet else ""
            form.comment.errors = [f"{problem.sentence}下面是您刚才填写的内容，再次保存将以此为准。"]
        else:
            flash("评分表已锁定。" if locking else "评分表已保存，尚未锁定。", "success")
            return redirect(url_for(".task_detail", assignment_id=assignment_id))
    return _page(db_session(), task, sheet, form, rubric, vetoes), status


def _page(
    session: Session,
    task: Assignment,
    sheet: ScoreSheet | None,
    form: Any,
    rubric: Any,
    vetoes: dict[str, str],
) -> str:
    application = task.application
    filed = applications.revision(session, application, application.frozen_revision)
    hidden = rounds.policy_value(task.panel.round, "review.hidden_questions")
    blocks = [
        dataclasses.replace(block, questions=tuple(one for one in block.questions if one.key not in hidden))
        for block in questions.blocks(application.list_code)
    ]
    return render_template(
        "review/task_detail.html",
        task=task,
        sheet=sheet,
        reopened=_reopened(session, task, sheet),
        form=form,
        rubric=rubric,
        scale=sheets.scale(task.panel.round),
        vetoes=vetoes,
        blocks=blocks,
        given=filed.answers,
        classes=questions.classes(session),
        may_score=may(account(), "sheet:score", task),
        fields=taxonomy.labels(session, NodeKind.FIELD),
    )


def _reopened(session: Session, task: Assignment, sheet: ScoreSheet | None) -> str | None:
    """Return why the sheet was given back, None when it was not."""
    if sheet is None or sheet.number == 1:
        return None
    return sheets.version(session, task, sheet.number - 1).replaced_reason


# --- the own ties -------------------------------------------------------------------------------------------------


@bp.route("/review/profile", methods=["GET", "POST"])
@requires("assignment:list")
def profile() -> ResponseReturnValue:
    """Show what the pool says of the expert, and let the expert declare ties to units."""
    form, me = AffiliationForm(), experts.of_user(db_session(), account())
    if form.validate_on_submit():
        try:
            with transaction() as session:
                experts.affiliate(
                    session, experts.of_user(session, account()), account(), name=form.name.data,
                    relation=Relation(form.relation.data), from_on=form.from_on.data, until_on=form.until_on.data,
                )  # fmt: skip
        except RuleError as problem:
            form[problem.parameter if problem.parameter in form else "name"].errors = [problem.sentence]
        else:
            flash("关系已登记，抽取时据此回避。", "success")
            return redirect(url_for(".profile"))
    return render_template(
        "review/profile.html",
        form=form,
        end=EndForm(formdata=None),
        expert=me,
        fields=taxonomy.labels(db_session(), NodeKind.FIELD),
    ), 422 if form.errors else 200


@bp.route("/review/profile/affiliations/<int:affiliation_id>/end", methods=["POST"])
@requires("assignment:list")
def affiliation_end(affiliation_id: int) -> ResponseReturnValue:
    """Say when one of the own ties ended."""
    form = EndForm()
    if not form.validate():
        raise RuleError(next(iter(form.until_on.errors), "止：必填。"), parameter="until_on")
    with transaction() as session:
        me = experts.of_user(session, account())
        tie = experts.affiliation(session, me, affiliation_id)
        experts.end_affiliation(session, tie, account(), on=form.until_on.data)
    flash("终止日期已登记。", "success")
    return redirect(url_for(".profile"))
