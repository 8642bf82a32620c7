"""The real product records: counts against substring search, and queries that must find nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.relevance import ANSWERS, score, summary
from search.documents import Document
from search.engine import SearchEngine
from search.query import Request
from search.synonyms import Synonyms

pytestmark = pytest.mark.real_data

SEARCHED = ("name", "organization", "category", "summary", "registration_number")


@pytest.fixture(scope="module")
def products(shared_data: Path) -> list[Document]:
    with (shared_data / "real_products.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            Document(
                code=f"P{serial:06d}",
                name=row["产品名称"] or "（无名称）",
                source_ref=row["来源编号"],
                organization=row["申报单位"] or None,
                category=row["细分类别"] or None,
                summary=row["产品简介"] or None,
                registration_number=row["注册证号"] or None,
                field=row["产业领域"] or None,
                year=int(row["年份"]) if row["年份"] else None,
            )
            for serial, row in enumerate(csv.DictReader(file), start=1)
        ]


@pytest.fixture(scope="module")
def built(products: list[Document], tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    engine = SearchEngine(tmp_path_factory.mktemp("real") / "index")
    engine.rebuild(products, revision=1)
    return engine


@pytest.mark.parametrize("query", ["超声", "磁共振", "机器人", "传感器", "电气", "镜", "上海"])
def test_every_record_that_holds_the_text_is_found_when_it_is_one_word(
    built: SearchEngine, products: list[Document], query: str
) -> None:
    holding = sum(any(query in (getattr(product, field) or "") for field in SEARCHED) for product in products)

    assert built.search(Request(query), Synonyms(())).total == holding > 0
    assert built.search(Request(query)).total >= holding


def test_traditional_and_simplified_spelling_answer_alike_when_both_are_asked(built: SearchEngine) -> None:
    traditional, simplified = built.search(Request("機器人")), built.search(Request("机器人"))

    assert traditional == simplified


def test_judged_queries_are_answered_well_when_all_records_are_there(
    built: SearchEngine, shared_data: Path
) -> None:
    def ask(query: str) -> dict[str, Any]:
        found = built.search(Request(query, per_page=ANSWERS))
        items = [{"source_ref": hit.document.source_ref, "name": hit.document.name} for hit in found.hits]
        told = {"total": found.total, "strictness": found.strictness, "corrected": found.corrected}
        return {**told, "items": items, "took_ms": 0.0}

    lines = (shared_data / "search_queries_dev.jsonl").read_text(encoding="utf-8").splitlines()
    means = summary(score(judged, ask(judged["query"])) for judged in map(json.loads, lines))

    assert means["all"]["ndcg"] >= 0.75  # type: ignore[operator]
    assert means["all"]["recall"] >= 0.85  # type: ignore[operator]
    assert means["all"]["silence"] == 1
    assert [name for name, held in means.items() if held["ndcg"] is not None and held["ndcg"] < 0.55] == []


def test_the_index_holds_exactly_the_records_when_it_is_checked(
    built: SearchEngine, products: list[Document]
) -> None:
    assert built.check(products) == []
