"""The applicant's pages: the unit's applications, the form block by block, files, submission, withdrawal."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from registry import applications, clock, queries, questions, rounds
from registry.applications import Draft
from registry.applications.stages import ENDED, STAGES, stage_of
from registry.applications.stages import NEXT as NEXT_STEP
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Action, Application, CallRound, InboxMessage, ListCode, Organization, User
from registry.presentation import instant
from registry.questions import Block, Merged, Question
from registry.views import bp
from registry.views.attachments import chosen, file_store
from registry.web import Page, accepts_files, account, db_session, page_number, requires, transaction
from registry.workflow import actions

PER_PAGE = 20


def _own(application_id: int) -> Application:
    return applications.own(db_session(), account(), application_id)


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise StaleError("页面已经过期，请刷新后再办理。", parameter="version")
    return int(text)


def _call(round_id: int) -> CallRound:
    call = db_session().scalars(queries.announced_rounds().where(CallRound.id == round_id)).one_or_none()
    if call is None:
        raise NotFoundError("没有这个批次，或者申报通知还没有发布。", parameter="round")
    return call


# --- the unit's applications --------------------------------------------------------------------------------------


@bp.route("/apply/")
@requires("application:view")
def application_list() -> ResponseReturnValue:
    """List the unit's applications, the newest first, and the rounds that take some now."""
    session, number, user = db_session(), page_number(), account()
    query = queries.applications_of(user.organization_id)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/application_list.html",
        applications=Page(rows, number=number, per_page=PER_PAGE, total=total),
        calls=[call for call in session.scalars(queries.announced_rounds()) if rounds.is_taking(call)],
        unit=session.get(Organization, user.organization_id) if user.organization_id else None,
    )


@bp.route("/apply/rounds/<int:round_id>", methods=["GET", "POST"])
@requires("application:create")
def application_new(round_id: int) -> ResponseReturnValue:
    """Begin an application in a round: which list, which product."""
    call, user, problem = _call(round_id), account(), None
    if request.method == "POST":
        try:
            with transaction() as session:
                application = applications.create(
                    session,
                    rounds.taking(session, round_id),
                    user,
                    list_code=_list_code(request.form.get("list", "")),
                    product_name=request.form.get("product_name", ""),
                )
            return redirect(url_for(".application_edit", application_id=application.id, block="A"))
        except RuleError as refused:
            problem = refused
    left = applications.quota_left(db_session(), user.organization_id, call) if user.organization_id else None
    page = render_template("registry/application_new.html", call=call, problem=problem, quota_left=left)
    return page, problem.status if problem else 200


def _list_code(text: str) -> ListCode:
    if text not in ListCode.__members__:
        raise RuleError("申报名单：请选择。", parameter="list")
    return ListCode(text)


@bp.route("/apply/applications/<int:application_id>")
@requires("application:view")
def application_detail(application_id: int) -> ResponseReturnValue:
    """Show where an application stands, what comes next and what may be done now."""
    session, user, application = db_session(), account(), _own(application_id)
    return render_template(
        "registry/application_detail.html",
        application=application,
        stages=STAGES,
        stage=stage_of(application.state),
        has_ended=application.state in ENDED,
        next_step=NEXT_STEP[application.state],
        moves={row.action.value: missing for row, missing in actions(application, user)},
        blocks=_progress(application, applications.draft(session, application)),
        is_editable=application.state in applications.EDITABLE,
        revisions=session.execute(queries.revisions(application.id)).all(),
        letters=session.scalars(
            select(InboxMessage)
            .where(InboxMessage.user_id == user.id, InboxMessage.application_id == application.id)
            .order_by(InboxMessage.id.desc())
        ).all(),
    )


def _progress(application: Application, draft: Draft) -> list[tuple[Block, int, int]]:
    """Return each block with how many of its questions are unanswered and how many answered wrongly."""
    progress = []
    for block in questions.blocks(application.list_code):
        keys = {question.key for question in block.questions}
        found = [problem for problem in draft.checked.problems if problem.question in keys]
        missing = sum(problem.is_missing for problem in found)
        progress.append((block, missing, len(found) - missing))
    return progress


# --- the form -----------------------------------------------------------------------------------------------------


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
        application = _own(application_id)
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
        return _form(_own(application_id), asked, typed=typed, refused=problem.sentence)
    if wants_json:
        return _saved(application, asked, merged, typed, remembered)
    if merged.conflicts:
        return _form(_own(application_id), asked, typed=typed, merged=merged, other_id=before)
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
        blocks=_progress(application, draft),
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
    label = _question(_own(application_id), question).label
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


# --- moves --------------------------------------------------------------------------------------------------------


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
    application = _own(application_id)
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
    application = _own(application_id)
    moves = {row.action for row, _ in actions(application, account())}
    if Action.WITHDRAW not in moves:
        return redirect(url_for(".application_detail", application_id=application_id))
    return render_template("registry/application_withdraw.html", application=application)


@bp.route("/apply/applications/<int:application_id>/revisions/<int:number>")
@requires("application:view")
def application_revision(application_id: int, number: int) -> ResponseReturnValue:
    """Show a submitted revision as it was, for reading and printing."""
    session, application = db_session(), _own(application_id)
    return render_template(
        "registry/application_revision.html",
        application=application,
        revision=applications.revision(session, application, number),
        classes=questions.classes(session),
        blocks=questions.blocks(application.list_code),
    )
