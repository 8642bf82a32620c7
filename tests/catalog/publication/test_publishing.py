"""What is published: entries, numbers, editions, findings, validity; and what stands in the way."""

from datetime import date

import pytest
from sqlalchemy import select

from catalog.models import Edition, EditionOrigin
from catalog.publication import notices, objections, publications, publishing
from catalog.publication.models import PublicationItem
from catalog.publication.publishing import Document
from registry import clock
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import (
    CalendarOverride,
    CatalogEntry,
    EntryVersion,
    ListCode,
    Listing,
    Organization,
    RoundState,
    State,
)
from tests.catalog.publication.conftest import DOCUMENT, LAST_DAY, OVER

PROOF = {"id": 1, "name": "示例.png", "media_type": "image/png", "size": 1, "sha256": "0" * 64}


def numbers(publication):
    return [item.listing.number for item in publication.items]


def entry_of(session, application):
    return session.scalars(
        select(EntryVersion)
        .join(CatalogEntry, CatalogEntry.id == EntryVersion.entry_id)
        .where(CatalogEntry.id == application.entry_id)
        .order_by(EntryVersion.version.desc())
    ).first()


def test_a_signed_publication_makes_entry_listing_edition_and_the_move(session, room):
    call = room.round()
    application = room.approved(call)
    room.noticed(application, call=call)

    published = room.publish(call)

    (item,) = published.items
    listing, version = item.listing, entry_of(session, application)
    assert application.state is State.LISTED
    assert call.state is RoundState.PUBLISHED
    assert (listing.number, listing.document, listing.published_on, listing.recognised_on) == (
        f"CX-2026-{call.batch:02}-0001", DOCUMENT.number, OVER, OVER,
    )  # fmt: skip
    assert (listing.valid_until, listing.first_on_market, listing.first_on_market_as_of) == (
        date(2029, 11, 29), True, call.reference_on,
    )  # fmt: skip
    assert (version.name, version.model, version.field, version.kpis[0]["ours"]) == (
        "示例光纤陀螺仪", "SL-100、SL-200", "HE", "0.01",
    )  # fmt: skip
    assert version.organization_name == session.get(Organization, application.organization_id).name
    edition = session.scalars(select(Edition).where(Edition.batch == call.batch)).one()
    assert (edition.slug, edition.origin, edition.document, edition.published_on) == (
        f"CX-2026-{call.batch:02}", EditionOrigin.ROUND, DOCUMENT.number, OVER,
    )  # fmt: skip


def test_nothing_is_published_that_the_questions_do_not_publish(session, room):
    call = room.round()
    application = room.approved(call, answers={"contact_phone": "13911112222", "contact_name": "示例联系人"})
    room.noticed(application, call=call)
    room.publish(call)

    version = entry_of(session, application)

    shown = str({column.key: getattr(version, column.key) for column in EntryVersion.__table__.columns})
    assert not [text for text in ("13911112222", "示例联系人", "1200000", "示例采购单位") if text in shown]


def test_each_list_is_numbered_by_itself_in_the_order_of_the_publication(session, room):
    call = room.round()
    applications = [
        room.approved(call, list_code=code, answers={"product_name": name})
        for code, name in (
            (ListCode.CX, "示例产品甲"),
            (ListCode.TZ, "示例产品乙"),
            (ListCode.CX, "示例产品丙"),
        )
    ]
    room.noticed(*applications, call=call)

    published = room.publish(call)

    batch = f"{call.batch:02}"
    assert numbers(published) == [f"CX-2026-{batch}-0001", f"CX-2026-{batch}-0002", f"TZ-2026-{batch}-0001"]


def test_a_round_whose_batch_was_imported_takes_the_next_that_is_free(session, room, make):
    call, other = room.round(batch=61), room.round(batch=62)
    session.add(
        Edition(
            list_code=ListCode.CX, year=2026, batch=61, origin=EditionOrigin.IMPORT, version=1, document=None,
            created_at=clock.now(), changed_at=clock.now(),
        )
    )  # fmt: skip
    room.noticed(room.approved(call), call=call)
    session.flush()

    published = room.publish(call)

    assert other.batch == 62
    assert numbers(published) == ["CX-2026-63-0001"]


