from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from catalog import entries
from catalog.models import Edition, EditionOrigin
from registry import clock
from registry.errors import RuleError
from registry.models import (
    CatalogEntry,
    ListCode,
    Listing,
    ListingStatus,
    OutboxMessage,
    PublicationScope,
    TrailLine,
)


@pytest.fixture(autouse=True)
def _today():
    with clock.standing_at(date(2026, 11, 21)):
        yield


def last_action(session):
    """Return the last line of the trail."""
    return session.scalars(select(TrailLine.action).order_by(TrailLine.seq.desc()).limit(1)).one()


def test_an_entry_is_listed_with_a_number_a_version_and_a_line_in_the_edition(session, make):
    entry = make.entry()
    before = entry.revision

    listing = entries.add_listing(
        session, entry, make.user(), list_code=ListCode.TZ, year=2026, recognised_on=date(2026, 5, 1)
    )

    edition = session.scalars(select(Edition).options(selectinload(Edition.items))).one()
    session.refresh(listing, ["versions"])
    assert (listing.number, listing.status, listing.version) == ("TZ-2026-01-0001", ListingStatus.ACTIVE, 1)
    assert listing.versions[0].facts["recognised_on"] == "2026-05-01"
    assert (edition.slug, [item.listing_id for item in edition.items]) == ("TZ-2026-01", [listing.id])
    assert entry.revision > before
    assert last_action(session) == "listing.add"


def test_an_entry_is_not_listed_twice_in_one_list(session, make):
    listing = make.listing()
    entry = session.get_one(CatalogEntry, listing.entry_id)

    with pytest.raises(RuleError):
        entries.add_listing(session, entry, None, list_code=ListCode.CX, year=2026, batch=2)


def test_an_entry_is_not_added_to_an_edition_that_a_round_published(session, make):
    entries.add_listing(session, make.entry(), None, list_code=ListCode.PC, year=2026)
    session.scalars(select(Edition)).one().origin = EditionOrigin.ROUND
    session.flush()

    with pytest.raises(RuleError) as refused:
        entries.add_listing(session, make.entry(), None, list_code=ListCode.PC, year=2026)

    assert refused.value.sentence == "PC-2026-01 已由申报批次发布，不能再添加。"


def test_a_listing_is_suspended_and_resumed_with_a_version_each(session, make):
    listing, lead = make.listing(), make.user()

    entries.change_status(session, listing, lead, status=ListingStatus.SUSPENDED, reason="示例理由")
    entries.change_status(session, listing, lead, status=ListingStatus.ACTIVE)

    assert (listing.status, listing.status_on, listing.status_reason) == (
        ListingStatus.ACTIVE, date(2026, 11, 21), None,
    )  # fmt: skip
    assert listing.version == 3
    assert last_action(session) == "listing.active"
    assert session.scalars(select(OutboxMessage.event)).all() == ["CatalogChanged", "CatalogChanged"]


@pytest.mark.parametrize("status", [ListingStatus.SUSPENDED, ListingStatus.REVOKED, ListingStatus.WITHDRAWN])
def test_a_status_is_not_changed_without_a_reason_when_it_needs_one(session, make, status):
    listing = make.listing()

    with pytest.raises(RuleError) as refused:
        entries.change_status(session, listing, None, status=status, reason=" ")

    assert (refused.value.parameter, listing.status) == ("reason", ListingStatus.ACTIVE)


@pytest.mark.parametrize("final", [ListingStatus.REVOKED, ListingStatus.WITHDRAWN, ListingStatus.SUPERSEDED])
def test_a_listing_does_not_come_back_when_its_end_was_final(session, make, final):
    listing = make.listing(status=final, status_reason="示例理由")

    with pytest.raises(RuleError) as refused:
        entries.change_status(session, listing, None, status=ListingStatus.ACTIVE)

    assert refused.value.parameter == "status"


def test_a_scope_is_set_once(session, make):
    entry, lead = make.entry(), make.user()

    entries.set_scope(session, entry, lead, scope=PublicationScope.VERIFIED_BUYERS)
    revision = entry.revision
    entries.set_scope(session, entry, lead, scope=PublicationScope.VERIFIED_BUYERS)

    assert (entry.scope, entry.revision) == (PublicationScope.VERIFIED_BUYERS, revision)
    assert last_action(session) == "entry.scope"


def test_an_entry_is_enriched_in_a_new_version_that_keeps_the_rest(session, make):
    entry = make.entry(name="示例磁共振", summary="简介")
    kpis = [
        {
            "indicator": "场强",
            "unit": "T",
            "ours": "5.0",
            "domestic_best": "3.0",
            "world_best": "7.0",
            "source": "示例报告",
        }
    ]

    entries.enrich(
        session, entry, make.user(), kpis=kpis, brand="示例牌",
        pictures=[entries.Picture("0" * 64, "image/png", "外观")], national=[entries.National("示例目录", year=2025)],
    )  # fmt: skip

    found = session.scalars(
        select(CatalogEntry)
        .where(CatalogEntry.id == entry.id)
        .options(
            joinedload(CatalogEntry.version),
            selectinload(CatalogEntry.pictures),
            selectinload(CatalogEntry.national_listings),
        )
    ).one()
    assert (found.current_version, found.version.name, found.version.summary) == (2, "示例磁共振", "简介")
    assert (found.version.kpis, found.version.brand) == (kpis, "示例牌")
    assert [picture.caption for picture in found.pictures] == ["外观"]
    assert [(item.name, item.year) for item in found.national_listings] == [("示例目录", 2025)]


def test_an_entry_keeps_its_version_when_only_pictures_come(session, make):
    entry = make.entry()
    hashed = entries.content_hash({"name": "x"})
    entries.enrich(session, entry, None, brand="示例牌")

    entries.enrich(session, entry, None, brand="示例牌", pictures=[entries.Picture(hashed, "image/png", "")])

    assert entry.current_version == 2


def test_many_entries_share_a_revision_when_they_change_together(session, make):
    first, second = make.entry(), make.entry()
    events = len(session.scalars(select(OutboxMessage)).all())

    revision = entries.touch(session, first, second)

    assert (first.revision, second.revision) == (revision, revision)
    assert len(session.scalars(select(OutboxMessage)).all()) == events + 1


def test_a_listing_is_gone_from_nothing_when_its_transaction_fails(database, make, session):
    listing = make.listing()
    session.commit()

    def fail():
        with database.transaction() as other:
            there = other.get_one(Listing, listing.id)
            entries.change_status(other, there, None, status=ListingStatus.REVOKED, reason="理由")
            raise RuleError("示例")

    with pytest.raises(RuleError):
        fail()

    session.refresh(listing)
    assert listing.status is ListingStatus.ACTIVE
    assert session.scalars(select(OutboxMessage)).all() == []
