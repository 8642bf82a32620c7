import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from catalog import entries
from catalog.importing import services
from catalog.importing.readers import FileError
from catalog.importing.report import report_csv
from catalog.importing.rows import Fault
from catalog.importing.services import ImportOptions, import_file, import_path
from catalog.models import Edition, EditionItem, EditionOrigin
from registry import clock, counters
from registry.errors import RuleError
from registry.models import (
    CatalogEntry,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    ListingVersion,
    NationalListing,
    OutboxMessage,
    PublicationScope,
    TrailDetail,
    TrailLine,
)
from tests.catalog.importing.conftest import csv_of, xlsx_of
from tests.conftest import url_of

FULL = {
    "来源编号": "S-1", "目录编号": "CX-2025-02-0007", "产品名称": "示例磁共振成像系统", "型号": "MR-1", "申报单位": "示例医疗有限公司",
    "统一社会信用代码": "91350100M000100Y43", "所在区": "浦东", "产业领域": "生命健康", "细分类别": "影像设备",
    "产品简介": "一台\n示例设备", "注册证号": "沪械注准20242060123", "地区": "上海市", "年份": "2025", "批次": "2",
    "首次投放市场": "是（基准日 2025-03-31）", "认定日期": "2025-05-01", "有效期至": "2028-04-30", "发布文件": "示例〔2025〕2号",
    "发布日期": "2025-05-08", "国家级目录": "示例目录甲；示例目录乙",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _today():
    with clock.standing_at(date(2026, 11, 21)):
        yield


def entry(session, **by):
    """Return the one entry with everything loaded."""
    return session.scalars(
        select(CatalogEntry)
        .filter_by(**by)
        .options(
            joinedload(CatalogEntry.version),
            selectinload(CatalogEntry.listings).selectinload(Listing.versions),
            selectinload(CatalogEntry.national_listings),
        )
        .execution_options(populate_existing=True)
    ).one()


def figures(result):
    """Return an import's figures."""
    return (result.created, result.changed, result.unchanged, result.refused)


def reasons(result):
    """Return what the report says, line by line."""
    return [(fault.line, fault.column, fault.reason) for fault in result.report]


def count(session, model):
    """Return how many records there are."""
    return session.scalar(select(func.count()).select_from(model))


# --- what a row becomes -------------------------------------------------------------------------------------------


def test_a_row_becomes_an_entry_with_a_listing_and_an_edition(import_rows, session):
    result = import_rows(FULL)

    found = entry(session)
    [listing] = found.listings
    [edition] = session.scalars(select(Edition).options(selectinload(Edition.items))).all()
    assert (found.code, found.source_ref, found.scope) == ("P000001", "S-1", PublicationScope.PUBLIC)
    assert (found.revision, result.revision) == (1, 1)
    assert (found.version.name, found.version.summary) == ("示例磁共振成像系统", "一台\n示例设备")
    assert (found.version.district, found.version.field, found.version.hints) == ("310115", "LH", None)
    assert (listing.number, listing.year, listing.batch, listing.serial) == ("CX-2025-02-0007", 2025, 2, 7)
    assert (listing.status, listing.status_on) == (ListingStatus.ACTIVE, date(2025, 5, 1))
    assert (listing.recorded_year, listing.valid_until) == (2025, date(2028, 4, 30))
    assert (listing.first_on_market, listing.first_on_market_as_of) == (True, date(2025, 3, 31))
    assert listing.versions[0].facts["valid_until"] == "2028-04-30"
    assert [item.name for item in found.national_listings] == ["示例目录甲", "示例目录乙"]
    assert (edition.slug, edition.origin, edition.version) == ("CX-2025-02", EditionOrigin.IMPORT, 1)
    assert (edition.document, edition.published_on) == ("示例〔2025〕2号", date(2025, 5, 8))
    assert [(item.position, item.since, item.until) for item in edition.items] == [(1, 1, None)]


def test_a_row_without_year_gets_this_year_in_its_number_and_keeps_its_year_null(import_rows, session):
    import_rows({"产品名称": "甲"})

    [listing] = entry(session).listings
    assert (listing.number, listing.recorded_year) == ("CX-2026-01-0001", None)


def test_the_options_hold_for_rows_that_do_not_say_it_themselves(import_rows, session):
    result = import_rows(
        {"产品名称": "甲", "年份": ""}, {"产品名称": "乙", "年份": "2024"},
        list_code=ListCode.TZ, year=2023, batch=3, valid_until=date(2027, 1, 1), scope=PublicationScope.VERIFIED_BUYERS,
    )  # fmt: skip

    listings = session.scalars(select(Listing).order_by(Listing.id)).all()
    assert [listing.number for listing in listings] == ["TZ-2023-03-0001", "TZ-2024-03-0001"]
    assert {listing.valid_until for listing in listings} == {date(2027, 1, 1)}
    assert set(session.scalars(select(CatalogEntry.scope))) == {PublicationScope.VERIFIED_BUYERS}
    assert result.editions == ("TZ-2023-03", "TZ-2024-03")


def test_a_listing_is_expired_when_its_last_day_is_over(import_rows, session):
    import_rows({"产品名称": "甲", "有效期至": "2026-11-20"}, {"产品名称": "乙", "有效期至": "2026-11-21"})

    rows = session.execute(select(Listing.status, Listing.status_on).order_by(Listing.id)).all()
    assert rows == [
        (ListingStatus.EXPIRED, date(2026, 11, 21)),
        (ListingStatus.ACTIVE, date(2026, 11, 21)),
    ]


def test_nothing_is_cut_and_malformed_codes_become_hints(import_rows, session):
    name = "示例" * 5_000
    import_rows(
        {
            "产品名称": name,
            "统一社会信用代码": "不详",
            "注册证号": "第1号",
            "所在区": "外地",
            "产业领域": "其他",
        }
    )

    version = entry(session).version
    assert (version.name, version.credit_code) == (name, "不详")
    assert version.hints == ["credit_code", "registration_number", "field", "district"]


def test_a_protective_apostrophe_is_taken_back(import_rows, session):
    import_rows({"产品名称": "'=示例"})

    assert entry(session).version.name == "=示例"


# --- keys ---------------------------------------------------------------------------------------------------------


def test_importing_again_changes_nothing(import_rows, session):
    import_rows(FULL, {"产品名称": "乙"}, {"产品名称": "丙", "目录编号": "沪推第3号"})
    before = {
        model: count(session, model) for model in (EntryVersion, ListingVersion, EditionItem, OutboxMessage)
    }

    result = import_rows(FULL, {"产品名称": "乙"}, {"产品名称": "丙", "目录编号": "沪推第3号"})

    assert figures(result) == (0, 0, 3, 0)
    assert (result.revision, result.editions) == (None, ())
    assert {model: count(session, model) for model in before} == before
    assert counters.current(session, "catalog.revision") == 1


@pytest.mark.parametrize(
    "key",
    [
        {"来源编号": "S-1"},
        {"目录编号": "CX-2025-02-0007"},
        {"目录编号": "沪推第7号"},
        {"型号": "MR-1", "申报单位": "示例医疗"},
    ],
)
def test_an_entry_is_recognised_by_the_strongest_key_of_the_row(import_rows, session, key):
    import_rows({"产品名称": "示例磁共振", "产品简介": "旧", **key})

    result = import_rows({"产品名称": "示例磁共振", "产品简介": "新", **key})

    found = entry(session)
    assert figures(result) == (0, 1, 0, 0)
    assert (found.current_version, found.version.summary, found.revision) == (2, "新", 2)
    assert session.scalars(select(EntryVersion.summary).order_by(EntryVersion.version)).all() == ["旧", "新"]


def test_products_with_own_source_numbers_stay_apart_when_all_else_is_the_same(import_rows, session):
    result = import_rows({"来源编号": "A", "产品名称": "甲"}, {"来源编号": "B", "产品名称": "甲"})

    assert figures(result) == (2, 0, 0, 0)
    assert figures(import_rows({"来源编号": "B", "产品名称": "甲"}, {"产品名称": "甲"})) == (0, 0, 2, 0)


def test_an_entry_takes_a_source_number_when_its_listing_number_names_it(import_rows, session):
    import_rows({"产品名称": "甲"})

    result = import_rows({"产品名称": "甲", "来源编号": "S-9", "目录编号": "CX-2026-01-0001"})

    assert figures(result) == (0, 1, 0, 0)
    assert entry(session).source_ref == "S-9"
    assert figures(import_rows({"产品名称": "甲", "来源编号": "S-9"})) == (0, 0, 1, 0)


def test_the_same_key_twice_in_a_file_is_one_product(import_rows):
    row = {"来源编号": "A", "产品名称": "甲"}

    result = import_rows(row, row, {**row, "产品名称": "乙"})

    assert figures(result) == (1, 0, 1, 1)
    assert reasons(result) == [(4, "来源编号", "与第 2 行是同一产品，内容却不同")]


def test_the_same_key_twice_is_noticed_when_the_rows_are_far_apart(import_rows, monkeypatch):
    monkeypatch.setattr(services, "ROWS_AT_ONCE", 2)
    rows = [{"来源编号": str(number), "产品名称": f"产品{number}", "有效期至": ""} for number in range(5)]

    result = import_rows(*rows, {**rows[0], "有效期至": "2030-01-01"}, rows[1])

    assert figures(result) == (5, 0, 1, 1)
    assert reasons(result) == [(7, "来源编号", "与第 2 行是同一产品，列入信息却不同")]


def test_the_same_key_in_another_list_is_a_further_listing(import_rows, session):
    import_rows({"来源编号": "A", "产品名称": "甲"})

    result = import_rows({"来源编号": "A", "产品名称": "甲"}, list_code=ListCode.TZ)

    assert figures(result) == (0, 1, 0, 0)
    assert [listing.number for listing in entry(session).listings] == ["CX-2026-01-0001", "TZ-2026-01-0001"]


def test_a_column_that_the_file_lacks_leaves_what_is_known(import_rows, session):
    import_rows(FULL)

    result = import_rows({"来源编号": "S-1", "产品名称": FULL["产品名称"], "有效期至": "2031-04-30"})

    found = entry(session)
    [listing] = found.listings
    assert figures(result) == (0, 1, 0, 0)
    assert (found.current_version, found.version.summary) == (1, FULL["产品简介"])
    assert (listing.number, listing.version, listing.valid_until) == ("CX-2025-02-0007", 2, date(2031, 4, 30))
    assert [version.facts["valid_until"] for version in listing.versions] == ["2028-04-30", "2031-04-30"]
    assert len(found.national_listings) == 2


def test_an_expired_listing_is_active_again_when_its_validity_is_renewed(import_rows, session):
    import_rows({"产品名称": "甲", "有效期至": "2025-01-01"})

    import_rows({"产品名称": "甲", "有效期至": "2028-01-01"})

    [listing] = entry(session).listings
    assert (listing.status, listing.status_on) == (ListingStatus.ACTIVE, date(2026, 11, 21))


def test_a_revoked_listing_stays_revoked_when_its_row_comes_again(import_rows, session, make):
    import_rows({"产品名称": "甲", "有效期至": "2028-01-01"})
    listing = session.scalars(select(Listing)).one()
    entries.change_status(session, listing, make.user(), status=ListingStatus.REVOKED, reason="示例理由")
    session.commit()

    import_rows({"产品名称": "甲", "有效期至": "2029-01-01"})

    assert entry(session).listings[0].status is ListingStatus.REVOKED


def test_national_lists_are_what_the_last_file_says(import_rows, session):
    import_rows(FULL)
    kept = session.scalars(select(NationalListing.id).where(NationalListing.name == "示例目录乙")).one()

    import_rows({**FULL, "国家级目录": "示例目录乙；示例目录丙"})

    rows = session.execute(
        select(NationalListing.name, NationalListing.id).order_by(NationalListing.id)
    ).all()
    assert [name for name, _ in rows] == ["示例目录乙", "示例目录丙"]
    assert rows[0].id == kept


# --- numbers and editions -----------------------------------------------------------------------------------------


def test_a_number_that_a_file_brings_along_is_never_given_to_another_row(import_rows, session):
    import_rows(
        {"产品名称": "甲", "目录编号": ""},
        {"产品名称": "乙", "目录编号": "CX-2026-01-0001"},
        {"产品名称": "丙"},
    )

    numbers = session.scalars(select(Listing.number).order_by(Listing.id)).all()
    assert numbers == ["CX-2026-01-0002", "CX-2026-01-0001", "CX-2026-01-0003"]


@pytest.mark.parametrize(
    ("more", "column", "reason"),
    [
        ({"年份": "2024"}, "年份", "与目录编号 CX-2026-01-0005 的年份不符"),
        ({"批次": "2"}, "批次", "与目录编号 CX-2026-01-0005 的批次不符"),
        ({"目录编号": "CX-1900-01-0001"}, "目录编号", "编号中的年份不可能"),
        ({"有效期至": "2025-01-01", "认定日期": "2025-01-02"}, "有效期至", "早于认定日期 2025-01-02"),
    ],
)
def test_a_row_is_refused_when_it_contradicts_itself(import_rows, session, more, column, reason):
    result = import_rows({"产品名称": "甲", "目录编号": "CX-2026-01-0005", **more})

    assert reasons(result) == [(2, column, reason)]
    assert count(session, CatalogEntry) == 0


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"来源编号": "B", "目录编号": "CX-2026-01-0005"}, "目录编号", "此编号属于另一产品 P000001"),
        ({"来源编号": "A", "目录编号": "CX-2026-01-0006"}, "目录编号", "该产品在此目录中已有编号 CX-2026-01-0005，编号不变"),
        ({"来源编号": "A", "批次": "2"}, "批次", "该产品已在第 1 批列入，编号不变"),
    ],
)  # fmt: skip
def test_a_row_is_refused_when_it_contradicts_a_number_that_stands(import_rows, row, column, reason):
    import_rows({"来源编号": "A", "产品名称": "甲", "目录编号": "CX-2026-01-0005"})

    assert reasons(import_rows({"产品名称": "甲", **row})) == [(2, column, reason)]


