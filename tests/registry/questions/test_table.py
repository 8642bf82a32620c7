"""The table of questions holds together."""

import pytest

from registry import questions
from registry.models import EntryVersion, ListCode
from registry.questions.formats import FORMATS


def test_the_four_lists_ask_the_core_and_their_own_block():
    blocks = {code: [block.key for block in questions.blocks(code)] for code in ListCode}

    assert blocks == {
        ListCode.CX: list("ABCDFH"),
        **{code: list("ABCDFGH") for code in (ListCode.TZ, ListCode.PC, ListCode.RJ)},
    }


@pytest.mark.parametrize("question", questions.by_key().values(), ids=lambda question: question.key)
def test_a_row_is_whole(question):
    assert question.format in ("", *FORMATS)
    assert (question.kind in ("choice", "choices")) is bool(question.choices)
    assert (question.kind == "class") is (question.classes is not None)
    assert (question.kind == "rows") is bool(question.columns)
    assert question.kind not in ("rows", "files", "lines") or question.max_items
    for condition in (question.when, question.publish_when):
        if condition is not None:
            asked = questions.by_key()[condition.question]
            assert condition.values <= {*(asked.choices or ()), "yes", "no"}


def test_a_row_publishes_into_a_column_of_the_entry_and_no_two_into_one():
    targets = [row.publish_as for row in questions.by_key().values() if row.publish_as]

    assert len(set(targets)) == len(targets)
    columns = EntryVersion.__mapper__.columns.keys()
    assert all(target.partition(".")[0] in columns for target in targets)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("employees", "12", ("职工人数", "12")),
        ("technology_level", "domestic_leading", ("技术水平", "国内领先")),
        ("is_green", "no", ("绿色产品", "否")),
        ("rights-0-title", "名", ("知识产权第 1 行，名称", "名")),
        ("rights-0-kind", "invention", ("知识产权第 1 行，类型", "发明专利")),
        ("field", "HE", None),
        ("rights-x-title", "名", None),
        ("rights-0-nothing", "名", None),
        ("reason", "由", None),
    ],
)
def test_an_input_is_read_back_in_the_words_that_people_know(name, value, read):
    assert questions.read_back(name, value) == read
