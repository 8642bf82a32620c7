"""An agenda, a call, a quorum, ballots, a tally: by letter and in a meeting."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from registry import clock
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import InboxMessage, Role, State
from registry.participation import take_part
from review.committee import ballots, decisions, sittings
from review.committee.ballots import Answer, BallotError
from review.committee.models import SittingKind, SittingState, TallyOutcome, Vote
from tests.review.committee.factories import LEADS, OTHERS, REPLY

LETTER, MEETING = SittingKind.OPINION_ROUND, SittingKind.MEETING


@pytest.fixture
def people(make):
    """Return one person for each department."""
    return make.committee()


def cast(session, sitting, user, answers, files, reply=REPLY):
    voice = ballots.voice(session, user, sitting)
    ballots.cast(session, voice, user, answers=answers, reply=reply, files=files)


# --- preparing ----------------------------------------------------------------------------------------------------


def test_an_agenda_takes_the_departments_that_the_round_froze(session, make):
    product = make.application(state=State.COMMITTEE_PENDING)

    sitting = make.sitting(product, state=SittingState.PREPARED)

    assert [unit.unit for unit in sitting.units] == [*LEADS, *OTHERS]
    assert product.is_on_agenda


def test_a_product_on_an_agenda_is_not_put_on_another(session, make):
    product = make.application(state=State.COMMITTEE_PENDING)
    make.sitting(product)

    with pytest.raises(StaleError):
        make.sitting(product)


def test_a_deferred_product_comes_back_before_the_committee_with_its_next_agenda(session, make):
    product = make.application(state=State.DEFERRED)

    make.sitting(product)

    assert (product.state, product.decision) == (State.COMMITTEE_PENDING, None)


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (sittings.Plan(LETTER), "due_on"),
        (sittings.Plan(LETTER, due_on=clock.today()), "due_on"),
        (sittings.Plan(MEETING, place="示例会议室"), "held_at"),
        (sittings.Plan(MEETING, held_at=clock.now() + clock.ONE_DAY), "place"),
        (sittings.Plan(MEETING, held_at=clock.now(), place="示例会议室"), "held_at"),
    ],
)
def test_an_agenda_is_refused_when_it_says_not_when_or_where(session, make, plan, field):
    product = make.application(state=State.COMMITTEE_PENDING)
    lead = make.user(Role.SECRETARIAT_LEAD)

    with pytest.raises(RuleError) as refused:
        sittings.prepare(session, lead, product.round, plan=plan, application_ids=[product.id])

    assert refused.value.parameter == field


def test_the_last_day_for_answers_is_suggested_over_the_turn_of_the_year(session, make):
    call = make.round()

    with clock.standing_at(date(2026, 12, 24)):
        # 25, 28-31 December and, provisionally, 1, 4-7 January
        assert sittings.suggested_due(session, call) == date(2027, 1, 7)


def test_every_representative_hears_of_a_letter(session, make, people):
    make.representative(OTHERS[0])

    sitting = make.sitting()

    told = session.scalars(select(InboxMessage).where(InboxMessage.path == f"/review/committee/{sitting.id}"))
    assert len(told.all()) == len(people) + 1


# --- a letter -----------------------------------------------------------------------------------------------------


def test_a_letter_is_carried_when_two_thirds_answer_and_agree(session, make, people, files):
    sitting = make.voted(make.sitting(), people, files, silent=OTHERS[:3])

    (item,) = sitting.items
    assert (sitting.state, item.outcome) == (SittingState.CLOSED, TallyOutcome.CARRIED)
    assert item.tally["silent"] == list(OTHERS[:3])


def test_silence_is_no_consent(session, make, people, files):
    product = make.application(state=State.COMMITTEE_PENDING)

    sitting = make.voted(make.sitting(product), people, files, silent=OTHERS[:4])

    assert sitting.items[0].outcome is TallyOutcome.NO_QUORUM
    assert not product.is_on_agenda


def test_a_letter_runs_to_its_last_day_unless_everybody_answered(session, make, people, files):
    sitting, lead = make.sitting(), make.user(Role.SECRETARIAT_LEAD)
    with pytest.raises(RuleError):
        sittings.close(session, sitting, lead)

    for user in people.values():
        make.answer(sitting, user, files)
    sittings.close(session, make.seen(sitting), lead)

    assert sitting.state is SittingState.CLOSED


def test_the_clock_closes_a_letter_after_its_last_day_and_once(session, make, people):
    sitting = make.sitting()

    with clock.standing_at(sitting.due_on):
        assert sittings.close_due(session) == 0
    with clock.standing_at(sitting.due_on + timedelta(days=1)):
        assert (sittings.close_due(session), sittings.close_due(session)) == (1, 0)


def test_a_late_answer_is_refused(session, make, people, files):
    sitting = make.sitting()

    with clock.standing_at(sitting.due_on + timedelta(days=1)), pytest.raises(StaleError, match="逾期"):
        make.answer(sitting, people[LEADS[0]], files)


def test_the_second_person_of_a_department_cannot_answer_again(session, make, people, files):
    sitting, second = make.sitting(), make.representative(LEADS[0]).user
    make.answer(sitting, people[LEADS[0]], files)

    with pytest.raises(StaleError, match="一个单位一票"):
        make.answer(sitting, second, files, Vote.RECUSE)


def test_a_letter_is_answered_whole_with_reasons_and_the_scanned_reply(session, make, people, files):
    products = [
        make.application(state=State.COMMITTEE_PENDING, round=call)
        for call in [make.round()]
        for _ in range(3)
    ]
    sitting = make.sitting(*products)
    first, second, third = (item.id for item in sitting.items)
    answers = {first: Answer(Vote.OBJECT, " "), second: Answer(None), third: Answer(Vote.ABSTAIN, "示例")}

    with pytest.raises(BallotError) as refused:
        cast(session, sitting, people[LEADS[0]], answers, files, reply=None)

    assert [one.parameter for one in refused.value.each] == [
        f"reason-{first}", f"vote-{second}", f"vote-{third}", "reply",
    ]  # fmt: skip


def test_a_lying_reply_is_refused(session, make, people, files):
    sitting = make.sitting()
    answers = {item.id: Answer(Vote.AGREE) for item in sitting.items}

    with pytest.raises(RuleError, match="不是 pdf 格式"):
        cast(session, sitting, people[LEADS[0]], answers, files, reply=("回函.pdf", b"MZ"))


@pytest.mark.parametrize(
    ("unit", "list_code", "is_barring"),
    [("市版权局", "RJ", True), ("市版权局", "CX", False), ("市知识产权局", "CX", True), ("市药品监管局", "CX", False)],
)  # fmt: skip
def test_a_written_veto_counts_within_the_departments_remit_only(
    session, make, people, files, unit, list_code, is_barring
):
    sitting = make.sitting(make.application(state=State.COMMITTEE_PENDING, list_code=list_code))

    if not is_barring:
        with pytest.raises(BallotError):
            make.answer(sitting, people[unit], files, Vote.OBJECT, is_veto=True)
        return
    make.answer(sitting, people[unit], files, Vote.OBJECT, is_veto=True)
    rest = {name: user for name, user in people.items() if name != unit}
    assert make.voted(sitting, rest, files).items[0].outcome is TallyOutcome.VETOED


def test_who_reviewed_a_product_cannot_vote_on_it(session, make, people, files):
    product = make.application(state=State.COMMITTEE_PENDING)
    sitting, person = make.sitting(product), people[LEADS[0]]
    take_part(session, product, person, "formal_reviewer")

    with pytest.raises(NotAllowedError, match="其他代表"):
        make.answer(sitting, person, files)


# --- a meeting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("absent", "is_enough"), [((), True), (OTHERS[:3], True), (OTHERS[:4], False), (LEADS[:1], False)]
)
def test_a_meeting_votes_only_with_a_quorum(session, make, absent, is_enough):
    sitting = make.sitting(kind=MEETING, state=SittingState.CALLED)
    present, lead = (
        {one.id for one in sitting.units if one.unit not in absent},
        make.user(Role.SECRETARIAT_LEAD),
    )

    if is_enough:
        sittings.begin_voting(session, sitting, lead, present=present)
        assert sitting.state is SittingState.VOTING
    else:
        with pytest.raises(RuleError, match="到会"):
            sittings.begin_voting(session, sitting, lead, present=present)


def test_a_department_votes_on_one_product_after_the_other_but_on_none_twice(session, make, people, files):
    call = make.round()
    products = [make.application(state=State.COMMITTEE_PENDING, round=call) for _ in range(2)]
    sitting, user = make.sitting(*products, kind=MEETING), people[LEADS[0]]
    first, second = (item.id for item in sitting.items)

    cast(session, sitting, user, {first: Answer(Vote.AGREE)}, files, None)
    assert sitting.units[0].answered_at is None
    cast(session, make.seen(sitting), user, {second: Answer(Vote.ABSTAIN, "示例理由")}, files, None)
    assert sitting.units[0].answered_at is not None
    with pytest.raises(StaleError, match="一个单位一票"):
        cast(session, make.seen(sitting), user, {first: Answer(Vote.DISAGREE, "示例理由")}, files, None)


def test_an_absent_department_cannot_vote(session, make, people, files):
    sitting = make.sitting(kind=MEETING, state=SittingState.CALLED)
    present = {unit.id for unit in sitting.units if unit.unit != OTHERS[0]}
    sittings.begin_voting(session, sitting, make.user(Role.SECRETARIAT_LEAD), present=present)

    with pytest.raises(NotAllowedError, match="没有登记到会"):
        make.answer(sitting, people[OTHERS[0]], files)


def test_a_cancelled_sitting_gives_its_products_back(session, make):
    product = make.application(state=State.COMMITTEE_PENDING)
    sitting, lead = make.sitting(product), make.user(Role.SECRETARIAT_LEAD)
    with pytest.raises(RuleError):
        sittings.cancel(session, sitting, lead, reason=" ")

    sittings.cancel(session, sitting, lead, reason="示例理由")

    assert not product.is_on_agenda
    make.sitting(product)


def test_a_withdrawn_product_leaves_the_tally_and_the_minutes_go_on(session, make, people, files):
    product = make.application(state=State.COMMITTEE_PENDING)
    sitting = make.sitting(product)
    product.state = State.WITHDRAWN

    sitting = make.voted(sitting, {}, files)

    assert sitting.items[0].outcome is None
    assert decisions.is_settled(sitting)