def test_an_edition_grows_by_one_version_for_each_import_that_changes_it(import_rows, session):
    import_rows({"产品名称": "甲", "产品简介": ""}, {"产品名称": "乙", "产品简介": ""})
    import_rows({"产品名称": "甲", "产品简介": "新"}, {"产品名称": "丙", "产品简介": ""})

    items = session.execute(
        select(EntryVersion.name, EntryVersion.version, EditionItem.position, EditionItem.since, EditionItem.until)
        .join(EditionItem, EditionItem.entry_version_id == EntryVersion.id)
        .order_by(EditionItem.position, EditionItem.since)
    ).all()  # fmt: skip
    assert session.scalars(select(Edition.version)).all() == [2]
    assert items == [("甲", 1, 1, 1, 2), ("甲", 2, 1, 2, None), ("乙", 1, 2, 1, None), ("丙", 1, 3, 2, None)]


def test_restricted_products_are_numbered_last_when_an_edition_grows(import_rows, session):
    import_rows({"产品名称": "限一"}, {"产品名称": "限二"}, scope=PublicationScope.VERIFIED_BUYERS)
    import_rows({"产品名称": "公一"}, {"产品名称": "公二"})

    items = session.execute(
        select(EntryVersion.name)
        .join(EditionItem, EditionItem.entry_version_id == EntryVersion.id)
        .where(EditionItem.until.is_(None))
        .order_by(EditionItem.position)
    )
    assert items.scalars().all() == ["公一", "公二", "限一", "限二"]
    assert session.scalars(
        select(EditionItem.position).where(EditionItem.until.is_(None)).order_by(EditionItem.position)
    ).all() == [1, 2, 3, 4]


