"""The page on which anyone checks a certificate, and what is published for checking."""

from typing import Any

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from catalog.certificates import checking, files, keys, numbers, qr_tokens, wording
from catalog.certificates.face import face
from catalog.certificates.forms import FILE_MAX, NUMBER_MAX, TOO_LARGE, CheckForm, FileForm
from catalog.certificates.verdicts import Answer, CheckDoor
from catalog.certificates.views import bp
from registry import clock, trail
from registry.canonical import digest
from registry.errors import TooManyError
from registry.files import FileStore
from registry.views.counting import count_in_minute
from registry.web import db_session, public, settings, transaction

CHECKS = "certificate.checks_per_minute"
ENDED_SHOWN, ROOTS_SHOWN = 100, 30  # on the page; the lists for programs have all of them
KEPT_SECONDS = 60  # how long the list for programs may be kept before it is asked for again
SECRET_PARAMETER = "code"  # noqa: S105 - the name of a parameter


def checked(text: str, code: str, door: CheckDoor) -> Answer:
    """Check for the one who asks, counted against the address it comes from; `text` is a number or what a QR code says."""
    count_in_minute(CHECKS)
    number, token = qr_tokens.split(text)
    store = FileStore(settings().files_dir)
    with transaction() as session:
        if token:
            return checking.check_token(session, store, token, number=number)
        return checking.check(session, store, number=number, code=code, door=door)


def _verify_page(
    form: CheckForm, file_form: FileForm | None = None, *, status: int = 200
) -> ResponseReturnValue:
    return render_template(
        "catalog/verify.html", form=form, file_form=file_form or FileForm(formdata=None)
    ), status


def _shown(answer: Answer, code: str, *, text: str = "") -> Response:
    """Show an answer, with what the certificate says to who holds the paper; `text` is what was asked."""
    other_host = qr_tokens.other_host(text, settings().base_url)
    shown: dict[str, Any] = {
        "answer": answer,
        "other_host": other_host,
        "form": CheckForm(formdata=None, number=text.partition("#")[0] if other_host else answer.number),
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
        return _shown(checked(number, code, CheckDoor.PAGE), code, text=number)
    except TooManyError as problem:
        form = CheckForm(formdata=None, number=number, code="")
        form.number.errors = [problem.sentence]
        return _verify_page(form, status=problem.status)


@bp.route("/verify/", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    """Ask for number and short code; answer a posted check."""
    if request.method == "GET" and (number := request.args.get("number", "").strip()):
        return _result(number[:NUMBER_MAX], request.args.get(SECRET_PARAMETER, ""))
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
        count_in_minute(CHECKS)
    except TooManyError as problem:
        form.file.errors = [problem.sentence]
        return _verify_page(CheckForm(formdata=None), form, status=problem.status)
    content = form.file.data.read(FILE_MAX)
    with transaction() as session:
        answer = checking.check_file(session, FileStore(settings().files_dir), content)
    return _shown(answer, "")


def _too_large() -> ResponseReturnValue:
    form = FileForm(formdata=None)
    form.file.errors = [TOO_LARGE]
    return _verify_page(CheckForm(formdata=None), form, status=413)


verify_file.too_large = _too_large  # type: ignore[attr-defined] # a mark for the handler of 413


@bp.route("/verify/keys")
@public
def verify_keys() -> ResponseReturnValue:
    """Publish every key with its state, and the numbers that do not hold any more."""
    session = db_session()
    return render_template(
        "catalog/verify_keys.html",
        keys=keys.published(session),
        roots=keys.roots(session),
        trail_roots=session.scalars(trail.roots().limit(ROOTS_SHOWN)).all(),
        ended=checking.ended(session, ENDED_SHOWN),
        as_of=clock.now(),
    )


@bp.route("/verify/keys.json")
@public
def verify_keys_data() -> ResponseReturnValue:
    """Publish the same for programs, which may keep it for a minute and ask by its tag whether it still holds."""
    count_in_minute(CHECKS)
    session = db_session()
    data = {
        "keys": [keys.as_data(key) for key in keys.published(session)],
        "trail_roots": [
            {"day": root.day.isoformat(), "seq": root.seq, "hash": root.hash}
            for root in session.scalars(trail.roots())
        ],
        "ended": [
            {"number": number, "status": status, "since": since.isoformat()}
            for number, status, since in checking.ended(session)
        ],
    }
    response = jsonify({"as_of": clock.now().isoformat(), **data})
    response.cache_control.public, response.cache_control.max_age = True, KEPT_SECONDS
    response.set_etag(digest(data))
    return response.make_conditional(request)


@bp.route("/verify/<number>", methods=["GET", "POST"])
@public
def verify_number(number: str) -> ResponseReturnValue:
    """Answer for a number, as the QR code asks; the short code comes posted, or in the address."""
    code = request.form.get(SECRET_PARAMETER) or request.args.get(SECRET_PARAMETER, "")
    return _result(number[: numbers.INPUT_LIMIT], code)
