"""The measures of relevance, against values worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from benchmarks.relevance import score, summary


def judged(**values: Any) -> dict[str, Any]:
    grades = values.pop("grades", {"A": 2, "B": 1, "C": 0})
    return {
        "qid": "Q1",
        "query": "示例",
        "type": "head",
        "expect_none": False,
        "judgments": [{"id": name, "grade": grade} for name, grade in grades.items()],
        "pool": {},
    } | values


def answer(*found: str, total: int | None = None) -> dict[str, Any]:
    return {
        "total": len(found) if total is None else total,
        "strictness": "all",
        "corrected": None,
        "took_ms": 1.0,
        "items": [{"source_ref": each, "name": f"名称{each}"} for each in found],
    }


def test_gain_is_discounted_by_rank_when_a_better_product_comes_later() -> None:
    reached = score(judged(), answer("B", "X", "A"))

    assert reached.ndcg == pytest.approx((1 + 3 / math.log2(4)) / (3 + 1 / math.log2(3)))
    assert reached.recall == 1


def test_later_results_move_up_when_unread_ones_match_the_expression() -> None:
    pool = {"unjudged_name_regex": "名称X"}

    assert score(judged(pool=pool), answer("X", "A", "B")).ndcg == 1
    assert score(judged(), answer("X", "A", "B")).ndcg != 1


def test_recall_counts_the_first_fifty_when_more_are_found() -> None:
    found = [f"X{number}" for number in range(50)]

    assert score(judged(), answer("A", *found)).recall == 1
    assert score(judged(), answer(*found, "A")).recall == 0


def test_silence_is_right_when_nothing_is_found_for_what_is_not_here() -> None:
    silent = score(judged(expect_none=True, grades={}), answer())
    loud = score(judged(expect_none=True, grades={}), answer("A"))

    assert (silent.silent, silent.ndcg, loud.silent) == (True, None, False)


def test_types_of_few_queries_are_pooled_when_they_are_summed_up() -> None:
    scores = [score(judged(qid=f"Q{n}", type="head" if n else "regno"), answer("A")) for n in range(7)]

    means = summary(scores)

    assert (means["all"]["queries"], means["head"]["queries"], means["types under 5"]["queries"]) == (7, 6, 1)
    assert means["half 0"]["queries"] + means["half 1"]["queries"] == 7  # type: ignore[operator]