def test_an_edition_follows_when_an_import_corrects_the_document_it_stood_under(import_rows, session):
    import_rows({"产品名称": "甲", "发布文件": "示例〔2026〕1号", "发布日期": "2026-05-01"})
    import_rows({"产品名称": "甲", "发布文件": "示例〔2026〕11号", "发布日期": "2026-05-02"})

    edition = session.scalars(select(Edition)).one()
    assert (edition.document, edition.published_on) == ("示例〔2026〕11号", date(2026, 5, 2))


def test_an_edition_never_takes_its_document_from_a_restricted_row(import_rows, session):
    told = {"发布文件": "示例〔2026〕1号", "发布日期": "2026-05-01"}
    import_rows({"产品名称": "公"} | told)
    import_rows({"产品名称": "限"} | told, scope=PublicationScope.VERIFIED_BUYERS)
    import_rows({"产品名称": "限", "发布文件": "示例〔2026〕11号", "发布日期": "2026-05-02"})

    edition = session.scalars(select(Edition)).one()
    assert (edition.document, edition.published_on) == ("示例〔2026〕1号", date(2026, 5, 1))


def test_a_row_is_refused_when_a_round_published_its_edition(import_rows, session):
    import_rows({"产品名称": "甲", "产品简介": "旧"})
    session.scalars(select(Edition)).one().origin = EditionOrigin.ROUND
    session.commit()

    result = import_rows({"产品名称": "甲", "产品简介": "旧"}, {"产品名称": "乙", "产品简介": ""})
    changed = import_rows({"产品名称": "甲", "产品简介": "新"})

    assert figures(result) == (0, 0, 1, 1)
    assert reasons(result) == [(3, "批次", "CX-2026-01 已由申报批次发布，不能用导入添加或修改")]
    assert figures(changed) == (0, 0, 0, 1)


