"""Counting what is searched for."""

from datetime import date, timedelta

import pytest

from registry import clock, hooks
from search.usage import tally
from search.usage.models import SearchTally

DAY = date(2026, 11, 20)


def note_on(folder, day, *searches):
    with clock.standing_at(day):
        for text, total in searches:
            tally.note(folder, text, total)


def gathered(database, settings):
    tally.gather(hooks.Context(database, settings, lambda _line: None))
    with database.reading() as session:
        return {
            (row.on, row.text): (row.searches, row.without_result)
            for row in session.query(SearchTally).order_by(SearchTally.on, SearchTally.text)
        }


def test_searches_are_counted_by_text_and_day_when_a_clock_gathers_them(database, settings):
    note_on(settings.data_dir, DAY, ("超声", 3), ("超　聲", 2), ("无此物", 0))
    note_on(settings.data_dir, DAY + timedelta(1), ("超声", 0))

    with clock.standing_at(DAY + timedelta(2)):
        assert gathered(database, settings) == {
            (DAY, "超 声"): (1, 0),
            (DAY, "超声"): (1, 0),
            (DAY, "无此物"): (1, 1),
            (DAY + timedelta(1), "超声"): (1, 1),
        }


def test_a_search_is_counted_once_when_the_clock_comes_twice(database, settings):
    note_on(settings.data_dir, DAY, ("超声", 3))

    with clock.standing_at(DAY + timedelta(1)):
        assert gathered(database, settings) == gathered(database, settings) == {(DAY, "超声"): (1, 0)}


def test_the_present_minute_is_left_alone_when_a_request_may_still_write_to_it(database, settings):
    with clock.standing_at(DAY):
        tally.note(settings.data_dir, "超声", 3)

        assert gathered(database, settings) == {}


@pytest.mark.parametrize(
    "text",
    ["", "  ", "13800000000", "someone@example.com", "110101199003070011", "长" * (tally.TEXT_MOST + 1)],
)
def test_a_text_is_not_kept_when_it_says_nothing_or_may_name_a_person(settings, text):
    tally.note(settings.data_dir, text, 0)

    assert list(settings.data_dir.glob("searches/*")) == []


def test_a_search_is_answered_when_it_cannot_be_counted(tmp_path, caplog):
    (tmp_path / tally.FOLDER).write_text("a file where the folder should be")

    tally.note(tmp_path, "超声", 3)

    assert "could not be counted" in caplog.text


def test_a_half_written_line_is_left_out_when_a_process_died_in_it(database, settings):
    note_on(settings.data_dir, DAY, ("超声", 3))
    (path,) = settings.data_dir.glob("searches/*.jsonl")
    path.write_text(path.read_text("utf-8") + '["2026-11-20", "半', "utf-8")

    with clock.standing_at(DAY + timedelta(1)):
        assert gathered(database, settings) == {(DAY, "超声"): (1, 0)}


def test_counts_are_forgotten_when_they_are_older_than_policy_keeps(database, settings):
    note_on(settings.data_dir, DAY, ("超声", 3))

    with clock.standing_at(DAY + timedelta(400)):
        assert gathered(database, settings) == {}


def test_a_text_is_shown_to_everybody_only_when_many_searched_for_it_on_several_days(session):
    for text, day, searches, without in (
        ("超声", DAY, 4, 0), ("超声", DAY - timedelta(1), 2, 0),
        ("一天", DAY, 50, 0),
        ("少见", DAY, 1, 0), ("少见", DAY - timedelta(1), 1, 0),
        ("落空", DAY, 9, 1), ("落空", DAY - timedelta(1), 9, 0),
    ):  # fmt: skip
        session.add(SearchTally(on=day, text=text, searches=searches, without_result=without))
    session.flush()

    with clock.standing_at(DAY):
        assert tally.popular(session) == ["超声"]


def test_the_report_orders_texts_by_what_it_is_about(session):
    for text, searches, without in (("超声", 9, 0), ("无此物", 3, 3), ("偶尔", 5, 1)):
        session.add(SearchTally(on=DAY, text=text, searches=searches, without_result=without))
    session.flush()

    assert [row.text for row in tally.frequent(session, since=DAY, limit=2)] == ["超声", "偶尔"]
    assert tally.fruitless(session, since=DAY, limit=9) == [
        tally.Counted("无此物", 3, 3),
        tally.Counted("偶尔", 5, 1),
    ]
