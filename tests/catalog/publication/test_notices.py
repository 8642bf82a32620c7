"""Drafting, the leak scan, opening on day 1, the end by the clock, and the policy of the round."""

from datetime import date

import pytest
from sqlalchemy import select

from catalog import queries
from catalog.publication import content, notices
from catalog.publication.models import NoticeItem, NoticeState, PublicNotice
from catalog.publication.notices import Heading
from registry import clock
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import (
    CalendarOverride,
    CatalogEntry,
    InboxMessage,
    PublicationScope,
    Role,
    RoundState,
    State,
    TrailDetail,
    TrailLine,
)
from tests.catalog.publication.conftest import HEADING, LAST_DAY, OVER, POSTED

LEAKY = "用于姿态测量，咨询请拨 13912345678。"


def drafted(session, room, *applications, call, heading=HEADING):
    notice = notices.draft(
        session, call, room.publisher, applications=[application.id for application in applications],
        heading=heading,
    )  # fmt: skip
    return notices.find(session, notice.id)


def test_a_notice_opens_today_and_closes_with_its_fifth_working_day(session, room):
    call = room.round()
    application = room.approved(call)

    notice = room.noticed(application, call=call)

    assert (notice.state, notice.opens_on, notice.closes_on) == (NoticeState.OPEN, POSTED, LAST_DAY)
    assert (application.state, application.notice_closes_on) == (State.IN_NOTICE, LAST_DAY)
    assert application.leak_scan_at is not None
    assert call.state is RoundState.NOTICED


def test_the_period_comes_from_the_round_and_not_from_today_s_policy(session, room):
    call = room.round()
    call.policy = {**call.policy, "notice.working_days": {"id": 1, "value": 7}}

    assert room.noticed(room.approved(call), call=call).closes_on == date(2026, 12, 1)


def test_a_period_over_the_turn_of_the_year_follows_the_weekday_rule_and_grows_with_an_override(
    session, room
):
    call = room.round()
    application = room.approved(call)
    with clock.standing_at(date(2026, 12, 29)):
        notice = drafted(session, room, application, call=call)
        notices.open_notice(session, notice, room.publisher)
    assert notice.closes_on == date(2027, 1, 4)
    session.add(
        CalendarOverride(
            day=date(2027, 1, 1), is_working=False, note="元旦", basis_document="示例通知", set_at=clock.now()
        )
    )

    with clock.standing_at(date(2027, 1, 5)):
        assert notices.turn(session) == 0

    assert (notice.closes_on, application.notice_closes_on) == (date(2027, 1, 5), date(2027, 1, 5))


def test_a_period_never_shrinks(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)
    session.add(
        CalendarOverride(
            day=date(2026, 11, 22), is_working=True, note="", basis_document="示例", set_at=clock.now()
        )
    )
    notice.working_days = 3

    with clock.standing_at(LAST_DAY):
        notices.turn(session)

    assert (notice.closes_on, notice.state) == (LAST_DAY, NoticeState.OPEN)


@pytest.mark.guards("notice.close")
def test_the_clock_closes_a_notice_the_day_after_its_last_day(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)

    with clock.standing_at(LAST_DAY):
        assert notices.turn(session) == 0
    with clock.standing_at(OVER):
        assert (notices.turn(session), notices.turn(session)) == (1, 0)

    assert notice.state is NoticeState.CLOSED


def test_a_notice_prints_the_whitelisted_fields_and_nothing_else(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)
    chosen = content.fields(call)

    (row,) = content.printed(session, notice.items, chosen)

    assert list(zip([field.value for field in chosen], row.texts, strict=True)) == [
        ("list", "创新产品推荐目录"),
        ("name", "示例光纤陀螺仪"),
        ("model", "SL-100、SL-200"),
        ("organization_name", notice.items[0].content["organization_name"]),
        ("district", "浦东新区"),
        ("field", "高端装备"),
    ]


@pytest.mark.parametrize("name", ["title", "opening", "department", "phone", "address", "methods"])
def test_a_notice_does_not_open_without_what_it_must_print(session, room, name):
    call = room.round()
    values = {field: getattr(HEADING, field) for field in HEADING.__slots__}
    notice = drafted(session, room, room.approved(call), call=call, heading=Heading(**{**values, name: " "}))

    with pytest.raises(RuleError) as refused:
        notices.open_notice(session, notice, room.publisher)

    assert refused.value.parameter == name