# --- the import as a whole ----------------------------------------------------------------------------------------


def test_an_import_leaves_one_trail_line_and_tells_that_the_catalog_changed(import_rows, session):
    before = count(session, TrailLine)

    import_rows({"产品名称": "甲", "型号": "1"}, {"产品名称": "", "型号": "2"})

    line, detail = session.execute(
        select(TrailLine, TrailDetail)
        .join(TrailDetail, TrailDetail.seq == TrailLine.seq)
        .order_by(TrailLine.seq.desc())
    ).first()
    assert count(session, TrailLine) == before + 1
    assert (line.action, detail.detail["created"], detail.detail["refused"]) == ("catalog.import", 1, 1)
    assert [(row.event, row.payload) for row in session.scalars(select(OutboxMessage))] == [
        ("CatalogChanged", {"revision": 1})
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(import_rows, session):
    rows = {"产品名称": "甲", "型号": "1"}, {"产品名称": "", "型号": "2"}
    rehearsed = import_rows(*rows, dry_run=True)
    left = [count(session, model) for model in (CatalogEntry, Edition, TrailLine, OutboxMessage)]

    done = import_rows(*rows)

    assert left == [0, 0, 0, 0]
    assert rehearsed == done


def test_unknown_columns_and_sheets_are_named_and_not_refused(database):
    content = xlsx_of([{"产品名称": "甲", "备注": "x", "状态": "已撤销"}], "附表")

    result = import_file(database, content, name="a.xlsx", options=ImportOptions())

    assert figures(result) == (1, 0, 0, 0)
    assert result.unknown_columns == ("备注", "状态")
    assert [(fault.column, fault.reason) for fault in result.report] == [
        ("备注", "不是导入表的列，未读取"),
        ("状态", "状态不由导入改变，此列未读取"),
        ("工作表 附表", "只读取第一张可见的工作表，此表未读取"),
    ]


def test_a_column_without_header_is_named_when_it_holds_something(database):
    result = import_file(
        database, "产品名称,,,型号\n甲,,漏,1\n".encode(), name="a.csv", options=ImportOptions()
    )

    assert result.unknown_columns == ("第3列",)


def test_a_file_with_a_header_only_takes_nothing(import_rows, database):
    result = import_file(database, "产品名称,型号\n".encode(), name="a.csv", options=ImportOptions())

    assert (result.read, result.taken, result.report) == (0, 0, [])


def test_nothing_is_written_when_the_file_breaks_at_its_end(database, session):
    content = csv_of([{"产品名称": f"产品{number}"} for number in range(3_000)]) + '"开'.encode()

    with pytest.raises(FileError):
        import_file(database, content, name="a.csv", options=ImportOptions())

    assert count(session, CatalogEntry) == 0


def test_progress_is_told_until_all_rows_are_done(database):
    told = []
    content = csv_of([{"产品名称": f"产品{number}"} for number in range(2_500)])

    import_file(
        database, content, name="a.csv", options=ImportOptions(), progress=lambda *step: told.append(step)
    )

    assert told == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]


