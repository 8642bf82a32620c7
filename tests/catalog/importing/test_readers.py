import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from catalog.importing.readers import FileError, open_table
from tests.catalog.importing.conftest import csv_of, xlsx_of

ROWS = [{"产品名称": "示例磁共振", "型号": "MR-1"}, {"产品名称": "示例超声", "型号": "US 2"}]
CELLS = [(2, ["示例磁共振", "MR-1"]), (3, ["示例超声", "US 2"])]


def repacked(content, replace):
    """Return a workbook with some of its parts replaced by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, replace.get(name, old.read(name)))
    return out.getvalue()


def sheet(cells):
    """Return a worksheet's XML with the given cells."""
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_file_is_read_in_every_encoding_and_with_every_delimiter(encoding, delimiter):
    table = open_table(csv_of(ROWS, encoding=encoding, delimiter=delimiter), "rows.CSV")

    assert table.headers == ("产品名称", "型号")
    assert list(table.rows()) == CELLS
    assert list(table.rows()) == CELLS  # and again


def test_gb18030_is_recognised_when_its_first_character_comes_late():
    ascii_rows = "A,B\n" * 300_000  # more than one step of the decoder
    content = f"产品名称,型号\n{ascii_rows}示例𠮷,\n".encode("gb18030")

    assert [cells[0] for _, cells in open_table(content, "a.csv").rows()][-1] == "示例𠮷"


def test_a_workbook_is_read_with_dates_numbers_and_truth():
    content = xlsx_of(
        [
            {
                "产品名称": "示例",
                "年份": 2026,
                "认定日期": date(2026, 3, 31),
                "有效期至": datetime(2029, 3, 30),  # noqa: DTZ001 - a spreadsheet knows no zone
                "首次投放市场": True,
                "型号": 1.5,
            }
        ]
    )

    assert list(open_table(content, "a.xlsx").rows()) == [
        (2, ["示例", "2026", "2026-03-31", "2029-03-30", "是", "1.5"])
    ]


def test_rows_keep_their_numbers_when_some_are_empty():
    text = open_table("\n产品名称\n甲\n\n\n乙\n".encode(), "a.csv")
    book = openpyxl.Workbook()
    book.active["C4"], book.active["C5"], book.active["C8"] = "产品名称", "甲", "乙"
    out = io.BytesIO()
    book.save(out)

    assert list(text.rows()) == [(3, ["甲"]), (6, ["乙"])]
    assert list(open_table(out.getvalue(), "a.xlsx").rows()) == [(5, ["甲"]), (8, ["乙"])]


def test_a_cell_may_hold_a_line_break_when_it_is_quoted():
    content = '产品名称,产品简介\n示例,"一\n二"\n乙,\n'.encode()

    assert list(open_table(content, "a.csv").rows()) == [(2, ["示例", "一\n二"]), (3, ["乙", ""])]


