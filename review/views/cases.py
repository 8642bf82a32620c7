"""One product before its panel: seats, sheets, score, and what follows from it. For the secretariat's lead."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import accounts, clock, taxonomy
from registry.errors import NotFoundError, RuleError
from registry.models import NodeKind, State
from registry.permissions import may
from registry.web import account, db_session, requires, transaction
from review import outcomes, results, seats, sheets
from review.committee import recalling
from review.forms import YES, AppointForm, CommentsForm, ReasonForm, RecuseForm, SettleForm
from review.models import Assignment, Expert, Relation
from review.views import bp

FORMS = {
    "settling": SettleForm,
    "appointing": AppointForm,
    "recusing": RecuseForm,
    "unlocking": ReasonForm,
    "motion": ReasonForm,
}


@bp.route("/office/review/applications/<int:application_id>")
@requires("panel:view")
def case_detail(application_id: int) -> ResponseReturnValue:
    """Show a product's seats, which sheets are locked, every result, and the next move; to others its panel alone."""
    if not may(account(), "panel:manage"):
        panel = results.case(db_session(), application_id).panel
        return redirect(url_for(".panel_detail", panel_id=panel.id))
    return _page(application_id)


def _form(kind: type[Any], name: str, seat: int | None = None, **values: Any) -> Any:
    """Return a form whose fields have ids of their own: the page holds several, some of them at every seat."""
    form = kind(**values)
    for field in form:
        field.id = "-".join(part for part in (name, field.short_name, str(seat or "")) if part)
    return form


def _page(application_id: int, **forms: Any) -> str:
    session = db_session()
    this = results.case(session, application_id)
    history = results.history(session, application_id)
    final = next((one for one in history if one.is_final and one.panel_id == this.panel.id), None)
    below = this.application.state is State.SCORED and this.application.is_above_line is False
    if below and "comments" not in forms:
        draft = outcomes.draft_comments(session, this)
        forms["comments"] = _form(CommentsForm, "comments", formdata=None, comments=draft)
    return render_template(
        "review/case_detail.html",
        this=this,
        application=this.application,
        sheets=sheets.locked_of(session, this.seats),
        history=history,
        final=final,
        means=outcomes.means_of(this, final) if final else [],
        is_recallable=this.application.state in seats.RECALLABLE,
        is_outdated=this.application.state is State.SCORED and not results.is_current(session, this),
        overdue=[seat for seat in this.waiting if seat.due_on and seat.due_on < clock.today()],
        fields=taxonomy.labels(session, NodeKind.FIELD),
        **{
            **{name: _form(kind, name, formdata=None) for name, kind in FORMS.items()},
            "comments": None,
            **forms,
        },
    )


def _act(
    application_id: int, act: Callable[[Session], object], done: str, *, form: Any = None, name: str = ""
) -> ResponseReturnValue:
    """Do it and go back to the product; a refusal that concerns a field of the form stands at the field."""
    if form is None or form.validate_on_submit():
        try:
            with transaction() as session:
                act(session)
        except RuleError as problem:
            if form is None or problem.parameter not in form:
                raise
            form[problem.parameter].errors = [problem.sentence]
        else:
            flash(done, "success")
            return redirect(url_for(".case_detail", application_id=application_id))
    return _page(application_id, **{name: form}), 422


def _seat(session: Session, application_id: int, assignment_id: int) -> Assignment:
    found = next(
        (seat for seat in results.case(session, application_id).seats if seat.id == assignment_id), None
    )
    if found is None:
        raise NotFoundError("没有这项评审任务。", parameter="assignment")
    return found


@bp.route("/office/review/applications/<int:application_id>/aggregate", methods=["POST"])
@requires("panel:manage")
def case_aggregate(application_id: int) -> ResponseReturnValue:
    """Make the official score."""
    with transaction() as session:
        result = results.aggregate(session, application_id, account())
    if result.is_final:
        flash("得分已汇总。", "success")
    else:
        flash("各份评分相差过大，已保存本次汇总并退回评分表，复议一轮。", "warning")
    return redirect(url_for(".case_detail", application_id=application_id))


@bp.route(
    "/office/review/applications/<int:application_id>/assignments/<int:assignment_id>/settle",
    methods=["POST"],
)
@requires("panel:manage")
def case_settle(application_id: int, assignment_id: int) -> ResponseReturnValue:
    """Settle a recusal that came after the review began."""
    form = _form(SettleForm, "settling", assignment_id)

    def act(session: Session) -> None:
        seat = _seat(session, application_id, assignment_id)
        seats.settle(
            session, seat, account(), refilling=form.refilling.data == YES, reason=form.reason.data or ""
        )

    return _act(application_id, act, "回避事项已处理。", form=form, name="settling")