@pytest.mark.parametrize(("option", "parameter"), [({"year": 26}, "year"), ({"batch": 100}, "batch")])
def test_an_option_is_refused_when_no_number_can_hold_it(option, parameter):
    with pytest.raises(RuleError) as refused:
        ImportOptions(**option)

    assert refused.value.parameter == parameter


def test_a_file_that_is_not_there_is_refused_in_one_sentence(database, tmp_path):
    with pytest.raises(FileError) as refused:
        import_path(database, tmp_path / "absent.csv", options=ImportOptions())

    assert refused.value.sentence == "无法读取文件 absent.csv。"


def test_a_report_is_harmless_in_a_spreadsheet():
    written = report_csv([Fault(None, "=1+1", "", "未读取"), Fault(7, "型号", "@x", "原因")])

    assert written.decode("utf-8-sig").splitlines() == ["行,列,值,原因", ",'=1+1,,未读取", "7,型号,'@x,原因"]
    assert written.startswith(b"\xef\xbb\xbf")


IMPORT_IN_A_PROCESS = """
import os, sys, time
from pathlib import Path
from sqlalchemy import make_url
from catalog.importing.services import ImportOptions, import_path
from registry.db import Database

def wait(done, total):
    if done > total / 2:
        Path(sys.argv[3]).touch()
        time.sleep(60)

import_path(Database(make_url(sys.argv[1])), Path(sys.argv[2]), options=ImportOptions(), progress=wait)
"""


