"""The office's pages of bans: who may not submit, proposed by one person and confirmed by another."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice

from registry import clock, policy
from registry.errors import NotFoundError, RuleError, StaleError
from registry.forms.fields import Choice, Day, Needed
from registry.forms.rounds import VersionForm
from registry.models import BanReason, Organization, User
from registry.organizations import bans
from registry.paging import Page, page_number
from registry.terms import label
from registry.views import bp
from registry.views.unit_forms import complain
from registry.web import account, db_session, requires, transaction

PER_PAGE = 50


class BanForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Why and from when a unit may not submit."""

    reason = Choice(
        "理由", [Needed()], choices=[SelectChoice("", "请选择"), *(SelectChoice(row.value, label(row)) for row in BanReason)]
    )  # fmt: skip
    basis = TextAreaField("事实和依据", [Needed()])
    from_on = Day("起始日期", [Needed()])


@bp.route("/office/units/bans")
@requires("unit:list")
def ban_list() -> ResponseReturnValue:
    """List the bans: what waits for the second person first, then the newest."""
    session, number = db_session(), page_number()
    query = bans.for_office()
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/ban_list.html",
        page=Page(rows, number=number, per_page=PER_PAGE, total=total),
        today=clock.today(),
    )


@bp.route("/office/units/<int:organization_id>/ban", methods=["GET", "POST"])
@requires("ban:propose")
def ban_propose(organization_id: int) -> ResponseReturnValue:
    """Propose that a unit may not submit for a time."""
    session = db_session()
    unit = session.get(Organization, organization_id)
    if unit is None:
        raise NotFoundError("没有这个单位。", parameter="unit")
    form = BanForm(data={"from_on": clock.today()})
    if form.validate_on_submit():
        try:
            with transaction() as session:
                ban = bans.propose(
                    session, session.get_one(Organization, organization_id), account(),
                    reason=BanReason(form.reason.data), basis=form.basis.data, from_on=form.from_on.data,
                )  # fmt: skip
            flash("限制申报已提出，由秘书处负责人确认后生效。", "success")
            return redirect(url_for(".ban_detail", ban_id=ban.id))
        except RuleError as problem:
            complain(form, problem)
    return render_template(
        "registry/ban_propose.html",
        form=form,
        organization=unit,
        years=policy.parameter(db_session(), "sanction.ban_years"),
    ), 422 if form.errors else 200


@bp.route("/office/units/bans/<int:ban_id>")
@requires("unit:list")
def ban_detail(ban_id: int) -> ResponseReturnValue:
    """Show a ban, and what the reader may do with it."""
    return _page(ban_id)


def _page(ban_id: int, problem: RuleError | None = None) -> ResponseReturnValue:
    session = db_session()
    ban = bans.find(session, ban_id)
    ids = {ban.proposed_by_id, ban.decided_by_id, ban.lift_proposed_by_id, ban.lifted_by_id}
    people = session.scalars(select(User).where(User.id.in_(ids - {None}))).all()
    page = render_template(
        "registry/ban_detail.html",
        ban=ban,
        names={user.id: user.display_name for user in people},
        today=clock.today(),
        typed=request.form.get("reason", ""),
        problem=problem,
    )
    return page, problem.status if problem else 200


def _act(ban_id: int, service: Callable[..., None], done: str, **values: str) -> ResponseReturnValue:
    """Do one thing to a ban; a refused one shows the page again with the sentence and what was typed."""
    version = VersionForm().shown()
    try:
        if version is None:
            raise StaleError("页面已经过期，请刷新后再办理。", parameter="version")
        with transaction() as session:
            service(session, bans.find(session, ban_id, version=version), account(), **values)
    except RuleError as problem:
        if isinstance(problem, NotFoundError):
            raise
        return _page(ban_id, problem)
    flash(done, "success")
    return redirect(url_for(".ban_detail", ban_id=ban_id))


@bp.route("/office/units/bans/<int:ban_id>/confirm", methods=["POST"])
@requires("ban:decide")
def ban_confirm(ban_id: int) -> ResponseReturnValue:
    """Bring a proposed ban into force."""
    return _act(ban_id, bans.confirm, "限制申报已生效，已告知该单位。")


@bp.route("/office/units/bans/<int:ban_id>/decline", methods=["POST"])
@requires("ban:decide")
def ban_decline(ban_id: int) -> ResponseReturnValue:
    """Decline a proposal, to ban or to lift."""
    return _act(ban_id, bans.decline, "提议未予同意。", reason=request.form.get("reason", ""))


@bp.route("/office/units/bans/<int:ban_id>/lift/propose", methods=["POST"])
@requires("ban:propose")
def ban_propose_lift(ban_id: int) -> ResponseReturnValue:
    """Propose to lift a ban before its end."""
    return _act(
        ban_id,
        bans.propose_lift,
        "解除已提出，由秘书处负责人确认后生效。",
        reason=request.form.get("reason", ""),
    )


@bp.route("/office/units/bans/<int:ban_id>/lift", methods=["POST"])
@requires("ban:decide")
def ban_lift(ban_id: int) -> ResponseReturnValue:
    """Lift a ban as it was proposed."""
    return _act(ban_id, bans.lift, "限制申报已解除，已告知该单位。")
