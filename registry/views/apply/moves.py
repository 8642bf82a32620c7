"""The applicant's moves: submit, take back, withdraw."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import applications, questions, rounds
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Action
from registry.views import bp
from registry.views.apply.common import own
from registry.web import account, db_session, requires, transaction
from registry.workflow import actions


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise StaleError("页面已经过期，请刷新后再办理。", parameter="version")
    return int(text)


@bp.route("/apply/applications/<int:application_id>/submit", methods=["GET", "POST"])
@requires("application:view")
def application_submit(application_id: int) -> ResponseReturnValue:
    """Read the whole application over, sign the commitment and submit."""
    problem = None
    if request.method == "POST":
        try:
            with transaction() as session:
                application = applications.locked(session, account(), application_id, version=_version())
                applications.submit(session, application, account(), commitment="commitment" in request.form)
            flash(f"申报书已提交，申报编号 {application.number}。材料接收回执已发到消息中。", "success")
            return redirect(url_for(".application_detail", application_id=application_id))
        except RuleError as refused:
            if isinstance(refused, (StaleError, NotFoundError)):
                raise
            problem = refused
    application = own(application_id)
    moves = {row.action: missing for row, missing in actions(application, account())}
    draft = applications.draft(db_session(), application)
    page = render_template(
        "registry/application_submit.html",
        application=application,
        draft=draft,
        given=draft.checked.answers,
        classes=draft.classes,
        blocks=questions.blocks(application.list_code),
        block_of={question.key: question.block for question in questions.questions(application.list_code)},
        may_submit=Action.SUBMIT in moves,
        is_taking=rounds.is_taking(application.round),
        commitment=rounds.policy_value(application.round, "application.commitment"),
        problem=problem,
    )
    return page, problem.status if problem else 200


@bp.route("/apply/applications/<int:application_id>/return", methods=["POST"])
@requires("application:edit")
def application_return(application_id: int) -> ResponseReturnValue:
    """Take a submission back into the draft."""
    with transaction() as session:
        application = applications.locked(session, account(), application_id, version=_version())
        applications.return_to_draft(session, application, account())
    flash("申报书已退回草稿，修改后须由签署人重新提交。", "success")
    return redirect(url_for(".application_detail", application_id=application_id))


@bp.route("/apply/applications/<int:application_id>/withdraw", methods=["GET", "POST"])
@requires("application:withdraw")
def application_withdraw(application_id: int) -> ResponseReturnValue:
    """Withdraw an application for good, after saying what that means."""
    if request.method == "POST":
        with transaction() as session:
            application = applications.locked(session, account(), application_id, version=_version())
            applications.withdraw(session, application, account(), reason=request.form.get("reason", ""))
        flash("申报已撤回。", "success")
        return redirect(url_for(".application_detail", application_id=application_id))
    application = own(application_id)
    moves = {row.action for row, _ in actions(application, account())}
    if Action.WITHDRAW not in moves:
        return redirect(url_for(".application_detail", application_id=application_id))
    return render_template("registry/application_withdraw.html", application=application)
