"""The table for the procurement file, as XLSX or CSV: day, product codes and versions, verdicts and their words."""

from collections.abc import Iterator
from typing import IO

from registry import spreadsheets
from registry.terms import label
from search.requirements.findings import Finding
from search.requirements.tables import Table

NOTE = "本表依据产品在目录中公开的信息自动比对，仅供编制和评审采购文件时参考，不代替采购人和评审专家的判断；“无法判断”表示公开信息不足，不表示不满足。"
PRODUCT_HEADS = ("产品", "产品代码", "版本", "型号", "申报单位", "目录编号")
HEADS = ("序号", "采购要求", "产品", "产品代码", "版本", "结论", "出处", "原文", "所列依据", "说明")
WIDTHS = (6, 48, 28, 12, 8, 12, 22, 40, 24, 36)  # characters

Line = tuple[str | int, ...]


def lines(table: Table) -> Iterator[Line]:
    """Yield the head, a line for each product, and one for each requirement and product."""
    yield ("采购要求比对表",)
    yield ("比对日期", table.on.isoformat())
    yield ("说明", NOTE)
    yield ()
    yield PRODUCT_HEADS
    for column in table.columns:
        yield (
            column.name,
            column.code,
            column.version,
            column.model,
            column.organization,
            "、".join(column.numbers),
        )
    yield ()
    yield HEADS
    for row in table.rows:
        if row.is_heading:
            yield (row.number, row.text)
            continue
        for column, finding in zip(table.columns, row.findings, strict=True):
            yield (row.number, row.text, column.name, column.code, column.version, *_words(finding))


def _words(finding: Finding) -> tuple[str, str, str, str, str]:
    sources = finding.sources
    return (
        label(finding.verdict),
        "；".join(source.field for source in sources),
        "；".join(source.words for source in sources),
        "；".join(dict.fromkeys(source.document for source in sources if source.document)),
        finding.reason,
    )


def write_csv(table: Table, out: IO[bytes]) -> None:
    """Write the table as CSV."""
    with spreadsheets.csv_table(out) as write:
        for line in lines(table):
            write(line)


def write_xlsx(table: Table, out: IO[bytes]) -> None:
    """Write the table as a workbook with one sheet."""
    with spreadsheets.workbook(out, "采购要求比对", WIDTHS) as sheet:
        for number, line in enumerate(lines(table)):
            if number == 0 or line in (HEADS, PRODUCT_HEADS):
                sheet.head(line, wraps=number > 0)
            else:
                sheet.line(line, wraps=number > 3)


WRITERS = {"xlsx": write_xlsx, "csv": write_csv}
