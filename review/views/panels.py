"""Panels for the office: which products wait, the frozen pool, the draw, who sits, and the beginning of the review."""

from collections import Counter
from collections.abc import Callable
from itertools import groupby

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import rounds, taxonomy, trail
from registry.errors import NotFoundError, RuleError
from registry.models import Application, CallRound, NodeKind, User
from registry.permissions import may
from registry.web import account, db_session, requires, transaction
from review import panels, pool, queries, results, work
from review.forms import DrawForm, ReasonForm
from review.models import AssignmentState, Panel
from review.views import bp


@bp.route("/office/review/")
@requires("panel:view")
def panel_list() -> ResponseReturnValue:
    """Show a round's review: products that wait for a panel, its panels, and for the lead the scores."""
    session = db_session()
    calls = session.scalars(queries.rounds_in_review()).all()
    wanted = request.args.get("round", type=int)
    call = next((one for one in calls if wanted in (None, one.id)), None)
    if wanted is not None and call is None:
        raise NotFoundError("没有这个批次，或者它还没有进入评审。", parameter="round")
    waiting = session.scalars(queries.waiting_for_panel(call.id)).all() if call else []
    is_lead = may(account(), "panel:manage")
    return render_template(
        "review/panel_list.html",
        calls=calls,
        counts=sum(work.for_lead(session).values(), Counter()) if is_lead else {},
        call=call,
        groups=[(field, list(group)) for field, group in groupby(waiting, lambda one: one.field)],
        group_at_most=rounds.policy_value(call, "review.panel")["group_at_most"] if call else 0,
        panels=session.execute(queries.panels(call.id)).all() if call else [],
        products=results.ranked(session, call.id) if call and is_lead else [],
        fields=taxonomy.labels(session, NodeKind.FIELD),
    )


@bp.route("/office/review/panels", methods=["POST"])
@requires("panel:manage")
def panel_prepare() -> ResponseReturnValue:
    """Freeze the pool for the chosen products and commit to a secret."""
    chosen = request.form.getlist("application", type=int)
    with transaction() as session:
        products = session.scalars(
            select(Application).where(Application.id.in_(chosen)).order_by(Application.id)
        ).all()
        panel = panels.prepare(session, account(), products)
    flash("专家库已固定，随机种子已承诺。请核对后抽取。", "success")
    return redirect(url_for(".panel_detail", panel_id=panel.id))


@bp.route("/office/review/panels/<int:panel_id>")
@requires("panel:view")
def panel_detail(panel_id: int) -> ResponseReturnValue:
    """Show a panel: what was made public, who was left out and why, who sits for which product."""
    return _page(panels.whole(db_session(), panel_id), DrawForm(formdata=None), ReasonForm(formdata=None))


def _page(panel: Panel, form: DrawForm, cancelling: ReasonForm) -> str:
    session = db_session()
    left_out = [line["exclusion"] for line in panel.pool if line["exclusion"]]
    return render_template(
        "review/panel_detail.html",
        panel=panel,
        products=[item.application for item in panel.items],
        seats={
            item.application_id: [
                seat for seat in panel.assignments if seat.application_id == item.application_id
            ]
            for item in panel.items
        },
        silent=len({seat.expert_id for seat in panel.assignments if seat.state is AssignmentState.NOTIFIED}),
        left_out={why: left_out.count(why) for why in sorted(set(left_out))},
        form=form,
        cancelling=cancelling,
        fields=taxonomy.labels(session, NodeKind.FIELD),
    )


@bp.route("/office/review/panels/<int:panel_id>/draw", methods=["POST"])
@requires("panel:manage")
def panel_draw(panel_id: int) -> ResponseReturnValue:
    """Draw with the public value."""
    form = DrawForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                panel = panels.whole(session, panel_id, lock=True)
                panels.draw_lot(session, panel, account(), public_value=form.public_value.data)
        except RuleError as problem:
            if problem.parameter not in form:
                raise
            form.public_value.errors = [problem.sentence]
        else:
            flash("已抽取，名单如下。", "success")
            return redirect(url_for(".panel_detail", panel_id=panel_id))
    return _page(panels.whole(db_session(), panel_id), form, ReasonForm(formdata=None)), 422


@bp.route("/office/review/panels/<int:panel_id>/cancel", methods=["POST"])
@requires("panel:manage")
def panel_cancel(panel_id: int) -> ResponseReturnValue:
    """Give up a panel that was not drawn yet."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                panel = panels.whole(session, panel_id, lock=True)
                panels.cancel(session, panel, account(), reason=form.reason.data or "")
        except RuleError as problem:
            if problem.parameter not in form:
                raise
            form.reason.errors = [problem.sentence]
        else:
            flash("专家组已取消，其中的产品回到待编组。", "success")
            return redirect(url_for(".panel_list"))
    return _page(panels.whole(db_session(), panel_id), DrawForm(formdata=None), form), 422


def _act(panel_id: int, act: Callable[[Session, Panel, User], None], done: str) -> ResponseReturnValue:
    with transaction() as session:
        act(session, panels.whole(session, panel_id, lock=True), account())
    flash(done, "success")
    return redirect(url_for(".panel_detail", panel_id=panel_id))


@bp.route("/office/review/panels/<int:panel_id>/form", methods=["POST"])
@requires("panel:manage")
def panel_form(panel_id: int) -> ResponseReturnValue:
    """Confirm the panel and call its members to declare."""
    return _act(panel_id, panels.form, "专家组已组成，已通知各位专家作出回避声明。")


@bp.route("/office/review/panels/<int:panel_id>/begin", methods=["POST"])
@requires("panel:manage")
def panel_begin(panel_id: int) -> ResponseReturnValue:
    """Begin the review."""
    return _act(panel_id, panels.begin, "评审已开始，已通知各位专家评分。")


@bp.route("/office/review/panels/<int:panel_id>/proof.json")
@requires("panel:prove")
def panel_proof(panel_id: int) -> ResponseReturnValue:
    """Give the draw's proof with the salt and the names behind it; looking leaves a line in the trail."""
    with transaction() as session:
        panel = panels.whole(session, panel_id)
        if panel.seed is None:
            raise NotFoundError("还没有抽取，没有可供核对的证明。", parameter="panel")
        call = session.get_one(CallRound, panel.round_id)
        trail.record(session, account(), "panel.prove", subject="panel", subject_id=panel.id)
        names = {pool.code_of(panel.salt, one): one.user.display_name for one in pool.people(session)}
        told = {
            "round": call.name,
            "panel": panel.id,
            **panels.proof(panel),
            "salt": panel.salt,
            "names": names,
        }
    response: Response = jsonify(told)
    response.headers["Content-Disposition"] = f'attachment; filename="panel-{panel_id}-proof.json"'
    return response
