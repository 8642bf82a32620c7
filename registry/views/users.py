"""Users and roles: the system administrator opens and closes accounts, the security administrator gives roles."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import accounts, invitations, queries
from registry.errors import NotFoundError, RuleError
from registry.forms import InviteForm, IssueResetForm, RoleForm
from registry.models import Role, User
from registry.paging import Page, page_number
from registry.views import bp
from registry.web import account, db_session, requires, settings, transaction

PER_PAGE = 50


def _user(session: Session, user_id: int) -> User:
    user = session.scalars(queries.users().where(User.id == user_id)).one_or_none()
    if user is None:
        raise NotFoundError("没有这个账号。", parameter="user")
    return user


@bp.route("/office/users", methods=["GET"])
@requires("user:list")
def user_list() -> ResponseReturnValue:
    """List accounts with their roles."""
    session, number, text = db_session(), page_number(), request.args.get("q", "").strip()[:60]
    query = queries.users(text)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/user_list.html",
        users=Page(rows, number=number, per_page=PER_PAGE, total=total),
        invitations=session.scalars(queries.open_invitations()).all(),
        q=text,
    )


@bp.route("/office/users/invite", methods=["GET", "POST"])
@requires("user:invite")
def user_invite() -> ResponseReturnValue:
    """Invite a person; the link is shown once where no mail server is set."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                role = Role(form.proposed_role.data) if form.proposed_role.data else None
                invitation, token = invitations.invite(
                    session,
                    account(),
                    email=form.email.data,
                    display_name=form.display_name.data,
                    proposed_role=role,
                )
            link = (
                None
                if settings().mail_url
                else settings().base_url + url_for(".invitation_accept", token=token)
            )
            return render_template("registry/user_invited.html", invitation=invitation, link=link)
        except RuleError as problem:
            form[problem.parameter or "email"].errors = [problem.sentence]
    return render_template("registry/user_invite.html", form=form), 422 if form.errors else 200


@bp.route("/office/users/<int:user_id>")
@requires("user:list")
def user_detail(user_id: int) -> ResponseReturnValue:
    """Show an account with its roles and what may be done to it."""
    return _detail(user_id, IssueResetForm())


def _detail(user_id: int, reset: IssueResetForm) -> ResponseReturnValue:
    session = db_session()
    return render_template(
        "registry/user_detail.html",
        user=_user(session, user_id),
        proposals=session.scalars(queries.proposed_roles(user_id)).all(),
        form=RoleForm(formdata=None),
        reset=reset,
    ), 422 if reset.errors else 200


@bp.route("/office/users/<int:user_id>/reset", methods=["POST"])
@requires("user:reset")
def user_reset(user_id: int) -> ResponseReturnValue:
    """Make a link that sets a new password; it is shown once where no mail can bring it."""
    form = IssueResetForm()
    if not form.validate():
        return _detail(user_id, form)
    try:
        with transaction() as session:
            user = _user(session, user_id)
            reset, token = invitations.issue_reset(session, account(), user, reason=form.reason.data)
    except RuleError as problem:
        if problem.parameter not in form:
            raise
        form.reason.errors = [problem.sentence]
        return _detail(user_id, form)
    link = settings().base_url + url_for(".password_reset", token=token)
    return render_template("registry/user_reset.html", user=user, reset=reset, link=link)


@bp.route("/office/users/<int:user_id>/roles", methods=["POST"])
@requires("role:grant")
def role_grant(user_id: int) -> ResponseReturnValue:
    """Give a role."""
    return _change_role(user_id, accounts.grant_role, "角色已授予。")


@bp.route("/office/users/<int:user_id>/roles/revoke", methods=["POST"])
@requires("role:revoke")
def role_revoke(user_id: int) -> ResponseReturnValue:
    """Take a role back."""
    return _change_role(user_id, accounts.revoke_role, "角色已收回，该账号的登录均已失效。")


def _change_role(user_id: int, service: Callable[..., object], done: str) -> ResponseReturnValue:
    form = RoleForm()
    if not form.validate():
        raise RuleError("角色：请从列表中选择。", parameter="role")
    with transaction() as session:
        service(session, _user(session, user_id), account(), role=Role(form.role.data))
    flash(done, "success")
    return redirect(url_for(".user_detail", user_id=user_id))


@bp.route("/office/users/<int:user_id>/disable", methods=["POST"])
@requires("user:disable")
def user_disable(user_id: int) -> ResponseReturnValue:
    """Close an account."""
    with transaction() as session:
        accounts.disable_user(session, _user(session, user_id), account())
    flash("账号已停用，其登录均已失效。", "success")
    return redirect(url_for(".user_detail", user_id=user_id))
