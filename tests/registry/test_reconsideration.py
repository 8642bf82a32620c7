"""复核: asked for by the signatory on procedure, in time, once for each outcome; answered by the office."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry import calendar, clock, reconsideration, rounds
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import (
    InboxMessage,
    Reconsideration,
    ReconsiderationState,
    Role,
    RoundState,
    State,
    TrailLine,
)
from tests.browsing import Browser

GROUNDS = "审查期限届满后才要求补正"
GRANTED = {
    State.NOT_ACCEPTED: State.FORMAL_REVIEW,
    State.NOT_SELECTED: State.ACCEPTED,
    State.REJECTED: State.COMMITTEE_PENDING,
}


@pytest.fixture
def lead(make):
    """Return the secretariat's lead."""
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def asked(session, make):
    """Return a function that makes an application in a state, asked to be reconsidered by its signatory."""

    def asked(state=State.NOT_ACCEPTED):
        application = make.application(state=state)
        signatory = make.applicant(application.organization)
        reconsideration.ask(session, application, signatory, grounds=GROUNDS)
        return application

    return asked


def requests(session):
    return session.scalars(select(Reconsideration)).all()


# --- asking -------------------------------------------------------------------------------------------------------


def test_the_due_day_is_counted_in_working_days_of_the_round_s_policy(session, asked):
    application = asked()

    days = rounds.policy_value(application.round, "reconsideration.reply_working_days")
    assert application.reconsideration_due_on == calendar.load(session).add(clock.today(), days)
    assert requests(session)[0].outcome is State.NOT_ACCEPTED


@pytest.mark.parametrize("state", [state for state in State if state not in reconsideration.OUTCOMES])
def test_what_was_not_turned_away_cannot_be_reconsidered(session, asked, state):
    with pytest.raises(StaleError, match="没有可以申请复核的结果"):
        asked(state)


@pytest.mark.guards("reconsideration.ask")
def test_a_request_after_its_days_is_refused(session, make):
    application = make.application(state=State.NOT_SELECTED)
    last = reconsideration.asked_until(session, application)

    with clock.standing_at(last + timedelta(days=1)), pytest.raises(RuleError, match=r"期限已于.*届满"):
        reconsideration.ask(session, application, make.applicant(application.organization), grounds=GROUNDS)
    with clock.standing_at(last):
        reconsideration.ask(session, application, make.applicant(application.organization), grounds=GROUNDS)


def test_an_archived_round_takes_no_request(session, make):
    application = make.application(state=State.REJECTED, round=make.round(state=RoundState.ARCHIVED))

    with pytest.raises(StaleError, match="没有可以申请复核的结果"):
        reconsideration.ask(session, application, make.applicant(application.organization), grounds=GROUNDS)


@pytest.mark.parametrize("grounds", ["", "  \n", "长" * 2_001])
def test_grounds_are_needed_and_bounded(session, make, grounds):
    application = make.application(state=State.NOT_ACCEPTED)

    with pytest.raises(RuleError, match=r"复核理由：(必填|不超过)"):
        reconsideration.ask(session, application, make.applicant(application.organization), grounds=grounds)


@pytest.mark.guards("reconsideration.ask")
def test_one_outcome_is_asked_about_once_even_after_the_answer(session, make, asked, lead):
    application = asked()
    reconsideration.refuse(session, application, lead, reason="程序符合规定")
    session.commit()

    with pytest.raises(RuleError, match="已经申请过复核"):
        reconsideration.ask(session, application, make.applicant(application.organization), grounds=GROUNDS)
    session.rollback()


@pytest.mark.parametrize("who", ["operator", "stranger"])
def test_only_the_signatory_of_the_unit_asks(session, make, who):
    application = make.application(state=State.NOT_ACCEPTED)
    actor = (
        make.applicant(application.organization, Role.APPLICANT_OPERATOR)
        if who == "operator"
        else make.applicant()
    )

    with pytest.raises(NotAllowedError):
        reconsideration.ask(session, application, actor, grounds=GROUNDS)


