"""Applications from the applicant's side: what the services do and refuse."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from registry import applications, questions
from registry.applications import invariants, stages
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


def test_every_state_lies_in_one_stage_and_says_what_comes_next():
    found = [state for stage in stages.STAGES for state in stage.states]

    assert sorted(found) == sorted(set(State) - {State.WITHDRAWN})
    assert set(stages.NEXT) == set(State)
    assert stages.stage_of(State.WITHDRAWN) is None


def test_nothing_is_broken_between_applications_revisions_and_files(session, make):
    for state in State:
        make.application(state=state)
    session.flush()

    assert list(invariants.broken(session)) == []


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda application, filed: filed.answers.update(employees=121), "hash that it was filed under"),
        (
            lambda application, filed: setattr(application, "frozen_hash", "0" * 64),
            "frozen under another hash",
        ),
        (
            lambda application, filed: setattr(application, "revision", 2),
            "does not stand at its last revision",
        ),
    ],
)
def test_what_is_broken_is_named(session, make, spoil, line):
    application = make.application(state=State.ACCEPTED)
    filed = applications.revision(session, application)
    spoil(application, filed)
    flag_modified(filed, "answers")
    session.flush()

    assert [line in found for found in invariants.broken(session)] == [True]


def test_a_revision_names_only_its_unit_s_files(session, make):
    application, other = (make.application(state=State.SUBMITTED) for _ in range(2))
    filed = applications.revision(session, application)
    filed.answers = {**filed.answers, "pictures": other.draft["pictures"]}
    filed.hash = digest(filed.answers)
    session.flush()

    assert [line.partition(", ")[2] for line in invariants.broken(session)] == [
        "which is not its unit's file of that hash"
    ]
