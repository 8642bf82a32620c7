"""The index follows the database, and can always be made anew from it."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from catalog.events import CatalogChanged
from registry import counters, hooks
from registry.models import ListCode, ListingStatus, OrganizationName, PublicationScope
from search import queries, sync
from search.documents import ListedIn
from search.engine import Difference
from search.query import Request


@pytest.fixture
def context(database, settings):
    return hooks.Context(database, settings, lambda _line: None)


@pytest.fixture
def engine(context):
    return sync.engine_at(context.settings.index_dir)


def touch(session, entry):
    entry.revision = counters.take(session, "catalog.revision")
    session.commit()


def test_a_document_holds_what_is_published_when_an_entry_stands_in_two_lists(session, make):
    entry = make.entry(name="示例超声仪", model="X-200", field="LH", district="310115", brand="示例")
    make.listing(
        entry, list_code=ListCode.TZ, first_on_market=True, recognised_on=date(2026, 5, 2), recorded_year=2026
    )
    make.listing(entry, valid_until=date(2029, 5, 1), published_on=date(2025, 5, 1), recorded_year=2025)
    make.listing(entry, list_code=ListCode.RJ, status=ListingStatus.EXPIRED)
    session.commit()

    [(code, document)] = sync.documents(session)

    assert (code, document.name, document.model, document.field, document.district) == (
        entry.code, "示例超声仪", "X-200", "LH", "310115",
    )  # fmt: skip
    assert document.lists == (
        ListedIn("CX", "CX-2026-01-0001", date(2029, 5, 1), "active"),
        ListedIn("TZ", "TZ-2026-01-0001", None, "active"),
    )
    assert (document.year, document.first_on_market, document.listed_on) == (2025, True, date(2026, 5, 2))


def test_a_product_is_found_by_every_name_that_its_unit_bore(session, make, context, engine):
    unit = make.unit(name="示例新锐仪器有限公司")
    session.add(OrganizationName(organization_id=unit.id, name="示例老字号仪器厂", until_on=date(2026, 1, 1)))
    entry = make.entry(name="示例水平仪", organization_name="示例中间仪器公司")
    entry.organization_id = unit.id
    make.listing(entry)
    session.commit()

    sync.catch_up(context)

    assert [
        [hit.code for hit in engine.search(Request(q=name)).hits] for name in ("新锐", "老字号", "中间仪器")
    ] == [[entry.code]] * 3


def test_an_entry_is_not_indexed_when_no_listing_is_in_force(session, make, context, engine):
    make.entry()
    make.listing(status=ListingStatus.REVOKED, status_reason="示例")
    session.commit()

    sync.catch_up(context)

    assert engine.count() == 0


def test_only_what_changed_is_written_when_the_index_catches_up(session, make, context, engine, monkeypatch):
    first, second = make.listing().entry_id, make.entry(name="示例旧名称")
    listing = make.listing(second)
    session.commit()
    sync.catch_up(context)
    monkeypatch.setattr(engine, "rebuild", None)  # it would be a mistake to call it from here on

    listing.status, listing.status_reason = ListingStatus.SUSPENDED, "示例"
    touch(session, second)
    sync.catch_up(context)
    assert engine.search(Request()).total == 1

    listing.status = ListingStatus.ACTIVE
    touch(session, second)
    sync.catch_up(context)

    assert engine.search(Request("旧名称")).total == 1
    assert engine.state().revision == counters.current(session, "catalog.revision")
    assert sync.differences(context) == []
    assert first


def test_the_message_of_a_change_brings_it_in_once_when_it_is_delivered_twice(session, make, context, engine):
    make.listing()
    session.commit()
    change = CatalogChanged(counters.current(session, "catalog.revision"))

    sync.follow(context, change)
    mark = (engine.path / "state.json").stat().st_mtime_ns
    sync.follow(context, change)

    assert engine.count() == 1
    assert (engine.path / "state.json").stat().st_mtime_ns == mark


def test_every_batch_is_read_when_there_are_more_entries_than_one_holds(session, make, monkeypatch):
    monkeypatch.setattr(queries, "BATCH", 2)
    held = [make.entry() for _ in range(5)]
    for entry in held:
        make.listing(entry)
    session.commit()

    assert [code for code, _ in sync.documents(session)] == [entry.code for entry in held]


def test_differences_are_found_when_the_index_missed_a_change(session, make, context):
    changed, hidden, late = make.entry(), make.entry(), make.entry()
    make.listing(changed), make.listing(hidden)
    session.commit()
    sync.catch_up(context)
    changed.source_ref = "S-1"
    hidden.scope = PublicationScope.NOT_PUBLISHED
    make.listing(late)
    session.commit()

    assert sync.differences(context) == [
        Difference(changed.code, "different"),
        Difference(hidden.code, "different"),
        Difference(late.code, "missing"),
    ]
    assert sync._check(context)[0] == f"index: {changed.code} is different"
    sync.rebuild(context)
    assert sync.differences(context) == []


def test_the_index_is_made_anew_when_it_was_built_from_another_database(session, make, context, engine):
    make.listing()
    session.commit()
    sync.catch_up(context)
    engine.rebuild([], engine.state().revision, source="another")

    sync.catch_up(context)

    assert engine.count() == 1


def test_health_tells_the_lag_when_there_is_an_index_and_its_absence_when_there_is_none(
    session, make, context, engine
):
    assert not sync._health(context).is_ready
    make.listing()
    session.commit()
    sync.catch_up(context)
    make.entry()
    session.commit()

    assert sync._health(context) == hooks.Health(
        "index", True, {"revision": engine.state().revision, "lag": 1}
    )
    shutil.rmtree(engine.path)
    assert not sync._health(context).is_ready
