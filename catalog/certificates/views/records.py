"""The record of certificates for who issued and who holds them: state, file, checks; the office revokes one."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from catalog.certificates import checking, queries, services
from catalog.certificates.forms import RevokeForm
from catalog.certificates.numbers import INPUT_LIMIT
from catalog.certificates.payload import recorded
from catalog.certificates.views import bp
from catalog.certificates.views.issuing import download
from catalog.models import Certificate
from catalog.publication.views import page_of
from registry import clock
from registry.errors import NotFoundError, RuleError
from registry.files import FileStore
from registry.permissions import require
from registry.web import account, db_session, requires, settings, transaction

CHECKS_AT_ONCE = 20


def _find(session: Session, number: str) -> Certificate:
    certificate = session.scalars(
        queries.certificates(account()).where(Certificate.number == number.strip().upper())
    ).one_or_none()
    if certificate is None:
        raise NotFoundError("没有找到这份证明，或者它不属于您的单位。", parameter="number")
    require(account(), "certificate:view", certificate)
    return certificate


@bp.route("/certificates/")
@requires("certificate:view")
def certificate_list() -> ResponseReturnValue:
    """List the certificates that the account may see, with how often each was checked."""
    asked = request.args.get("q", "")[:INPUT_LIMIT]
    page = page_of(queries.certificates(account(), holding=asked))
    counts = dict(db_session().execute(queries.check_counts(page)).all())
    return render_template(
        "catalog/certificate_list.html",
        page=page,
        rows=[(row, recorded(row), counts.get(row.id, 0)) for row in page],
        asked=asked,
        today=clock.today(),
    )


@bp.route("/certificates/<number>", methods=["GET", "POST"])
@requires("certificate:view")
def certificate_detail(number: str) -> ResponseReturnValue:
    """Show a certificate's record and its checks; take the office's reason to revoke it."""
    form, status = RevokeForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                services.revoke(session, _find(session, number), account(), reason=form.reason.data)
            flash(f"证明 {number} 已撤销，核验时即显示。", "success")
            return redirect(url_for(".certificate_detail", number=number))
        except RuleError as problem:
            form.reason.errors, status = [problem.sentence], problem.status
    session = db_session()
    certificate = _find(session, number)
    answer = checking.look(session, FileStore(settings().files_dir), certificate)
    return render_template(
        "catalog/certificate_detail.html",
        certificate=certificate,
        answer=answer,
        payload=answer.facts,
        checks=page_of(queries.checks(certificate), per_page=CHECKS_AT_ONCE),
        form=form,
    ), 422 if form.errors and status == 200 else status


@bp.route("/certificates/<number>/file")
@requires("certificate:view")
def certificate_file(number: str) -> ResponseReturnValue:
    """Give the file as it was issued."""
    return download(_find(db_session(), number))