# --- answering ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", reconsideration.OUTCOMES)
def test_what_is_granted_begins_anew_where_it_was_turned_away(session, asked, lead, state):
    application = asked(state)
    if state is State.NOT_ACCEPTED:
        application.opened_at = clock.now()

    reconsideration.grant(session, application, lead, reason="程序有误")

    assert application.state is GRANTED[state]
    assert (application.reason_code, application.reconsideration_due_on) == (None, None)
    assert (application.decision, application.is_on_agenda) == (None, False)
    assert requests(session)[0].state is ReconsiderationState.GRANTED


def test_a_product_that_was_not_selected_brings_nothing_of_its_first_review_along(session, asked, lead):
    application = asked(State.NOT_SELECTED)

    reconsideration.grant(session, application, lead, reason="程序有误")

    assert (application.panel_size, application.locked_sheets, application.official_score) == (0, 0, None)
    assert (application.is_above_line, application.frozen_hash is not None) == (None, True)


@pytest.mark.parametrize("state", [State.NOT_SELECTED, State.REJECTED])
def test_the_office_does_not_repeat_a_review_or_a_vote_that_nobody_asked_it_to(session, make, lead, state):
    application = make.application(state=state)

    with pytest.raises(RuleError, match="没有申请复核"):
        reconsideration.grant(session, application, lead, reason="示例")


def test_the_office_takes_up_by_itself_what_it_did_not_accept(session, make, lead):
    application = make.application(state=State.NOT_ACCEPTED, opened_at=clock.now())

    reconsideration.grant(session, application, lead, reason="示例")

    assert (application.state, requests(session)) == (State.FORMAL_REVIEW, [])


@pytest.mark.guards("reconsideration.grant", "reconsideration.refuse")
def test_an_answer_needs_words_and_is_given_once(session, asked, lead):
    application = asked()

    for answer in (reconsideration.grant, reconsideration.refuse):
        with pytest.raises(RuleError, match="必填"):
            answer(session, application, lead, reason=" ")
    reconsideration.refuse(session, application, lead, reason="程序符合规定")
    with pytest.raises(StaleError, match="已经答复"):
        reconsideration.refuse(session, application, lead, reason="程序符合规定")


def test_nobody_answers_for_the_own_unit(session, make, asked):
    application = asked()

    with pytest.raises(NotAllowedError):
        reconsideration.refuse(
            session, application, make.user(Role.SECRETARIAT_LEAD, organization=application.organization),
            reason="示例",
        )  # fmt: skip


def test_a_round_is_not_archived_while_a_request_waits(session, make, asked, lead):
    application = asked()
    application.round.state = RoundState.PUBLISHED

    with pytest.raises(RuleError, match="没有办结"):
        rounds.archive(session, application.round, lead)
    reconsideration.refuse(session, application, lead, reason="程序符合规定")
    rounds.archive(session, application.round, lead)


# --- the pages ----------------------------------------------------------------------------------------------------


@pytest.mark.drives("reconsideration.ask", "reconsideration.refuse")
def test_a_refused_product_is_asked_about_and_its_answer_read(session, make, app, lead):
    application = make.application(state=State.NOT_SELECTED)
    signatory = make.applicant(application.organization)
    session.commit()
    maker, office = Browser(app.test_client(), signatory), Browser(app.test_client(), lead)
    path = f"/apply/applications/{application.id}"

    maker.open(path).follow("申请复核").send("", grounds=GROUNDS)
    assert "复核申请已提交，秘书处应于" in maker.text
    office.waits("复核申请待答复").follow(application.product_name)
    assert GROUNDS in office.text
    office.send("/refuse", reason="评审程序符合规定")

    assert "维持原结果" in office.text
    assert "答复：评审程序符合规定" in maker.open(f"{path}/reconsideration").text
    told = session.scalars(
        select(InboxMessage.subject).where(InboxMessage.user_id == signatory.id).order_by(InboxMessage.id)
    ).all()
    assert told == [f"复核申请接收回执：{application.product_name}", f"复核结果：{application.product_name}"]
    acts = session.scalars(select(TrailLine.action).where(TrailLine.subject == "reconsideration"))
    assert list(acts) == ["reconsideration.ask", "reconsideration.refuse"]


