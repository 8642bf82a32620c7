"""The form, block by block, with its files."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import applications, clock, questions
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Application, User
from registry.presentation import instant
from registry.questions import Block, Merged, Question
from registry.views import bp
from registry.views.apply.common import own, progress
from registry.views.attachments import chosen, file_store
from registry.web import accepts_files, account, db_session, requires, transaction


def _block(application: Application, key: str) -> Block:
    for block in questions.blocks(application.list_code):
        if block.key == key:
            return block
    raise NotFoundError("申报书没有这一部分。", parameter="block")


def _question(application: Application, key: str) -> Question:
    for question in questions.questions(application.list_code):
        if question.key == key and question.kind == "files":
            return question
    raise NotFoundError("申报书没有这一项附件。", parameter="question")


@bp.route("/apply/applications/<int:application_id>/edit/<block>", methods=["GET", "POST"])
@requires("application:edit")
def application_edit(application_id: int, block: str) -> ResponseReturnValue:
    """Fill in one block; a save keeps whatever was typed, and shows where two people typed differently."""
    if request.method == "GET":
        application = own(application_id)
        if application.state not in applications.EDITABLE:
            return redirect(url_for(".application_detail", application_id=application_id))
        return _form(application, _block(application, block))
    wants_json = request.accept_mimetypes.best == "application/json"
    remembered, user = request.form.get("seen", ""), account()
    typed: dict[str, Any] = {}
    try:
        with transaction() as session:
            application = applications.locked(session, user, application_id)
            asked = _block(application, block)
            typed = questions.read(request.form.to_dict(flat=False), asked.questions)
            for question in asked.questions:
                if request.form.get(f"keep-{question.key}") == "theirs":
                    typed.pop(question.key, None)
            before = application.draft_saved_by_id
            merged = applications.save_draft(session, application, user, typed=typed, remembered=remembered)
    except StaleError as problem:
        if wants_json:
            return jsonify(message=problem.sentence), problem.status
        return _form(own(application_id), asked, typed=typed, refused=problem.sentence)
    if wants_json:
        return _saved(application, asked, merged, typed, remembered)
    if merged.conflicts:
        return _form(own(application_id), asked, typed=typed, merged=merged, other_id=before)
    if merged.theirs:
        flash(f"已保存。同时保留了他人的修改：{_labels(merged.theirs)}。", "success")
    else:
        flash("已保存。", "success")
    following = _following(application, asked) if request.form.get("then") == "next" else asked
    return redirect(url_for(".application_edit", application_id=application_id, block=following.key))


def _labels(keys: list[str]) -> str:
    return "、".join(questions.by_key()[key].label for key in keys)


def _following(application: Application, block: Block) -> Block:
    blocks = questions.blocks(application.list_code)
    return blocks[min(blocks.index(block) + 1, len(blocks) - 1)]


def _saved(
    application: Application, block: Block, merged: Merged, typed: dict[str, Any], remembered: str
) -> ResponseReturnValue:
    """Answer a save of the page's own script, which stays where it is."""
    conflicts = [conflict.question for conflict in merged.conflicts]
    keys = {question.key for question in block.questions}
    checked = applications.draft(db_session(), application).checked
    return jsonify(
        seen=questions.remember(remembered, typed, merged.draft),
        saved_at=instant(clock.now()),
        message=f"他人同时修改了{_labels(conflicts + merged.theirs)}，请按“保存”查看。"
        if conflicts or merged.theirs
        else "",
        problems={
            problem.name: problem.sentence
            for problem in checked.problems
            if problem.question in keys and not problem.is_missing
        },
    ), 409 if conflicts else 200


def _form(
    application: Application,
    block: Block,
    *,
    typed: dict[str, Any] | None = None,
    merged: Merged | None = None,
    refused: str | None = None,
    other_id: int | None = None,
) -> ResponseReturnValue:
    """Show a block: as stored, or with what I typed where it could not be taken."""
    session = db_session()
    draft = applications.draft(session, application)
    conflicts = {conflict.question: conflict for conflict in merged.conflicts} if merged else {}
    mine = (typed or {}) if refused else {key: conflict.mine for key, conflict in conflicts.items()}
    page = render_template(
        "registry/application_edit.html",
        application=application,
        block=block,
        values={**application.draft, **mine},
        seen=questions.seen(application.draft, block.questions),
        facts=applications.unit_facts(application.organization),
        checked=draft.checked,
        classes=draft.classes,
        shows_missing="all" in request.args,
        blocks=progress(application, draft),
        conflicts=conflicts,
        refused=refused,
        other=session.get(User, other_id) if other_id else None,
    )
    return page, 409 if conflicts or refused else 200


@bp.route("/apply/applications/<int:application_id>/files/<question>", methods=["POST"])
@accepts_files
@requires("application:edit")
def application_attach(application_id: int, question: str) -> ResponseReturnValue:
    """Upload files for a question of the draft; each is kept or refused by itself."""
    kept = 0
    for upload in request.files.getlist("file"):
        if (given := chosen(upload)) is None:
            continue
        try:
            with transaction() as session:
                application = applications.locked(session, account(), application_id)
                applications.attach(
                    session, file_store(), application, account(),
                    question=_question(application, question), name=given[0], content=given[1],
                )  # fmt: skip
            kept += 1
        except RuleError as problem:
            if isinstance(problem, (StaleError, NotFoundError)):
                raise
            flash(problem.sentence, "error")
    label = _question(own(application_id), question).label
    if kept:
        flash(f"{label}：已上传 {kept} 件。", "success")
    elif not request.files.getlist("file") or not any(
        upload.filename for upload in request.files.getlist("file")
    ):
        flash(f"{label}：请先选择文件。", "error")
    return redirect(url_for(".application_edit", application_id=application_id, block="H", _anchor=question))


@bp.route(
    "/apply/applications/<int:application_id>/files/<question>/<int:attachment_id>/remove", methods=["POST"]
)
@requires("application:edit")
def application_detach(application_id: int, question: str, attachment_id: int) -> ResponseReturnValue:
    """Take a file out of the draft."""
    with transaction() as session:
        application = applications.locked(session, account(), application_id)
        applications.detach(
            session,
            application,
            account(),
            question=_question(application, question),
            attachment_id=attachment_id,
        )
    flash("文件已移出申报书。", "success")
    return redirect(url_for(".application_edit", application_id=application_id, block="H", _anchor=question))
