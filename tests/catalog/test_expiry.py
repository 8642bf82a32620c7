from datetime import date

import pytest
from sqlalchemy import select

from catalog import entries, expiry
from registry import clock, hooks, outbox
from registry.models import CatalogEntry, ListingStatus, OutboxMessage


@pytest.fixture(autouse=True)
def _today():
    with clock.standing_at(date(2026, 11, 21)):
        yield


@pytest.mark.parametrize(
    ("valid_until", "status", "on"),
    [
        (date(2026, 11, 20), ListingStatus.EXPIRED, date(2026, 11, 21)),
        (date(2026, 11, 1), ListingStatus.EXPIRED, date(2026, 11, 2)),
        (date(2026, 11, 21), ListingStatus.ACTIVE, date(2026, 5, 1)),
        (None, ListingStatus.ACTIVE, date(2026, 5, 1)),
    ],
)
def test_a_listing_expires_on_the_day_after_its_last(session, make, valid_until, status, on):
    listing = make.listing(valid_until=valid_until)

    expiry.expire_listings(session)

    assert (listing.status, listing.status_on) == (status, on)


def test_a_listing_expires_with_its_devices_registration_when_that_ends_first(session, make):
    listing = make.listing(valid_until=date(2028, 1, 1))
    entry = session.get_one(CatalogEntry, listing.entry_id)
    entries.enrich(session, entry, None, device={"valid_until": "2026-11-19"})

    expiry.expire_listings(session)

    assert (listing.status, listing.status_on) == (ListingStatus.EXPIRED, date(2026, 11, 20))
    assert listing.status_reason == "医疗器械注册（备案）有效期至 2026-11-19"


def test_a_suspended_listing_is_left_to_the_office_when_its_validity_is_over(session, make):
    listing = make.listing(
        status=ListingStatus.SUSPENDED, status_reason="示例理由", valid_until=date(2026, 1, 1)
    )

    assert expiry.expire_listings(session) == 0
    assert listing.status is ListingStatus.SUSPENDED


def test_the_clock_expires_all_that_is_due_and_tells_once_for_each_batch(database, settings, make, session):
    listings = [make.listing(valid_until=date(2026, 1, 1)) for _ in range(3)]
    session.commit()

    context = hooks.Context(database, settings, lambda _line: None)
    assert "catalog.expire" in outbox.run_clocks(context)

    for listing in listings:
        session.refresh(listing)
    assert {listing.status for listing in listings} == {ListingStatus.EXPIRED}
    assert len(session.scalars(select(OutboxMessage)).all()) == 1
