"""Open a file of entries, whatever it claims to be: a table with one header row, or one clear sentence."""

from catalog.importing.readers.table import FileError, Table
from catalog.importing.readers.text import open_text
from catalog.importing.readers.workbook import open_workbook

FILE_MAX = 64 * 1024 * 1024  # bytes; ten times the largest catalog we know of, small enough to hold in memory

_ZIP = b"PK\x03\x04"
_OTHERS = (
    (b"%PDF-", "PDF 文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Excel（.xls）文件或加密的工作簿"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"\x1f\x8b", "压缩包"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
)
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head")

__all__ = ["FILE_MAX", "FileError", "Table", "open_table"]


def open_table(content: bytes, name: str) -> Table:
    """Open the content of a file by its name's ending, after checking that it is what the ending says.

    Raises:
        FileError: it cannot be read as a table of entries; the sentence says why.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in {"csv", "xlsx"}:
        raise FileError("只能导入 .csv 或 .xlsx 文件，请另存为其中一种后再试。")
    if not content.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise FileError("文件是空的。")
    if len(content) > FILE_MAX:
        raise FileError(f"文件超过 {FILE_MAX // 1024 // 1024} MB，请拆分后再导入。")
    found = _disguise(content)
    if content.startswith(_ZIP):
        found = None if ending == "xlsx" else "XLSX 工作簿或压缩包"
    elif ending == "xlsx":
        found = found or "文本文件"
    if found:
        raise FileError(f"文件扩展名是 .{ending}，内容却是{found}；请另存为 .csv 或 .xlsx 后再导入。")
    return open_workbook(content) if ending == "xlsx" else open_text(content)


def _disguise(content: bytes) -> str | None:
    for magic, kind in _OTHERS:
        if content.startswith(magic):
            return kind
    beginning = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "网页或 XML 文件" if beginning.startswith(_MARKUP) else None
