"""The office's room of notices: draft, clear of leaks, open."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from catalog.publication import content, notices, objections, queries
from catalog.publication.forms import ClearForm, HeadingForm, ItemsForm, complain, whole
from catalog.publication.models import NoticeItem, PublicNotice
from catalog.publication.views import bp, page_of
from catalog.publication.views.public import objection_page
from registry import calendar
from registry.errors import NotFoundError, RuleError
from registry.forms.rounds import VersionForm
from registry.models import CallRound, PublicationScope
from registry.web import accepts_files, account, db_session, requires, transaction


def round_of(session: Session, round_id: int) -> CallRound:
    """Return a round that is announced.

    Raises:
        NotFoundError: there is none such.
    """
    call = session.get(CallRound, round_id)
    if call is None or call.policy is None:
        raise NotFoundError("没有这个批次。", parameter="round")
    return call


@bp.route("/office/notices")
@requires("notice:view")
def notice_list() -> ResponseReturnValue:
    """List the notices, and the rounds with products that wait for one."""
    return render_template(
        "catalog/notice_list.html",
        waiting=db_session().execute(queries.rounds_with(queries.is_to_notice())).all(),
        page=page_of(queries.notices(), scalars=False),
        days=calendar.load(db_session()),
    )


@bp.route("/office/notices/new", methods=["GET", "POST"])
@requires("notice:manage")
def notice_new() -> ResponseReturnValue:
    """Choose the products of a new notice."""
    call = round_of(db_session(), whole(request.args.get("round")))
    form, status = ItemsForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                drafted = notices.draft(
                    session, round_of(session, call.id), account(), applications=form.items.data or []
                )
            flash("公示稿已拟好，请填写联系方式并处理泄露检查的发现。", "success")
            return redirect(url_for(".notice_draft", notice_id=drafted.id))
        except RuleError as problem:
            status = complain(form, problem, "items")
    elif form.errors:
        status = 422
    applications = notices.waiting(db_session(), call)
    return render_template(
        "catalog/notice_new.html",
        call=call,
        form=form,
        applications=applications,
        ticked=form.items.data or []
        if form.is_submitted()
        else [application.id for application in applications],
    ), status


@bp.route("/office/notices/<int:notice_id>", methods=["GET", "POST"])
@requires("notice:view")
def notice_draft(notice_id: int) -> ResponseReturnValue:
    """Show a notice with what the scan found; a draft's heading is changed here."""
    shown = notices.find(db_session(), notice_id)
    form = HeadingForm(data=asdict(_heading(shown)) | {"version": str(shown.version_id)})
    if request.method == "GET":
        return _page(shown, form)
    try:
        with transaction() as session:
            notices.revise(
                session, notices.find(session, notice_id, lock=True, version=form.shown()), account(),
                heading=form.heading(),
            )  # fmt: skip
    except RuleError as problem:
        return _page(notices.find(db_session(), notice_id), form, complain(form, problem, "title"))
    flash("已保存。", "success")
    return redirect(url_for(".notice_draft", notice_id=notice_id))


@dataclass(frozen=True, slots=True)
class Scoping:
    """A decision about a product's scope that could not be taken, as it was typed."""

    item_id: int
    scope: str
    reason: str
    sentence: str


def _heading(notice: PublicNotice) -> notices.Heading:
    return notices.Heading(**{name: getattr(notice, name) for name in notices.MUST_PRINT})


def _page(
    notice: PublicNotice,
    form: HeadingForm,
    status: int = 200,
    *,
    clearing: ClearForm | None = None,
    scoping: Scoping | None = None,
) -> ResponseReturnValue:
    chosen = content.fields(notice.round)
    return render_template(
        "catalog/notice_draft.html",
        notice=notice,
        form=form,
        clearing=clearing,
        scoping=scoping,
        asked=content.asked(db_session(), notice.items),
        fields=chosen,
        rows=content.printed(db_session(), notice.items, chosen),
        days=calendar.load(db_session()),
        is_taking=objections.is_taking(notice),
        never_withheld=content.NEVER_WITHHELD,
        scopes=list(PublicationScope),
    ), status


