"""What falls due, what must hold, what its policy must fulfil, and that what was published is found and certified."""

import pytest
from sqlalchemy import select

from catalog.certificates.facts import certified_product, entry_query
from catalog.publication import work
from catalog.publication.models import NoticeState, PublicNotice
from registry import clock, hooks, policy_checks
from registry.models import Application, Role
from tests.catalog.publication.conftest import LAST_DAY, OVER


@pytest.fixture
def context(database, settings):
    return hooks.Context(database, settings, lambda _line: None)


def items(session, user):
    return {item.label: (item.count, item.due_on) for item in work.waiting(session, user)}


@pytest.mark.drives("notice.close")
def test_the_clock_closes_what_is_over(session, room, context):
    call = room.round()
    room.noticed(room.approved(call), call=call)
    session.commit()

    with clock.standing_at(OVER):
        work.turn(context)

    session.expire_all()
    assert session.scalar(select(PublicNotice.state)) is NoticeState.CLOSED


def test_what_waits_says_by_when_in_working_days(session, room):
    call = room.round()
    room.noticed(room.approved(call), room.approved(call, answers={"product_name": "示例另一"}), call=call)
    room.approved(call)

    with clock.standing_at(OVER):
        waiting = items(session, room.publisher)

    assert {label: (count, due and due.isoformat()) for label, (count, due) in waiting.items()} == {
        "审议通过、待列入公示的产品": (1, None),
        "公示期满、待拟稿发布的产品": (2, "2026-12-11"),
    }


def test_nobody_is_offered_a_signature_that_is_barred_to_him(session, room, make):
    call = room.round()
    room.noticed(room.approved(call), call=call)
    both = make.user(Role.PUBLISHER, Role.SECRETARIAT_LEAD)
    room.publisher = both

    with clock.standing_at(OVER):
        room.signed(call)

        assert items(session, both) == {"已签发、待登记文号发布的公告": (1, None)}
        assert items(session, room.lead) == items(session, room.chair) == {}


@pytest.mark.parametrize(
    "role", [Role.APPLICANT_SIGNATORY, Role.EXPERT, Role.SYS_ADMIN, Role.FORMAL_REVIEWER]
)
def test_nothing_of_the_room_waits_for_others(session, room, make, role):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)
    room.object(notice.items[0])

    with clock.standing_at(OVER):
        assert items(session, make.user(role)) == {}


def test_a_sound_room_passes_its_check(session, room, context):
    call = room.round()
    notice = room.noticed(
        room.approved(call), room.approved(call, answers={"product_name": "示例另一"}), call=call
    )
    room.object(notice.items[1])
    room.publish(call)
    session.commit()

    assert work.check(context) == []


def test_the_check_names_what_is_broken(session, room, context):
    call = room.round()
    application = room.approved(call)
    held = room.approved(call, answers={"product_name": "示例另一"})
    notice = room.noticed(application, held, call=call)
    room.object(next(item for item in notice.items if item.application_id == held.id))
    published = room.publish(call)
    held.open_objections = 0
    application.entry_id = room.make.entry().id
    published.items[0].listing = None
    session.commit()

    assert work.check(context) == [
        f"application {held.number}: open_objections does not match its objections",
        f"application {application.number}: listed without a listing",
        f"publication {published.id}: {application.number} stands in no edition",
    ]


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("notice.public_fields", ["name", "organization_name", "price"], "price"),
        ("notice.public_fields", ["list", "model"], "必须公开"),
        ("notice.wording", {"title": "{year}年公示"}, "可用字"),
        ("notice.wording", {"title": "{round"}, "可用字"),
    ],
)
def test_a_policy_that_no_notice_could_follow_is_refused(session, key, value, rule):
    with pytest.raises(ValueError, match=rule):
        policy_checks.CHECKS["notice."](session, key, value)


def test_what_was_published_is_found_and_can_be_certified(app, session, room, context):
    call = room.round()
    application = room.approved(call)
    room.noticed(application, call=call)
    room.publish(call)
    session.commit()

    for follow in hooks.catch_up:
        follow(context)
    with clock.standing_at(LAST_DAY):
        found = app.test_client().get("/api/v1/products?q=光纤陀螺仪").get_json()

    entry = session.scalars(entry_query(session.get_one(Application, application.id).entry_id)).one()
    assert [(item["code"], item["first_on_market"]) for item in found["items"]] == [(entry.code, True)]
    assert certified_product(session, entry, for_hospital=False).unit.name == entry.version.organization_name
