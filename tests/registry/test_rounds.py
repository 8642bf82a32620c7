"""The life of a round: what it freezes, when it opens and closes, who is told."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from registry import clock, policy, rounds
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import (
    InboxMessage,
    ListCode,
    PolicyParameter,
    Role,
    RoundExtension,
    RoundState,
    State,
    TrailLine,
)

OPENS = datetime(2026, 12, 1, 9, tzinfo=clock.BEIJING)
CLOSES = datetime(2026, 12, 31, 17, tzinfo=clock.BEIJING)
BEFORE = datetime(2026, 11, 21, 10, tzinfo=clock.BEIJING)
HOUR = timedelta(hours=1)


@pytest.fixture
def lead(make):
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def planned(session, lead):
    """Return a function that makes a round in preparation, seen from November."""

    def make_round(**values):
        values = {
            "year": 2026, "title": "示例申报通知", "lists": [ListCode.CX], "opens_at": OPENS, "closes_at": CLOSES,
            "reference_on": date(2026, 11, 30), "text": "示例正文", **values,
        }  # fmt: skip
        with clock.standing_at(BEFORE):
            return rounds.create(session, lead, plan=rounds.Plan(**values))

    return make_round


@pytest.fixture
def opened(session, lead, planned):
    call = planned()
    with clock.standing_at(BEFORE):
        rounds.announce(session, call, lead)
    with clock.standing_at(OPENS):
        assert rounds.open_due(session) == 1
    return call


def test_rounds_of_a_year_are_numbered_in_turn(planned):
    assert [planned().batch, planned().batch, planned(year=2027).batch] == [1, 2, 1]


def test_a_batch_may_be_chosen_and_the_next_one_goes_on_from_it(planned):
    assert [planned(batch=3).batch, planned().batch] == [3, 4]


def test_a_round_that_came_otherwise_is_counted_too(make, planned):
    make.round(batch=4)

    assert planned().batch == 5


def test_a_batch_that_exists_is_refused(planned):
    planned(batch=1)

    with pytest.raises(RuleError, match="批次：2026年第一批已经有了") as problem:
        planned(batch=1)

    assert problem.value.parameter == "batch"


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [({"title": " "}, "title"), ({"lists": []}, "lists"), ({"closes_at": OPENS}, "closes_at")],
)
def test_a_plan_that_cannot_be_is_refused_with_its_field(planned, wrong, parameter):
    with pytest.raises(RuleError) as problem:
        planned(**wrong)

    assert problem.value.parameter == parameter


def test_only_the_lead_of_the_secretariat_makes_a_round(session, make, planned):
    call = planned()

    with pytest.raises(NotAllowedError):
        rounds.announce(session, call, make.user(Role.PUBLISHER))


def test_announcing_freezes_the_policy_for_good(session, lead, opened):
    later = session.query(PolicyParameter).filter_by(key="notice.working_days").one()
    later.value = 9  # worse than any change by the page, which adds a row
    session.flush()

    assert policy.value(session, "notice.working_days") == 9
    assert rounds.policy_value(opened, "notice.working_days") == 5
    assert opened.policy["notice.working_days"]["id"] == later.id


def test_a_round_has_no_policy_before_it_is_announced(planned):
    with pytest.raises(KeyError):
        rounds.policy_value(planned(), "notice.working_days")


def test_a_parameter_that_came_after_the_announcement_is_read_as_shipped(opened):
    opened.policy = {key: row for key, row in opened.policy.items() if key != "notice.working_days"}

    assert rounds.policy_value(opened, "notice.working_days") == 5
    with pytest.raises(KeyError):
        rounds.policy_value(opened, "no.such")


def test_a_second_announcement_finds_the_round_announced(session, lead, opened):
    with pytest.raises(StaleError, match="现处于“申报中”，不能发布申报通知"):
        rounds.announce(session, opened, lead)


@pytest.mark.parametrize(
    ("values", "day", "parameter"),
    [({"text": " "}, BEFORE, "text"), ({}, CLOSES, "closes_at")],
)
def test_an_announcement_needs_its_text_and_a_future(session, lead, planned, values, day, parameter):
    call = planned(**values)

    with clock.standing_at(day), pytest.raises(RuleError) as problem:
        rounds.announce(session, call, lead)

    assert problem.value.parameter == parameter
    assert call.policy is None


def test_an_announced_round_is_not_revised(session, lead, opened):
    with pytest.raises(StaleError):
        rounds.revise(session, opened, lead, plan=rounds.Plan(2027, "x", [ListCode.CX], OPENS, CLOSES, OPENS))


def test_a_round_opens_at_its_hour_and_not_before(session, lead, planned):
    call = planned()
    with clock.standing_at(BEFORE):
        rounds.announce(session, call, lead)

    with clock.standing_at(OPENS - timedelta(seconds=1)):
        assert rounds.open_due(session) == 0
    with clock.standing_at(OPENS):
        assert rounds.open_due(session) == 1

    assert call.state is RoundState.OPEN


def test_a_round_opened_by_hand_takes_in_from_that_moment(session, lead, planned):
    call = planned()
    with clock.standing_at(BEFORE):
        rounds.announce(session, call, lead)
        rounds.open_round(session, call, lead)

        assert rounds.taking(session, call.id) is call


def test_an_open_round_takes_in_until_its_last_second(session, opened):
    with clock.standing_at(CLOSES - timedelta(seconds=1)):
        assert rounds.taking(session, opened.id) is opened
    with clock.standing_at(CLOSES), pytest.raises(RuleError, match="现在不接收申报"):
        rounds.taking(session, opened.id)


def test_a_round_is_not_closed_by_hand_before_its_announced_end(session, lead, opened):
    with clock.standing_at(CLOSES - HOUR), pytest.raises(RuleError, match="不能提前截止申报"):
        rounds.close_round(session, opened, lead)


def test_closing_sends_what_was_submitted_to_formal_review_and_tells_who_left_a_draft(session, make, opened):
    user = make.applicant()
    submitted, draft = (
        make.application(round=opened, organization=user.organization, state=state, created_by_id=user.id)
        for state in (State.SUBMITTED, State.DRAFT)
    )

    with clock.standing_at(CLOSES):
        assert rounds.close_due(session) == 1
        assert rounds.close_due(session) == 0

    assert (opened.state, submitted.state, draft.state) == (
        RoundState.CLOSED,
        State.FORMAL_REVIEW,
        State.DRAFT,
    )
    assert session.scalars(select(InboxMessage.subject).where(InboxMessage.user_id == user.id)).all() == [
        "申报已截止，草稿未提交：2026年第一批"
    ]


def test_extending_moves_the_end_and_tells_every_unit_of_the_round_once(session, make, lead, opened):
    user = make.applicant()
    make.application()  # of another round and unit
    for _ in range(2):
        make.application(round=opened, organization=user.organization, created_by_id=user.id)
    later = CLOSES + timedelta(days=7)

    with clock.standing_at(OPENS + HOUR):
        rounds.extend(session, opened, lead, closes_at=later, reason="示例理由")

    assert opened.closes_at == later
    [extension] = session.scalars(select(RoundExtension).where(RoundExtension.round_id == opened.id))
    assert (extension.closed_before_at, extension.closes_at, extension.reason) == (CLOSES, later, "示例理由")
    [message] = session.scalars(select(InboxMessage))
    assert (message.user_id, message.subject) == (user.id, "申报截止时间延长：2026年第一批")
    assert "由2026年12月31日17:00延长至2027年1月7日17:00。理由：示例理由" in message.body


@pytest.mark.parametrize(
    ("closes_at", "reason", "at", "parameter"),
    [
        (CLOSES, "示例", OPENS, "closes_at"),
        (CLOSES + HOUR, " ", OPENS, "reason"),
        (CLOSES + HOUR, "示例", CLOSES, "closes_at"),
    ],
)
def test_an_extension_needs_a_later_end_a_reason_and_time_left(
    session, lead, opened, closes_at, reason, at, parameter
):
    with clock.standing_at(at), pytest.raises(RuleError) as problem:
        rounds.extend(session, opened, lead, closes_at=closes_at, reason=reason)

    assert problem.value.parameter == parameter


def test_a_closed_round_goes_forward_only(session, opened):
    rounds.advance_round(session, opened, None, RoundState.REVIEWING)
    assert opened.state is RoundState.OPEN  # formal review of an unsealed round may begin early
    with clock.standing_at(CLOSES):
        rounds.close_due(session)

    rounds.advance_round(session, opened, None, RoundState.NOTICED)
    rounds.advance_round(session, opened, None, RoundState.REVIEWING)

    assert opened.state is RoundState.NOTICED


def test_a_round_with_something_under_way_is_not_archived(session, make, lead, opened):
    application = make.application(round=opened, state=State.SUBMITTED)
    with clock.standing_at(CLOSES):
        rounds.close_due(session)
    rounds.advance_round(session, opened, None, RoundState.PUBLISHED)

    with pytest.raises(RuleError, match="还有 1 项申报没有办结"):
        rounds.archive(session, opened, lead)

    application.state = State.WITHDRAWN
    session.flush()
    rounds.archive(session, opened, lead)
    assert opened.state is RoundState.ARCHIVED


def test_a_round_changed_since_the_page_was_shown_is_refused(session, lead, planned):
    call = planned()
    shown = call.version_id
    rounds.revise(
        session, call, lead,
        plan=rounds.Plan(2026, "另一标题", [ListCode.CX], OPENS, CLOSES, date(2026, 11, 30)),
    )  # fmt: skip
    session.flush()

    with pytest.raises(StaleError, match="刚刚被别人修改"):
        rounds.locked(session, call.id, version=shown)


def test_every_move_of_a_round_leaves_a_line_in_the_trail(session, opened):
    assert session.scalars(
        select(TrailLine.action).where(TrailLine.subject == "round").order_by(TrailLine.seq)
    ).all() == ["round.create", "round.announce", "round.open"]
