"""What the bulk writer puts on disk, against Whoosh's own writer."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from whoosh import fields, index
from whoosh.analysis import DelimitedAttributeFilter, SpaceSeparatedTokenizer
from whoosh.query import And, Term

from search.documents import Document
from search.engine import SearchEngine
from search.index.schema import (
    INDEX_NAME,
    TERM_FIELDS,
    TEXT_FIELD,
    column_values,
    field_terms,
    schema,
    stored_value,
)
from tests.search.corpus import documents


def stock_index(path: Path, products: list[Document]) -> index.FileIndex:
    """Index the same terms with the writer that Whoosh ships."""
    path.mkdir()
    weighted = schema()
    for name in TERM_FIELDS:
        weighted.remove(name)
        analyzer = SpaceSeparatedTokenizer() | DelimitedAttributeFilter(
            delimiter="|", default=1.0, type=float
        )
        weighted.add(name, fields.TEXT(analyzer=analyzer, phrase=False))
    built = index.create_in(str(path), weighted, INDEX_NAME)
    writer = built.writer()
    for product in products:
        terms = {
            name: " ".join(f"{term}|{kept}" for term, kept in found.items())
            for name, found in field_terms(product).items()
            if found
        }
        writer.add_document(
            code=product.code,
            _stored_document=None,
            document=stored_value(product),
            **terms,
            **column_values(product),
        )
    writer.commit()
    return built


def postings(reader: Any) -> dict[tuple[str, bytes], list[tuple[int, float, bytes]]]:
    """Read every posting of an index through Whoosh."""
    found: dict[tuple[str, bytes], list[tuple[int, float, bytes]]] = {}
    for field, term, number, weight, value in reader.iter_postings():
        found.setdefault((field, term), []).append((number, weight, value))
    return found


def test_terms_postings_and_lengths_equal_whooshs_own_when_written_in_bulk(tmp_path: Path) -> None:
    products = documents(1500)
    engine = SearchEngine(tmp_path / "bulk")
    engine.rebuild(products, revision=1)

    with (
        index.open_dir(str(engine.path), INDEX_NAME).reader() as bulk,
        stock_index(tmp_path / "stock", products).reader() as stock,
    ):
        assert postings(bulk) == postings(stock)
        for term in stock.all_terms():
            ours, theirs = bulk.term_info(*term), stock.term_info(*term)
            if term[0] in TERM_FIELDS:
                assert vars(ours) | {"_offset": 0, "_length": 0} == vars(theirs) | {
                    "_offset": 0,
                    "_length": 0,
                }
        for name in TERM_FIELDS:
            assert [bulk.doc_field_length(number, name) for number in range(1500)] == [
                stock.doc_field_length(number, name) for number in range(1500)
            ]
            assert bulk.field_length(name) == stock.field_length(name)


def test_whooshs_searcher_finds_the_same_in_both_when_it_searches_exhaustively(tmp_path: Path) -> None:
    products = documents(1500)
    engine = SearchEngine(tmp_path / "bulk")
    engine.rebuild(products, revision=1)
    stock = stock_index(tmp_path / "stock", products)

    with index.open_dir(str(engine.path), INDEX_NAME).searcher() as ours, stock.searcher() as theirs:
        for terms in (("机器", "器人"), ("超声",), ("x200",), ("手术", "机器"), ("5g",), ("没有",)):
            query = And([Term(TEXT_FIELD, term) for term in terms])
            found = [(hit.docnum, hit.score) for hit in ours.search(query, limit=None)]
            assert found == [(hit.docnum, hit.score) for hit in theirs.search(query, limit=None)]


def test_only_the_later_document_stays_when_a_code_comes_twice(tmp_path: Path) -> None:
    engine = SearchEngine(tmp_path / "index")
    engine.rebuild([Document("P000001", "旧名称"), Document("P000001", "新名称")], revision=1)

    with index.open_dir(str(engine.path), INDEX_NAME).reader() as reader:
        assert [stored["document"][1] for stored in reader.all_stored_fields()] == ["新名称"]
    assert engine.check([Document("P000001", "新名称")]) == []


def test_whoosh_reads_the_index_without_a_warning_when_it_is_opened(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SearchEngine(tmp_path / "index").rebuild(documents(10), revision=1)
