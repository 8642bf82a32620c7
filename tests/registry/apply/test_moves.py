"""Each move of the applicant by its role, each guard, the second click, the stale page."""

import pytest
from sqlalchemy import select

from registry import clock
from registry.models import ApplicationRevision, InboxMessage, RoundState, State, TrailLine
from tests.registry.apply.reading import at, form_of, text


def test_the_signatory_submits_and_is_told_of_the_receipt(client, session, draft, signatory):
    answer = client.post(at(draft, "submit"), data={"version": draft.version_id, "commitment": "yes"})

    session.refresh(draft)
    filed = session.scalars(select(ApplicationRevision)).one()
    assert (answer.status_code, draft.state) == (302, State.SUBMITTED)
    assert draft.commitment_signed_by_id == signatory.id
    assert (
        session.scalars(select(TrailLine.action).order_by(TrailLine.seq.desc())).first()
        == "application.submit"
    )
    assert "材料接收回执" in session.scalars(select(InboxMessage)).one().subject
    page = text(client.get(answer.location))
    assert draft.number in page
    assert filed.hash in page
    assert filed.hash in text(client.get(at(draft, "revisions/1")))


def test_a_second_click_on_submit_is_told_that_the_page_is_stale(client, session, draft):
    sent = {"version": draft.version_id, "commitment": "yes"}
    client.post(at(draft, "submit"), data=sent)

    assert client.post(at(draft, "submit"), data=sent).status_code == 409
    assert len(session.scalars(select(ApplicationRevision)).all()) == 1


def test_a_signatory_never_signs_what_changed_since_the_page_was_read(client, session, draft, colleague):
    read = draft.version_id
    colleague.post(
        at(draft, "edit/A"), data={**form_of(colleague.get(at(draft, "edit/A"))), "employees": "7"}
    )

    assert client.post(at(draft, "submit"), data={"version": read, "commitment": "yes"}).status_code == 409


@pytest.mark.parametrize("version", ["", "x", "٣", "9" * 40])
def test_a_move_without_a_version_is_stale(client, draft, version):
    assert client.post(at(draft, "submit"), data={"version": version, "commitment": "yes"}).status_code == 409


def test_an_operator_may_read_over_but_not_submit(session, draft, colleague):
    assert "由本单位的签署人登录后签署承诺并提交" in text(colleague.get(at(draft, "submit")))
    answer = colleague.post(at(draft, "submit"), data={"version": draft.version_id, "commitment": "yes"})

    assert answer.status_code == 403
    session.refresh(draft)
    assert draft.state is State.DRAFT


def _unsigned(make, draft):
    pass


def _incomplete(make, draft):
    draft.draft = {**draft.draft, "summary": ""}


def _closed(make, draft):
    draft.round.state = RoundState.CLOSED


def _unverified(make, draft):
    draft.organization.verified_at = None


def _used_up(make, draft):
    draft.round.policy = {**draft.round.policy, "application.quota_per_unit": {"id": 0, "value": 1}}
    make.application(round=draft.round, organization=draft.organization, state=State.SUBMITTED)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_unsigned, "申报承诺：请阅读后勾选。"),
        (_incomplete, "申报书还不完整。产品简介：必填。"),
        (_closed, "现在不接收申报"),
        (_unverified, "单位尚未通过核验"),
        (_used_up, "至多申报 1 项，已经用完。"),
    ],
)
def test_a_submission_is_refused_with_a_sentence(client, session, make, draft, spoil, sentence):
    spoil(make, draft)
    session.commit()
    sent = {"version": draft.version_id, **({} if spoil is _unsigned else {"commitment": "yes"})}

    answer = client.post(at(draft, "submit"), data=sent)

    assert answer.status_code == 422
    assert sentence in text(answer)
    session.refresh(draft)
    assert (draft.state, draft.revision) == (State.DRAFT, 0)


def test_the_check_lists_everything_that_is_open_with_its_place(client, session, draft):
    draft.draft = {**draft.draft, "summary": "", "employees": "许多"}
    session.commit()

    page = text(client.get(at(draft, "submit")))

    assert "提交前还有 2 处要填写或更正" in page
    assert f"{at(draft, 'edit/B')}?all=1#summary" in page
    assert "产品简介：必填。" in text(client.get(at(draft, "edit/B") + "?all=1"))


def test_a_submission_goes_back_to_the_draft_and_comes_again_with_its_number(client, session, draft):
    client.post(at(draft, "submit"), data={"version": draft.version_id, "commitment": "yes"})
    session.refresh(draft)
    number = draft.number

    returned = client.post(at(draft, "return"), data={"version": draft.version_id})
    session.refresh(draft)
    assert (returned.status_code, draft.state, draft.commitment_signed_at) == (302, State.DRAFT, None)
    client.post(at(draft, "submit"), data={"version": draft.version_id, "commitment": "yes"})

    session.refresh(draft)
    assert (draft.state, draft.revision, draft.number) == (State.SUBMITTED, 2, number)


@pytest.mark.parametrize(
    ("spoil", "sentence"), [("opened", "申报书已有人查阅"), ("closed", "现在不接收申报")]
)
def test_a_submission_stays_when_it_was_opened_or_the_round_is_closed(
    client, session, make, signatory, spoil, sentence
):
    application = make.application(organization=signatory.organization, state=State.SUBMITTED)
    if spoil == "opened":
        application.opened_at = clock.now()
    else:
        application.round.state = RoundState.CLOSED
    session.commit()

    answer = client.post(at(application, "return"), data={"version": application.version_id})

    assert answer.status_code == 422
    assert sentence in text(answer)
    session.refresh(application)
    assert application.state is State.SUBMITTED


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.UNDER_REVIEW, State.IN_NOTICE])
def test_the_signatory_withdraws_for_good(client, session, make, signatory, state):
    application = make.application(organization=signatory.organization, state=state)
    session.commit()
    assert "不能恢复" in text(client.get(at(application, "withdraw")))
    sent = {"version": application.version_id, "reason": "示例理由"}

    assert client.post(at(application, "withdraw"), data=sent).status_code == 302

    session.refresh(application)
    assert application.state is State.WITHDRAWN
    assert client.post(at(application, "withdraw"), data=sent).status_code == 409
    assert client.get(at(application, "withdraw")).location == at(application)


def test_an_operator_cannot_withdraw(session, draft, colleague):
    assert colleague.get(at(draft, "withdraw")).status_code == 403
    assert colleague.post(at(draft, "withdraw"), data={"version": draft.version_id}).status_code == 403


def test_what_is_listed_cannot_be_withdrawn(client, session, make, signatory):
    application = make.application(organization=signatory.organization, state=State.LISTED)
    session.commit()

    answer = client.post(at(application, "withdraw"), data={"version": application.version_id})

    assert answer.status_code == 409


def test_a_revision_that_was_never_filed_is_not_there(client, draft):
    assert client.get(at(draft, "revisions/1")).status_code == 404