def test_what_was_held_is_published_later_in_an_edition_of_its_own(session, room):
    call = room.round(batch=71)
    first, held = room.approved(call), room.approved(call, answers={"product_name": "示例另一产品"})
    notice = room.noticed(first, held, call=call)
    objection = room.object(next(item for item in notice.items if item.application_id == held.id))

    published = room.publish(call)
    assert (first.state, held.state) == (State.LISTED, State.IN_NOTICE)

    objections.reject(session, objection, room.lead, reason="没有事实依据")
    later = room.publish(call, Document("示例发布机关", "示例文〔2026〕2号", OVER))

    assert (numbers(published), numbers(later)) == (["CX-2026-71-0001"], ["CX-2026-72-0001"])


def test_a_product_of_two_lists_is_one_entry(session, room):
    call = room.round()
    unit = room.make.unit()
    in_cx = room.approved(call, organization=unit)
    in_tz = room.approved(call, organization=unit, list_code=ListCode.TZ)
    room.noticed(in_cx, in_tz, call=call)

    room.publish(call)

    assert in_cx.entry_id == in_tz.entry_id
    assert session.get_one(CatalogEntry, in_cx.entry_id).organization_id == unit.id


def test_a_product_that_stands_in_the_list_is_not_listed_twice(session, room):
    call, unit = room.round(), room.make.unit()
    room.noticed(room.approved(call, organization=unit), call=call)
    room.publish(call)
    later = room.round()
    again = room.approved(later, organization=unit)
    room.noticed(again, call=later)

    with pytest.raises(RuleError, match="已在创新产品推荐目录中"):
        room.publish(later, Document("示例发布机关", "示例文〔2026〕9号", OVER))


def test_a_device_is_valid_no_longer_than_its_registration(session, room):
    call = room.round()
    device = room.approved(
        call,
        answers={
            "licence_kind": "device_registration", "licence_number": "国械注准20263070123",
            "licence_valid_until": "2027-05-31", "management_class": "3", "licence_proofs": [PROOF],
        },
    )  # fmt: skip
    room.noticed(device, call=call)

    published = room.publish(call)

    assert published.items[0].listing.valid_until == date(2027, 5, 31)
    assert entry_of(session, device).device["valid_until"] == "2027-05-31"


def test_validity_comes_from_the_round_and_not_from_today_s_policy(session, room):
    call = room.round()
    call.policy = {**call.policy, "entry.validity_years": {"id": 1, "value": 2}}
    room.noticed(room.approved(call), call=call)

    assert room.publish(call).items[0].listing.valid_until == date(2028, 11, 29)


def test_a_first_sale_long_ago_is_found_not_to_be_new_on_the_market(session, room):
    call = room.round(reference_on=date(2026, 6, 30))
    old = room.approved(call, answers={"first_sale_on": "2025-06-29"})
    room.noticed(old, call=call)

    listing = room.publish(call).items[0].listing

    assert (listing.first_on_market, listing.first_on_market_as_of) == (False, date(2026, 6, 30))


@pytest.mark.parametrize(
    ("document", "parameter"),
    [
        (Document(" ", "示例文〔2026〕1号", OVER), "issuer"),
        (Document("示例机关", " ", OVER), "document_number"),
        (Document("示例机关", "示例文〔2026〕1号", date(2026, 12, 1)), "published_on"),
        (Document("示例机关", "示例文〔2026〕1号", date(2026, 11, 27)), "published_on"),
    ],
)
def test_a_document_that_is_not_told_whole_is_refused(session, room, document, parameter):
    call = room.round()
    room.noticed(room.approved(call), call=call)

    with pytest.raises(RuleError) as refused:
        room.publish(call, document)

    assert refused.value.parameter == parameter


def test_a_document_number_counts_once(session, room):
    for call in (first := room.round(), second := room.round()):
        room.noticed(room.approved(call), call=call)
    room.publish(first)

    with pytest.raises(RuleError, match="文号"):
        room.publish(second)


def test_a_second_click_publishes_nothing_more(session, room):
    call = room.round()
    room.noticed(room.approved(call), call=call)
    published = room.publish(call)

    with clock.standing_at(OVER), pytest.raises(StaleError):
        publishing.publish(session, published, room.publisher, document=DOCUMENT)

    assert len(session.scalars(select(Listing).where(Listing.document == DOCUMENT.number)).all()) == 1


