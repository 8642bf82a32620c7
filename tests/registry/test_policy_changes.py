"""Changes of policy: two persons, a day, a history, and rounds that are not touched."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from registry import calendar, clock, hooks, policy, policy_changes, rounds
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import CallRound, ListCode, PolicyParameter, ProposalState, Role, RoundState, TrailLine
from registry.policy_changes import Difference

TODAY = date(2026, 11, 21)
KEY = "notice.working_days"
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def november():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def proposer(make):
    return make.user(Role.PUBLISHER)


@pytest.fixture
def lead(make):
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def propose(session, proposer):
    """Return a function that proposes a change, of the notice's length from New Year on unless told."""

    def proposed(actor=None, **values):
        values = {
            "key": KEY, "value": 7, "effective_from": NEW_YEAR, "basis_document": "示例文件", "source_note": "示例说明",
            "is_assumed": False, **values,
        }  # fmt: skip
        return policy_changes.propose(session, actor or proposer, **values)

    return proposed


def test_a_confirmed_change_stands_beside_the_old_value_from_its_day_on(session, propose, lead):
    change = propose()
    assert policy.value(session, KEY, on=NEW_YEAR) == 5

    policy_changes.confirm(session, change, lead)

    assert policy.value(session, KEY, on=NEW_YEAR - timedelta(days=1)) == 5
    assert policy.value(session, KEY, on=NEW_YEAR) == 7
    new, old = policy_changes.history(session, KEY)
    assert (old.effective_to, new.effective_from, new.effective_to) == (NEW_YEAR, NEW_YEAR, None)
    assert (new.basis_document, new.set_by_id) == ("示例文件", lead.id)


def test_a_change_between_two_others_ends_where_the_later_one_begins(session, propose, lead):
    policy_changes.confirm(session, propose(), lead)
    policy_changes.confirm(session, propose(value=6, effective_from=date(2026, 12, 1)), lead)

    days = (TODAY, date(2026, 12, 1), NEW_YEAR)
    assert [policy.value(session, KEY, on=day) for day in days] == [5, 6, 7]


def test_nobody_confirms_or_declines_what_he_proposed_himself(session, propose, lead):
    change = propose(actor=lead)

    with pytest.raises(NotAllowedError, match="提出人不得确认或者退回"):
        policy_changes.confirm(session, change, lead)
    with pytest.raises(NotAllowedError):
        policy_changes.decline(session, change, lead, reason="示例")
    assert change.state is ProposalState.PROPOSED


def test_only_staff_propose_and_only_leads_confirm(session, make, propose, proposer):
    with pytest.raises(NotAllowedError):
        propose(actor=make.user(Role.SYS_ADMIN))
    change = propose()
    with pytest.raises(NotAllowedError):
        policy_changes.confirm(session, change, make.user(Role.FORMAL_REVIEWER))


def test_a_second_click_finds_the_change_decided(session, propose, lead):
    change = propose()
    policy_changes.confirm(session, change, lead)

    with pytest.raises(StaleError, match="已经办结"):
        policy_changes.confirm(session, change, lead)


def test_a_declined_change_leaves_everything_as_it_was_and_may_be_proposed_again(session, propose, lead):
    change = propose()
    with pytest.raises(RuleError, match="退回理由：必填。"):
        policy_changes.decline(session, change, lead, reason=" ")

    policy_changes.decline(session, change, lead, reason="依据不足")

    assert (change.state, change.reason) == (ProposalState.DECLINED, "依据不足")
    assert len(policy_changes.history(session, KEY)) == 1
    assert propose().state is ProposalState.PROPOSED


def test_a_second_proposal_waits_for_the_first(propose):
    propose()

    with pytest.raises(RuleError, match="已有一份待确认的变更提议"):
        propose(value=8)


def test_a_change_whose_day_passed_before_it_was_confirmed_is_refused(session, propose, lead):
    change = propose()

    with clock.standing_at(date(2027, 1, 2)), pytest.raises(RuleError, match="生效日期：不得早于今天"):
        policy_changes.confirm(session, change, lead)

    assert policy.value(session, KEY, on=NEW_YEAR) == 5


def test_two_changes_on_one_day_are_refused(session, propose, lead):
    policy_changes.confirm(session, propose(), lead)

    with pytest.raises(RuleError, match="在这一天已有一次变更") as problem:
        propose(value=8)

    assert problem.value.parameter == "effective_from"


def test_an_unknown_parameter_is_not_invented(propose):
    with pytest.raises(NotFoundError, match="没有这个参数"):
        propose(key="notice.colour")


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (KEY, 5, "取值：与当时的值相同，没有变更。"),
        (KEY, "七", "取值：应为整数。"),
        (KEY, True, "取值：应为整数。"),
        (KEY, -1, "取值：不得为负数。"),
        ("target.supported_per_year", {"TZ": 30, "RJ": 15}, "取值：应有且只有 TZ、RJ、PC 各项。"),
        ("target.supported_per_year", {"TZ": 30, "RJ": 15, "PC": "十"}, "取值：PC：应为整数。"),
        ("committee.units", [], "取值：应为至少一行的列表。"),
        ("committee.units", [{"unit": "甲"}], "取值：第1行：应有 unit、lead、remit 各项，名称不得改动。"),
        (
            "committee.units",
            [{"unit": "甲", "lead": 1, "remit": ""}],
            "取值：第1行 lead：应为是（true）或者否（false）。",
        ),
        ("committee.units", [{"unit": "甲", "lead": False, "remit": ""}], "取值：至少有一个牵头单位。"),
        (
            "committee.units",
            [{"unit": "甲", "lead": True, "remit": ""}] * 2,
            "取值：单位名称不得为空或者重复。",
        ),
    ],
)
def test_a_value_that_the_code_could_not_use_is_refused(propose, key, value, sentence):
    with pytest.raises(RuleError) as problem:
        propose(key=key, value=value)

    assert problem.value.sentence == sentence


