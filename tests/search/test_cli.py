"""The search commands, on a database with real commits."""

import pytest

from registry.models import PublicationScope
from tests.conftest import application, settings_for, url_of
from tests.factories import Make
from tests.search.conftest import room


@pytest.fixture
def runner(fresh_database, tmp_path):
    app = application(settings_for(tmp_path, url_of(fresh_database)), fresh_database)
    return app.test_cli_runner()


def test_check_fails_with_a_line_for_each_difference_when_the_index_lags(fresh_database, runner):
    assert runner.invoke(args=["search", "sync"]).output == "documents: 0, revision: 0\n"
    with fresh_database.transaction() as session:
        listing = Make(session).listing()

    behind = runner.invoke(args=["search", "check"])
    synced = runner.invoke(args=["search", "sync"])
    level = runner.invoke(args=["search", "check"])

    assert (behind.exit_code, behind.stderr) == (1, "P000001 missing\nmissing: 1\n")
    assert (synced.exit_code, synced.output) == (0, f"documents: 1, revision: {listing.entry_id}\n")
    assert (level.exit_code, level.output) == (0, "the index equals the database\n")


def test_check_says_what_to_do_when_there_is_no_index(runner):
    result = runner.invoke(args=["search", "check"])

    assert (result.exit_code, result.stderr) == (
        2,
        "index: 检索索引不存在或版本不符，请运行 search rebuild。\n",
    )


def test_a_full_disk_is_told_in_a_sentence_and_the_index_follows_once_there_is_room(fresh_database, runner):
    runner.invoke(args=["search", "sync"])
    with fresh_database.transaction() as session:
        Make(session).listing()

    with room(100):
        full = runner.invoke(args=["search", "sync"])
    after = runner.invoke(args=["search", "sync"])

    assert (full.exit_code, full.stderr[:8]) == (2, "检索索引无法写入")
    assert after.output == "documents: 1, revision: 1\n"


def test_rebuild_makes_the_index_when_there_is_none(fresh_database, runner):
    with fresh_database.transaction() as session:
        Make(session).listing()

    assert runner.invoke(args=["search", "rebuild"]).output == "documents: 1, revision: 1\n"


def test_match_writes_a_table_of_requirements_by_public_products(fresh_database, runner, tmp_path):
    with fresh_database.transaction() as session:
        make = Make(session)
        make.listing(make.entry(kpis=[{"indicator": "产能", "unit": "片/小时", "ours": "45"}]))
        make.listing(make.entry(scope=PublicationScope.VERIFIED_BUYERS))
    lines, out = tmp_path / "要求.txt", tmp_path / "out.csv"
    lines.write_text("产能≥40片/小时\n", "utf-8")

    done = runner.invoke(args=["search", "match", str(lines), str(out), "--product", "P000001"])
    hidden = runner.invoke(args=["search", "match", str(lines), str(out), "--product", "P000002"])
    odd = runner.invoke(
        args=["search", "match", str(lines), str(tmp_path / "out.pdf"), "--product", "P000001"]
    )

    assert (done.exit_code, done.output) == (0, f"{out}: 1 lines, 1 products\n")
    assert "优于要求,主要技术指标第 1 行,产能 45 片/小时" in out.read_text("utf-8-sig")
    assert (hidden.exit_code, hidden.stderr) == (
        2,
        "codes: 产品代码：没有找到产品“P000002”，请检查后再填。\n",
    )
    assert (odd.exit_code, odd.stderr) == (2, "OUT: 只能写 .xlsx 或 .csv 文件。\n")
