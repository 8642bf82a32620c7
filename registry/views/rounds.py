"""Rounds: the calls that the public reads, and the office's pages to run them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import clock, hooks, policy, queries, rounds
from registry.errors import NotFoundError, RuleError
from registry.forms.rounds import ExtensionForm, RoundForm, VersionForm
from registry.models import CallRound, ListCode, RoundState, State, User
from registry.paging import Page, page_number
from registry.permissions import may
from registry.views import bp
from registry.web import account, db_session, public, requires, transaction

PER_PAGE = 20
MORNING, EVENING = time(9), time(17)  # a suggestion for the hours of a call; the form lets one choose


# --- the public ---------------------------------------------------------------------------------------------------


@bp.route("/rounds/")
@public
def call_list() -> ResponseReturnValue:
    """List the calls for application, the latest first."""
    session, number = db_session(), page_number()
    query = queries.announced_rounds()
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/call_list.html", calls=Page(rows, number=number, per_page=PER_PAGE, total=total)
    )


@bp.route("/rounds/<int:round_id>")
@public
def call_detail(round_id: int) -> ResponseReturnValue:
    """Show a call: its lists, its dates, and every extension with its reason."""
    call = db_session().scalars(queries.announced_rounds().where(CallRound.id == round_id)).one_or_none()
    if call is None:
        raise NotFoundError("没有这个批次，或者申报通知还没有发布。", parameter="round")
    return render_template("registry/call_detail.html", call=call, is_taking=rounds.is_taking(call))


# --- the office ---------------------------------------------------------------------------------------------------


@bp.route("/office/rounds")
@requires("round:view")
def round_list() -> ResponseReturnValue:
    """List every round, also those in preparation."""
    session, number = db_session(), page_number()
    total = session.scalar(select(func.count()).select_from(CallRound)) or 0
    rows = session.scalars(queries.rounds().limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/round_list.html", rounds=Page(rows, number=number, per_page=PER_PAGE, total=total)
    )


@bp.route("/office/rounds/new", methods=["GET", "POST"])
@requires("round:manage")
def round_new() -> ResponseReturnValue:
    """Prepare a round; the form proposes the dates."""
    form = RoundForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                call = rounds.create(session, account(), plan=form.plan())
            flash(f"{call.name}已建立。核对无误后发布申报通知。", "success")
            return redirect(url_for(".round_detail", round_id=call.id))
        except RuleError as problem:
            form[problem.parameter or "title"].errors = [problem.sentence]
    elif not form.is_submitted():
        _suggest(form)
    return render_template("registry/round_edit.html", form=form, call=None), 422 if form.errors else 200


def _suggest(form: RoundForm) -> None:
    first = clock.today() + timedelta(days=1)
    last = first + timedelta(days=policy.value(db_session(), "round.intake_days"))
    form.year.data = first.year
    form.opens_at.data = datetime.combine(first, MORNING)
    form.closes_at.data = datetime.combine(last, EVENING)
    form.reference_on.data = last


@bp.route("/office/rounds/<int:round_id>")
@requires("round:view")
def round_detail(round_id: int) -> ResponseReturnValue:
    """Show a round with its applications by state, its policy, and what may be done now."""
    return _detail(db_session(), round_id, ExtensionForm())


def _detail(session: Session, round_id: int, form: ExtensionForm, status: int = 200) -> ResponseReturnValue:
    call = _round(session, round_id)
    counts: dict[ListCode, dict[State, int]] = defaultdict(dict)
    for list_code, state, count in session.execute(queries.application_counts(round_id)):
        counts[list_code][state] = count
    frozen = {key: row["value"] for key, row in (call.policy or {}).items()}
    return render_template(
        "registry/round_detail.html",
        call=call,
        counts=counts,
        states=[state for state in State if any(state in row for row in counts.values())],
        parameters=policy.in_force(
            session, on=clock.day_of(call.announced_at) if call.announced_at else None
        ),
        frozen=frozen,
        form=form,
        now=clock.now(),
    ), status


def _round(session: Session, round_id: int) -> CallRound:
    call = session.scalars(queries.rounds().where(CallRound.id == round_id)).one_or_none()
    if call is None:
        raise NotFoundError("没有这个批次。", parameter="round")
    return call


@bp.route("/office/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@requires("round:manage")
def round_edit(round_id: int) -> ResponseReturnValue:
    """Change a round in preparation."""
    call = _round(db_session(), round_id)
    form, status = RoundForm.of(call), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                rounds.revise(
                    session,
                    rounds.locked(session, round_id, version=form.shown()),
                    account(),
                    plan=form.plan(),
                )
            flash("已保存。", "success")
            return redirect(url_for(".round_detail", round_id=round_id))
        except RuleError as problem:
            form[problem.parameter if problem.parameter in form else "title"].errors = [problem.sentence]
            status = problem.status
    elif form.errors:
        status = 422
    return render_template("registry/round_edit.html", form=form, call=call), status


@bp.route("/office/rounds/<int:round_id>/announce", methods=["POST"])
@requires("round:manage")
def round_announce(round_id: int) -> ResponseReturnValue:
    """Publish the call and freeze its policy."""
    return _act(round_id, rounds.announce, "申报通知已发布，本批次适用的参数已固定。")


@bp.route("/office/rounds/<int:round_id>/open", methods=["POST"])
@requires("round:manage")
def round_open(round_id: int) -> ResponseReturnValue:
    """Open the round now."""
    return _act(round_id, rounds.open_round, "已开始接收申报。")


@bp.route("/office/rounds/<int:round_id>/close", methods=["POST"])
@requires("round:manage")
def round_close(round_id: int) -> ResponseReturnValue:
    """Close the round where the clock has not done it yet."""
    return _act(round_id, rounds.close_round, "申报已截止，已提交的申报书转入形式审查。")


@bp.route("/office/rounds/<int:round_id>/archive", methods=["POST"])
@requires("round:manage")
def round_archive(round_id: int) -> ResponseReturnValue:
    """Put a finished round away."""
    return _act(round_id, rounds.archive, "批次已归档。")


def _act(
    round_id: int, service: Callable[[Session, CallRound, User], None], done: str
) -> ResponseReturnValue:
    with transaction() as session:
        service(session, rounds.locked(session, round_id, version=VersionForm().shown()), account())
    flash(done, "success")
    return redirect(url_for(".round_detail", round_id=round_id))


@bp.route("/office/rounds/<int:round_id>/extend", methods=["POST"])
@requires("round:manage")
def round_extend(round_id: int) -> ResponseReturnValue:
    """Move the end back and tell the units."""
    form = ExtensionForm()
    if form.validate():
        try:
            with transaction() as session:
                rounds.extend(
                    session,
                    rounds.locked(session, round_id, version=form.shown()),
                    account(),
                    closes_at=form.closes_at.data,
                    reason=form.reason.data,
                )
            flash("截止时间已延长，通知已发给本批次的申报单位。", "success")
            return redirect(url_for(".round_detail", round_id=round_id))
        except RuleError as problem:
            form[problem.parameter if problem.parameter in form else "closes_at"].errors = [problem.sentence]
            return _detail(db_session(), round_id, form, problem.status)
    return _detail(db_session(), round_id, form, 422)


def _waiting(session: Session, user: User) -> Iterator[hooks.WorkItem]:
    """Yield the rounds whose notice is not published yet, for those who publish it."""
    if may(user, "round:manage"):
        opens = session.scalars(
            select(CallRound.opens_at).where(CallRound.state == RoundState.DRAFT).order_by(CallRound.opens_at)
        ).all()
        if opens:
            yield hooks.WorkItem("待发布申报通知的批次", "/office/rounds", len(opens), clock.day_of(opens[0]))


hooks.work_items.append(_waiting)