def test_the_rule_table_of_certificates_is_changed_the_same_way_and_may_not_say_what_none_may(
    session, propose, lead
):
    key = "certificate.sentences"
    sentences = policy.value(session, key)
    with pytest.raises(RuleError, match="不得出现“应当采购”"):
        propose(key=key, value={**sentences, "limits": "采购人应当采购。"})

    policy_changes.confirm(session, propose(key=key, value={**sentences, "missing": "未填报"}), lead)

    assert policy.value(session, key, on=NEW_YEAR)["missing"] == "未填报"


def test_a_change_after_the_announcement_does_not_alter_a_running_round(session, make, propose, lead):
    # domain.md (e), trap 18.
    call = rounds.create(
        session, lead,
        plan=rounds.Plan(
            year=2026, title="示例", lists=[ListCode.CX], opens_at=clock.now(), closes_at=clock.now() + timedelta(days=90),
            reference_on=TODAY, text="示例",
        ),
    )  # fmt: skip
    rounds.announce(session, call, lead)
    rounds.open_due(session)

    policy_changes.confirm(session, propose(effective_from=TODAY), lead)

    assert policy.value(session, KEY) == 7
    session.expire_all()
    running = session.get_one(CallRound, call.id)
    assert (running.state, rounds.policy_value(running, KEY)) == (RoundState.OPEN, 5)
    [row] = [row for row in policy.versions(session, running.policy) if row.key == KEY]
    assert row.value == 5


def test_days_of_the_calendar_are_declared_by_two_persons(session, propose, lead):
    saturday = date(2027, 2, 20)
    change = propose(
        key="calendar",
        value=[{"day": "2027-02-20", "is_working": True, "note": "调休"}],
        effective_from=TODAY,
    )
    assert calendar.load(session).is_working(saturday) is False

    policy_changes.confirm(session, change, lead)

    assert calendar.load(session).is_working(saturday) is True
    assert calendar.load(session).label(saturday) == "2027年2月20日"


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ([], "取值：至少写一天，同一天只写一次。"),
        (["2027-02-20", "2027-02-20"], "取值：至少写一天，同一天只写一次。"),
        (["2026-11-20"], "取值：2026-11-20 已经过去，不能更改。"),
    ],
)
def test_days_that_are_past_or_twice_are_refused(propose, days, sentence):
    value = [{"day": day, "is_working": True, "note": ""} for day in days]

    with pytest.raises(RuleError) as problem:
        propose(key="calendar", value=value, effective_from=TODAY)

    assert problem.value.sentence == sentence


def test_a_difference_is_told_place_by_place():
    old = [{"unit": "甲", "lead": True}, {"unit": "乙", "lead": False}]
    new = [{"unit": "甲", "lead": False}]

    assert list(policy_changes.differences(old, new)) == [
        Difference((1, "lead"), True, False),
        Difference((2,), {"unit": "乙", "lead": False}, None),
    ]
    assert list(policy_changes.differences(5, 7)) == [Difference((), 5, 7)]


def test_proposing_confirming_and_declining_leave_lines_in_the_trail(session, propose, lead):
    policy_changes.confirm(session, propose(), lead)
    policy_changes.decline(session, propose(effective_from=date(2027, 6, 1), value=8), lead, reason="示例")

    lines = session.scalars(
        select(TrailLine.action).where(TrailLine.subject_id == KEY).order_by(TrailLine.seq)
    ).all()
    assert lines == ["policy.propose", "policy.confirm", "policy.propose", "policy.decline"]


def test_the_committee_s_versions_are_kept_by_their_days(session):
    units = [row["unit"] for row in policy.value(session, "committee.units", on=date(2016, 6, 1))]

    assert units[:3] == ["市经济信息化委", "市科委", "市张江高新区管委会"]
    assert policy.value(session, "committee.units")[2] == {"unit": "市科创办", "lead": True, "remit": ""}
    assert session.scalars(
        select(PolicyParameter.effective_to).where(PolicyParameter.key == "committee.units")
    ).all() == [date(2023, 1, 1), None]


def test_the_check_finds_a_gap_between_versions_and_a_round_whose_policy_was_altered(
    database, settings, session, make, propose, lead
):
    def found():
        session.commit()
        return [
            line for check in hooks.checks for line in check(hooks.Context(database, settings)) if KEY in line
        ]

    call = make.round()
    policy_changes.confirm(session, propose(), lead)
    assert found() == []

    _, old = policy_changes.history(session, KEY)
    old.effective_to = date(2026, 12, 1)
    call.policy = {**call.policy, KEY: {"id": old.id, "value": 4}}

    assert found() == [
        f"policy {KEY}: the version from 2000-01-01 ends on 2026-12-01",
        f"round {call.id}: its frozen {KEY} is not version {old.id}",
    ]
