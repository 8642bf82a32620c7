"""The demonstration's batches: one that is complete, with a product that got none, and one that waits for approval."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import Select, select

from catalog.certificates.batches import issuing, services
from catalog.certificates.batches.models import CertificateBatch
from catalog.certificates.services import Purchase
from catalog.certificates.wording import Funds
from catalog.shortlists import services as shortlists
from registry import hooks
from registry.demo.stage import Stage, person
from registry.hooks import Context, DemoRequest, Step
from registry.models import CatalogEntry, EntryVersion, ListCode, Listing, ListingStatus, PublicationScope

ASKED_DAYS, DECIDED_DAYS = 6, 5  # before the day of the demonstration
PRODUCTS = 4
COMPLETE = Purchase("介入与影像中心设备更新项目", Funds.FISCAL)
WAITING = Purchase("急诊楼医疗设备购置项目", Funds.FISCAL)


def steps(context: Context, request: DemoRequest) -> Iterator[Step]:
    """Yield the days of the two batches; what asks in between sees its products as they then stand."""
    stage = Stage(context, request)
    yield Step(request.today - timedelta(days=ASKED_DAYS), partial(_ask, stage, COMPLETE, skip=0))
    yield Step(request.today - timedelta(days=DECIDED_DAYS), partial(_approve, stage))
    yield Step(request.today, partial(_ask, stage, WAITING, skip=PRODUCTS))


def _ask(stage: Stage, purchase: Purchase, *, skip: int) -> None:
    """Put devices aside, with one whose listing does not stand, and ask for certificates of them."""
    with stage.session() as session:
        operator = person(session, "operator")
        standing = session.scalars(_devices().offset(skip).limit(PRODUCTS)).all()
        codes = [*standing, *session.scalars(_suspended())]
        if not standing:
            return  # a very small demonstration has no device to spare
        before = session.scalars(select(CatalogEntry.code).where(CatalogEntry.code.not_in(codes))).all()
        shortlists.remove(session, operator, codes=before)
        shortlists.add(session, operator, codes=codes)
        services.request(session, operator, purchase=purchase)


def _approve(stage: Stage) -> None:
    """Approve the first batch and issue it on that day; the worker makes the files later."""
    with stage.session() as session:
        for found in session.scalars(select(CertificateBatch.id)).all():
            approver = person(session, "hospital")
            batch = services.find(session, found, approver)
            services.approve(session, batch, approver)
            for line in batch.lines:
                issued = issuing.issue(session, line.id, stage.context.settings)
                issuing.finish(session, line.id, issued.problem)


def _devices() -> Select[str]:
    """Select the public devices that stand in the catalog, the newest first."""
    return _listed(ListingStatus.ACTIVE).join(CatalogEntry.version).where(EntryVersion.device.is_not(None))


def _suspended() -> Select[str]:
    """Select one public product whose listing is suspended."""
    return _listed(ListingStatus.SUSPENDED).limit(1)


def _listed(status: ListingStatus) -> Select[str]:
    return (
        select(CatalogEntry.code)
        .join(Listing, Listing.entry_id == CatalogEntry.id)
        .where(
            CatalogEntry.scope == PublicationScope.PUBLIC,
            Listing.list_code == ListCode.CX,
            Listing.status == status,
        )
        .order_by(CatalogEntry.code.desc())
    )


hooks.demo_steps.append(steps)
