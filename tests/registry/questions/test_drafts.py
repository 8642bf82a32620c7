"""Reading a form, and merging what two people typed."""

from hypothesis import given
from hypothesis import strategies as st

from registry import questions
from registry.models import ListCode
from registry.questions import drafts

ROWS = questions.by_key()["rights"]
KEYS = ("unit_kind", "employees", "revenue")
BLOCK = tuple(questions.by_key()[key] for key in KEYS)
typed_drafts = st.fixed_dictionaries({key: st.sampled_from(["", "甲", "乙", "丙"]) for key in KEYS})


def test_rows_are_read_in_order_without_the_empty_ones():
    form = {
        "rights-10-title": ["第三"],
        "rights-2-title": [" 第二 "],
        "rights-0-title": [""],
        "rights-x-title": ["x"],
        "rights-1-unknown": ["y"],
    }

    assert questions.read(form, [ROWS])["rights"] == [{"title": "第二"}, {"title": "第三"}]


def test_only_typed_questions_are_read_from_a_form():
    form = {"unit_name": ["冒用"], "business_licence": ["冒用"]}

    assert questions.read(form, [questions.by_key()[key] for key in form]) == {}


@given(shown=typed_drafts, mine=typed_drafts)
def test_alone_everything_typed_is_taken(shown, mine):
    merged = questions.merge(shown, mine, questions.seen(shown, BLOCK))

    assert merged.draft == mine
    assert merged.conflicts == []
    assert merged.theirs == []


@given(shown=typed_drafts, mine=typed_drafts, theirs=typed_drafts)
def test_together_nobody_s_text_is_overwritten_unseen(shown, mine, theirs):
    merged = questions.merge(theirs, mine, questions.seen(shown, BLOCK))

    for key in KEYS:
        i_changed, they_changed = mine[key] != shown[key], theirs[key] != shown[key]
        is_conflict = i_changed and they_changed and mine[key] != theirs[key]
        assert merged.draft[key] == (mine[key] if i_changed and not they_changed else theirs[key])
        assert (key in [conflict.question for conflict in merged.conflicts]) is is_conflict


@given(shown=typed_drafts, mine=typed_drafts, theirs=typed_drafts)
def test_a_page_that_stays_open_never_passes_for_having_seen_what_it_does_not_show(shown, mine, theirs):
    first = questions.merge(theirs, mine, questions.seen(shown, BLOCK))
    remembered = questions.remember(questions.seen(shown, BLOCK), mine, first.draft)

    again = questions.merge(first.draft, mine, remembered)

    assert again.draft == first.draft
    assert again.changed == []


def test_a_question_that_the_page_did_not_show_is_left_alone():
    merged = questions.merge({"employees": "5"}, {"employees": ""}, "revenue:000000000000 nonsense ::")

    assert merged.draft == {"employees": "5"}


def test_every_question_of_every_list_has_its_own_memory():
    shown = questions.seen({}, questions.questions(ListCode.TZ))

    assert len(shown.split()) == sum(question.is_typed for question in questions.questions(ListCode.TZ))
    assert drafts.fingerprint(None) == drafts.fingerprint("") == drafts.fingerprint([])