def test_a_killed_import_leaves_nothing_and_can_be_run_again(fresh_database, tmp_path):
    file, half_way = tmp_path / "rows.csv", tmp_path / "half-way"
    file.write_bytes(csv_of([{"产品名称": f"产品{number}"} for number in range(3_000)]))
    url = url_of(fresh_database)
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT_IN_A_PROCESS, url, file, half_way], cwd=Path(__file__).parents[3]
    )
    deadline = time.monotonic() + 60
    while not half_way.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert half_way.exists()

    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    with fresh_database.reading() as session:
        assert [count(session, model) for model in (CatalogEntry, Edition, TrailLine)] == [0, 0, 0]
    result = import_path(fresh_database, file, options=ImportOptions())
    assert figures(result) == (3_000, 0, 0, 0)


@pytest.mark.real_data
def test_every_row_of_the_real_file_is_taken_or_named(fresh_database, shared_data):
    result = import_path(fresh_database, shared_data / "real_products.csv", options=ImportOptions())

    assert result.read == 32_250
    assert figures(result) == (32_249, 0, 0, 1)
    assert reasons(result) == [(25746, "产品名称", "产品名称为空")]
    assert not result.unknown_columns
    again = import_path(fresh_database, shared_data / "real_products.csv", options=ImportOptions())
    assert figures(again) == (0, 0, 32_249, 1)


