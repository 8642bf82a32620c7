"""The unit's page of a correction letter: what is asked, an answer to each item, and the submission."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import applications, calendar, formal_review, questions, rounds
from registry.errors import NotFoundError, RuleError
from registry.formal_review.correcting import seen
from registry.models import State
from registry.permissions import may
from registry.questions import Merged
from registry.views import bp
from registry.web import account, db_session, requires, transaction


@bp.route("/apply/applications/<int:application_id>/correction", methods=["GET", "POST"])
@requires("application:view")
def correction(application_id: int) -> ResponseReturnValue:
    """Show the letters; save the answers to the open one, or submit them with the corrected application."""
    if request.method == "GET":
        return _page(application_id)
    submits = request.form.get("then") == "submit"
    typed = _typed()
    try:
        with transaction() as session:
            application = applications.locked(session, account(), application_id)
            merged = formal_review.save_answers(
                session, application, account(), typed=typed, remembered=request.form.get("seen", "")
            )
        if merged.conflicts:
            return _page(application_id, typed=typed, merged=merged)
        if submits:  # after the answers are safe: whatever is refused now, they are not lost
            with transaction() as session:
                formal_review.answer(
                    session,
                    applications.locked(session, account(), application_id),
                    account(),
                    commitment="commitment" in request.form,
                )
    except RuleError as problem:
        if isinstance(problem, NotFoundError):
            raise
        return _page(application_id, typed=typed, problem=problem)
    if submits:
        flash("补正材料已提交，接收回执已发到消息中。", "success")
        return redirect(url_for(".application_detail", application_id=application_id))
    flash("答复已保存，尚未提交。", "success")
    return redirect(url_for(".correction", application_id=application_id))


def _typed() -> dict[int, str]:
    """Return the answers by item; fields that name none of the letter's items are left aside by the service."""
    return {
        int(number): text.replace("\r\n", "\n")
        for name, text in request.form.items()
        if name.startswith("answer-")
        and (number := name.removeprefix("answer-")).isascii()
        and number.isdigit()
        and len(number) <= 9
    }


def _page(
    application_id: int,
    *,
    typed: dict[int, str] | None = None,
    merged: Merged | None = None,
    problem: RuleError | None = None,
) -> ResponseReturnValue:
    session, user = db_session(), account()
    application = applications.own(session, user, application_id)
    letters = formal_review.letters(session, application)
    if not letters:
        raise NotFoundError("这份申报没有补正告知。", parameter="letter")
    letter, draft = letters[-1], applications.draft(session, application)
    filed = applications.revision(session, application, letter.revision)
    conflicts = {int(conflict.question): conflict for conflict in merged.conflicts} if merged else {}
    page = render_template(
        "registry/correction.html",
        application=application,
        letter=letter,
        earlier=letters[:-1],
        due=calendar.load(session).label(letter.due_on),
        is_open=application.state is State.CORRECTION_REQUIRED,
        may_submit=may(user, "application:submit", application),
        by_key=questions.by_key(),
        typed=typed or {},
        seen=seen(letter),
        conflicts=conflicts,
        changes_made=questions.difference(filed.answers, draft.checked.answers, draft.classes),
        faults=draft.checked.problems,
        commitment=rounds.policy_value(application.round, "application.commitment"),
        problem=problem,
    )
    return page, 409 if conflicts else problem.status if problem else 200
