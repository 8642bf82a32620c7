import csv
import io
import json
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from catalog import entries, exporting
from catalog.exporting import COLUMNS
from catalog.importing.columns import HEADERS
from catalog.importing.services import ImportOptions, import_file
from catalog.models import Edition
from registry import clock
from registry.errors import RuleError
from registry.models import CatalogEntry, EntryVersion, ListCode, Listing, ListingStatus, PublicationScope
from tests.catalog.importing.conftest import csv_of
from tests.catalog.importing.test_services import FULL

PUBLIC = {PublicationScope.PUBLIC}
DEVICE = {
    "注册证有效期至": "2029-05-31", "管理类别": "第三类医疗器械", "适用范围": "用于示例检查", "注册人": "示例医疗有限公司",
    "受托生产企业": "示例代工有限公司", "配置许可类别": "乙类", "UDI-DI": "06900000000018", "医保耗材编码": "C0101",
    "挂网编号": "SH-1", "可另收费": "否",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _today():
    with clock.standing_at(date(2026, 11, 21)):
        yield


def load(database, *rows, **options):
    """Import rows."""
    return import_file(database, csv_of(list(rows)), name="rows.csv", options=ImportOptions(**options))


def exported(session, name, *, scopes=PUBLIC, list_code=None):
    """Return the current catalog in the form of a file's name."""
    out = io.BytesIO()
    exporting.write(exporting.current(session, scopes=scopes, list_code=list_code), out, name=name)
    return out.getvalue()


def rows_of(content):
    """Read a CSV export back."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_row_is_exported_as_it_was_imported_with_its_status(database, session):
    load(database, FULL | DEVICE)

    [row] = rows_of(exported(session, "a.csv"))

    assert tuple(row) == COLUMNS == (*HEADERS, *DEVICE, "状态")
    assert row == {**FULL, **DEVICE, "状态": "有效"}


def test_an_export_is_the_same_after_a_round_trip(database, session):
    load(
        database,
        FULL | DEVICE,
        {"产品名称": "=示例", "型号": "'-1+2", "批次": ""},
        {"产品名称": "乙", "首次投放市场": "否"},
    )
    first = exported(session, "a.csv")

    again = [
        import_file(database, exported(session, name), name=name, options=ImportOptions())
        for name in ("a.csv", "a.xlsx")
    ]

    assert [(result.unchanged, result.refused) for result in again] == [(3, 0), (3, 0)]
    assert exported(session, "a.csv") == first


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
    min_size=1,
).filter(lambda text: text == text.strip())


@given(name=TEXT, summary=TEXT)
@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_survives_export_and_import(database, session, name, summary):
    with database.transaction() as writing:
        for entry in writing.scalars(select(CatalogEntry)):
            entries.set_scope(writing, entry, None, scope=PublicationScope.NOT_PUBLISHED)
    load(database, {"来源编号": "x" + repr((name, summary))[:150], "产品名称": name, "产品简介": summary})
    session.expire_all()

    again = import_file(database, exported(session, "a.xlsx"), name="a.xlsx", options=ImportOptions())

    assert (again.created, again.changed, again.unchanged, again.refused) == (0, 0, 1, 0)


def test_formulas_are_harmless_in_every_form(database, session):
    load(database, {"产品名称": "=cmd|' /C calc'!A0", "型号": "-5", "申报单位": "@x"})

    [row] = rows_of(exported(session, "a.csv"))
    sheet = openpyxl.load_workbook(io.BytesIO(exported(session, "a.xlsx"))).active
    cells = {sheet.cell(1, column).value: sheet.cell(2, column) for column in range(1, len(COLUMNS) + 1)}

    assert (row["产品名称"], row["型号"], row["申报单位"]) == ("'=cmd|' /C calc'!A0", "-5", "'@x")
    assert (cells["产品名称"].value, cells["产品名称"].data_type) == ("'=cmd|' /C calc'!A0", "s")


def test_a_workbook_opens_with_a_frozen_header_and_numbers_as_numbers(database, session):
    load(database, FULL)

    sheet = openpyxl.load_workbook(io.BytesIO(exported(session, "a.xlsx"))).active

    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert sheet.cell(2, COLUMNS.index("年份") + 1).value == 2025


def test_json_has_columns_and_rows(database, session):
    load(database, FULL)

    document = json.loads(exported(session, "a.json"))

    assert document["columns"] == list(COLUMNS)
    assert document["as_of"] == "2026-11-21"
    assert dict(zip(document["columns"], document["rows"][0], strict=True)) == {
        **dict.fromkeys(DEVICE), **FULL, "年份": 2025, "批次": 2, "状态": "有效",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xlsx"])
def test_an_empty_catalog_is_exported_with_its_header(database, session, name):
    assert exported(session, name)


def test_only_active_listings_within_the_scopes_are_exported(database, session):
    load(database, {"产品名称": "公开"}, {"产品名称": "到期", "有效期至": "2026-01-01"})
    load(database, {"产品名称": "限制"}, scope=PublicationScope.VERIFIED_BUYERS)
    load(database, {"产品名称": "不公开"}, scope=PublicationScope.NOT_PUBLISHED)

    assert [row["产品名称"] for row in rows_of(exported(session, "a.csv"))] == ["公开"]
    assert [row["产品名称"] for row in rows_of(exported(session, "a.csv", scopes=set(PublicationScope)))] == [
        "公开", "限制", "不公开",
    ]  # fmt: skip


def test_one_list_is_exported_when_asked_for(database, session):
    load(database, {"来源编号": "A", "产品名称": "甲"})
    load(database, {"来源编号": "A", "产品名称": "甲"}, list_code=ListCode.TZ)

    assert [row["目录编号"] for row in rows_of(exported(session, "a.csv"))] == [
        "CX-2026-01-0001",
        "TZ-2026-01-0001",
    ]
    assert [row["目录编号"] for row in rows_of(exported(session, "a.csv", list_code=ListCode.TZ))] == [
        "TZ-2026-01-0001"
    ]


def test_an_edition_is_exported_as_it_was_cut(database, session):
    load(database, {"产品名称": "甲", "有效期至": ""}, {"产品名称": "乙", "有效期至": "2026-01-01"})
    load(database, {"产品名称": "限制"}, scope=PublicationScope.NOT_PUBLISHED)
    entry = session.scalars(select(CatalogEntry).order_by(CatalogEntry.id)).first()
    entries.enrich(session, entry, None, brand="示例牌")
    session.scalars(select(EntryVersion).where(EntryVersion.version == 2)).one().name = "甲（改）"
    session.flush()

    out = io.BytesIO()
    shown = session.scalars(select(Edition)).one()
    exporting.write(exporting.edition(session, shown, scopes=PUBLIC), out, name="a.csv")

    assert [(row["产品名称"], row["状态"]) for row in rows_of(out.getvalue())] == [
        ("甲", "有效"),
        ("乙", "已到期"),
    ]


def test_a_workbook_is_refused_when_a_cell_would_be_cut(database, session):
    load(database, {"产品名称": "甲", "产品简介": "长" * 40_000})

    with pytest.raises(RuleError) as refused:
        exported(session, "a.xlsx")

    assert "CX-2026-01-0001 的“产品简介”超过 32,767 字" in refused.value.sentence
    assert "长" * 40_000 in exported(session, "a.csv").decode()


@pytest.mark.parametrize("name", ["a.pdf", "a", ".csv", "a.CSVX"])
def test_a_form_is_refused_when_there_is_none(name):
    with pytest.raises(RuleError) as refused:
        exporting.writer_for(name)

    assert refused.value.parameter == "OUT"


def test_a_listing_without_raw_words_is_exported_with_the_labels_of_its_codes(session, make):
    make.listing(make.entry(field="IC", district="310115"))
    session.flush()

    [row] = rows_of(exported(session, "a.csv"))

    assert (row["产业领域"], row["所在区"]) == ("集成电路", "浦东新区")
    assert session.scalars(select(Listing.status)).one() is ListingStatus.ACTIVE
