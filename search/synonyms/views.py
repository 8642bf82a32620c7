"""The office's pages for synonyms: look up, propose, confirm, retire."""

from collections.abc import Callable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import RuleError, StaleError
from registry.forms.rounds import VersionForm
from registry.models import User
from registry.paging import Page, page_number
from registry.views.unit_forms import complain
from registry.web import account, db_session, requires, transaction
from search.synonyms import table
from search.synonyms.forms import GroupForm, RetireForm
from search.synonyms.models import SynonymChange, SynonymKind
from search.synonyms.table import EXPRESSIONS_MOST

bp = Blueprint("synonyms", __name__, url_prefix="/office/synonyms")

PER_PAGE = 50
SOUGHT_CHARACTERS = 60
LATEST = 10  # decided changes on the first page; the rest stands in the trail


@bp.route("")
@requires("synonym:view")
def group_list() -> ResponseReturnValue:
    """List the groups in force, all or those that hold a text, and the changes that wait."""
    session, number = db_session(), page_number()
    sought = request.args.get("q", "").strip()[:SOUGHT_CHARACTERS]
    groups = table.holding(table.in_force(session), sought)
    rows = groups[(number - 1) * PER_PAGE : number * PER_PAGE]
    waiting = session.scalars(table.changes(waiting=True)).all()
    decided = session.scalars(table.changes(waiting=False).limit(LATEST)).all()
    return render_template(
        "search/synonym_list.html",
        q=sought,
        page=Page(rows, number=number, per_page=PER_PAGE, total=len(groups)),
        waiting=waiting,
        decided=decided,
        names=_names(session, [*waiting, *decided]),
    )


@bp.route("/propose", methods=["GET", "POST"])
@requires("synonym:propose")
def group_propose() -> ResponseReturnValue:
    """Propose a group of expressions."""
    form = GroupForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                change = table.propose(
                    session, account(),
                    kind=SynonymKind(form.kind.data), expressions=form.lines(), reason=form.reason.data,
                )  # fmt: skip
            return _proposed(change)
        except RuleError as problem:
            complain(form, problem)
    return render_template(
        "search/synonym_propose.html", form=form, most=EXPRESSIONS_MOST
    ), 422 if form.errors else 200


@bp.route("/groups/<key>/retire", methods=["GET", "POST"])
@requires("synonym:propose")
def group_retire(key: str) -> ResponseReturnValue:
    """Propose to take a group out of use."""
    held, form = table.find_group(db_session(), key), RetireForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                change = table.propose_retirement(session, account(), held, reason=form.reason.data)
            return _proposed(change)
        except RuleError as problem:
            complain(form, problem)
    return render_template("search/synonym_retire.html", form=form, held=held), 422 if form.errors else 200


def _proposed(change: SynonymChange) -> ResponseReturnValue:
    flash("提议已提出，由另一人确认后生效。", "success")
    return redirect(url_for(".change_detail", change_id=change.id))


@bp.route("/changes/<int:change_id>")
@requires("synonym:view")
def change_detail(change_id: int) -> ResponseReturnValue:
    """Show a change, and decide on it."""
    return _page(change_id)


def _page(change_id: int, problem: RuleError | None = None) -> ResponseReturnValue:
    session = db_session()
    change = table.find(session, change_id)
    page = render_template(
        "search/synonym_change.html",
        change=change,
        names=_names(session, [change]),
        typed=request.form.get("reason", ""),
        problem=problem,
    )
    return page, problem.status if problem else 200


@bp.route("/changes/<int:change_id>/confirm", methods=["POST"])
@requires("synonym:confirm")
def change_confirm(change_id: int) -> ResponseReturnValue:
    """Put a proposed change into force."""
    return _act(change_id, "变更已生效，检索随即采用。", table.confirm)


@bp.route("/changes/<int:change_id>/decline", methods=["POST"])
@requires("synonym:confirm")
def change_decline(change_id: int) -> ResponseReturnValue:
    """Send a proposed change back."""
    return _act(change_id, "提议已退回。", table.decline, reason=request.form.get("reason", ""))


def _act(change_id: int, done: str, service: Callable[..., None], **values: str) -> ResponseReturnValue:
    """Decide on a change; a refused one shows the page again with the sentence and what was typed."""
    try:
        if (version := VersionForm().shown()) is None:
            raise StaleError("页面已经过期，请刷新后再办理。", parameter="version")
        with transaction() as session:
            service(session, table.find(session, change_id), account(), version=version, **values)
    except RuleError as problem:
        return _page(change_id, problem)
    flash(done, "success")
    return redirect(url_for(".group_list"))


def _names(session: Session, changes: Sequence[SynonymChange]) -> dict[int, str]:
    ids = {each for change in changes for each in (change.proposed_by_id, change.decided_by_id) if each}
    people = session.scalars(select(User).where(User.id.in_(ids)))
    return {user.id: user.display_name for user in people}
