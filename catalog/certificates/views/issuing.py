"""Buttons that issue a certificate and give its file."""

from flask import Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from catalog import buyers, lookup, visibility
from catalog.certificates import facts, files, services
from catalog.certificates.forms import PurchaseForm
from catalog.certificates.views import bp
from catalog.models import Certificate
from registry import clock
from registry.errors import RuleError
from registry.permissions import may
from registry.views.counting import count_in_minute
from registry.web import (
    account,
    actor,
    close_reader,
    context,
    db_session,
    public,
    requires,
    settings,
    transaction,
)

ISSUES = "certificate.issues_per_minute"


def download(certificate: Certificate) -> Response:
    """Return a certificate's file."""
    close_reader()  # the file may have to be made first
    response = make_response(files.ensure_file(context(), certificate.id))
    response.content_type = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{certificate.number}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    if may(actor(), "certificate:view", certificate):
        record = url_for("certificates.certificate_detail", number=certificate.number)
        response.headers["Link"] = f'<{record}>; rel="describedby"'
    return response


@bp.route("/catalog/products/<code>/certificate", methods=["POST"])
@public
def listing_certificate_create(code: str) -> ResponseReturnValue:
    """Issue a 列入情况证明 and give its file; a second click gets the same one."""
    count_in_minute(ISSUES)
    entry = lookup.entry(db_session(), code, visibility.scopes(db_session(), actor()))
    with transaction() as session:
        certificate = services.issue_listing_certificate(
            session, entry, actor(), issuer=settings().issuer_name, sealed=settings().is_sealed
        )
    return download(certificate)


@bp.route("/catalog/products/<code>/certificate")
@public
def listing_certificate_show(code: str) -> ResponseReturnValue:
    """Lead back to the product: a certificate is issued by its button."""
    return redirect(url_for("catalog.product", code=code))


@bp.route("/catalog/products/<code>/procurement-certificate", methods=["GET", "POST"])
@requires("certificate:issue_for_buyer")
def procurement_certificate_new(code: str) -> ResponseReturnValue:
    """Ask what the purchase is, issue a 采购用途列入情况证明 for the account's own unit and give its file."""
    entry = lookup.entry(db_session(), code, visibility.scopes(db_session(), actor()))
    buyer = buyers.of_unit(db_session(), account().organization_id)
    if buyer is None:
        raise RuleError("您的单位尚未登记为采购方，不能出具采购用途列入情况证明。", parameter="buyer")
    form, problem = PurchaseForm(), None
    if form.validate_on_submit():
        try:
            with transaction() as session:
                certificate = services.issue_procurement_certificate(
                    session, entry, actor(), buyer=buyer, purchase=form.purchase(),
                    issuer=settings().issuer_name, sealed=settings().is_sealed,
                )  # fmt: skip
            return download(certificate)
        except RuleError as error:
            problem = form.tell(error)
    return render_template(
        "catalog/procurement_certificate.html",
        form=form,
        problem=problem,
        entry=entry,
        buyer=buyer,
        obstacle=facts.obstacle(entry, on=clock.today()),
    ), 422 if form.errors or problem else 200
