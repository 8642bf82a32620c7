"""The office's room of objections. Who objects is on no page but the answer to a reasoned request."""

import io
from collections.abc import Callable

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from catalog.publication import objections, queries
from catalog.publication.forms import (
    AnswerForm,
    DecisionForm,
    IdentifyForm,
    JudgeForm,
    ObjectionOutcome,
    ReportForm,
    complain,
)
from catalog.publication.models import Objection, ObjectionGround, ObjectionState, ObjectorIdentity
from catalog.publication.views import bp, page_of
from registry.errors import NotFoundError, RuleError
from registry.forms.rounds import VersionForm
from registry.views.attachments import STRICT, file_store
from registry.web import account, db_session, requires, transaction

Service = Callable[[Session, Objection], None]


@bp.route("/office/objections")
@requires("objection:view")
def objection_list() -> ResponseReturnValue:
    """List the objections, those that wait first."""
    return render_template("catalog/objection_list.html", page=page_of(queries.objections()))


@bp.route("/office/objections/<int:objection_id>")
@requires("objection:view")
def objection_detail(objection_id: int) -> ResponseReturnValue:
    """Show an objection and what may be done now."""
    return _page(objection_id)


def _page(
    objection_id: int,
    *,
    typed: VersionForm | None = None,
    identity: ObjectorIdentity | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session = db_session()
    objection = objections.find(session, objection_id)
    forms = {
        name: typed if isinstance(typed, kind) else kind(formdata=None, data=_kept(objection))
        for name, kind in (
            ("judge", JudgeForm), ("report", ReportForm), ("decision", DecisionForm), ("answer", AnswerForm),
            ("identify", IdentifyForm),
        )
    }  # fmt: skip
    return render_template(
        "catalog/objection_detail.html",
        objection=objection,
        files=objections.files_of(session, objection),
        receipt=objections.receipt(session, objection),
        identity=identity,
        typed=typed,
        is_open=objection.state is ObjectionState.INVESTIGATING,
        channel=objections.channel(session, objection) if objection.answered_at else None,
        **forms,
    ), status


def _kept(objection: Objection) -> dict[str, str]:
    return {
        "version": str(objection.version_id),
        "report": objection.report or "",
        "ground": "",
        "outcome": "",
    }


def _act(
    objection_id: int, form: VersionForm, service: Service, done: str, otherwise: str
) -> ResponseReturnValue:
    """Run one act on an objection; a broken rule is shown beside what was typed."""
    status = 422
    if form.validate():
        try:
            with transaction() as session:
                service(session, objections.find(session, objection_id, lock=True, version=form.shown()))
            flash(done, "success")
            return redirect(url_for(".objection_detail", objection_id=objection_id))
        except RuleError as problem:
            status = complain(form, problem, otherwise)
    return _page(objection_id, typed=form, status=status)


@bp.route("/office/objections/<int:objection_id>/admit", methods=["POST"])
@requires("objection:handle")
def objection_admit(objection_id: int) -> ResponseReturnValue:
    """Take the objection up; its product is held."""
    form = JudgeForm()
    return _act(
        objection_id,
        form,
        lambda session, objection: objections.admit(session, objection, account(), gist=form.gist.data or ""),
        "异议已受理，该产品暂缓发布，申报单位已收到要点。",
        "gist",
    )


@bp.route("/office/objections/<int:objection_id>/reject", methods=["POST"])
@requires("objection:handle")
def objection_reject(objection_id: int) -> ResponseReturnValue:
    """Find the objection inadmissible."""
    form = JudgeForm()
    return _act(
        objection_id,
        form,
        lambda session, objection: objections.reject(
            session, objection, account(), reason=form.reason.data or ""
        ),
        "已决定不予受理，请答复异议人。",
        "reason",
    )


@bp.route("/office/objections/<int:objection_id>/report", methods=["POST"])
@requires("objection:handle")
def objection_report(objection_id: int) -> ResponseReturnValue:
    """Report what the investigation found."""
    form = ReportForm()
    return _act(
        objection_id,
        form,
        lambda session, objection: objections.report(session, objection, account(), text=form.report.data),
        "核查情况已提交，由编审委员会主任决定。",
        "report",
    )


@bp.route("/office/objections/<int:objection_id>/decide", methods=["POST"])
@requires("objection:decide")
def objection_decide(objection_id: int) -> ResponseReturnValue:
    """Decide the objection."""
    form = DecisionForm()

    def decide(session: Session, objection: Objection) -> None:
        outcome, reason = form.outcome.data, form.reason.data
        if outcome == ObjectionOutcome.DISMISS:
            objections.dismiss(session, objection, account(), reason=reason)
        elif outcome == ObjectionOutcome.NEW_PANEL:
            objections.order_new_panel(session, objection, account(), reason=reason)
        else:
            ground = ObjectionGround(form.ground.data)
            objections.uphold(session, objection, account(), reason=reason, ground=ground)

    return _act(objection_id, form, decide, "决定已记录，请秘书处答复异议人。", "reason")


@bp.route("/office/objections/<int:objection_id>/answer", methods=["POST"])
@requires("objection:handle")
def objection_answer(objection_id: int) -> ResponseReturnValue:
    """Keep what the objector was answered."""
    form = AnswerForm()
    return _act(
        objection_id,
        form,
        lambda session, objection: objections.answer(session, objection, account(), text=form.answer.data),
        "答复已记录。",
        "answer",
    )


@bp.route("/office/objections/<int:objection_id>/tell", methods=["POST"])
@requires("objection:handle")
def objection_tell(objection_id: int) -> ResponseReturnValue:
    """Note that the objector was told the answer."""
    return _act(
        objection_id,
        VersionForm(),
        lambda session, objection: objections.tell(session, objection, account()),
        "已记录答复送达。",
        "version",
    )


@bp.route("/office/objections/<int:objection_id>/identity", methods=["POST"])
@requires("objection:identify")
def objection_identity(objection_id: int) -> ResponseReturnValue:
    """Show who objects, once, for a reason; the look leaves a line."""
    form = IdentifyForm()
    if not form.validate():
        return _page(objection_id, typed=form, status=422)
    with transaction() as session:
        objection = objections.find(session, objection_id)
        identity = objections.identity(session, objection, account(), reason=form.why.data)
    return _page(objection_id, identity=identity)


@bp.route("/office/objections/<int:objection_id>/files/<int:file_id>", methods=["POST"])
@requires("objection:view")
def objection_download(objection_id: int, file_id: int) -> ResponseReturnValue:
    """Give a letter or piece of evidence; the look leaves a line."""
    with transaction() as session:
        found = objections.opened_file(session, objection_id, file_id, account())
    try:
        stored = file_store().read(found.sha256)
    except (FileNotFoundError, ValueError):
        raise NotFoundError("这个附件暂时无法读取，请联系系统管理员。", parameter="file") from None
    response = send_file(
        io.BytesIO(stored), mimetype=found.media_type, as_attachment=True, download_name=found.name
    )
    response.headers["Content-Security-Policy"] = STRICT
    response.headers["Cache-Control"] = "private, no-store"
    return response