def test_two_imports_at_once_never_share_a_number(fresh_database, tmp_path):
    url = url_of(fresh_database)
    files = [tmp_path / f"{name}.csv" for name in "ab"]
    for file in files:
        file.write_bytes(csv_of([{"产品名称": f"{file.stem}{number}"} for number in range(1_500)]))
    script = IMPORT_IN_A_PROCESS.replace("time.sleep(60)", "pass")

    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, url, file, tmp_path / "x"], cwd=Path(__file__).parents[3]
        )
        for file in files
    ]

    assert [process.wait(timeout=120) for process in both] == [0, 0]
    with fresh_database.reading() as session:
        assert sorted(session.scalars(select(Listing.serial))) == list(range(1, 3_001))
        assert session.scalars(select(EditionItem.position).order_by(EditionItem.position)).all() == list(
            range(1, 3_001)
        )
        assert session.scalars(select(Edition.version)).all() == [2]
        assert sorted(set(session.scalars(select(CatalogEntry.revision)))) == [1, 2]


def test_the_columns_of_a_device_fill_its_block_and_an_empty_cell_empties_a_part(import_rows, session):
    import_rows(FULL | {"注册人": "示例注册人", "UDI-DI": "02001234567893"})
    import_rows(FULL | {"注册人": "", "适用范围": "供影像诊断使用。"})
    import_rows(FULL)

    shown = entry(session, source_ref="S-1")
    assert shown.version.version == 2
    assert shown.version.device == {"udi_di": "02001234567893", "scope": "供影像诊断使用。"}


def test_a_product_without_anything_in_the_columns_of_a_device_is_none(import_rows, session):
    import_rows(FULL | {"注册人": "", "可另收费": ""})

    assert entry(session, source_ref="S-1").version.device is None


def test_a_devices_cell_is_left_aside_and_said_when_the_product_is_none(import_rows, session):
    plain = {"来源编号": "S-1", "产品名称": "示例机床", "型号": "A"}
    drug = {"来源编号": "S-2", "产品名称": "示例药品", "注册证号": "国药准字H20190001"}
    device = {"来源编号": "S-3", "产品名称": "示例支架", "管理类别": "第三类"}
    scope = {"适用范围": "适用于叶盘加工。", "可另收费": "否"}

    result = import_rows(plain | scope, drug | scope, device | scope)

    assert figures(result) == (3, 0, 0, 0)
    reason = "产品没有医疗器械的注册证号、备案号或管理类别，此格未采纳，该行其余内容已采纳"
    assert reasons(result) == [
        (line, column, reason) for line in (2, 3) for column in ("适用范围", "可另收费")
    ]
    assert [fault.value for fault in result.report] == ["适用于叶盘加工。", "否"] * 2
    shown = {ref: entry(session, source_ref=ref).version for ref in ("S-1", "S-2", "S-3")}
    assert (shown["S-1"].model, shown["S-1"].device, shown["S-2"].device) == ("A", None, None)
    assert shown["S-3"].device == {
        "management_class": "第三类", "scope": "适用于叶盘加工。", "is_chargeable": False,
    }  # fmt: skip


def test_a_devices_cell_is_taken_when_an_earlier_version_says_that_it_is_one(import_rows, session):
    import_rows(FULL)

    result = import_rows({"来源编号": "S-1", "产品名称": FULL["产品名称"], "适用范围": "供影像诊断使用。"})

    assert result.report == []
    assert entry(session, source_ref="S-1").version.device == {"scope": "供影像诊断使用。"}
