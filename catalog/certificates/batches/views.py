"""Pages of batches: ask, decide, watch, take along."""

from collections.abc import Callable
from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from catalog import buyers, visibility
from catalog.certificates import facts
from catalog.certificates.batches import packing, queries, services
from catalog.certificates.batches.models import BatchState, CertificateBatch
from catalog.certificates.forms import PurchaseForm
from catalog.publication.views import page_of
from catalog.shortlists.queries import shortlisted
from registry import clock
from registry.errors import NotFoundError, RuleError
from registry.models import User
from registry.web import account, context, db_session, requires, transaction

bp = Blueprint("batches", __name__)


@bp.route("/buyer/batches/")
@requires("certificate_batch:view")
def batch_list() -> ResponseReturnValue:
    """List the unit's batches with how far they are."""
    page = page_of(queries.batches(account()))
    figures = {row[0]: tuple(row[1:]) for row in db_session().execute(queries.figures(page))}
    return render_template("catalog/batch_list.html", page=page, figures=figures)


@bp.route("/buyer/batches/new", methods=["GET", "POST"])
@requires("certificate_batch:request")
def batch_new() -> ResponseReturnValue:
    """Ask for certificates of the products that are chosen on the shortlist, with one purpose; at first all are."""
    form, problem = PurchaseForm(), None
    codes = request.values.getlist("code")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                batch, is_new = services.request(session, account(), purchase=form.purchase(), codes=codes)
                address = url_for(".batch_detail", batch_id=batch.id)
                waits = batch.state is BatchState.REQUESTED
            if is_new:
                flash("申请已提交，由本单位的采购方审批人审批。", "success")
            elif waits:
                flash("同样的申请已在等待审批，没有重复提交。", "info")
            else:
                flash("同样的申请已获同意，没有重复提交。", "info")
            return redirect(address)
        except RuleError as error:
            problem = form.tell(error)
    session, who = db_session(), account()
    entries = session.scalars(shortlisted(who.id, visibility.scopes(session, who))).all()
    today = clock.today()
    return render_template(
        "catalog/batch_new.html",
        form=form,
        problem=problem,
        buyer=buyers.of_unit(session, who.organization_id),
        unit=who.organization,
        rows=[(entry, facts.obstacle(entry, on=today)) for entry in entries],
        chosen=codes if codes or form.is_submitted() else [entry.code for entry in entries],
    ), 422 if form.errors or problem else 200


@bp.route("/buyer/batches/<int:batch_id>")
@requires("certificate_batch:view")
def batch_detail(batch_id: int) -> ResponseReturnValue:
    """Show a batch: what was asked for, what became of each product, and what the reader may do."""
    return _page(batch_id)


@bp.route("/buyer/batches/<int:batch_id>/withdraw", methods=["POST"])
@requires("certificate_batch:withdraw")
def batch_withdraw(batch_id: int) -> ResponseReturnValue:
    """Take one's own request back."""
    return _act(batch_id, services.withdraw, "已撤回，备选清单仍在，可以更正后重新申请。")


@bp.route("/buyer/batches/<int:batch_id>/approve", methods=["POST"])
@requires("certificate_batch:decide")
def batch_approve(batch_id: int) -> ResponseReturnValue:
    """Have a batch issued."""
    return _act(batch_id, services.approve, "已同意，证明由系统逐份出具，进度和结果见本页。")


@bp.route("/buyer/batches/<int:batch_id>/refuse", methods=["POST"])
@requires("certificate_batch:decide")
def batch_refuse(batch_id: int) -> ResponseReturnValue:
    """Refuse a batch with a reason."""
    return _act(
        batch_id, services.refuse, "已答复不同意，并告知申请人。", answer=request.form.get("answer", "")
    )


@bp.route("/buyer/batches/<int:batch_id>/certificates.zip")
@requires("certificate_batch:view")
def batch_archive(batch_id: int) -> ResponseReturnValue:
    """Give all certificates of a complete batch as one archive."""
    session = db_session()
    batch = services.find(session, batch_id, account())
    scopes = visibility.scopes(session, account())
    response = send_file(
        BytesIO(packing.archive(context(), batch, scopes)),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"采购用途列入情况证明-{batch.id}.zip",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _act(batch_id: int, service: Callable[..., None], done: str, **values: str) -> ResponseReturnValue:
    """Do one thing to a batch; a refused one shows the page again with the sentence and what was typed."""
    try:
        with transaction() as session:
            service(session, services.find(session, batch_id, account()), account(), **values)
    except NotFoundError:
        raise
    except RuleError as problem:
        return _page(batch_id, problem)
    flash(done, "success")
    return redirect(url_for(".batch_detail", batch_id=batch_id))


def _page(batch_id: int, problem: RuleError | None = None) -> ResponseReturnValue:
    session = db_session()
    batch = services.find(session, batch_id, account())
    people = session.scalars(
        select(User).where(User.id.in_(filter(None, (batch.requested_by_id, batch.decided_by_id))))
    )
    return render_template(
        "catalog/batch_detail.html",
        batch=batch,
        names={user.id: user.display_name for user in people},
        done=sum(line.done_at is not None for line in batch.lines),
        failed=sum(line.problem is not None for line in batch.lines),
        obstacles=_obstacles(batch),
        scopes=visibility.scopes(session, account()),
        typed=request.form.get("answer", ""),
        problem=problem,
    ), problem.status if problem else 200


def _obstacles(batch: CertificateBatch) -> dict[int, str]:
    """Return why products of a batch that waits for its decision would get none today, by entry."""
    if batch.state is not BatchState.REQUESTED:
        return {}
    today = clock.today()
    found = {line.entry_id: facts.obstacle(line.entry, on=today) for line in batch.lines}
    return {entry_id: sentence for entry_id, sentence in found.items() if sentence}
