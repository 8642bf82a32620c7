"""Count what is searched for, so that the office sees what finds nothing; nobody's name is kept.

A request appends a line to a file of its minute and never writes to the database; a clock gathers the files. A process
killed between the commit and the deletion of a file counts that minute twice, which a statistic bears.
"""

import json
import logging
import os
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from catalog.publication import leak_scan
from registry import clock, hooks, policy
from registry.db import add_missing
from search.analysis import fold
from search.usage.models import SearchTally

log = logging.getLogger(__name__)

FOLDER = "searches"
TEXT_MOST = 60  # characters; what is longer is a sentence about somebody's case rather than a need
MINUTE = "%Y%m%dT%H%M"


@dataclass(frozen=True, slots=True)
class Counted:
    """A text with how often it was searched for, and how often without result."""

    text: str
    searches: int
    without_result: int


def note(folder: Path, text: str, total: int) -> None:
    """Remember that a text was searched for; texts that may name a person are left out, no failure is passed on."""
    shown = " ".join(fold(text).split())
    if not shown or len(shown) > TEXT_MOST or leak_scan.scan({"text": shown}, words=leak_scan.Words()):
        return
    now = clock.now()
    line = json.dumps(
        [now.astimezone(clock.BEIJING).date().isoformat(), shown, total == 0], ensure_ascii=False
    )
    try:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        path = folder / FOLDER / f"{now.strftime(MINUTE)}-{os.getpid()}.jsonl"
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(line + "\n")
    except OSError:
        log.warning("A search could not be counted.", exc_info=True)


def gather(context: hooks.Context) -> None:
    """Add the files of past minutes to the counts and delete them; forget what is older than policy keeps."""
    folder = context.settings.data_dir / FOLDER
    this_minute = clock.now().strftime(MINUTE)
    for path in sorted(folder.glob("*.jsonl")):
        if path.name.partition("-")[0] < this_minute:
            with context.database.transaction() as session:
                _add(session, path)
            path.unlink(missing_ok=True)
    with context.database.transaction() as session:
        oldest = clock.today() - timedelta(days=policy.value(session, "search.tally")["days"])
        session.execute(delete(SearchTally).where(SearchTally.on < oldest))


def _add(session: Session, path: Path) -> None:
    searches: Counter[tuple[date, str]] = Counter()
    without: Counter[tuple[date, str]] = Counter()
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            day, text, found_nothing = json.loads(line)
            key = date.fromisoformat(day), str(text)[:TEXT_MOST]
        except (ValueError, TypeError):
            continue  # the process died in the middle of the line
        searches[key] += 1
        without[key] += bool(found_nothing)
    for (on, text), number in sorted(searches.items()):
        add_missing(session, SearchTally, on=on, text=text, searches=0, without_result=0)
        row = session.get_one(SearchTally, (on, text), with_for_update=True, populate_existing=True)
        row.searches += number
        row.without_result += without[on, text]


def counted(since: date) -> Select[str, int, int]:
    """Select each text with its counts since a day."""
    searches, without = func.sum(SearchTally.searches), func.sum(SearchTally.without_result)
    return (
        select(SearchTally.text, searches.label("searches"), without.label("without_result"))
        .where(SearchTally.on >= since)
        .group_by(SearchTally.text)
    )


def frequent(session: Session, *, since: date, limit: int) -> list[Counted]:
    """Return the texts searched for most."""
    rows = counted(since).order_by(func.sum(SearchTally.searches).desc(), SearchTally.text).limit(limit)
    return [Counted(*row) for row in session.execute(rows)]


def fruitless(session: Session, *, since: date, limit: int) -> list[Counted]:
    """Return the texts that found nothing most often."""
    without = func.sum(SearchTally.without_result)
    rows = counted(since).having(without > 0).order_by(without.desc(), SearchTally.text).limit(limit)
    return [Counted(*row) for row in session.execute(rows)]


def popular(session: Session) -> list[str]:
    """Return the texts that may be shown to everybody: searched for often, on several days, never in vain."""
    rule = policy.value(session, "search.popular")
    since = clock.today() - timedelta(days=rule["days"])
    rows = (
        counted(since)
        .having(
            func.sum(SearchTally.searches) >= rule["searches"],
            func.count(SearchTally.on) >= rule["on_days"],
            func.sum(SearchTally.without_result) == 0,
        )
        .order_by(func.sum(SearchTally.searches).desc(), SearchTally.text)
        .limit(rule["shown"])
    )
    return [text for text, _, _ in session.execute(rows)]


hooks.clocks.append(hooks.Clock("search.tally", timedelta(minutes=1), gather))
