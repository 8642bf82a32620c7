"""Log-in, passwords and invitations."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from registry import accounts, hooks, invitations, passwords
from registry.errors import RuleError, TooManyError
from registry.forms import ChangePasswordForm, InvitationForm, LoginForm, NewPasswordForm, ResetRequestForm
from registry.kept import give_back
from registry.models import User
from registry.views import bp
from registry.web import (
    account,
    actor,
    client_address,
    db_session,
    local_path,
    public,
    requires,
    session_end,
    start_session,
    transaction,
)

WRONG = "用户名或密码不正确。"


@bp.route("/login", methods=["GET", "POST"])
@public
def log_in() -> ResponseReturnValue:
    """Sign in with a user name, an e-mail address or a mobile number."""
    target = local_path(request.args.get("next")) or url_for(".home")
    if request.method == "GET" and actor().id is not None:
        return redirect(target)
    form, status = LoginForm(), 200
    if form.validate_on_submit():
        login, password = form.login.data, form.password.data
        try:
            user = _authenticated(login, password)
        except TooManyError as problem:
            form.login.errors = [problem.sentence]
            status = problem.status
        else:
            if user is not None:
                return redirect(target)
            form.password.errors = [WRONG]
            status = 401
    return render_template("registry/login.html", form=form), status


@bp.route("/login/again", methods=["POST"])
@public
def log_in_again() -> ResponseReturnValue:
    """Sign in on the page that kept what was typed, and give it back to be sent again."""
    path = local_path(request.form.get("again-path")) or url_for(".home")
    form = LoginForm(prefix="again-")
    if not form.validate_on_submit():
        return give_back("请填写用户名和密码。", 422, path=path, form=form)
    try:
        user = _authenticated(form.login.data, form.password.data)
    except TooManyError as problem:
        return give_back(problem.sentence, problem.status, path=path, form=form)
    if user is None:
        return give_back(WRONG, 401, path=path, form=form)
    return give_back("已登录。按“再次提交”，您填写的内容就会提交。", 200, path=path)


def _authenticated(login: str, password: str) -> User | None:
    with transaction() as session:  # committed whatever comes: the attempt counts
        accounts.count_attempt(session, login=login, address=client_address())
        user = accounts.named(session, login)
    if not passwords.matches(user, password) or user is None:
        return None
    with transaction() as session:
        accounts.record_login(session, user, login=login, address=client_address())
        start_session(user, until=session_end(session))
    return user


@bp.route("/logout", methods=["POST"])
@public
def log_out() -> ResponseReturnValue:
    """End the session in this browser."""
    logout_user()
    flash("您已退出登录。", "success")
    return redirect("/")


@bp.route("/home")
@requires("home:view")
def home() -> ResponseReturnValue:
    """Show what waits for the account."""
    items = [item for waiting in hooks.work_items for item in waiting(db_session(), account())]
    return render_template("registry/home.html", items=items)


@bp.route("/account/password", methods=["GET", "POST"])
@requires("account:change_password")
def password_change() -> ResponseReturnValue:
    """Change one's own password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                user = session.get_one(User, account().id)
                accounts.change_password(
                    session, user, current=form.current.data, password=form.password.data
                )
                start_session(user, until=session_end(session))
            flash("密码已修改，其他设备上的登录均已失效。", "success")
            return redirect(url_for(".home"))
        except RuleError as problem:
            form[problem.parameter or "password"].errors = [problem.sentence]
    return render_template(
        "registry/password_edit.html", form=form, title="修改密码"
    ), 422 if form.errors else 200


@bp.route("/password", methods=["GET", "POST"])
@public
def password_forgotten() -> ResponseReturnValue:
    """Ask for a link that sets a new password."""
    form, status = ResetRequestForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                invitations.request_reset(session, login=form.login.data, address=client_address())
            return render_template("registry/password_sent.html")
        except TooManyError as problem:
            form.login.errors, status = [problem.sentence], problem.status
    return render_template("registry/password_forgotten.html", form=form), status


@bp.route("/password/<token>", methods=["GET", "POST"])
@public
def password_reset(token: str) -> ResponseReturnValue:
    """Set a new password by a link from a letter."""
    invitations.open_reset(db_session(), token)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                invitations.reset_password(session, token, password=form.password.data)
            flash("密码已重设，请登录。", "success")
            return redirect(url_for(".log_in"))
        except RuleError as problem:
            form.password.errors = [problem.sentence]
    return render_template(
        "registry/password_edit.html", form=form, title="重设密码"
    ), 422 if form.errors else 200


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public
def invitation_accept(token: str) -> ResponseReturnValue:
    """Open the account that an invitation offers."""
    invitation = invitations.open_invitation(db_session(), token)
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                invitations.accept_invitation(
                    session, token, username=form.username.data, password=form.password.data
                )
            flash("账号已开通，请登录。角色由安全管理员授予后生效。", "success")
            return redirect(url_for(".log_in"))
        except RuleError as problem:
            if problem.parameter not in ("username", "password"):
                raise
            form[problem.parameter].errors = [problem.sentence]
    return render_template(
        "registry/invitation_accept.html", form=form, invitation=invitation
    ), 422 if form.errors else 200
