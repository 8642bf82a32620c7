"""Applications from the applicant's side: what the services do and refuse."""

import pytest
from sqlalchemy import select

from registry import applications, questions
from registry.canonical import digest
from registry.models import ApplicationRevision, InboxMessage, ListCode, State


@pytest.mark.parametrize("state", State)
def test_the_factory_makes_an_application_in_every_state(make, state):
    assert make.application(state=state).state is state


@pytest.mark.parametrize("list_code", ListCode)
def test_a_complete_draft_is_submitted_under_the_hash_of_its_answers(session, make, list_code):
    application = make.application(list_code=list_code)
    actor = make.applicant(application.organization)

    applications.submit(session, application, actor, commitment=True)

    filed = session.scalars(select(ApplicationRevision)).one()
    assert (application.state, application.revision, filed.number) == (State.SUBMITTED, 1, 1)
    assert filed.hash == digest(filed.answers)
    assert application.number == f"SB-2026-{application.round.batch:02}-00001"
    assert [message.user_id for message in session.scalars(select(InboxMessage))] == [
        application.created_by_id,
        actor.id,
    ]


def test_a_draft_is_created_and_saved_as_it_is_typed(session, make):
    actor = make.applicant()

    application = applications.create(
        session, make.round(), actor, list_code=ListCode.TZ, product_name=" 示例机床 "
    )
    session.refresh(application, ["round", "organization"])
    merged = applications.save_draft(
        session,
        application,
        actor,
        typed={"employees": "很多"},
        remembered=questions.seen(application.draft, questions.questions(ListCode.TZ)),
    )

    assert merged.changed == ["employees"]
    assert application.draft == {"product_name": "示例机床", "employees": "很多"}
    assert not application.is_complete
