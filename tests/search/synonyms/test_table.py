"""The table of synonyms: two persons add a group and retire one, and searches follow."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import ProposalState, Role, TrailLine
from search.synonyms import Group, shipped, table
from search.synonyms.models import SynonymAct, SynonymChange, SynonymKind
from search.synonyms.table import Table

WORDS = ("示例仪", "示例测定器")


@pytest.fixture
def people(make):
    """Return who proposes and who confirms."""
    return make.user(Role.FORMAL_REVIEWER), make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def propose(session, people):
    """Return a function that proposes a group."""

    def propose(expressions=WORDS, *, kind=SynonymKind.SAME, reason="检索示例仪找不到"):
        return table.propose(session, people[0], kind=kind, expressions=expressions, reason=reason)

    return propose


def confirm(session, change, actor):
    table.confirm(session, change, actor, version=change.version_id)


def groups(session):
    return [each.group for each in table.in_force(session)]


def test_the_shipped_groups_are_in_force_when_nobody_changed_anything(session):
    assert groups(session) == list(shipped())


def test_a_group_is_in_force_once_another_confirmed_it(session, people, propose):
    change = propose()
    before = groups(session)
    confirm(session, change, people[1])

    assert Group(WORDS) not in before
    assert table.in_force(session)[0] == table.Held(Group(WORDS), change.id)
    acts = session.scalars(select(TrailLine.action).order_by(TrailLine.seq)).all()
    assert acts[-2:] == ["synonym.propose", "synonym.confirm"]


def test_nobody_decides_on_their_own_proposal(session, people, propose):
    change = propose()

    with pytest.raises(NotAllowedError, match="提出人不得"):
        confirm(session, change, people[0])
    with pytest.raises(NotAllowedError, match="提出人不得"):
        table.decline(session, change, people[0], version=change.version_id, reason="不妥")
    assert change.state is ProposalState.PROPOSED


def test_the_database_refuses_one_person_for_both(session, people, propose):
    change = propose()
    alone = update(SynonymChange).where(SynonymChange.id == change.id)

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(alone.values(state=ProposalState.CONFIRMED, decided_by_id=people[0].id))


@pytest.mark.parametrize("role", [Role.DISCIPLINE_OBSERVER, Role.EXPERT, Role.SYS_ADMIN])
def test_only_staff_propose_and_confirm(session, make, propose, role):
    other = make.user(role)

    with pytest.raises(NotAllowedError):
        table.propose(session, other, kind=SynonymKind.SAME, expressions=WORDS, reason="试")
    with pytest.raises(NotAllowedError):
        confirm(session, propose(), other)


def test_a_shipped_and_an_added_group_are_retired_by_two_persons(session, people, propose):
    confirm(session, propose(), people[1])
    first = shipped()[0]
    for group in (Group(WORDS), first):
        held = next(each for each in table.in_force(session) if each.group == group)
        change = table.propose_retirement(session, people[1], held, reason="误导检索")
        assert change.act is SynonymAct.RETIRE
        confirm(session, change, people[0])

    assert Group(WORDS) not in groups(session)
    assert groups(session) == list(shipped()[1:])


def test_a_retired_group_comes_back_when_it_is_added_again(session, people, propose):
    for _ in range(2):
        confirm(session, propose(), people[1])
        held = table.in_force(session)[0]
        confirm(session, table.propose_retirement(session, people[0], held, reason="误导检索"), people[1])
    change = propose()
    confirm(session, change, people[1])

    assert table.in_force(session)[0].change_id == change.id


@pytest.mark.parametrize(
    ("expressions", "sentence"),
    [
        (["示例仪"], "词语：请填写 2 至 12 个，每行一个。"),
        (["", "  "], "词语：请填写 2 至 12 个，每行一个。"),
        ([f"示例{n}" for n in range(13)], "词语：请填写 2 至 12 个，每行一个。"),
        (["示例仪", "？！"], "词语：“？！”没有文字、字母或数字。"),
        (["示例仪", "示例儀"], "词语：“示例儀”重复（全半角、大小写、繁简视为相同）。"),
        (["ＡＢ", "a-b"], "词语：“a-b”重复（全半角、大小写、繁简视为相同）。"),
        (["示例仪", "长" * 41], f"词语：每个不超过 40 个字，“{'长' * 40}…”过长。"),
        (shipped()[0].expressions, "词语：这组同义词已在使用。"),
    ],
)
def test_a_group_is_refused_in_one_sentence_when_it_breaks_a_rule(session, propose, expressions, sentence):
    kind = SynonymKind.ONE_WAY if shipped()[0].one_way else SynonymKind.SAME

    with pytest.raises(RuleError) as refused:
        propose(expressions, kind=kind)

    assert (refused.value.sentence, refused.value.parameter) == (sentence, "expressions")


@pytest.mark.parametrize(
    ("reason", "sentence"), [(" ", "理由：必填。"), ("长" * 2001, "理由：不超过 2000 个字。")]
)
def test_a_reason_is_needed(propose, reason, sentence):
    with pytest.raises(RuleError) as refused:
        propose(reason=reason)

    assert (refused.value.sentence, refused.value.parameter) == (sentence, "reason")


def test_the_same_waits_once(session, people, propose):
    propose()

    with pytest.raises(RuleError, match="同样的提议正在等待确认"):
        propose()


def test_a_declined_proposal_changes_nothing_and_says_why(session, people, propose):
    change = propose()
    with pytest.raises(RuleError, match="退回理由：必填"):
        table.decline(session, change, people[1], version=change.version_id, reason="")
    table.decline(session, change, people[1], version=change.version_id, reason="不是同一种产品")

    assert (change.state, change.answer) == (ProposalState.DECLINED, "不是同一种产品")
    assert groups(session) == list(shipped())
    with pytest.raises(StaleError, match="现为“已退回”"):
        confirm(session, change, people[1])


def test_a_page_that_shows_an_older_state_cannot_decide(session, people, propose):
    change = propose()

    with pytest.raises(StaleError):
        table.confirm(session, change, people[1], version=change.version_id + 1)


def test_a_confirmation_is_refused_when_the_group_has_changed_meanwhile(session, people, propose):
    confirm(session, propose(), people[1])
    held = table.in_force(session)[0]
    late = table.propose_retirement(session, people[0], held, reason="误导检索")
    session.add(
        SynonymChange(
            act=SynonymAct.RETIRE, kind=late.kind, expressions=late.expressions, reason="同上",
            state=ProposalState.CONFIRMED, proposed_by_id=people[0].id, proposed_at=late.proposed_at,
            decided_by_id=people[1].id, decided_at=late.proposed_at,
        )
    )  # fmt: skip
    session.flush()

    with pytest.raises(StaleError, match="使用情况已经变化"):
        confirm(session, late, people[1])
    with pytest.raises(NotFoundError):
        table.find_group(session, held.key)


def test_groups_are_found_by_any_spelling_of_a_part(session):
    found = table.holding(table.in_force(session), "隱形")

    assert found
    assert all(any("隐形" in one for one in each.group.expressions) for each in found)


def test_a_process_searches_with_what_was_confirmed_once_it_looks_again(
    session, people, propose, monkeypatch
):
    held = Table()
    assert held.current(session).of("示例仪") == ()
    confirm(session, propose(), people[1])

    monkeypatch.setattr(table, "LOOK_SECONDS", 0.0)

    assert [other for other, _ in held.current(session).of("示例仪")] == ["示例测定器"]
