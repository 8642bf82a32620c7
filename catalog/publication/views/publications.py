"""The office's room of publications: 拟稿, 审核, 签发, then publish under the signed document."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from catalog.publication import content, publications, publishing, queries
from catalog.publication.forms import DocumentForm, PublicationForm, SendBackForm, complain, whole
from catalog.publication.models import Publication
from catalog.publication.views import bp, page_of
from catalog.publication.views.notices import round_of
from registry import clock
from registry.errors import RuleError
from registry.forms.rounds import VersionForm
from registry.models import CallRound, User
from registry.web import account, db_session, requires, transaction


@bp.route("/office/publications")
@requires("publication:view")
def publication_list() -> ResponseReturnValue:
    """List the publications, and the rounds with products in notice."""
    return render_template(
        "catalog/publication_list.html",
        waiting=db_session().execute(queries.rounds_with(queries.is_to_publish(clock.today()))).all(),
        page=page_of(queries.publications(), scalars=False),
    )


@bp.route("/office/publications/new", methods=["GET", "POST"])
@requires("publication:draft")
def publication_new() -> ResponseReturnValue:
    """Draft a publication of a round's products whose notice is over."""
    call = round_of(db_session(), whole(request.args.get("round")))
    form, status = PublicationForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                drafted = publications.draft(
                    session, round_of(session, call.id), account(), items=form.items.data or [], title=form.title.data,
                    text=form.text.data or "",
                )  # fmt: skip
            flash("发布公告已拟稿，请由另一人审核。", "success")
            return redirect(url_for(".publication_detail", publication_id=drafted.id))
        except RuleError as problem:
            status = complain(form, problem, "title")
    elif form.errors:
        status = 422
    else:
        form.title.data = f"关于发布{call.name}列入产品的公告"
    return _edit(call, form, None, status)


@bp.route("/office/publications/<int:publication_id>/edit", methods=["GET", "POST"])
@requires("publication:draft")
def publication_edit(publication_id: int) -> ResponseReturnValue:
    """Change a draft."""
    shown = publications.find(db_session(), publication_id)
    form, status = (
        PublicationForm(data={"title": shown.title, "text": shown.text, "version": str(shown.version_id)}),
        200,
    )
    if form.validate_on_submit():
        try:
            with transaction() as session:
                publications.revise(
                    session, publications.find(session, publication_id, lock=True, version=form.shown()), account(),
                    items=form.items.data or [], title=form.title.data, text=form.text.data or "",
                )  # fmt: skip
            flash("已保存，请由另一人审核。", "success")
            return redirect(url_for(".publication_detail", publication_id=publication_id))
        except RuleError as problem:
            status = complain(form, problem, "title")
    elif form.errors:
        status = 422
    return _edit(shown.round, form, shown, status)


def _edit(
    call: CallRound, form: PublicationForm, publication: Publication | None, status: int
) -> ResponseReturnValue:
    offered = [
        (item, publications.hindrance(item.application))
        for item in publications.candidates(db_session(), call, publication=publication)
    ]
    if form.is_submitted():
        ticked = form.items.data or []
    elif publication is not None:
        ticked = [item.notice_item_id for item in publication.items]
    else:
        ticked = [item.id for item, problem in offered if problem is None]
    return render_template(
        "catalog/publication_edit.html",
        call=call,
        form=form,
        publication=publication,
        offered=offered,
        ticked=ticked,
    ), status


@bp.route("/office/publications/<int:publication_id>")
@requires("publication:view")
def publication_detail(publication_id: int) -> ResponseReturnValue:
    """Show what is to be published, who signed off, and what may be done now."""
    return _page(publication_id)


def _page(
    publication_id: int,
    *,
    back: SendBackForm | None = None,
    document: DocumentForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session = db_session()
    shown = publications.find(session, publication_id)
    version = {"version": str(shown.version_id)}
    findings = {
        item.id: content.finding_on_market(content.frozen_answers(session, item.application), shown.round)
        for item in shown.items
    }
    return render_template(
        "catalog/publication_detail.html",
        publication=shown,
        signers=publications.signers(session, shown),
        findings=findings,
        hindrances={item.id: publications.hindrance(item.application) for item in shown.items},
        back=back or SendBackForm(formdata=None, data=version),
        document=document or DocumentForm(formdata=None, data=version),
        version=shown.version_id,
    ), status


def _act(
    publication_id: int, service: Callable[[Session, Publication, User], None], done: str
) -> ResponseReturnValue:
    with transaction() as session:
        service(
            session,
            publications.find(session, publication_id, lock=True, version=VersionForm().shown()),
            account(),
        )
    flash(done, "success")
    return redirect(url_for(".publication_detail", publication_id=publication_id))


@bp.route("/office/publications/<int:publication_id>/check", methods=["POST"])
@requires("publication:check")
def publication_check(publication_id: int) -> ResponseReturnValue:
    """Check the draft."""
    return _act(publication_id, publications.check, "已审核，请签发。")


@bp.route("/office/publications/<int:publication_id>/sign", methods=["POST"])
@requires("publication:sign")
def publication_sign(publication_id: int) -> ResponseReturnValue:
    """Sign the checked draft."""
    return _act(publication_id, publications.sign, "已签发，由公示发布岗登记文号后发布。")


@bp.route("/office/publications/<int:publication_id>/discard", methods=["POST"])
@requires("publication:draft")
def publication_discard(publication_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    with transaction() as session:
        publications.discard(session, publications.find(session, publication_id, lock=True), account())
    flash("稿件已作废，产品可以列入其他公告。", "success")
    return redirect(url_for(".publication_list"))


@bp.route("/office/publications/<int:publication_id>/back", methods=["POST"])
@requires("publication:view")
def publication_back(publication_id: int) -> ResponseReturnValue:
    """Send the draft back with a reason; who may, depends on how far it has come."""
    form, status = SendBackForm(), 422
    if form.validate():
        try:
            with transaction() as session:
                publications.send_back(
                    session, publications.find(session, publication_id, lock=True, version=form.shown()), account(),
                    reason=form.reason.data,
                )  # fmt: skip
            flash("稿件已退回修改。", "success")
            return redirect(url_for(".publication_detail", publication_id=publication_id))
        except RuleError as problem:
            status = complain(form, problem, "reason")
    return _page(publication_id, back=form, status=status)


@bp.route("/office/publications/<int:publication_id>/publish", methods=["POST"])
@requires("publication:publish")
def publication_publish(publication_id: int) -> ResponseReturnValue:
    """Publish under the signed document."""
    form, status = DocumentForm(), 422
    if form.validate():
        try:
            with transaction() as session:
                publishing.publish(
                    session, publications.find(session, publication_id, lock=True, version=form.shown()), account(),
                    document=form.document(),
                )  # fmt: skip
            flash("已发布入目，申报单位已收到告知，目录检索随后更新。", "success")
            return redirect(url_for(".publication_detail", publication_id=publication_id))
        except RuleError as problem:
            status = complain(form, problem, "issuer")
    return _page(publication_id, document=form, status=status)
