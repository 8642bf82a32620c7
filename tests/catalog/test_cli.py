import csv
import io

import pytest
from sqlalchemy import func, select

from registry import hooks
from registry.models import CatalogEntry
from tests.catalog.importing.conftest import csv_of


@pytest.fixture
def run(app):
    """Return a function that runs a command of the catalog."""
    runner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["catalog", *map(str, arguments)])


@pytest.fixture
def caught_up(monkeypatch):
    """Return a list that grows by one whenever the index is asked to catch up."""
    calls = []
    monkeypatch.setattr(hooks, "catch_up", [calls.append])
    return calls


@pytest.fixture
def file(tmp_path):
    """Return a file with two good rows and a bad one."""
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of([
        {"产品名称": "甲", "型号": "1", "备注": "x"}, {"产品名称": "", "型号": "2"}, {"产品名称": "乙", "型号": "3"},
    ]))  # fmt: skip
    return path


def test_import_prints_its_figures_and_catches_up(run, file, caught_up):
    result = run("import", file)

    assert result.exit_code == 0, result.output
    assert "taken:            2" in result.output
    assert "refused:          1" in result.output
    assert "unknown column: 备注" in result.output
    assert "editions:  CX-2026-01" in result.output
    assert "peak memory" in result.output
    assert len(caught_up) == 1


def test_import_writes_a_report_of_what_was_not_taken(run, file, tmp_path, caught_up):
    report = tmp_path / "report.csv"

    assert run("import", file, "--report", report).exit_code == 0

    assert list(csv.reader(io.StringIO(report.read_text("utf-8-sig")))) == [
        ["行", "列", "值", "原因"],
        ["", "备注", "", "不是导入表的列，未读取"],
        ["3", "产品名称", "", "产品名称为空"],
    ]


def test_import_writes_nothing_when_it_only_rehearses(run, file, session, caught_up):
    result = run("import", file, "--dry-run")

    assert (result.exit_code, caught_up) == (0, [])
    assert "dry run: nothing was written" in result.output
    assert session.scalar(select(func.count()).select_from(CatalogEntry)) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.csv"], "file: 无法读取文件 absent.csv。"),
        (["{file}", "--year", "26"], "year: 年份 26 不可能。"),
        (["{file}", "--report", "{file}.d/report.csv"], "--report: 没有目录"),
        (["{file}", "--list", "XX"], "--list"),
        (["{file}", "--valid-until", "tomorrow"], "--valid-until"),
    ],
)
def test_import_exits_with_2_and_one_sentence_when_it_cannot_begin(run, file, arguments, sentence):
    result = run("import", *(argument.format(file=file) for argument in arguments))

    assert result.exit_code == 2
    assert sentence in result.output


def test_export_writes_what_import_reads(run, file, tmp_path, caught_up):
    run("import", file, "--list", "tz", "--valid-until", "2099-12-31")
    out = tmp_path / "out.xlsx"

    exported = run("export", out, "--edition", "tz-2026-01")
    again = run("import", out)

    assert exported.exit_code == 0, exported.output
    assert "unchanged:        2" in again.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["out.pdf"], "OUT: 只能导出 .xlsx、.csv 或 .json 文件。"),
        (["{folder}/absent/out.csv"], "OUT: 无法写入文件"),
        (["out.csv", "--edition", "CX-1999-09"], "--edition: 没有目录版本 CX-1999-09。"),
    ],
)
def test_export_exits_with_2_and_one_sentence_when_it_cannot(run, tmp_path, arguments, sentence):
    result = run("export", *(argument.format(folder=tmp_path) for argument in arguments))

    assert result.exit_code == 2
    assert sentence in result.output