@pytest.mark.guards("notice.open")
def test_a_finding_of_the_scan_keeps_the_notice_shut(session, room):
    call = room.round()
    application = room.approved(call, answers={"summary": LEAKY})
    notice = drafted(session, room, application, call=call)

    with pytest.raises(RuleError, match="泄露检查：“示例光纤陀螺仪”还有 1 处发现"):
        notices.open_notice(session, notice, room.publisher)

    assert application.state is State.APPROVED


def test_a_withheld_field_is_neither_in_the_notice_nor_in_the_catalog(session, room, make):
    call = room.round()
    application = room.approved(call, answers={"summary": LEAKY})
    with clock.standing_at(POSTED):
        notice = drafted(session, room, application, call=call)
        notices.withhold(session, notice.items[0], room.publisher, field="summary")
        notices.open_notice(session, notice, room.publisher)

    published = room.publish(call)

    assert "summary" not in published.items[0].notice_item.published
    code = session.scalar(select(CatalogEntry.code).where(CatalogEntry.id == application.entry_id))
    entry = session.scalars(queries.entry_by_code(code, [PublicationScope.PUBLIC])).one()
    assert entry.version.summary is None


def test_a_finding_is_cleared_with_a_reason_that_the_trail_keeps(session, room):
    call = room.round()
    notice = drafted(session, room, room.approved(call, answers={"summary": "成本仅 3 元"}), call=call)
    (finding,) = notice.items[0].findings

    with pytest.raises(RuleError, match="理由"):
        notices.clear(
            session, notice.items[0], room.publisher, fingerprint=finding["fingerprint"], reason=" "
        )
    notices.clear(
        session,
        notice.items[0],
        room.publisher,
        fingerprint=finding["fingerprint"],
        reason="材料成本，公开资料",
    )
    notices.open_notice(session, notice, room.publisher)

    line = session.scalars(select(TrailLine).where(TrailLine.action == "notice.clear")).one()
    assert session.get(TrailDetail, line.seq).detail["reason"] == "材料成本，公开资料"


@pytest.mark.parametrize("field", ["name", "organization_name", "no_such_field"])
def test_what_must_be_public_cannot_be_withheld(session, room, field):
    call = room.round()
    notice = drafted(session, room, room.approved(call), call=call)

    with pytest.raises(RuleError, match="必须公开"):
        notices.withhold(session, notice.items[0], room.publisher, field=field)


def test_a_second_click_opens_nothing_more(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)

    with pytest.raises(StaleError):
        notices.open_notice(session, notice, room.publisher)


def test_a_product_stands_in_one_draft_at_a_time(session, room):
    call = room.round()
    application = room.approved(call)
    drafted(session, room, application, call=call)

    with pytest.raises(StaleError):
        drafted(session, room, application, call=call)


def test_a_draft_with_a_withdrawn_product_is_thrown_away(session, room):
    call = room.round()
    gone, stays = room.approved(call), room.approved(call, answers={"product_name": "示例另一产品"})
    notice = drafted(session, room, gone, stays, call=call)
    gone.state = State.WITHDRAWN

    with pytest.raises(StaleError, match="“示例光纤陀螺仪”已不在待公示之列"):
        notices.open_notice(session, notice, room.publisher)
    notices.discard(session, notice, room.publisher)

    assert session.scalars(select(PublicNotice)).all() == session.scalars(select(NoticeItem)).all() == []
    assert notices.waiting(session, call) == [stays]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PUBLISHER])
def test_nobody_but_the_publisher_drafts_a_notice(session, room, make, role):
    call = room.round()

    with pytest.raises(NotAllowedError):
        notices.draft(session, call, make.user(role), applications=[room.approved(call).id])


def test_the_units_are_told_that_their_product_is_in_notice(session, room, make):
    call = room.round()
    unit = make.unit()
    applicant = make.applicant(unit)
    room.noticed(room.approved(call, organization=unit), call=call)

    message = session.scalars(select(InboxMessage).where(InboxMessage.user_id == applicant.id)).one()

    assert message.subject == "公示告知：示例光纤陀螺仪"
