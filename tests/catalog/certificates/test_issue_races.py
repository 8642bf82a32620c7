"""Issuing beside a revocation that is just being written, with real commits."""

import threading
import time
from datetime import date

import pytest

from catalog.certificates import services
from registry.errors import RuleError
from registry.models import CatalogEntry, Listing, ListingStatus
from registry.permissions import VISITOR
from tests.factories import Make

WAITS = 0.3  # seconds for which the revocation stays unwritten


def test_a_listing_that_is_just_being_revoked_is_not_certified(fresh_database):
    with fresh_database.transaction() as session:
        listing = Make(session).listing()
        entry_id, listing_id = listing.entry_id, listing.id
    begun = threading.Event()

    def revoke():
        with fresh_database.transaction() as session:
            revoked = session.get_one(Listing, listing_id)
            revoked.status, revoked.status_on = ListingStatus.REVOKED, date(2026, 11, 21)
            revoked.status_reason = "示例原因"
            session.flush()
            begun.set()
            time.sleep(WAITS)

    thread = threading.Thread(target=revoke)
    thread.start()
    begun.wait()
    with pytest.raises(RuleError, match="已撤销"), fresh_database.transaction() as session:
        services.issue_listing_certificate(
            session, session.get_one(CatalogEntry, entry_id), VISITOR, issuer=""
        )
    thread.join()
