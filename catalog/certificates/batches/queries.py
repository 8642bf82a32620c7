"""What is looked up of batches: functions that return a `Select` and touch nothing."""

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from catalog.certificates.batches.models import BatchLine, BatchState, CertificateBatch
from catalog.models import Buyer
from registry.models import CatalogEntry
from registry.permissions import Actor


def batches(actor: Actor) -> Select[CertificateBatch]:
    """Select the batches of an account's unit, the newest first."""
    return (
        select(CertificateBatch)
        .join(CertificateBatch.buyer)
        .where(Buyer.organization_id == actor.organization_id)
        .order_by(CertificateBatch.id.desc())
    )


def with_lines(query: Select[CertificateBatch]) -> Select[CertificateBatch]:
    """Load what a batch's page and its archive show."""
    lines = selectinload(CertificateBatch.lines)
    entry = lines.joinedload(BatchLine.entry)
    return query.options(
        joinedload(CertificateBatch.buyer).joinedload(Buyer.organization),
        lines.joinedload(BatchLine.certificate),
        entry.joinedload(CatalogEntry.version),
        entry.selectinload(CatalogEntry.listings),
    )


def awaiting(actor: Actor) -> Select[CertificateBatch]:
    """Select the requests of an account's unit that another person made and nobody decided yet."""
    return batches(actor).where(
        CertificateBatch.state == BatchState.REQUESTED, CertificateBatch.requested_by_id != actor.id
    )


def figures(batches: Collection[CertificateBatch]) -> Select[int, int, int, int]:
    """Select how many lines each of some batches has, how many are done and how many failed."""
    return (
        select(BatchLine.batch_id, func.count(), func.count(BatchLine.done_at), func.count(BatchLine.problem))
        .where(BatchLine.batch_id.in_([batch.id for batch in batches]))
        .group_by(BatchLine.batch_id)
    )