@pytest.mark.guards("publication.draft")
def test_a_product_in_notice_cannot_be_drafted_before_the_period_is_over(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)

    with clock.standing_at(date(2026, 11, 27)), pytest.raises(RuleError, match="公示期还没有届满"):
        publications.draft(session, call, room.publisher, items=[notice.items[0].id], title="示例", text="")


def test_a_day_declared_free_before_the_clock_struck_keeps_the_product_in_notice(session, room):
    call = room.round()
    room.noticed(room.approved(call), call=call)
    session.add(
        CalendarOverride(
            day=LAST_DAY, is_working=False, note="示例", basis_document="示例通知", set_at=clock.now()
        )
    )

    with clock.standing_at(OVER), pytest.raises(RuleError, match="公示期还没有届满"):
        publications.draft(
            session, call, room.publisher, items=[item.id for item in publications.candidates(session, call)],
            title="示例公告", text="",
        )  # fmt: skip


def test_a_licence_that_ran_out_since_the_signature_stops_the_publication(session, room):
    call = room.round()
    application = room.approved(
        call,
        answers={
            "licence_kind": "compulsory", "licence_number": "示例", "licence_valid_until": "2026-12-15",
            "licence_proofs": [PROOF],
        },
    )  # fmt: skip
    application.licence_valid_until = date(2026, 12, 15)
    room.noticed(application, call=call)
    with clock.standing_at(OVER):
        publication = room.signed(call)

    with clock.standing_at(date(2026, 12, 16)), pytest.raises(RuleError, match="许可证照已过期"):
        publishing.publish(session, publication, room.publisher, document=DOCUMENT)

    assert application.state is State.IN_NOTICE


# --- sign-off -----------------------------------------------------------------------------------------------------


def drafted(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)
    draft = publications.draft(
        session, call, room.publisher, items=[notice.items[0].id], title="示例公告", text=""
    )
    return publications.find(session, draft.id)


@pytest.fixture
def after_the_notice():
    with clock.standing_at(OVER):
        yield


@pytest.mark.guards("publication.check")
def test_nobody_checks_his_own_draft(session, room, make, after_the_notice):
    publication = drafted(session, room)

    with pytest.raises(NotAllowedError, match="拟稿人不得审核"):
        publications.check(session, publication, room.publisher)


@pytest.mark.guards("publication.sign")
def test_nobody_signs_what_he_checked(session, room, after_the_notice):
    publication = drafted(session, room)
    publications.check(session, publication, room.lead)

    with pytest.raises(NotAllowedError, match="审核人不得签发"):
        publications.sign(session, publication, room.lead)


def test_nothing_is_signed_that_was_not_checked(session, room, after_the_notice):
    with pytest.raises(StaleError):
        publications.sign(session, drafted(session, room), room.chair)


def test_what_was_sent_back_must_be_changed_and_checked_anew(session, room, after_the_notice):
    publication = drafted(session, room)
    publications.check(session, publication, room.lead)
    publications.sign(session, publication, room.chair)
    publications.send_back(session, publication, room.publisher, reason="文件内容有误")
    application = publication.items[0].application
    assert application.publication_signed_at is None

    with pytest.raises(RuleError, match="退回"):
        publications.check(session, publication, room.lead)
    publications.revise(
        session,
        publication,
        room.publisher,
        items=[publication.items[0].notice_item_id],
        title="新标题",
        text="",
    )
    publication = publications.find(session, publication.id)
    publications.check(session, publication, room.lead)
    publications.sign(session, publication, room.chair)

    assert application.publication_signed_at is not None


def test_a_draft_thrown_away_frees_its_products(session, room, after_the_notice):
    publication = drafted(session, room)
    call = publication.round

    publications.discard(session, publication, room.publisher)

    assert len(publications.candidates(session, call)) == 1
    assert session.scalars(select(PublicationItem)).all() == []


def test_a_notice_that_was_altered_after_acceptance_is_refused(session, room):
    call = room.round()
    application = room.approved(call)
    application.frozen_hash = "0" * 64

    with pytest.raises(RuleError, match="与受理时固定的不一致"):
        notices.draft(session, call, room.publisher, applications=[application.id])
