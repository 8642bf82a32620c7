"""The office's room of the committee: representatives, sittings, decisions and minutes."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from registry import clock, rounds
from registry.errors import NotFoundError, RuleError
from registry.forms.rounds import VersionForm
from registry.models import CallRound, Decision, User
from registry.paging import Page, page_number
from registry.web import account, db_session, requires, transaction
from review.committee import decisions, queries, representatives, sittings
from review.committee.ballots import VOTES
from review.committee.forms import (
    AppointForm,
    DecisionForm,
    EndForm,
    MinutesForm,
    PlanForm,
    PresentForm,
    ReasonForm,
)
from review.committee.models import Sitting, SittingKind, SittingState
from review.committee.views import PER_PAGE, bp, complain

Service = Callable[[Session, Sitting, User], None]

# --- who speaks for whom ------------------------------------------------------------------------------------------


@bp.route("/office/committee/representatives")
@requires("committee:view")
def representative_list() -> ResponseReturnValue:
    """Show the departments, who speaks for them, and who did."""
    form = AppointForm(formdata=None, from_on=clock.today())
    return _representatives(form)


def _representatives(form: AppointForm, end: EndForm | None = None, status: int = 200) -> ResponseReturnValue:
    session = db_session()
    form.unit.choices = [SelectChoice(name, name) for name in representatives.names(session)]
    form.user.choices = [
        SelectChoice(user.id, f"{user.display_name}（{user.username}）")
        for user in representatives.candidates(session)
    ]
    return render_template(
        "review/committee_representatives.html",
        departments=representatives.departments(session),
        past=representatives.past(session),
        form=form,
        end=end or EndForm(formdata=None, until_on=clock.today()),
    ), status


@bp.route("/office/committee/representatives", methods=["POST"])
@requires("committee:manage")
def representative_appoint() -> ResponseReturnValue:
    """Let a person speak for a department."""
    form, status = AppointForm(), 422
    if form.validate():
        try:
            with transaction() as session:
                representatives.appoint(
                    session, account(), user_id=form.user.data, unit=form.unit.data, from_on=form.from_on.data
                )
            flash("代表已登记。", "success")
            return redirect(url_for(".representative_list"))
        except RuleError as problem:
            status = complain(form, problem, "user")
    return _representatives(form, status=status)


@bp.route("/office/committee/representatives/<int:representative_id>/end", methods=["POST"])
@requires("committee:manage")
def representative_end(representative_id: int) -> ResponseReturnValue:
    """End a representation."""
    form, status = EndForm(), 422
    if form.validate():
        try:
            with transaction() as session:
                representatives.end(
                    session, account(), representative_id=representative_id, until_on=form.until_on.data
                )
            flash("代表已终止，此前的表决仍然有效。", "success")
            return redirect(url_for(".representative_list"))
        except RuleError as problem:
            status = complain(form, problem, "until_on")
    return _representatives(AppointForm(formdata=None, from_on=clock.today()), form, status)


# --- sittings -----------------------------------------------------------------------------------------------------


@bp.route("/office/committee")
@requires("committee:view")
def sitting_list() -> ResponseReturnValue:
    """List the sittings, and the rounds of which products wait for one."""
    session, number = db_session(), page_number()
    total = session.scalar(select(func.count()).select_from(Sitting)) or 0
    rows = session.execute(queries.sittings().limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "review/committee_list.html",
        sittings=Page(rows, number=number, per_page=PER_PAGE, total=total),
        waiting=session.execute(queries.waiting_rounds()).all(),
    )


@bp.route("/office/committee/rounds/<int:round_id>", methods=["GET", "POST"])
@requires("committee:manage")
def sitting_new(round_id: int) -> ResponseReturnValue:
    """Set the agenda of a sitting from a round's products."""
    session = db_session()
    call = session.get(CallRound, round_id)
    if call is None or call.policy is None:
        raise NotFoundError("没有这个批次，或者申报通知还没有发布。", parameter="round")
    products = session.scalars(queries.placeable(round_id)).all()
    form, status = PlanForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                sitting = sittings.prepare(
                    session,
                    account(),
                    session.get_one(CallRound, round_id),
                    plan=form.plan(),
                    application_ids=form.applications.data,
                )
            flash("议程已拟定，核对后发出通知。", "success")
            return redirect(url_for(".sitting_detail", sitting_id=sitting.id))
        except RuleError as problem:
            status = complain(form, problem, "applications")
    elif form.errors:
        status = 422
    elif not form.is_submitted():
        form.kind.data = SittingKind.OPINION_ROUND.value
        form.due_on.data = sittings.suggested_due(session, call)
        form.applications.data = [product.id for product in products]
    return render_template(
        "review/committee_new.html",
        call=call,
        products=products,
        form=form,
        units=rounds.policy_value(call, representatives.UNITS),
    ), status


@bp.route("/office/committee/<int:sitting_id>")
@requires("committee:view")
def sitting_detail(sitting_id: int) -> ResponseReturnValue:
    """Show a sitting: who answered, what the ballots came to once it is closed, and what may be done now."""
    return _detail(sitting_id)


