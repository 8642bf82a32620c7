"""Pages that issue certificates, and the page on which anyone checks one."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from catalog import queries, visibility
from catalog.certificates import checking, files, keys, numbers, services, wording
from catalog.certificates.checking import CheckDoor
from catalog.certificates.face import face
from catalog.certificates.forms import FILE_MAX, CheckForm, FileForm, PurchaseForm
from catalog.certificates.wording import Funds, Project, PurchaseObject
from catalog.models import Buyer, Certificate
from registry import clock, policy, throttle
from registry.errors import NotFoundError, RuleError, TooManyError
from registry.files import FileStore
from registry.models import CatalogEntry
from registry.web import (
    account,
    actor,
    client_address,
    context,
    db_session,
    public,
    requires,
    settings,
    transaction,
)

bp = Blueprint("certificates", __name__)

CHECKS = "certificate.checks_per_minute"
ISSUES = "certificate.issues_per_minute"
ENDED_SHOWN = 100  # numbers on the page; the list for programs has all of them
MINUTE = timedelta(minutes=1)
SECRET_PARAMETER = "code"  # noqa: S105 - the name of a parameter


# --- issuing ------------------------------------------------------------------------------------------------------


def _count(limit: str) -> None:
    """Count one act of the asker's network address against the policy's limit a minute; committed at once."""
    with transaction() as session:
        throttle.count(session, limit, client_address(), limit=policy.value(session, limit), window=MINUTE)


def _entry(code: str) -> CatalogEntry:
    session = db_session()
    entry = session.scalars(queries.entry_by_code(code, visibility.scopes(session, actor()))).one_or_none()
    if entry is None:
        raise NotFoundError("没有找到这个产品，产品代码可能有误。", parameter="code")
    return entry


def _download(certificate: Certificate) -> Response:
    response = make_response(files.ensure_file(context(), certificate.id))
    response.content_type = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{certificate.number}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.route("/catalog/products/<code>/certificate", methods=["POST"])
@public
def listing_certificate_create(code: str) -> ResponseReturnValue:
    """Issue a 列入情况证明 and give its file; a second click gets the same one."""
    _count(ISSUES)
    entry = _entry(code)
    with transaction() as session:
        certificate = services.issue_listing_certificate(
            session, entry, actor(), issuer=settings().issuer_name, sealed=settings().is_sealed
        )
    return _download(certificate)


@bp.route("/catalog/products/<code>/certificate")
@public
def listing_certificate_show(code: str) -> ResponseReturnValue:
    """Lead back to the product: a certificate is issued by its button."""
    return redirect(url_for("catalog.product", code=code))


@bp.route("/catalog/products/<code>/procurement-certificate", methods=["GET", "POST"])
@requires("certificate:issue_for_buyer")
def procurement_certificate_new(code: str) -> ResponseReturnValue:
    """Ask what the purchase is, issue a 采购用途列入情况证明 for the account's own unit and give its file."""
    entry = _entry(code)
    buyer = (
        db_session()
        .scalars(
            select(Buyer)
            .where(Buyer.organization_id == account().organization_id)
            .options(joinedload(Buyer.organization))
        )
        .one_or_none()
    )
    if buyer is None:
        raise RuleError("您的单位尚未登记为采购方，不能出具采购用途列入情况证明。", parameter="buyer")
    form = PurchaseForm()
    if form.validate_on_submit():
        purchase = services.Purchase(
            text=form.purpose.data,
            funds=Funds(form.funds.data),
            object=PurchaseObject(form.object.data),
            project=Project(form.project.data),
        )
        try:
            with transaction() as session:
                certificate = services.issue_procurement_certificate(
                    session, entry, actor(), buyer=buyer, purchase=purchase,
                    issuer=settings().issuer_name, sealed=settings().is_sealed,
                )  # fmt: skip
            return _download(certificate)
        except RuleError as problem:
            form[problem.parameter if problem.parameter in form else "purpose"].errors = [problem.sentence]
    return render_template(
        "catalog/procurement_certificate.html", form=form, entry=entry, buyer=buyer
    ), 422 if form.errors else 200