def _again(notice_id: int, status: int, **typed: Any) -> ResponseReturnValue:
    """Show the draft with what was typed about one of its products."""
    shown = notices.find(db_session(), notice_id)
    form = HeadingForm(formdata=None, data=asdict(_heading(shown)) | {"version": str(shown.version_id)})
    return _page(shown, form, status, **typed)


def _item(session: Session, notice_id: int, item_id: int) -> NoticeItem:
    notice = notices.find(session, notice_id, lock=True)
    item = next((item for item in notice.items if item.id == item_id), None)
    if item is None:
        raise NotFoundError("公示稿中没有这个产品。", parameter="item")
    return item


@bp.route("/office/notices/<int:notice_id>/items/<int:item_id>/withhold", methods=["POST"])
@requires("notice:manage")
def notice_withhold(notice_id: int, item_id: int) -> ResponseReturnValue:
    """Leave a field of a product out."""
    with transaction() as session:
        notices.withhold(
            session, _item(session, notice_id, item_id), account(), field=request.form.get("field", "")
        )
    flash("该字段不再公开，发布入目时同样不公开。", "success")
    return redirect(url_for(".notice_draft", notice_id=notice_id, _anchor=f"item-{item_id}"))


@bp.route("/office/notices/<int:notice_id>/items/<int:item_id>/scope", methods=["POST"])
@requires("notice:manage")
def notice_scope(notice_id: int, item_id: int) -> ResponseReturnValue:
    """Decide who may see a product."""
    scope = request.form.get("scope", "")
    if scope not in list(PublicationScope):
        raise RuleError("公开范围：请从列表中选择。", parameter="scope")
    reason = request.form.get("scope_reason", "")
    try:
        with transaction() as session:
            notices.set_scope(
                session, _item(session, notice_id, item_id), account(),
                scope=PublicationScope(scope), reason=reason,
            )  # fmt: skip
    except RuleError as problem:
        if problem.parameter != "scope_reason":
            raise
        return _again(notice_id, 422, scoping=Scoping(item_id, scope, reason, problem.sentence))
    flash("公开范围已决定，公示和入目同此范围。", "success")
    return redirect(url_for(".notice_draft", notice_id=notice_id, _anchor="scopes"))


@bp.route("/office/notices/<int:notice_id>/items/<int:item_id>/clear", methods=["POST"])
@requires("notice:manage")
def notice_clear(notice_id: int, item_id: int) -> ResponseReturnValue:
    """Say why a finding is harmless."""
    clearing = ClearForm()
    status = 422
    if clearing.validate():
        try:
            with transaction() as session:
                notices.clear(
                    session, _item(session, notice_id, item_id), account(),
                    fingerprint=clearing.fingerprint.data, reason=clearing.reason.data,
                )  # fmt: skip
            flash("理由已记录。", "success")
            return redirect(url_for(".notice_draft", notice_id=notice_id, _anchor=f"item-{item_id}"))
        except RuleError as problem:
            status = complain(clearing, problem, "reason")
    return _again(notice_id, status, clearing=clearing)


@bp.route("/office/notices/<int:notice_id>/open", methods=["POST"])
@requires("notice:manage")
def notice_open(notice_id: int) -> ResponseReturnValue:
    """Post the notice today."""
    with transaction() as session:
        notices.open_notice(
            session, notices.find(session, notice_id, lock=True, version=VersionForm().shown()), account()
        )
    flash("公示已发布，申报单位已收到告知；公示期见下。", "success")
    return redirect(url_for(".notice_draft", notice_id=notice_id))


@bp.route("/office/notices/<int:notice_id>/discard", methods=["POST"])
@requires("notice:manage")
def notice_discard(notice_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    with transaction() as session:
        notices.discard(session, notices.find(session, notice_id, lock=True), account())
    flash("公示稿已作废，产品可以重新选择。", "success")
    return redirect(url_for(".notice_list"))


@bp.route("/office/notices/<int:notice_id>/objection", methods=["GET", "POST"])
@accepts_files
@requires("objection:register")
def objection_register(notice_id: int) -> ResponseReturnValue:
    """Enter an objection that came on paper."""
    shown = notices.find(db_session(), notice_id)
    return objection_page(shown, shown.items, account())
