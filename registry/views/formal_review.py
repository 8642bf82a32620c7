"""The office's pages of formal review: the queue, a case with its checklist, the letter, acceptance, refusal."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import applications, formal_review, questions, reconsideration, rounds
from registry import queries as registry_queries
from registry.errors import NotFoundError, RuleError, StaleError
from registry.formal_review import Filters, Judgement, RefusalReason
from registry.formal_review.looking import SHOWN
from registry.forms.rounds import VersionForm
from registry.models import Application, CheckVerdict, ListCode
from registry.paging import Page, page_number
from registry.views import bp
from registry.web import account, db_session, requires, transaction

PER_PAGE = 50
VERDICTS = (CheckVerdict.PASSED, CheckVerdict.FAILED, CheckVerdict.WAIVED)


# --- the queue ----------------------------------------------------------------------------------------------------


@bp.route("/office/formal-review")
@requires("formal_review:view")
def formal_review_list() -> ResponseReturnValue:
    """List what waits in formal review, due first; by `shown` also what waits for a unit or was concluded."""
    session, number, filters = db_session(), page_number(), _filters()
    query = formal_review.queue(filters)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/formal_review_list.html",
        filters=filters,
        applications=Page(rows, number=number, per_page=PER_PAGE, total=total),
        due=formal_review.due_days(session, rows),
        calls=session.scalars(registry_queries.announced_rounds()).all(),
        lists=list(ListCode),
    )


def _filters() -> Filters:
    shown, call, code = (request.args.get(name, "") for name in ("shown", "round", "list"))
    if (shown or "waiting") not in SHOWN:
        raise RuleError(f"参数 shown 应为 {'、'.join(SHOWN)} 之一。", parameter="shown")
    if call and not (call.isascii() and call.isdigit() and len(call) <= 9):
        raise RuleError("批次：请从列表中选择。", parameter="round")
    if code and code not in ListCode.__members__:
        raise RuleError("名单：请从列表中选择。", parameter="list")
    return Filters(
        next((name for name in SHOWN if name == shown), "waiting"),
        int(call) if call else None,
        ListCode(code) if code else None,
    )


# --- a case -------------------------------------------------------------------------------------------------------


@bp.route("/office/formal-review/<int:application_id>")
@requires("formal_review:view")
def formal_review_detail(application_id: int) -> ResponseReturnValue:
    """Show a case: where it stands, its checklist, its letters, what changed, and the application itself."""
    return _detail(application_id)


def _detail(application_id: int, problem: RuleError | None = None) -> ResponseReturnValue:
    case = formal_review.case(db_session(), account(), application_id)
    rows = {row.item.key for row in case.rows}
    asked = questions.questions(case.application.list_code)
    page = render_template(
        "registry/formal_review_detail.html",
        case=case,
        application=case.application,
        typed=_typed(case.rows, problem),
        verdicts=VERDICTS,
        others=[question for question in asked if question.key not in rows],
        by_key=questions.by_key(),
        reasons=list(RefusalReason),
        blocks=questions.blocks(case.application.list_code),
        most_rounds=rounds.policy_value(case.application.round, "formal.correction_rounds"),
        problem=problem,
    )
    return page, problem.status if problem else 200


def _typed(rows: Any, problem: RuleError | None) -> dict[str, tuple[str, str]]:
    """Return verdict and note of each row: as stored, or as just typed where that could not be taken."""
    stored = {row.item.key: (row.item.verdict.value, row.item.note or "") for row in rows}
    if problem is None or request.endpoint != "registry.formal_review_checks":
        return stored
    return {
        key: (request.form.get(f"verdict-{key}", verdict), request.form.get(f"note-{key}", note))
        for key, (verdict, note) in stored.items()
    }


def _act(
    application_id: int, service: Callable[..., object], done: str, **values: Any
) -> ResponseReturnValue:
    """Make a move from the page; a refused one shows the page again with the sentence and with what was typed."""
    try:
        with transaction() as session:
            service(session, _held(session, application_id), account(), **values)
    except RuleError as problem:
        if isinstance(problem, NotFoundError):
            raise
        return _detail(application_id, problem)
    flash(done, "success")
    return redirect(url_for(".formal_review_detail", application_id=application_id))


def _held(session: Session, application_id: int) -> Application:
    version = VersionForm().shown()
    if version is None:
        raise StaleError("页面已经过期，请刷新后再办理。", parameter="version")
    return applications.held(session, application_id, version=version)


@bp.route("/office/formal-review/<int:application_id>/open", methods=["POST"])
@requires("formal_review:examine")
def formal_review_open(application_id: int) -> ResponseReturnValue:
    """Open the application for examination."""
    return _act(application_id, formal_review.begin, "已开始形式审查，申报单位不能再退回草稿修改。")


@bp.route("/office/formal-review/<int:application_id>/checks", methods=["POST"])
@requires("formal_review:examine")
def formal_review_checks(application_id: int) -> ResponseReturnValue:
    """Save the verdicts of the checklist, and a fault of a question that stands in no row."""
    return _act(application_id, _judge, "判定已保存。", form=request.form)


def _judge(session: Session, application: Application, actor: Any, *, form: Mapping[str, str]) -> None:
    formal_review.judge(session, application, actor, dict(_judgements(form)))


def _judgements(form: Mapping[str, str]) -> Iterator[tuple[str, Judgement]]:
    for name, text in form.items():
        if name.startswith("verdict-"):
            if text not in VERDICTS:
                raise RuleError("判定：请选择符合、不符合或者免于此项。", parameter=name)
            key = name.removeprefix("verdict-")
            yield key, Judgement(CheckVerdict(text), form.get(f"note-{key}", ""))
    note, question = form.get("extra-note", "").strip(), form.get("extra-question", "")
    if note and not question:
        raise RuleError("其他不符合的事项：请选择是哪一项内容。", parameter="extra-question")
    if question:
        yield question, Judgement(CheckVerdict.FAILED, note)


@bp.route("/office/formal-review/<int:application_id>/correction", methods=["POST"])
@requires("formal_review:examine")
def formal_review_correction(application_id: int) -> ResponseReturnValue:
    """Send the one complete list of what must be corrected."""
    return _act(application_id, formal_review.require_correction, "一次性补正告知已发出。")


@bp.route("/office/formal-review/<int:application_id>/accept", methods=["POST"])
@requires("formal_review:examine")
def formal_review_accept(application_id: int) -> ResponseReturnValue:
    """Accept the application; its content stands from now on."""
    return _act(application_id, formal_review.accept, "已受理，申报内容已固定，受理通知已发出。")


@bp.route("/office/formal-review/<int:application_id>/refusal", methods=["POST"])
@requires("formal_review:examine")
def formal_review_refuse(application_id: int) -> ResponseReturnValue:
    """Propose not to accept."""
    code = request.form.get("code", "")
    if code not in list(RefusalReason):
        return _detail(application_id, RuleError("理由代码：请选择。", parameter="code"))
    return _act(
        application_id,
        formal_review.propose_refusal,
        "已提议不予受理，等待秘书处负责人确认。",
        code=RefusalReason(code),
        reason=request.form.get("reason", ""),
    )


def _proposal_id() -> int:
    text = request.form.get("proposal", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise StaleError("页面已经过期，请刷新后再办理。", parameter="proposal")
    return int(text)


@bp.route("/office/formal-review/<int:application_id>/refusal/confirm", methods=["POST"])
@requires("formal_review:decide")
def formal_review_confirm(application_id: int) -> ResponseReturnValue:
    """Confirm, as the second person, that the application is not accepted."""
    return _act(
        application_id,
        formal_review.confirm_refusal,
        "已确认不予受理，告知已发给申报单位。",
        proposal_id=_proposal_id(),
    )


@bp.route("/office/formal-review/<int:application_id>/refusal/decline", methods=["POST"])
@requires("formal_review:decide")
def formal_review_decline(application_id: int) -> ResponseReturnValue:
    """Send the proposal back; the examination goes on."""
    return _act(
        application_id,
        formal_review.decline_refusal,
        "提议已退回，继续形式审查。",
        proposal_id=_proposal_id(),
        reason=request.form.get("reason", ""),
    )


@bp.route("/office/formal-review/<int:application_id>/reconsider", methods=["POST"])
@requires("formal_review:decide")
def formal_review_reconsider(application_id: int) -> ResponseReturnValue:
    """Take an application that was not accepted back into formal review."""
    return _act(
        application_id,
        reconsideration.grant,
        "复核通过，申报重新进入形式审查。",
        reason=request.form.get("reason", ""),
    )