# --- checking -----------------------------------------------------------------------------------------------------


def checked(number: str, code: str, door: CheckDoor) -> checking.Answer:
    """Check for the one who asks, counted against the address it comes from."""
    _count(CHECKS)
    with transaction() as session:
        return checking.check(session, FileStore(settings().files_dir), number=number, code=code, door=door)


def _verify_page(
    form: CheckForm, file_form: FileForm | None = None, *, status: int = 200
) -> ResponseReturnValue:
    return render_template(
        "catalog/verify.html", form=form, file_form=file_form or FileForm(formdata=None)
    ), status


def _shown(answer: checking.Answer, code: str) -> Response:
    """Show an answer, with what the certificate says to who holds the paper."""
    shown: dict[str, Any] = {
        "answer": answer,
        "form": CheckForm(formdata=None, number=answer.number),
        "face": None,
    }
    if answer.facts:
        sentences = wording.current(db_session(), on=answer.facts.issued_on).sentences
        shown["face"] = face(
            answer.facts,
            short_code=code,
            verify_url=files.verify_url(settings(), answer.number),
            sentences=sentences,
        )
    response = make_response(render_template("catalog/verify_result.html", **shown))
    response.headers["Cache-Control"] = "no-store"
    return response


def _result(number: str, code: str) -> ResponseReturnValue:
    try:
        return _shown(checked(number, code, CheckDoor.PAGE), code)
    except TooManyError as problem:
        form = CheckForm(formdata=None, number=number, code="")
        form.number.errors = [problem.sentence]
        return _verify_page(form, status=problem.status)


@bp.route("/verify/", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    """Ask for number and short code; answer a posted check."""
    if request.method == "GET" and (number := request.args.get("number", "").strip()):
        return _result(number[: numbers.INPUT_LIMIT], request.args.get(SECRET_PARAMETER, ""))
    form = CheckForm()
    if form.validate_on_submit():
        return _result(form.number.data, form.code.data or "")
    return _verify_page(form, status=422 if form.errors else 200)


@bp.route("/verify/file", methods=["GET", "POST"])
@public
def verify_file() -> ResponseReturnValue:
    """Answer for an uploaded file, which is read once and not kept."""
    if request.method == "GET":
        return redirect(url_for(".verify"))
    form = FileForm()
    if not form.validate_on_submit():
        return _verify_page(CheckForm(formdata=None), form, status=422)
    try:
        _count(CHECKS)
    except TooManyError as problem:
        form.file.errors = [problem.sentence]
        return _verify_page(CheckForm(formdata=None), form, status=problem.status)
    content = form.file.data.read(FILE_MAX)
    with transaction() as session:
        answer = checking.check_file(session, FileStore(settings().files_dir), content)
    return _shown(answer, "")


@bp.route("/verify/keys")
@public
def verify_keys() -> ResponseReturnValue:
    """Publish every key with its state, and the numbers that do not hold any more."""
    session = db_session()
    return render_template(
        "catalog/verify_keys.html",
        keys=keys.published(session),
        roots=keys.roots(session),
        ended=session.execute(checking.ended().limit(ENDED_SHOWN)).all(),
        as_of=clock.now(),
    )


@bp.route("/verify/keys.json")
@public
def verify_keys_data() -> ResponseReturnValue:
    """Publish the same for programs."""
    session = db_session()
    return jsonify(
        {
            "as_of": clock.now().isoformat(),
            "keys": [keys.as_data(key) for key in keys.published(session)],
            "ended": [
                {"number": number, "status": status, "since": clock.day_of(at).isoformat()}
                for number, status, at in session.execute(checking.ended())
            ],
        }
    )


@bp.route("/verify/<number>", methods=["GET", "POST"])
@public
def verify_number(number: str) -> ResponseReturnValue:
    """Answer for a number, as the QR code asks; the short code comes posted, or in the address."""
    code = request.form.get(SECRET_PARAMETER) or request.args.get(SECRET_PARAMETER, "")
    return _result(number[: numbers.INPUT_LIMIT], code)
