"""A hospital with two hands, and products on the operator's shortlist; everything fictitious."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy.orm import Session

from catalog.certificates.batches import services
from catalog.certificates.batches.models import CertificateBatch
from catalog.certificates.services import Purchase
from catalog.certificates.wording import Funds
from catalog.models import Buyer, BuyerNature
from catalog.shortlists import services as shortlists
from registry import clock
from registry.hooks import Context
from registry.models import Listing, Role, User
from tests.factories import Make

TODAY = date(2026, 11, 21)
PURCHASE = Purchase("影像科设备更新项目", Funds.FISCAL)


@dataclass
class Desk:
    """A verified buyer, who asks, who approves, and what is on the shortlist."""

    session: Session
    make: Make
    buyer: Buyer
    operator: User
    approver: User

    def shortlist(self, *names: str) -> list[Listing]:
        """List products and put them on the operator's shortlist."""
        entries = [self.make.entry(name=name) for name in names]
        listings = [self.make.listing(entry) for entry in entries]
        for entry in entries:
            shortlists.add(self.session, self.operator, codes=[entry.code])
        return listings

    def request(self, purchase: Purchase = PURCHASE) -> CertificateBatch:
        """Ask for certificates of the shortlist, and load what was asked for."""
        asked, _ = services.request(self.session, self.operator, purchase=purchase)
        self.session.commit()
        return services.find(self.session, asked.id, self.approver)

    def approved(self, *names: str) -> CertificateBatch:
        """Return a batch of products whose issuing waits in the outbox."""
        self.shortlist(*names)
        batch = self.request()
        services.approve(self.session, batch, self.approver)
        self.session.commit()
        return batch


def furnish(session: Session) -> Desk:
    """Set up a desk in a session."""
    make = Make(session)
    buyer = make.buyer(nature=BuyerNature.PUBLIC_HOSPITAL)
    operator = make.user(Role.BUYER_OPERATOR, organization=buyer.organization, display_name="示例经办员")
    approver = make.user(Role.BUYER_APPROVER, organization=buyer.organization, display_name="示例审批员")
    return Desk(session, make, buyer, operator, approver)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def desk(session) -> Desk:
    """Return a desk in the test's session."""
    return furnish(session)


@pytest.fixture
def context(database, settings) -> Context:
    """Return what the worker works with, on the test's database."""
    return Context(database, settings, print)