@pytest.mark.drives("reconsideration.grant")
def test_a_granted_request_leads_back_to_formal_review(session, make, app, lead):
    application = make.application(state=State.NOT_ACCEPTED, opened_at=clock.now())
    signatory = make.applicant(application.organization)
    session.commit()
    Browser(app.test_client(), signatory).open(f"/apply/applications/{application.id}/reconsideration").send(
        "", grounds=GROUNDS
    )

    office = Browser(app.test_client(), lead).waits("复核申请待答复").follow(application.product_name)
    office.send("/grant", reason="审查程序有误")

    session.refresh(application)
    assert application.state is State.FORMAL_REVIEW
    assert "复核通过" in office.text


def test_what_was_typed_is_kept_and_a_second_click_is_refused(session, make, app, lead, asked):
    application = asked()
    (request,) = requests(session)
    session.commit()
    client = Browser(app.test_client(), lead).client
    data = {"version": application.version_id, "reason": "程序符合规定"}

    def status(path, **values):
        answer = client.post(f"/office/reconsiderations/{request.id}/{path}", data=values)
        return answer.status_code, "打过的字" in answer.get_data(as_text=True)

    assert status("refuse", version="0", reason="打过的字") == (409, True)
    assert status("refuse", reason="打过的字") == (409, True)
    assert status("grant", version=str(application.version_id), reason=" ") == (422, False)
    assert client.post(f"/office/reconsiderations/{request.id}/refuse", data=data).status_code == 302
    assert client.post(f"/office/reconsiderations/{request.id}/refuse", data=data).status_code == 409


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.SECRETARIAT_LEAD, (200, 200, 409)),
        (Role.DISCIPLINE_OBSERVER, (200, 200, 403)),
        (Role.FORMAL_REVIEWER, (403, 403, 403)),
        (Role.APPLICANT_SIGNATORY, (403, 403, 403)),
        (Role.AUDIT_ADMIN, (403, 403, 403)),
    ],
)
def test_who_sees_and_answers_requests(session, make, app, asked, role, statuses):
    asked()
    (request,) = requests(session)
    user = make.applicant() if role is Role.APPLICANT_SIGNATORY else make.user(role)
    session.commit()
    client = Browser(app.test_client(), user).client

    assert (
        client.get("/office/reconsiderations").status_code,
        client.get(f"/office/reconsiderations/{request.id}").status_code,
        client.post(f"/office/reconsiderations/{request.id}/grant").status_code,
    ) == statuses


def test_the_way_to_the_form_is_shown_as_long_as_one_may_ask(session, make, app, lead):
    application = make.application(state=State.NOT_SELECTED)
    signatory = make.applicant(application.organization)
    session.commit()
    path = f"/apply/applications/{application.id}"
    browser = Browser(app.test_client(), signatory)

    with clock.standing_at(reconsideration.asked_until(session, application) + timedelta(days=1)):
        assert "申请复核…" not in Browser(app.test_client(), signatory).open(path).text
    assert "申请复核…" in browser.open(path).text
    browser.open(f"{path}/reconsideration").send("", grounds=GROUNDS)
    assert "申请复核…" not in browser.open(path).text
    session.refresh(application)
    reconsideration.refuse(session, application, lead, reason="程序符合规定")
    session.commit()
    assert "程序符合规定" in browser.open(path).follow("查看复核申请和答复").text


def test_another_unit_s_application_is_not_there(session, make, app):
    application, stranger = make.application(state=State.NOT_ACCEPTED), make.applicant()
    session.commit()
    client = Browser(app.test_client(), stranger).client

    assert client.get(f"/apply/applications/{application.id}/reconsideration").status_code == 404


def test_the_list_needs_as_many_queries_for_three_requests_as_for_one(session, app, asked, lead, queries):
    asked()
    session.commit()
    client = Browser(app.test_client(), lead).client

    def count():
        with queries() as sent:
            assert client.get("/office/reconsiderations").status_code == 200
        return len(sent)

    one = count()
    asked()
    asked(State.REJECTED)
    session.commit()
    assert count() == one


@pytest.mark.parametrize("role", [Role.SECRETARIAT_LEAD, Role.DISCIPLINE_OBSERVER])
def test_the_room_is_found_when_nothing_waits_in_it(session, app, make, role):
    user = make.user(role)
    session.commit()

    assert Browser(app.test_client(), user).open("/home").find("复核") == "/office/reconsiderations"
