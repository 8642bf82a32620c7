"""The chair decides as the ballots allow, once; the secretariat writes the minutes, the chair seals them."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import Application, Capacity, Decision, InboxMessage, Role, State
from registry.participation import take_part
from review.committee import decisions, sittings, work
from review.committee.models import Ballot, SittingState, TallyOutcome, Vote
from tests.review.committee.factories import LEADS, OTHERS

AGAINST = dict.fromkeys(OTHERS, Vote.OBJECT)


@pytest.fixture
def chair(make):
    """Return the committee's chair."""
    return make.user(Role.COMMITTEE_CHAIR)


@pytest.fixture
def lead(make):
    """Return a lead of the secretariat."""
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def closed(make, files):
    """Return a function that gives a closed letter about one product on which the departments voted so."""

    def made(votes=None, *, product=None, silent=()):
        product = product or make.application(state=State.COMMITTEE_PENDING)
        return make.voted(make.sitting(product), make.committee(), files, votes, silent=silent)

    return made


def decide(session, sitting, actor, decision, reason="示例理由"):
    (item,) = sitting.items
    decisions.decide(session, sitting, actor, item_id=item.id, decision=decision, reason=reason)
    return session.get_one(Application, item.application_id)


@pytest.mark.parametrize(
    ("votes", "decision", "state", "code"),
    [
        (None, Decision.APPROVED, State.APPROVED, None),
        (AGAINST, Decision.REJECTED, State.REJECTED, "not_carried"),
        (AGAINST, Decision.DEFERRED, State.DEFERRED, None),
    ],
)
def test_a_decision_moves_the_product_when_the_ballots_allow_it(
    session, chair, closed, votes, decision, state, code
):
    product = decide(session, closed(votes), chair, decision)

    assert (product.state, product.decision, product.reason_code) == (state, decision, code)
    assert not product.is_on_agenda


@pytest.mark.parametrize(
    ("votes", "silent", "outcome", "decision"),
    [
        (None, (), TallyOutcome.CARRIED, Decision.REJECTED),
        (AGAINST, (), TallyOutcome.NOT_CARRIED, Decision.APPROVED),
    ],
)
def test_a_decision_is_refused_when_the_ballots_say_otherwise(
    session, chair, closed, votes, silent, outcome, decision
):
    sitting = closed(votes, silent=silent)

    with pytest.raises(RuleError, match="不能决定"):
        decide(session, sitting, chair, decision)
    assert sitting.items[0].outcome is outcome


def test_nothing_is_decided_when_there_was_no_quorum(session, chair, closed):
    sitting = closed(silent=LEADS[:1])

    with pytest.raises(StaleError):
        decide(session, sitting, chair, Decision.APPROVED)


def test_nothing_is_decided_before_the_voting_is_over(session, chair, make):
    with pytest.raises(StaleError):
        decide(session, make.sitting(), chair, Decision.APPROVED)


@pytest.mark.parametrize(("reason", "said"), [(" ", "必填"), ("市科委反对", "不写委员单位的名称")])
def test_a_rejection_is_refused_without_a_reason_or_with_a_department_in_it(
    session, chair, closed, reason, said
):
    with pytest.raises(RuleError, match=said):
        decide(session, closed(AGAINST), chair, Decision.REJECTED, reason)


def test_a_second_click_decides_nothing(session, make, chair, closed):
    sitting = closed()
    decide(session, sitting, chair, Decision.APPROVED)

    with pytest.raises(StaleError):
        decide(session, make.seen(sitting), chair, Decision.APPROVED)


@pytest.mark.parametrize("capacity", [Capacity.FORMAL_REVIEWER, Capacity.EXPERT])
def test_a_chair_who_acted_on_the_product_otherwise_cannot_decide(session, make, chair, closed, capacity):
    product = make.application(state=State.COMMITTEE_PENDING)
    take_part(session, product, chair, capacity)

    with pytest.raises(NotAllowedError):
        decide(session, closed(product=product), chair, Decision.APPROVED)


def test_nobody_but_the_chair_decides(session, lead, closed):
    with pytest.raises(NotAllowedError):
        decide(session, closed(), lead, Decision.APPROVED)


def test_the_applicant_hears_why_but_not_who(session, make, chair, closed):
    product = make.application(state=State.COMMITTEE_PENDING)
    applicant = make.applicant(product.organization)

    decide(session, closed(AGAINST, product=product), chair, Decision.REJECTED, "创新点与查新结论不一致。")

    (letter,) = session.scalars(select(InboxMessage).where(InboxMessage.user_id == applicant.id))
    assert "编审委员会表决未通过。创新点与查新结论不一致。" in letter.body
    assert not any(unit in letter.body for unit in (*LEADS, *OTHERS))


def test_a_deferred_product_is_asked_about_again(session, make, chair, closed, files):
    product = decide(session, closed(AGAINST), chair, Decision.DEFERRED)

    make.sitting(product)

    assert (product.state, product.decision) == (State.COMMITTEE_PENDING, None)


# --- minutes ------------------------------------------------------------------------------------------------------


@pytest.fixture
def decided(session, make, chair, closed):
    """Return a letter whose product was approved."""
    sitting = closed()
    decide(session, sitting, chair, Decision.APPROVED)
    return make.seen(sitting)


def broken(database):
    """Return what the committee's invariant check finds."""
    return work.check(SimpleNamespace(database=database))


def test_minutes_wait_until_everything_is_decided(session, lead, closed):
    with pytest.raises(StaleError):
        decisions.write_minutes(session, closed(), lead, text="示例纪要")


def test_minutes_are_sealed_by_the_chair_after_they_were_written(session, chair, lead, decided):
    with pytest.raises(RuleError, match="还没有写"):
        decisions.seal(session, decided, chair)
    decisions.write_minutes(session, decided, lead, text=decisions.draft_minutes(decided))

    decisions.seal(session, decided, chair)

    assert decided.state is SittingState.SEALED
    assert "表决结果为“表决通过”，决定“通过”" in decided.minutes
    with pytest.raises(StaleError, match="已经封存"):
        decisions.seal(session, decided, chair)
    with pytest.raises(StaleError, match="已经封存"):
        decisions.write_minutes(session, decided, lead, text="另一份")


def test_who_wrote_the_minutes_cannot_seal_them(session, make, decided):
    both = make.user(Role.SECRETARIAT_LEAD, Role.COMMITTEE_CHAIR)
    decisions.write_minutes(session, decided, both, text="示例纪要")

    with pytest.raises(NotAllowedError):
        decisions.seal(session, decided, both)


def test_the_check_finds_a_ballot_that_was_altered_after_the_seal(session, database, chair, lead, decided):
    decisions.write_minutes(session, decided, lead, text="示例纪要")
    decisions.seal(session, decided, chair)
    session.commit()
    assert broken(database) == []

    session.execute(update(Ballot).values(vote=Vote.ABSTAIN, reason="改"))
    session.commit()

    assert broken(database) == [f"sitting {decided.id}: the sealed minutes were altered"]


def test_the_check_finds_a_product_approved_without_a_sitting(session, database, make):
    product = make.application(state=State.APPROVED)
    session.commit()

    assert broken(database) == [f"application {product.number}: approved without a sitting"]


def test_a_sitting_is_not_found_when_there_is_none(session):
    with pytest.raises(RuleError, match="没有这次"):
        sittings.whole(session, 0)