@bp.route(
    "/office/review/applications/<int:application_id>/assignments/<int:assignment_id>/unlock",
    methods=["POST"],
)
@requires("panel:manage")
def case_unlock(application_id: int, assignment_id: int) -> ResponseReturnValue:
    """Give a locked sheet back to its expert."""
    form = _form(ReasonForm, "unlocking", assignment_id)

    def act(session: Session) -> None:
        seat = _seat(session, application_id, assignment_id)
        sheets.unlock(session, seat, account(), reason=form.reason.data or "")

    return _act(application_id, act, "评分表已退回，原评分表保留。", form=form, name="unlocking")


@bp.route(
    "/office/review/applications/<int:application_id>/assignments/<int:assignment_id>/recuse",
    methods=["POST"],
)
@requires("panel:manage")
def case_recuse(application_id: int, assignment_id: int) -> ResponseReturnValue:
    """Take an expert off the product because of a conflict that the secretariat learnt of."""
    form = _form(RecuseForm, "recusing", assignment_id)

    def act(session: Session) -> None:
        seat = _seat(session, application_id, assignment_id)
        relation = Relation(form.relation.data)
        seats.recuse(session, seat, account(), relation=relation, reason=form.reason.data or "")

    return _act(application_id, act, "已责令回避。", form=form, name="recusing")


@bp.route("/office/review/applications/<int:application_id>/appoint", methods=["POST"])
@requires("panel:manage")
def case_appoint(application_id: int) -> ResponseReturnValue:
    """Seat somebody by hand where the lot is exhausted."""
    form = _form(AppointForm, "appointing")

    def act(session: Session) -> None:
        this = results.case(session, application_id)
        seats.appoint(
            session, this.panel, this.application, account(),
            expert=_named(session, form.login.data), reason=form.reason.data or "",
        )  # fmt: skip

    return _act(application_id, act, "专家已补充，列入例外事项。", form=form, name="appointing")


def _named(session: Session, login: str) -> Expert:
    user = accounts.named(session, login)
    found = session.scalars(select(Expert).where(Expert.user_id == user.id)).one_or_none() if user else None
    if found is None:
        raise RuleError("专家账号：专家库中没有这位专家。", parameter="login")
    return found


@bp.route("/office/review/applications/<int:application_id>/motion", methods=["POST"])
@requires("panel:manage")
def case_motion(application_id: int) -> ResponseReturnValue:
    """Move to bring a product below the line before the committee."""
    form = _form(ReasonForm, "motion")
    return _act(
        application_id,
        lambda session: outcomes.move_below_line(
            session, application_id, account(), reason=form.reason.data or ""
        ),
        "书面动议已记录，列入例外事项。",
        form=form,
        name="motion",
    )


@bp.route("/office/review/applications/<int:application_id>/refer", methods=["POST"])
@requires("panel:manage")
def case_refer(application_id: int) -> ResponseReturnValue:
    """Bring the product before the committee."""
    return _act(
        application_id,
        lambda session: outcomes.refer(session, application_id, account()),
        "已提交编审委员会。",
    )


@bp.route("/office/review/applications/<int:application_id>/recall", methods=["POST"])
@requires("panel:manage")
def case_recall(application_id: int) -> ResponseReturnValue:
    """Bring the product back from the committee, because an expert had to be recused."""
    return _act(
        application_id,
        lambda session: recalling.recall(session, application_id, account()),
        "已退回评审，各委员单位已收到通知。请处理回避后重新汇总得分。",
    )


@bp.route("/office/review/applications/<int:application_id>/not-select", methods=["POST"])
@requires("panel:manage")
def case_not_select(application_id: int) -> ResponseReturnValue:
    """Tell the applicant that the product is not selected."""
    form = _form(CommentsForm, "comments")
    return _act(
        application_id,
        lambda session: outcomes.not_select(
            session, application_id, account(), comments=form.comments.data or ""
        ),
        "已告知申报单位未入选。",
        form=form,
        name="comments",
    )


@bp.route("/office/review/sheets/<int:sheet_id>")
@requires("panel:manage")
def sheet_detail(sheet_id: int) -> ResponseReturnValue:
    """Show a locked sheet to the lead; looking leaves a line in the trail."""
    with transaction() as session:
        sheet = sheets.looked_at(session, account(), sheet_id)
    task = sheet.assignment
    return render_template(
        "review/sheet_detail.html",
        sheet=sheet,
        task=task,
        items={item.criterion: item for item in sheet.items},
        rubric=sheets.rubric(task.panel.round, task.application),
        vetoes=sheets.vetoes(task.panel.round),
    )


# --- the applicant ------------------------------------------------------------------------------------------------


@bp.route("/apply/applications/<int:application_id>/review-result")
@requires("result:view")
def result_detail(application_id: int) -> ResponseReturnValue:
    """Show the applicant of a product that was not selected the means and the remarks, never who gave them."""
    this = outcomes.told(db_session(), account(), application_id)
    result = results.latest(db_session(), application_id)
    return render_template(
        "review/result_detail.html",
        application=this.application,
        result=result,
        means=outcomes.means_of(this, result),
        why=outcomes.reason_text(this, result),
    )
