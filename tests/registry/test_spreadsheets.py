"""Tables that leave the house: readable in Chinese and harmless."""

import io

import pytest
from openpyxl import load_workbook

from registry import spreadsheets

HARMFUL = "=HYPERLINK(1)"


def written(lines, **options):
    """Return the sheet that a workbook of these lines holds, the first of them its head."""
    out = io.BytesIO()
    with spreadsheets.workbook(out, "表", [10, 20], **options) as sheet:
        sheet.head(lines[0])
        for line in lines[1:]:
            sheet.line(line)
    return load_workbook(out).active


def test_csv_has_the_mark_of_its_encoding_and_runs_nothing():
    assert spreadsheets.csv_bytes([("名称", 3, None), (HARMFUL, "-5", "甲,乙")]).decode() == (
        '\ufeff名称,3,\r\n\'=HYPERLINK(1),-5,"甲,乙"\r\n'
    )


def test_a_csv_file_stays_open_for_its_owner():
    out = io.BytesIO()
    with spreadsheets.csv_table(out) as write:
        write(["甲\ud800"])

    assert out.getvalue().decode("utf-8-sig") == "甲?\r\n"


def test_a_workbook_holds_texts_and_numbers_and_no_formula():
    sheet = written([("名称", "数"), (HARMFUL, 3), ("甲\x00乙", None)])

    assert [[cell.value for cell in row] for row in sheet] == [
        ["名称", "数"],
        ["'=HYPERLINK(1)", 3],
        ["甲\ufffd乙", None],
    ]
    assert {cell.data_type for row in sheet for cell in row if cell.value is not None} == {"s", "n"}


def test_a_list_keeps_its_head_in_sight_and_filters_below_it():
    sheet = written([("名称", "数"), ("甲", 1), ("乙", 2)], is_list=True)

    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert [sheet.column_dimensions[column].width for column in "AB"] == [10, 20]


def test_nothing_is_saved_when_a_line_cannot_be_written():
    out = io.BytesIO()

    def line():
        yield "甲"
        raise ValueError("无")

    with pytest.raises(ValueError, match="无"), spreadsheets.workbook(out, "表", [10]) as sheet:
        sheet.line(line())
    assert out.getvalue() == b""
