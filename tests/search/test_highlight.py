"""Marks in the texts of a hit."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from search.documents import Document
from search.highlight import WINDOW, Marker


def highlights(product: Document, query: str) -> dict[str, str]:
    return Marker([query]).highlights(product)


def test_terms_are_marked_as_one_when_they_touch() -> None:
    product = Document(code="P000001", name="医用超声诊断仪", organization="上海示例医疗有限公司")

    assert highlights(product, "超聲診斷") == {"name": "医用<mark>超声诊断</mark>仪"}


def test_a_text_is_escaped_when_it_holds_html() -> None:
    product = Document(code="P000001", name='<script>alert("超声")</script>')

    assert highlights(product, "超声 script") == {
        "name": "&lt;<mark>script</mark>&gt;alert(&quot;<mark>超声</mark>&quot;)&lt;/<mark>script</mark>&gt;"
    }


def test_the_bracket_stays_inside_the_mark_when_the_query_has_none() -> None:
    assert highlights(Document(code="P000001", name="首台（套）装备"), "首台套") == {
        "name": "<mark>首台（套）</mark>装备"
    }


def test_a_window_with_the_most_marks_is_shown_when_a_summary_is_long() -> None:
    summary = "前言。" * 100 + "磁共振成像系统用于磁共振检查。" + "结语。" * 100
    product = Document(code="P000001", name="示例", summary=summary)

    shown = highlights(product, "磁共振")["summary"]

    assert shown.count("<mark>磁共振</mark>") == 2
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(re.sub("<.*?>|…", "", shown)) == WINDOW


@given(st.text(max_size=300), st.text(max_size=20))
def test_only_marks_are_html_when_text_and_query_are_anything(text: str, query: str) -> None:
    for shown in highlights(Document(code="P000001", name=text), query).values():
        bare = shown.replace("<mark>", "").replace("</mark>", "")
        assert "<" not in bare
        assert ">" not in bare
        assert shown.count("<mark>") == shown.count("</mark>") > 0
