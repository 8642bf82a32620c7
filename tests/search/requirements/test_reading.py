"""Requirements as they are pasted and uploaded."""

import io

import pytest
from openpyxl import Workbook

from catalog.importing.readers.table import FileError
from registry.errors import RuleError
from search.requirements import reading


def workbook(*rows):
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_lines_are_taken_without_empty_ones():
    assert reading.lines_of("  功率≥5kW \r\n\r\n重量≤5kg\r") == ("功率≥5kW", "重量≤5kg")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "采购要求：必填，一行一条。"),
        (" \n ", "采购要求：必填，一行一条。"),
        ("行\n" * 201, "采购要求：一次最多比对 200 行，现有 201 行，请分批比对。"),
        ("好\n" + "长" * 5000, "采购要求：第 2 行有 5,000 个字，每行最多 500 个字，请拆成几行。"),
        (("长" * 400 + "\n") * 60, "采购要求：一次最多 20,000 个字，现有 24,000 个，请分批比对。"),
        ("功率\x00≥5kW", "采购要求：第 1 行含有不能识别的控制字符，请删去。"),
    ],
)
def test_lines_are_refused_in_one_sentence_when_they_break_a_limit(text, sentence):
    with pytest.raises(RuleError) as problem:
        reading.lines_of(text)

    assert problem.value.sentence == sentence


def test_a_workbook_gives_a_line_for_each_row_by_its_header():
    content = workbook(
        ["序号", "指标名称", "技术要求", "单位"], [1, "平均无故障时间", "≥2000", "小时"], [2, "质保期", "不少于3年", None], [], [3, None, "提供培训", None]
    )  # fmt: skip

    assert reading.text_of(content, "要求.xlsx").split("\n") == [
        "平均无故障时间：≥2000小时",
        "质保期：不少于3年",
        "提供培训",
    ]


def test_a_table_without_a_header_gives_its_cells_one_after_the_other():
    content = workbook([1, "功率", "≥5", "kW"], ["2.1", "重量≤5kg"])

    assert reading.text_of(content, "要求.xlsx").split("\n") == ["功率：≥5kW", "重量≤5kg"]


def test_a_tender_table_gives_each_line_of_a_cell_below_its_title_and_leaves_quantities_out():
    content = workbook(
        ["某医院设备采购技术要求"],
        ["序号", "货物名称", "技术参数", "数量", "备注"],
        [1, "刻蚀设备", "1.产能≥40片/小时\n2.噪声≤70dB(A)；\n\n3.质保2年", 1, None],
        [2, "质保期", "≥3年", 2, "★"],
    )

    assert reading.text_of(content, "要求.xlsx").split("\n") == [
        "1.产能≥40片/小时",
        "2.噪声≤70dB(A)；",
        "3.质保2年",
        "★质保期：≥3年",
    ]


def test_lines_of_several_goods_each_begin_with_their_own():
    content = workbook(
        ["货物名称", "技术参数"], ["刻蚀设备", "1.产能≥40片/小时\n（2）噪声≤70dB(A)"], ["空压机", "①噪声≤60dB(A)\n质保2年"]
    )  # fmt: skip

    assert reading.text_of(content, "a.xlsx").split("\n") == [
        "刻蚀设备：产能≥40片/小时",
        "刻蚀设备：噪声≤70dB(A)",
        "空压机：噪声≤60dB(A)",
        "空压机：质保2年",
    ]


def test_a_merged_name_holds_for_the_rows_below_it():
    content = workbook(
        ["指标", "要求", "单位"],
        ["产能", "≥50", "片/小时"],
        [None, "≤70", "片/小时"],
        [None, "提供培训", None],
    )

    assert reading.text_of(content, "a.xlsx").split("\n") == [
        "产能：≥50片/小时",
        "产能：≤70片/小时",
        "提供培训",
    ]


def test_every_visible_worksheet_is_read():
    book, out = Workbook(), io.BytesIO()
    book.active.append(["功率≥5kW"])
    book.create_sheet("商务").append(["质保期≥2年"])
    book.create_sheet("空")
    hidden = book.create_sheet("草稿")
    hidden.append(["重量≤5kg"])
    hidden.sheet_state = "hidden"
    book.save(out)

    assert reading.text_of(out.getvalue(), "a.xlsx").split("\n") == ["功率≥5kW", "质保期≥2年"]


def test_a_workbook_of_too_many_worksheets_is_refused():
    book, out = Workbook(), io.BytesIO()
    book.active.append(["功率≥5kW"])
    for number in range(reading.SHEETS_MAX):
        book.create_sheet(f"第 {number} 页").append(["质保期≥2年"])
    book.save(out)

    with pytest.raises(FileError, match="采购要求文件：有 21 个工作表，最多 20 个"):
        reading.text_of(out.getvalue(), "a.xlsx")


@pytest.mark.parametrize("delimiter", ";\t")
def test_a_csv_may_have_other_delimiters(delimiter):
    content = "指标,要求,单位\n功率,≥5,kW\n".replace(",", delimiter).encode()

    assert reading.text_of(content, "a.csv") == "功率：≥5kW"


def test_a_line_of_signs_alone_is_no_requirement():
    assert reading.lines_of("——\n功率≥5kW\n★★★\n。。。") == ("功率≥5kW",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_is_read_in_the_encodings_of_offices(encoding):
    assert reading.text_of("功率≥5kW\n重量≤5kg".encode(encoding), "要求.txt") == "功率≥5kW\n重量≤5kg"


def test_a_csv_gives_a_line_for_each_row():
    content = "指标,要求,单位\n功率,≥5,kW\n".encode("gb18030")

    assert reading.text_of(content, "a.csv") == "功率：≥5kW"


@pytest.mark.parametrize(
    ("content", "name", "part"),
    [
        (b"x", "a.pdf", "只能上传"),
        (b"", "a.txt", "文件是空的"),
        (b"\x00\x00", "a.txt", "文件是空的"),
        (b"a\x00b", "a.txt", "不是文字"),
        (b"\xff\xfe\xff", "a.txt", "编码"),
        (b"text", "a.xlsx", "内容却不是"),
        (workbook(["a"]), "a.txt", "内容却不是"),
        (b"x" * (1024 * 1024 + 1), "a.txt", "超过 1 MB"),
    ],
)
def test_a_file_is_refused_in_one_sentence_when_it_is_not_what_it_says(content, name, part):
    with pytest.raises(FileError, match=part):
        reading.text_of(content, name)


def test_a_workbook_with_cells_in_far_corners_is_refused():
    book, out = Workbook(), io.BytesIO()
    book.active.cell(1, 1, "功率≥5kW")
    book.active.cell(900_000, 3, "重量≤5kg")
    book.save(out)

    with pytest.raises(FileError, match="单元格"):
        reading.text_of(out.getvalue(), "a.xlsx")
