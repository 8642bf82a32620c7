from datetime import date

import pytest

from catalog.importing.rows import (
    CellError,
    Fault,
    RowReader,
    parse_batch,
    parse_date,
    parse_first_on_market,
    parse_year,
)
from catalog.numbers import ListingNumber
from registry import clock
from registry.taxonomy import Labels

FIELDS = Labels({"IC": "集成电路", "LH": "生命健康"}, {"IC": "先导产业", "LH": "重点产业"})
DISTRICTS = Labels({"310115": "浦东新区", "310104": "徐汇区"}, {"310115": None, "310104": None})


def read(row, *, valid_until=None):
    """Read one row, given as a dictionary."""
    reader = RowReader(tuple(row), fields=FIELDS, districts=DISTRICTS, valid_until=valid_until)
    return reader.read(2, list(row.values()))


@pytest.fixture(autouse=True)
def _today():
    with clock.standing_at(date(2026, 11, 21)):
        yield


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31",
        "2026/3/31",
        "2026.3.31",
        "2026年3月31日",
        "２０２６年３月３１日",
        "20260331",
        "2026-03-31 00:00:00",
    ],
)
def test_a_date_is_read_when_written_as_offices_do(text):
    assert parse_date(text) == date(2026, 3, 31)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "0000-01-01", "1900-01-01", "长期", "46112", "2026", "٣"]
)
def test_a_date_is_refused_when_no_calendar_has_it(text):
    with pytest.raises(CellError):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "batch"), [("1", 1), ("02", 2), ("第3批", 3), ("第十批", 10), ("第二批次", 2)]
)
def test_a_batch_is_read_when_written_as_offices_do(text, batch):
    assert parse_batch(text) == batch


@pytest.mark.parametrize("text", ["0", "100", "-1", "一二", "1.5", "批"])
def test_a_batch_is_refused_when_a_number_cannot_hold_it(text):
    with pytest.raises(CellError):
        parse_batch(text)


@pytest.mark.parametrize("text", ["1948", "2028", "26", "2026.5", "二〇二六", "20260"])
def test_a_year_is_refused_when_no_list_can_have_it(text):
    with pytest.raises(CellError):
        parse_year(text)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("是", (True, None)),
        ("否", (False, None)),
        ("是（基准日 2026-03-31）", (True, date(2026, 3, 31))),
        ("是(基准日:2026年3月31日)", (True, date(2026, 3, 31))),
    ],
)
def test_a_first_on_market_finding_is_read_with_its_day(text, finding):
    assert parse_first_on_market(text) == finding


def test_a_row_keeps_raw_words_beside_the_codes_that_are_known():
    row = read({"产品名称": "示例芯片", "所在区": "浦东", "产业领域": "集成电路"})

    assert row.content == {
        "name": "示例芯片", "district_text": "浦东", "district": "310115", "field_text": "集成电路", "field": "IC",
    }  # fmt: skip


def test_a_row_keeps_raw_words_when_no_class_has_them():
    row = read({"产品名称": "示例芯片", "所在区": "苏州工业园", "产业领域": "其他"})

    assert (row.content["district"], row.content["district_text"]) == (None, "苏州工业园")
    assert (row.content["field"], row.content["field_text"]) == (None, "其他")


def test_a_row_says_nothing_of_a_column_that_the_file_lacks():
    row = read({"产品名称": "示例芯片", "发布文件": ""})

    assert row.content == {"name": "示例芯片"}
    assert row.facts == {"document": None}
    assert row.national is None


def test_a_well_formed_number_is_taken_apart_and_any_other_is_only_a_key():
    ours = read({"产品名称": "示例芯片", "目录编号": "cx-2026-01-0042"})
    other = read({"产品名称": "示例芯片", "目录编号": "沪推2026第42号"})

    assert (ours.number_text, ours.number.serial) == ("CX-2026-01-0042", 42)
    assert isinstance(ours.number, ListingNumber)
    assert (other.number_text, other.number) == ("沪推2026第42号", None)


def test_the_option_tells_the_validity_when_the_cell_is_empty():
    option = date(2029, 12, 31)

    assert read({"产品名称": "甲", "有效期至": ""}, valid_until=option).facts["valid_until"] == option
    assert read({"产品名称": "甲", "有效期至": "2028-01-01"}, valid_until=option).facts[
        "valid_until"
    ] == date(2028, 1, 1)


def test_every_fault_of_a_row_is_named():
    faults = read(
        {
            "产品名称": "",
            "年份": "明年",
            "批次": "0",
            "认定日期": "2026-02-30",
            "首次投放市场": "也许",
            "来源编号": "x" * 201,
        }
    )

    assert [fault.column for fault in faults] == [
        "产品名称",
        "认定日期",
        "年份",
        "批次",
        "首次投放市场",
        "来源编号",
    ]
    assert faults[1] == Fault(
        2, "认定日期", "2026-02-30", "不是日期，应写作 2026-03-31、2026/3/31 或 2026年3月31日"
    )


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\uffff"])
def test_a_row_is_refused_when_a_cell_holds_what_no_file_can(bad):
    faults = read({"产品名称": f"示例{bad}芯片"})

    assert [(fault.column, fault.value) for fault in faults] == [("产品名称", "示例\ufffd芯片")]


def test_a_row_is_refused_when_it_has_more_cells_than_the_header():
    reader = RowReader(("产品名称", "型号"), fields=FIELDS, districts=DISTRICTS, valid_until=None)

    assert [fault.column for fault in reader.read(7, ["示例", "A", "", "错位"])] == ["第3列"]
    assert reader.read(7, ["示例"]).content == {"name": "示例", "model": None}


def test_national_lists_are_told_apart():
    row = read({"产品名称": "甲", "国家级目录": "示例目录甲；示例目录乙;示例目录甲"})

    assert row.national == ("示例目录甲", "示例目录乙")


def test_a_row_tells_of_a_device_in_columns_of_its_own():
    row = read(
        {
            "产品名称": "示例支架",
            "注册证有效期至": "2029年5月31日",
            "适用范围": "供介入治疗使用。",
            "可另收费": "否",
            "挂网编号": "",
        }
    )

    assert row.device == {
        "valid_until": "2029-05-31", "scope": "供介入治疗使用。", "is_chargeable": False, "net_listing_number": None,
    }  # fmt: skip


def test_a_row_is_refused_when_a_devices_cell_cannot_be():
    faults = read({"产品名称": "示例支架", "注册证有效期至": "长期", "可另收费": "可以"})

    assert [(fault.column, fault.reason) for fault in faults] == [
        ("注册证有效期至", "不是日期，应写作 2026-03-31、2026/3/31 或 2026年3月31日"),
        ("可另收费", "应为“是”或“否”"),
    ]