def test_other_sheets_with_content_are_named():
    assert open_table(xlsx_of(ROWS, "附表"), "a.xlsx").other_sheets == ("附表",)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xls", b"x", "只能导入 .csv 或 .xlsx 文件，请另存为其中一种后再试。"),
        ("noending", b"x", "只能导入 .csv 或 .xlsx 文件，请另存为其中一种后再试。"),
        ("a.csv", b"", "文件是空的。"),
        ("a.csv", b"\xef\xbb\xbf\r\n \n", "文件是空的。"),
        ("a.csv", b"%PDF-1.7\n", "文件扩展名是 .csv，内容却是PDF 文件；请另存为 .csv 或 .xlsx 后再导入。"),
        ("a.xlsx", b"%PDF-1.7\n", "文件扩展名是 .xlsx，内容却是PDF 文件；请另存为 .csv 或 .xlsx 后再导入。"),
        ("a.csv", b"\n<!DOCTYPE html><table>", "文件扩展名是 .csv，内容却是网页或 XML 文件；请另存为 .csv 或 .xlsx 后再导入。"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", "文件扩展名是 .xlsx，内容却是旧版 Excel（.xls）文件或加密的工作簿；请另存为 .csv 或 .xlsx 后再导入。"),
        ("a.xlsx", "产品名称\n甲".encode(), "文件扩展名是 .xlsx，内容却是文本文件；请另存为 .csv 或 .xlsx 后再导入。"),
        ("a.csv", xlsx_of(ROWS), "文件扩展名是 .csv，内容却是XLSX 工作簿或压缩包；请另存为 .csv 或 .xlsx 后再导入。"),
        ("a.xlsx", b"PK\x03\x04broken", "工作簿已损坏或不是 XLSX 文件，无法打开。"),
        ("a.xlsx", xlsx_of(ROWS)[:-900], "工作簿已损坏或不是 XLSX 文件，无法打开。"),
        ("a.csv", "产品名称\n".encode() + b"\xff\xff\xff", "文件的文字编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8 编码后再导入。"),
        ("a.csv", "名称,型号\n甲,1\n".encode(), "第 1 行应为表头，其中没有“产品名称”一列。"),
        ("a.csv", "产品名称,型号,产品名称\n甲,1,乙\n".encode(), "表头“产品名称”出现了 2 次，只能出现一次。"),
        ("a.csv", ("产品名称," + "x," * 1_000_000).encode(), "表格有 1,000,001 列，最多只能有 16,384 列。"),
    ],
)  # fmt: skip
def test_a_file_is_refused_in_one_sentence_when_it_is_no_table_of_entries(name, content, sentence):
    with pytest.raises(FileError) as refused:
        open_table(content, name)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('甲\n"乙\n丙\n丁\n', "从第 3 行起有引号没有配对，一直到文件末尾。"),
        ('甲\n"乙"丙\n丁\n', "第 3 行不符合 CSV 格式：引号没有配对，或引号之外有多余的字。"),
        ("甲\n" + "乙" * 131_073 + "\n", "第 3 行有单元格超过 131,072 字；常见原因是引号没有配对。"),
    ],
)
def test_a_text_file_is_refused_where_its_cells_have_no_end(body, sentence):
    table = open_table(f"产品名称\n{body}".encode(), "a.csv")

    with pytest.raises(FileError) as refused:
        list(table.rows())

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "工作表有 1 行 × 16,385 列"),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "工作表有 1,048,577 行 × 1 列"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "工作表有 1,048,576 行 × 16,384 列"),
        (f'<row>{"<c><v>1</v></c>" * 16_385}</row>', "工作表有 1 行 × 16,385 列"),
    ],
)  # fmt: skip
def test_a_workbook_is_refused_before_its_far_corners_fill_the_memory(cells, sentence):
    content = repacked(xlsx_of(ROWS), {"xl/worksheets/sheet1.xml": sheet(cells)})

    with pytest.raises(FileError) as refused:
        open_table(content, "a.xlsx")

    assert refused.value.sentence.startswith(sentence)


def test_a_workbook_is_refused_when_it_unpacks_to_more_than_memory_should_hold(monkeypatch):
    monkeypatch.setattr("catalog.importing.readers.workbook.UNPACKED_MAX", 1024 * 1024)
    content = repacked(xlsx_of(ROWS), {"xl/theme/theme1.xml": " " * (2 * 1024 * 1024)})

    with pytest.raises(FileError) as refused:
        open_table(content, "a.xlsx")

    assert refused.value.sentence == "工作簿展开后超过 1 MB，请拆分后再导入。"


@pytest.mark.parametrize(
    "part",
    [
        sheet('<row r="1"><c r="A1"'),
        '<!DOCTYPE a [<!ENTITY b "bbbb">]>' + sheet("").removeprefix('<?xml version="1.0"?>'),
        sheet('<row r="x"><c r="1A"/></row>'),
    ],
)
def test_a_workbook_is_refused_when_its_sheet_is_broken(part):
    content = repacked(xlsx_of(ROWS), {"xl/worksheets/sheet1.xml": part})

    with pytest.raises(FileError) as refused:
        open_table(content, "a.xlsx")

    assert refused.value.sentence == "工作簿已损坏或不是 XLSX 文件，无法打开。"


def test_an_archive_is_refused_when_it_only_bears_the_ending():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")

    with pytest.raises(FileError) as refused:
        open_table(out.getvalue(), "a.xlsx")

    assert refused.value.sentence == "文件不是 XLSX 工作簿（可能是改了扩展名的压缩包或其他文档）。"
