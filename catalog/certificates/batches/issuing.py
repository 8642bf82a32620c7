"""Issue what was approved, after the commit: each product in a transaction of its own, by whichever worker is free.

A worker that is killed leaves its message in the outbox; whoever takes it over goes on where the record stands.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from catalog.certificates import files
from catalog.certificates.batches.models import BatchLine, BatchState, CertificateBatch
from catalog.certificates.batches.services import LineApproved, tell
from catalog.certificates.fonts import RenderingError
from catalog.certificates.pdf import TooLongError
from catalog.certificates.services import Purchase, issue_procurement_certificate
from catalog.models import Buyer
from registry import accounts, clock, hooks, outbox, trail
from registry.errors import NotAllowedError, NotFoundError, RuleError
from registry.models import CatalogEntry
from registry.settings import Settings


@outbox.on(LineApproved)
def issue_line(context: hooks.Context, event: LineApproved) -> None:
    """Issue a line's certificate, make its file, and close the batch with the last line."""
    with context.database.transaction() as session:
        line = issue(session, event.line_id, context.settings)
        certificate_id, problem, is_done = line.certificate_id, line.problem, line.done_at is not None
    if is_done:
        return
    if certificate_id is not None and problem is None:
        try:
            files.ensure_file(context, certificate_id)
        except TooLongError as error:
            problem = error.sentence
    with context.database.transaction() as session:
        finish(session, event.line_id, problem)


def issue(session: Session, line_id: int, settings: Settings) -> BatchLine:
    """Issue a line's certificate unless that was tried before; return the line, locked, with what came of it."""
    line = session.scalars(select(BatchLine).where(BatchLine.id == line_id).with_for_update()).one()
    if line.certificate_id is None and line.problem is None:
        _issue(session, line, settings)
    return line


def _issue(session: Session, line: BatchLine, settings: Settings) -> None:
    """Issue in the approver's name as things stand now, or write down in words why not."""
    batch = session.scalars(
        select(CertificateBatch)
        .where(CertificateBatch.id == line.batch_id)
        .options(joinedload(CertificateBatch.buyer).joinedload(Buyer.organization))
    ).one()
    approver = accounts.find(session, batch.decided_by_id or 0)
    if approver is None:
        line.problem = "审批人的账号已经停用，未出具。"
        return
    try:
        with session.begin_nested():
            certificate = issue_procurement_certificate(
                session, session.get_one(CatalogEntry, line.entry_id), approver, buyer=batch.buyer,
                purchase=Purchase(batch.purpose, batch.funds, batch.object, batch.project),
                issuer=settings.issuer_name, sealed=settings.is_sealed,
            )  # fmt: skip
        line.certificate_id = certificate.id
    except NotAllowedError:
        line.problem = "审批人已不再是本单位的采购方审批人，未出具。"
    except NotFoundError:
        line.problem = "该产品已不向本单位公开，未出具。"
    except RenderingError:
        raise  # it is this machine that cannot print now; the outbox tries again
    except RuleError as error:
        line.problem = error.sentence


def finish(session: Session, line_id: int, problem: str | None) -> None:
    """Close a line, and with the last one the batch; the batch's row is locked first, so that one worker is the last."""
    line = session.get_one(BatchLine, line_id)
    batch = session.scalars(
        select(CertificateBatch).where(CertificateBatch.id == line.batch_id).with_for_update()
    ).one()
    session.refresh(line)
    if line.done_at:
        return
    line.problem, line.done_at = problem, clock.now()
    session.flush()
    total, done, failed = session.execute(
        select(func.count(), func.count(BatchLine.done_at), func.count(BatchLine.problem)).where(
            BatchLine.batch_id == batch.id
        )
    ).one()
    if done < total:
        return
    batch.state, batch.completed_at = BatchState.COMPLETE, clock.now()
    trail.record(
        session, None, "certificate_batch.complete", subject="certificate_batch", subject_id=batch.id,
        detail={"issued": total - failed, "failed": failed},
    )  # fmt: skip
    tell(
        session, (batch.requested_by_id, batch.decided_by_id), batch, subject="批量证明已经办结",
        body=f"用途为“{batch.purpose}”的 {total} 个产品，出具证明 {total - failed} 份，未出具 {failed} 个。",
    )  # fmt: skip