def _detail(
    sitting_id: int, *, typed: Any = None, item_id: int | None = None, status: int = 200
) -> ResponseReturnValue:
    session = db_session()
    sitting = sittings.whole(session, sitting_id)
    forms: dict[int, DecisionForm] = {}
    for item in sitting.items:
        if decisions.awaits_decision(item) and item.outcome is not None:
            choices = decisions.CHOICES[item.outcome]
            is_typed = isinstance(typed, DecisionForm) and item.id == item_id
            form = typed if is_typed else DecisionForm(formdata=None, prefix=f"{item.id}-")
            form.offer(choices)
            if not is_typed and len(choices) == 1:  # where there is a choice, nobody makes it by oversight
                form.decision.data = choices[0].value
            forms[item.id] = form
    kinds = {
        "present": PresentForm,
        "cancel": ReasonForm,
        "minutes": MinutesForm,
    }
    data = {
        "present": [],
        "minutes": sitting.minutes or decisions.draft_minutes(sitting),
    }
    return render_template(
        "review/committee_detail.html",
        sitting=sitting,
        is_closed=sitting.state in (SittingState.CLOSED, SittingState.SEALED),
        may_close=sittings.may_close(sitting),
        is_settled=decisions.is_settled(sitting),
        rule=sittings.rule_of(sitting),
        votes=VOTES[sitting.kind],
        unit_names={unit.id: unit.unit for unit in sitting.units},
        represented={one.unit for one in session.scalars(representatives.standing())},
        forms=forms,
        typed=typed,
        **{
            name: typed if isinstance(typed, kind) else kind(formdata=None, data=data)
            for name, kind in kinds.items()
        },
    ), status


def _act(
    sitting_id: int, form: VersionForm, service: Service, done: str, otherwise: str = "version"
) -> ResponseReturnValue:
    """Run one act on a sitting; a broken rule is shown beside what was typed."""
    status = 422
    if form.validate():
        try:
            with transaction() as session:
                service(session, sittings.locked(session, sitting_id, version=form.shown()), account())
            flash(done, "success")
            return redirect(url_for(".sitting_detail", sitting_id=sitting_id))
        except RuleError as problem:
            status = complain(form, problem, otherwise)
    return _detail(sitting_id, typed=form, status=status)


@bp.route("/office/committee/<int:sitting_id>/call", methods=["POST"])
@requires("committee:manage")
def sitting_call(sitting_id: int) -> ResponseReturnValue:
    """Tell the departments' representatives."""
    return _act(sitting_id, VersionForm(), sittings.call_units, "通知已发给各委员单位的代表。")


@bp.route("/office/committee/<int:sitting_id>/begin", methods=["POST"])
@requires("committee:manage")
def sitting_begin(sitting_id: int) -> ResponseReturnValue:
    """Note who attends a meeting and begin the voting."""
    form = PresentForm()
    return _act(
        sitting_id,
        form,
        lambda session, sitting, actor: sittings.begin_voting(
            session, sitting, actor, present=set(form.present.data)
        ),
        "到会单位已登记，表决开始。",
        "present",
    )


@bp.route("/office/committee/<int:sitting_id>/close", methods=["POST"])
@requires("committee:manage")
def sitting_close(sitting_id: int) -> ResponseReturnValue:
    """End the voting and tally it."""
    return _act(sitting_id, VersionForm(), sittings.close, "表决已结束，结果已汇总，请主任作出决定。")


@bp.route("/office/committee/<int:sitting_id>/cancel", methods=["POST"])
@requires("committee:manage")
def sitting_cancel(sitting_id: int) -> ResponseReturnValue:
    """Give a sitting up; its products wait for another."""
    form = ReasonForm()
    return _act(
        sitting_id,
        form,
        lambda session, sitting, actor: sittings.cancel(session, sitting, actor, reason=form.reason.data),
        "已取消，产品可以重新列入议程。",
        "reason",
    )


# --- decisions and minutes ----------------------------------------------------------------------------------------


@bp.route("/office/committee/<int:sitting_id>/items/<int:item_id>", methods=["POST"])
@requires("committee:decide")
def item_decide(sitting_id: int, item_id: int) -> ResponseReturnValue:
    """Decide on a product as its ballots allow."""
    form, status = DecisionForm(prefix=f"{item_id}-"), 422
    if form.validate():
        try:
            with transaction() as session:
                decisions.decide(
                    session,
                    sittings.locked(session, sitting_id),
                    account(),
                    item_id=item_id,
                    decision=_decision(form.decision.data),
                    reason=form.reason.data or "",
                )
            flash("决定已作出，申报单位将收到通知。", "success")
            return redirect(url_for(".sitting_detail", sitting_id=sitting_id))
        except RuleError as problem:
            if problem.status == 404:
                raise
            status = complain(form, problem, "decision")
    return _detail(sitting_id, typed=form, item_id=item_id, status=status)


def _decision(text: str) -> Decision:
    if text not in list(Decision):
        raise RuleError("决定：请选择。", parameter="decision")
    return Decision(text)


@bp.route("/office/committee/<int:sitting_id>/minutes", methods=["POST"])
@requires("committee:manage")
def minutes_write(sitting_id: int) -> ResponseReturnValue:
    """Write the minutes."""
    form = MinutesForm()
    return _act(
        sitting_id,
        form,
        lambda session, sitting, actor: decisions.write_minutes(
            session, sitting, actor, text=form.minutes.data
        ),
        "纪要已保存，请主任核对后封存。",
        "minutes",
    )


@bp.route("/office/committee/<int:sitting_id>/seal", methods=["POST"])
@requires("committee:decide")
def minutes_seal(sitting_id: int) -> ResponseReturnValue:
    """Seal the minutes under a hash."""
    return _act(sitting_id, VersionForm(), decisions.seal, "纪要已封存。")
