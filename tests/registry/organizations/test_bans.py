"""Bans of units: two persons set one and lift it, the unit is told, and it cannot submit meanwhile."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from registry import applications, clock
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import Ban, BanReason, BanState, InboxMessage, Role, State, TrailLine
from registry.organizations import bans, merging
from tests.browsing import Browser

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


@pytest.fixture
def people(make):
    """Return who proposes and who confirms."""
    return make.user(Role.FORMAL_REVIEWER), make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def banned(session, make, people):
    """Return a function that bans a unit from a day on."""

    def banned(unit, *, from_on=None, confirmed=True):
        ban = bans.propose(
            session, unit, people[0], reason=BanReason.FALSE_MATERIAL, basis="示例检测报告系伪造",
            from_on=from_on or clock.today(),
        )  # fmt: skip
        if confirmed:
            bans.confirm(session, ban, people[1])
        return ban

    return banned


def submit(session, application, make):
    signatory = make.applicant(application.organization)
    applications.submit(session, application, signatory, commitment=True)


# --- the guard ----------------------------------------------------------------------------------------------------


def test_a_unit_under_a_ban_cannot_submit_and_reads_until_when(session, make, banned):
    with clock.standing_at(TODAY):
        application = make.application()
        banned(application.organization)

        with pytest.raises(RuleError) as refused:
            submit(session, application, make)

    assert refused.value.sentence == (
        "本单位自 2026-11-21 起至 2029-11-20 止限制申报（材料虚假或者隐瞒），期间不能提交申报书；详情见“本单位”页面。"
    )
    assert application.state is State.DRAFT


@pytest.mark.parametrize("kind", ["only proposed", "over", "to come", "lifted", "another's"])
def test_a_ban_that_does_not_count_today_stops_nobody(session, make, banned, people, kind):
    application = make.application()
    if kind == "over":
        with clock.standing_at(clock.today() - timedelta(days=1200)):
            banned(application.organization)
    elif kind == "to come":
        banned(application.organization, from_on=clock.today() + DAY)
    else:
        ban = banned(
            make.unit() if kind == "another's" else application.organization,
            confirmed=kind != "only proposed",
        )
        if kind == "lifted":
            bans.propose_lift(session, ban, people[0], reason="示例更正")
            bans.lift(session, ban, people[1])

    submit(session, application, make)

    assert application.state is State.SUBMITTED


def test_a_ban_whose_lifting_is_only_proposed_still_counts(session, make, banned, people):
    application = make.application()
    ban = banned(application.organization)
    bans.propose_lift(session, ban, people[0], reason="示例更正")

    with pytest.raises(RuleError, match="限制申报"):
        submit(session, application, make)

    bans.decline(session, ban, people[1], reason="事实没有变化")
    assert ban.state is BanState.ACTIVE


def test_a_ban_counts_from_its_first_day_to_its_last(session, make, banned):
    unit = make.unit()
    with clock.standing_at(TODAY):
        ban = banned(unit, from_on=date(2024, 2, 29))

        assert ban.until_on == date(2027, 2, 27)
    for day, counts in ((ban.from_on - DAY, False), (ban.from_on, True), (ban.until_on, True), (ban.until_on + DAY, False)):  # fmt: skip
        with clock.standing_at(day):
            assert (bans.in_force(session, unit.id) is ban) is counts


def test_a_ban_follows_a_unit_into_the_one_it_is_merged_into(session, make, banned, people):
    unit, other = make.unit(), make.unit()
    ban = banned(other)

    merging.merge(session, unit, people[1], other=other)

    assert bans.in_force(session, unit.id) is ban


# --- two persons --------------------------------------------------------------------------------------------------


@pytest.mark.guards("ban.confirm", "ban.decline", "ban.lift")
def test_nobody_confirms_or_lifts_what_one_proposed(session, make, banned):
    both = make.user(Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD)
    ban = bans.propose(
        session, make.unit(), both, reason=BanReason.DISCREDIT, basis="示例", from_on=clock.today()
    )

    with pytest.raises(NotAllowedError, match="提出人不得"):
        bans.confirm(session, ban, both)
    with pytest.raises(NotAllowedError, match="提出人不得"):
        bans.decline(session, ban, both, reason="示例")
    bans.confirm(session, ban, make.user(Role.SECRETARIAT_LEAD))
    bans.propose_lift(session, ban, both, reason="示例")
    with pytest.raises(NotAllowedError, match="提出人不得"):
        bans.lift(session, ban, both)


def test_the_database_too_asks_for_two_persons(session, make):
    both = make.user(Role.FORMAL_REVIEWER)
    session.add(
        Ban(
            organization=make.unit(), reason=BanReason.DISCREDIT, basis="示例", from_on=TODAY, until_on=TODAY,
            state=BanState.ACTIVE, proposed_by_id=both.id, proposed_at=clock.now(), decided_by_id=both.id,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


@pytest.mark.guards("ban.propose")
def test_a_second_proposal_for_a_unit_waits_for_the_first(session, make, banned):
    unit = make.unit()
    banned(unit, confirmed=False)

    with pytest.raises(RuleError, match="已有一项待确认"):
        banned(unit)


@pytest.mark.guards("ban.propose_lift")
@pytest.mark.parametrize(
    "act", [bans.confirm, bans.lift, lambda s, b, a: bans.propose_lift(s, b, a, reason="x")]
)
def test_a_declined_ban_can_be_neither_confirmed_nor_lifted(session, make, banned, people, act):
    ban = banned(make.unit(), confirmed=False)
    bans.decline(session, ban, people[1], reason="证据不足")

    with pytest.raises(StaleError, match="未同意"):
        act(session, ban, people[0] if act not in (bans.confirm, bans.lift) else people[1])


@pytest.mark.guards("ban.propose")
def test_a_ban_without_facts_or_whose_time_is_over_is_refused(session, make, people):
    values = {"reason": BanReason.DISCREDIT, "from_on": clock.today()}

    with pytest.raises(RuleError, match="事实和依据：必填"):
        bans.propose(session, make.unit(), people[0], basis=" ", **values)
    with pytest.raises(RuleError, match="事实和依据：不超过"):
        bans.propose(session, make.unit(), people[0], basis="长" * 2_001, **values)
    with pytest.raises(RuleError, match="已经届满"):
        bans.propose(
            session, make.unit(), people[0], **{**values, "basis": "示例", "from_on": date(2015, 1, 1)}
        )


# --- the pages ----------------------------------------------------------------------------------------------------


@pytest.mark.drives("ban.propose", "ban.confirm", "ban.propose_lift", "ban.lift")
def test_a_ban_is_proposed_confirmed_told_shown_and_lifted(session, make, app, people):
    application = make.application()
    unit, signatory = application.organization, make.applicant(application.organization)
    session.commit()
    reviewer, lead, maker = (Browser(app.test_client(), one) for one in (*people, signatory))

    page = reviewer.open(f"/office/units/{unit.id}").follow("提议限制申报")
    page.send(reason="false_material", basis="示例检测报告系伪造")
    assert "提出人不得办理自己提出的事项" in reviewer.text
    assert lead.waits("限制申报的提议待确认").follow(unit.name).send("/confirm").text.count("限制中") == 1

    assert (
        f"限制申报告知：{unit.name}"
        in session.scalars(select(InboxMessage.subject).where(InboxMessage.user_id == signatory.id)).all()
    )
    assert "示例检测报告系伪造" in maker.open("/unit").text
    assert "期间不能提交申报书" in maker.open("/apply/").text
    answer = maker.client.post(
        f"/apply/applications/{application.id}/submit",
        data={"version": application.version_id, "commitment": "1"},
    )
    assert (answer.status_code, "限制申报（材料虚假或者隐瞒）" in answer.get_data(as_text=True)) == (
        422,
        True,
    )

    reviewer.open("/office/units/bans").follow(unit.name).send("/lift/propose", reason="示例更正")
    lead.waits("限制申报的提议待确认").follow(unit.name).send("/lift")
    assert "已解除" in maker.open("/unit").text
    acts = session.scalars(select(TrailLine.action).where(TrailLine.subject == "ban").order_by(TrailLine.seq))
    assert list(acts) == ["ban.propose", "ban.confirm", "ban.propose_lift", "ban.lift"]


@pytest.mark.drives("ban.decline")
def test_a_declined_ban_is_given_back_with_a_reason(session, make, app, people, banned):
    ban = banned(make.unit(), confirmed=False)
    session.commit()
    lead = Browser(app.test_client(), people[1]).open(f"/office/units/bans/{ban.id}")

    assert "证据不足" in lead.send("/decline", reason="证据不足").text

    session.refresh(ban)
    assert ban.state is BanState.DECLINED


def test_a_refused_page_keeps_what_was_typed(session, make, app, people, banned):
    ban = banned(make.unit(), confirmed=False)
    session.commit()
    lead, reviewer = (Browser(app.test_client(), one).client for one in reversed(people))
    stale = lead.post(f"/office/units/bans/{ban.id}/decline", data={"version": "0", "reason": "打过的字"})
    empty = reviewer.post(f"/office/units/{ban.organization_id}/ban", data={"basis": "打过的字"})

    assert (stale.status_code, "打过的字" in stale.get_data(as_text=True)) == (409, True)
    assert (empty.status_code, "打过的字" in empty.get_data(as_text=True)) == (422, True)
    assert "理由：必填" in empty.get_data(as_text=True)


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.FORMAL_REVIEWER, (200, 200, 403)),
        (Role.SECRETARIAT_LEAD, (200, 403, 302)),
        (Role.DISCIPLINE_OBSERVER, (200, 403, 403)),
        (Role.APPLICANT_SIGNATORY, (403, 403, 403)),
        (Role.SYS_ADMIN, (403, 403, 403)),
    ],
)
def test_who_may_see_propose_and_confirm(session, make, app, banned, role, statuses):
    ban = banned(make.unit(), confirmed=False)
    user = make.applicant() if role is Role.APPLICANT_SIGNATORY else make.user(role)
    session.commit()
    client = Browser(app.test_client(), user).client

    assert (
        client.get(f"/office/units/bans/{ban.id}").status_code,
        client.get(f"/office/units/{ban.organization_id}/ban").status_code,
        client.post(f"/office/units/bans/{ban.id}/confirm", data={"version": ban.version_id}).status_code,
    ) == statuses


@pytest.mark.parametrize("path", ["/office/units/bans/999999", "/office/units/999999/ban"])
def test_what_is_not_there_is_not_found(session, make, app, path):
    user = make.user(Role.FORMAL_REVIEWER)
    session.commit()

    assert Browser(app.test_client(), user).client.get(path).status_code == 404


def test_the_list_needs_as_many_queries_for_three_bans_as_for_one(session, make, app, banned, queries):
    user = make.user(Role.SECRETARIAT_LEAD)
    banned(make.unit())
    session.commit()
    client = Browser(app.test_client(), user).client

    def count():
        with queries() as sent:
            assert client.get("/office/units/bans").status_code == 200
        return len(sent)

    one = count()
    for _ in range(2):
        banned(make.unit())
    session.commit()
    assert count() == one
