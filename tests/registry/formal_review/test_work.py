"""What must always hold of formal review, and which values of its policy are refused."""

import pytest

from registry import policy
from registry.formal_review import work
from registry.hooks import Context
from registry.models import Role, State
from registry.policy_checks import CHECKS


@pytest.fixture
def broken(database, settings, session):
    """Return a function that lists what is broken."""

    def broken():
        session.commit()
        return list(work.check(Context(database, settings)))

    return broken


def test_what_went_through_the_services_holds(examiner, application, broken):
    examiner.post("open")
    examiner.judge(rights="缺证明。")
    examiner.post("correction")

    assert application.state is State.CORRECTION_REQUIRED
    assert broken() == []


def test_what_was_altered_behind_the_services_is_found(make, at_desk, examiner, application, broken):
    examiner.post("open")
    examiner.judge()
    examiner.post("accept")
    counted = make.application(state=State.FORMAL_REVIEW)
    at_desk(Role.FORMAL_REVIEWER, counted).post("open")
    unasked = make.application(state=State.CORRECTION_REQUIRED)
    application.frozen_hash, counted.open_checks = "0" * 64, 0

    assert sorted(broken()) == sorted(
        [
            f"application {counted.number}: its checklist does not add up to its columns",
            f"application {application.number}: accepted under a hash that none of its revisions has",
            f"application {unasked.number}: waits for a correction that no letter asks for",
        ]
    )


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("formal.working_days", 0, "至少 1 个工作日。"),
        ("formal.correction_working_days", 0, "至少 1 个工作日。"),
        ("formal.letter_moved", {"subject": "{unit}", "body": ""}, "可用字只有"),
        ("formal.letter_moved", {"subject": "{", "body": ""}, "可用字只有"),
        ("formal.rights", {"kinds": {"CX": ["secret"]}}, "没有这种权利：secret"),
    ],
)
def test_policy_that_nobody_could_work_with_is_refused(session, key, value, sentence):
    with pytest.raises(ValueError, match=sentence):
        CHECKS["formal."](session, key, value)


@pytest.mark.parametrize("key", sorted(key for key in policy.shipped() if key.startswith("formal.")))
def test_the_shipped_policy_is_not_refused(session, key):
    CHECKS["formal."](session, key, policy.value(session, key))
