"""Support of three-firsts products: what was decided, and the years' tallies beside the targets."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from catalog.numbers import ListingNumber
from catalog.publication import queries, support
from catalog.publication.forms import SupportForm, complain
from catalog.publication.views import bp, page_of
from registry import policy
from registry.errors import RuleError
from registry.models import Listing
from registry.permissions import require
from registry.web import account, db_session, requires, transaction


@bp.route("/office/support", methods=["GET", "POST"])
@requires("support:view")
def support_list() -> ResponseReturnValue:
    """List the decisions with the years' tallies; the lead records one here."""
    form, status = SupportForm(), 200
    if form.is_submitted():
        require(account(), "support:record")
        status = 422
        if form.validate():
            try:
                _record(form)
                flash("支持决定已登记。", "success")
                return redirect(url_for(".support_list"))
            except RuleError as problem:
                status = complain(form, problem, "number")
    session = db_session()
    return render_template(
        "catalog/support_list.html",
        form=form,
        page=page_of(queries.supports()),
        tally=support.supported(session),
        lists=support.THREE_FIRSTS,
        targets=policy.value(session, "target.supported_per_year"),
        yuan=support.yuan,
    ), status


def _record(form: SupportForm) -> None:
    number = ListingNumber.parse(form.number.data)
    with transaction() as session:
        listing = session.scalars(select(Listing).where(Listing.number == str(number))).one_or_none()
        if listing is None:
            raise RuleError("目录编号：没有这个编号，请核对。", parameter="number")
        support.record(
            session, listing, account(), decided_on=form.decided_on.data, contracts=form.contracts.data,
            amount=form.amount.data, document=form.document.data,
        )  # fmt: skip
