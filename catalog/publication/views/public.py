"""What the public reads under `/notices/`: the three kinds kept apart; and how it objects to a notice."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select, tuple_

from catalog import visibility
from catalog.models import Edition
from catalog.publication import content, notices, objections, publications, queries
from catalog.publication.forms import ObjectionForm, complain, whole
from catalog.publication.models import (
    NoticeItem,
    NoticeState,
    ObjectionKind,
    PublicationState,
    PublicNotice,
)
from catalog.publication.views import bp, page_of
from catalog.queries import Scopes
from registry import calendar
from registry import queries as registry_queries
from registry.attachments import ACCEPT, WARNING
from registry.errors import NotFoundError, RuleError
from registry.models import User
from registry.permissions import may
from registry.views.attachments import chosen, file_store
from registry.web import accepts_files, actor, client_address, db_session, public, transaction

NEWEST = 5  # of each kind on the first page


class NoticeKind(StrEnum):
    """The three kinds under `/notices/`, never mixed (`wording.md`)."""

    CALL = "call"
    NOTICE = "notice"
    PUBLICATION = "publication"


QUERIES: dict[NoticeKind, Callable[[Scopes], Select[Any]]] = {
    NoticeKind.CALL: lambda _scopes: registry_queries.announced_rounds(),
    NoticeKind.NOTICE: queries.opened_notices,
    NoticeKind.PUBLICATION: queries.published,
}


@bp.route("/notices/")
@public
def notice_index() -> ResponseReturnValue:
    """Show the newest of each kind, or with `kind` all of one."""
    asked = request.args.get("kind", "")
    if not asked:
        session = db_session()
        newest = {
            kind: session.scalars(query(_scopes()).limit(NEWEST)).all() for kind, query in QUERIES.items()
        }
        return render_template("catalog/notice_index.html", newest=newest, days=calendar.load(session))
    if asked not in list(NoticeKind):
        raise RuleError(f"参数 kind 应为 {'、'.join(NoticeKind)} 之一。", parameter="kind")
    kind = NoticeKind(asked)
    return render_template(
        "catalog/notice_kind.html",
        kind=kind,
        page=page_of(QUERIES[kind](_scopes())),
        days=calendar.load(db_session()),
    )


def _scopes() -> Scopes:
    return visibility.scopes(db_session(), actor())


def _opened(notice_id: int) -> tuple[PublicNotice, list[NoticeItem]]:
    """Return an opened notice with those of its products that the asker may see.

    Raises:
        NotFoundError: there is none, or none of its products is for the asker.
    """
    notice, scopes = notices.find(db_session(), notice_id), _scopes()
    seen = [item for item in notice.items if item.scope_now in scopes]
    if notice.state is NoticeState.DRAFT or not seen:
        raise NotFoundError("没有这份公示。", parameter="notice")
    return notice, seen


@bp.route("/notices/<int:notice_id>")
@public
def notice(notice_id: int) -> ResponseReturnValue:
    """Show a notice with everything that it must print."""
    shown, seen = _opened(notice_id)
    session = db_session()
    chosen_fields = content.fields(shown.round)
    return render_template(
        "catalog/notice_detail.html",
        notice=shown,
        fields=chosen_fields,
        rows=content.printed(session, seen, chosen_fields),
        days=calendar.load(session),
        is_taking=objections.is_taking(shown),
    )


@bp.route("/notices/<int:notice_id>/objection", methods=["GET", "POST"])
@accepts_files
@public
def objection_file(notice_id: int) -> ResponseReturnValue:
    """Take an objection from anybody; who it is is kept confidential, also where the browser is signed in."""
    return objection_page(*_opened(notice_id), None)


def objection_page(
    shown: PublicNotice, seen: Sequence[NoticeItem], registrar: User | None
) -> ResponseReturnValue:
    """Show the form of an objection, or file it; `registrar` is the member of the office who enters a paper."""
    form, status = ObjectionForm(item=whole(request.args.get("item"))), 200
    form.offer(seen)
    if form.validate_on_submit():
        try:
            objection, receipt = _file(shown, seen, form, registrar)
        except RuleError as problem:
            status = complain(form, problem, "item")
        else:
            if registrar is None:
                flash(f"异议已收到，回执编号 {receipt}。请记下编号，答复时会核对。", "success")
                return redirect(url_for(".notice", notice_id=shown.id))
            flash(f"已登记为异议第 {objection} 号，回执编号 {receipt}，请告知异议人。", "success")
            if may(registrar, "objection:view"):
                return redirect(url_for(".objection_detail", objection_id=objection))
            return redirect(url_for(".notice_draft", notice_id=shown.id))
    elif form.errors:
        status = 422
    return render_template(
        "catalog/objection_new.html",
        form=form,
        notice=shown,
        is_taking=objections.is_taking(shown),
        is_paper=registrar is not None,
        days=calendar.load(db_session()),
        accept=ACCEPT,
        warning=WARNING,
    ), status


def _file(
    shown: PublicNotice, seen: Sequence[NoticeItem], form: ObjectionForm, registrar: User | None
) -> tuple[int, int]:
    """File what was filled in and return the objection's number and that of the receipt."""
    if registrar is None:
        with transaction() as session:  # committed whatever comes: the attempt counts
            objections.count_filing(session, client_address())
    letter = chosen(form.letter.data)
    evidence = [upload for file in form.evidence.data or () if (upload := chosen(file))]
    with transaction() as session:
        fresh = notices.find(session, shown.id)
        offered = {item.id for item in seen} & {form.item.data}
        item = next((item for item in fresh.items if item.id in offered), None)
        if item is None:
            raise RuleError("异议的产品：请从公示的产品中选择。", parameter="item")
        objection, receipt = objections.file(
            session, item, registrar, files=file_store(), kind=ObjectionKind(form.kind.data),
            objector=form.objector(), statement=form.statement.data, letter=letter, evidence=evidence,
        )  # fmt: skip
        return objection.id, receipt


@bp.route("/notices/publications/<int:publication_id>")
@public
def announcement(publication_id: int) -> ResponseReturnValue:
    """Show a publication with its document, its products and the editions that it cut."""
    session = db_session()
    shown = publications.find(session, publication_id)
    scopes = _scopes()
    seen = [item for item in shown.items if item.listing and item.listing.entry.scope in scopes]
    if shown.state is not PublicationState.PUBLISHED or not seen:
        raise NotFoundError("没有这份发布公告。", parameter="publication")
    listings = [item.listing for item in seen if item.listing]
    keys = {(listing.list_code, listing.year, listing.batch) for listing in listings}
    editions = session.scalars(
        select(Edition)
        .where(tuple_(Edition.list_code, Edition.year, Edition.batch).in_(keys))
        .order_by(Edition.list_code, Edition.batch)
    ).all()
    return render_template("catalog/announcement.html", publication=shown, items=seen, editions=editions)
