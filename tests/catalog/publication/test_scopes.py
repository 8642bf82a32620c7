"""公开范围: asked by the applicant, decided by the publisher, kept to by notice, publication, edition and entry."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from catalog.models import BuyerStatus
from catalog.publication import notices
from catalog.publication.content import SCOPE
from registry import clock, questions, terms
from registry.errors import RuleError, StaleError
from registry.models import CatalogEntry, ListCode, Listing, PublicationScope, Role
from tests.browsing import Browser
from tests.catalog.publication.conftest import DOCUMENT, HEADING, POSTED

PUBLIC, BUYERS, NOBODY = PublicationScope
OPEN_NAME, CLOSED_NAME = "示例公开产品", "示例保密产品"


def answers(name, scope=None, reason="涉及示例工艺"):
    asked = {SCOPE: scope.value, "publication_scope_reason": reason} if scope else {}
    return {"product_name": name, **asked}


@pytest.fixture
def both(room):
    """Return a round with a notice of a restricted product and a public one, in this order."""
    call = room.round()
    products = [
        room.approved(call, number="SB-1", answers=answers(CLOSED_NAME, BUYERS)),
        room.approved(call, number="SB-2", answers=answers(OPEN_NAME)),
    ]
    return call, room.noticed(*products, call=call)


def visitor(app, path):
    answer = app.test_client().get(path)
    return answer.status_code, CLOSED_NAME in answer.get_data(as_text=True)


def test_the_question_offers_the_scopes_under_their_names():
    assert questions.by_key()[SCOPE].choices == {
        scope.value: terms.label(scope) for scope in PublicationScope
    }


@pytest.mark.parametrize("scope", [None, *PublicationScope])
def test_a_notice_takes_the_scope_that_the_applicant_asked(session, room, scope):
    call = room.round()
    application = room.approved(
        call, answers=answers(OPEN_NAME, scope, None if scope in (None, PUBLIC) else "示例")
    )
    drafted = notices.draft(session, call, room.publisher, applications=[application.id], heading=HEADING)

    assert drafted.items[0].scope is (scope or PUBLIC)


@pytest.mark.guards("notice.scope")
def test_the_publisher_decides_otherwise_only_with_a_reason(session, room):
    call = room.round()
    application = room.approved(call, answers=answers(CLOSED_NAME, NOBODY))
    drafted = notices.draft(session, call, room.publisher, applications=[application.id], heading=HEADING)
    (item,) = notices.find(session, drafted.id).items

    with pytest.raises(RuleError, match="申请的公开范围是“不公开”，改变的必填"):
        notices.set_scope(session, item, room.publisher, scope=PUBLIC, reason=" ")
    with pytest.raises(RuleError, match="不超过"):
        notices.set_scope(session, item, room.publisher, scope=PUBLIC, reason="长" * 2_001)
    notices.set_scope(session, item, room.publisher, scope=PUBLIC, reason="不属于不宜公开的情形")
    assert (item.scope, item.scope_reason) == (PUBLIC, "不属于不宜公开的情形")
    notices.set_scope(session, item, room.publisher, scope=NOBODY, reason="")
    assert (item.scope, item.scope_reason) == (NOBODY, None)


def test_the_scope_of_an_open_notice_stands(session, room, both):
    _, notice = both

    with pytest.raises(StaleError, match="公示已经发布"):
        notices.set_scope(session, notice.items[0], room.publisher, scope=PUBLIC, reason="示例")


def test_a_restricted_product_is_on_no_page_of_a_visitor(session, app, room, both):
    call, notice = both
    session.commit()

    with clock.standing_at(POSTED):
        assert visitor(app, f"/notices/{notice.id}") == (200, False)
        assert visitor(app, f"/notices/{notice.id}/objection") == (200, False)
        refused = app.test_client().post(
            f"/notices/{notice.id}/objection",
            data={
                "item": notice.items[0].id, "kind": "individual", "name": "甲异议", "phone": "13900001234",
                "statement": "示例",
            },
        )  # fmt: skip
        assert (refused.status_code, "请从公示的产品中选择" in refused.get_data(as_text=True)) == (422, True)
    publication = room.publish(call)
    session.commit()
    assert visitor(app, f"/notices/publications/{publication.id}") == (200, False)
    assert OPEN_NAME in app.test_client().get(f"/notices/publications/{publication.id}").get_data(
        as_text=True
    )


def test_the_entry_takes_the_scope_and_restricted_products_are_numbered_last(session, room, both):
    call, _ = both
    room.publish(call)

    rows = session.execute(
        select(Listing.serial, CatalogEntry.scope).join(Listing.entry).order_by(Listing.serial)
    ).all()
    assert rows == [(1, PUBLIC), (2, BUYERS)]


def test_a_notice_and_a_publication_of_restricted_products_alone_are_not_there_for_a_visitor(
    session, app, room
):
    call = room.round()
    notice = room.noticed(room.approved(call, answers=answers(CLOSED_NAME, NOBODY)), call=call)
    publication = room.publish(call)
    session.commit()

    for path in (f"/notices/{notice.id}", f"/notices/publications/{publication.id}"):
        assert visitor(app, path) == (404, False)
    for kind in ("notice", "publication"):
        page = app.test_client().get(f"/notices/?kind={kind}").get_data(as_text=True)
        assert (notice.title in page, publication.title in page) == (False, False)


def test_a_verified_buyer_and_the_office_see_what_is_theirs(session, app, room, make, both):
    _, notice = both
    buyer = make.buyer(status=BuyerStatus.VERIFIED)
    people = (make.user(Role.BUYER_OPERATOR, organization=buyer.organization), room.publisher)
    session.commit()

    with clock.standing_at(POSTED):
        for person in people:
            assert CLOSED_NAME in Browser(app.test_client(), person).open(f"/notices/{notice.id}").text


def test_a_product_that_is_restricted_later_leaves_its_notice_too(session, app, room, both):
    call, notice = both
    room.publish(call)
    for entry in session.scalars(select(CatalogEntry)):
        entry.scope = NOBODY
    session.commit()

    assert visitor(app, f"/notices/{notice.id}") == (404, False)


def test_a_product_that_stands_already_takes_the_scope_of_its_next_listing(session, room):
    unit = room.make.unit()
    for number, (list_code, scope) in enumerate(((ListCode.CX, None), (ListCode.TZ, BUYERS))):
        call = room.round()
        application = room.approved(
            call, organization=unit, list_code=list_code, answers=answers(OPEN_NAME, scope)
        )
        room.noticed(application, call=call)
        room.publish(call, replace(DOCUMENT, number=f"示例文〔2026〕{number}号"))

    (entry,) = session.scalars(select(CatalogEntry)).all()
    assert entry.scope is BUYERS


@pytest.mark.drives("notice.scope")
def test_the_publisher_decides_on_the_page_of_the_draft(session, app, room):
    call = room.round()
    application = room.approved(call, answers=answers(CLOSED_NAME, NOBODY))
    drafted = notices.draft(session, call, room.publisher, applications=[application.id], heading=HEADING)
    session.commit()

    browser = Browser(app.test_client(), room.publisher).open(f"/office/notices/{drafted.id}")
    browser.send("/scope", scope="verified_buyers", scope_reason="采购方需要知道")

    assert "涉及示例工艺" in browser.text  # why the applicant asks
    assert "公开范围已决定" in browser.text
    assert "采购方需要知道" in browser.text
    refused = browser.client.post(
        f"/office/notices/{drafted.id}/items/{drafted.items[0].id}/scope",
        data={"scope": "public", "scope_reason": " "},
    )
    page = BeautifulSoup(refused.data, "html.parser")
    assert [link.text for link in page.select(".error-summary a")] == [
        "理由：申报单位申请的公开范围是“不公开”，改变的必填。"
    ]
    assert page.select_one("select[name=scope] option[selected]")["value"] == "public"
    answer = browser.client.post(
        f"/office/notices/{drafted.id}/items/{drafted.items[0].id}/scope", data={"scope": "everybody"}
    )
    assert (answer.status_code, "公开范围：请从列表中选择" in answer.get_data(as_text=True)) == (422, True)
