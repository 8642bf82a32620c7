"""The search commands, on a database with real commits."""

import pytest

from tests.conftest import application, settings_for
from tests.factories import Make


@pytest.fixture
def runner(fresh_database, tmp_path):
    app = application(
        settings_for(tmp_path, fresh_database.engine.url.render_as_string(False)), fresh_database
    )
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


def test_rebuild_makes_the_index_when_there_is_none(fresh_database, runner):
    with fresh_database.transaction() as session:
        Make(session).listing()

    assert runner.invoke(args=["search", "rebuild"]).output == "documents: 1, revision: 1\n"
