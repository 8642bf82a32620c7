"""The page of a shortlist."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from catalog import visibility
from catalog.certificates import facts
from catalog.shortlists import queries, services
from registry import clock, policy
from registry.errors import RuleError
from registry.models import CatalogEntry
from registry.web import account, db_session, requires, transaction

bp = Blueprint("shortlists", __name__)

ADD = "add"  # how the button of the results calls itself, for nothing may have been ticked there
NOTHING_CHOSEN = "没有选择产品，清单未变。"


@bp.route("/catalog/shortlist")
@requires("shortlist:keep")
def shortlist() -> ResponseReturnValue:
    """Show what is put aside, and ask before products that the address names are added."""
    return _page()


@bp.route("/catalog/shortlist", methods=["POST"])
@requires("shortlist:keep")
def shortlist_add() -> ResponseReturnValue:
    """Put products aside."""
    try:
        with transaction() as session:
            added = services.add(session, account(), codes=request.form.getlist("code"))
    except RuleError as problem:
        return _page(problem)
    flash(f"已加入备选清单 {added} 个产品。" if added else "所选产品已在备选清单中。", "success")
    return redirect(url_for(".shortlist"))


@bp.route("/catalog/shortlist/remove", methods=["POST"])
@requires("shortlist:keep")
def shortlist_remove() -> ResponseReturnValue:
    """Take the chosen products off the list."""
    codes = request.form.getlist("code")
    with transaction() as session:
        services.remove(session, account(), codes=codes)
    flash("已从备选清单移除。" if codes else NOTHING_CHOSEN, "success" if codes else "warning")
    # What is about to be added, when the list must grow shorter for it, stands in the address and is asked again.
    return redirect(url_for(".shortlist", code=request.args.getlist("code")))


def _page(problem: RuleError | None = None) -> ResponseReturnValue:
    session, today = db_session(), clock.today()
    entries = session.scalars(queries.shortlisted(account().id, visibility.scopes(session, account()))).all()
    codes = request.values.getlist("code")
    asked: Sequence[CatalogEntry] = []
    try:
        if problem is None:
            asked = services.chosen(session, codes, account())
    except RuleError as error:
        problem = error
    if problem is not None:
        asked = services.known(session, codes, account())
    kept = {entry.code for entry in entries}
    return render_template(
        "catalog/shortlist.html",
        rows=[(entry, facts.obstacle(entry, on=today)) for entry in entries],
        asked=[entry for entry in asked if entry.code not in kept],
        hint=NOTHING_CHOSEN if ADD in request.args and not codes else "",
        most=policy.value(session, services.MOST),
        problem=problem,
    ), problem.status if problem else 200
