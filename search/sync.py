"""Keep the index up to the database: it follows the entries' revision mark and can always be made anew."""

import fcntl
import logging
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from catalog.entries import REVISION_COUNTER
from catalog.events import CatalogChanged
from catalog.queries import former_names
from registry import clock, counters, hooks, outbox
from registry.db import Database
from registry.errors import RuleError
from registry.models import SystemState, Trait
from search import queries
from search.documents import LISTS, Document, ListedIn
from search.engine import Difference, SearchEngine
from search.index import IndexMissingError
from search.index.state import State

log = logging.getLogger(__name__)

SOURCE = "search.source"
THREAD = "index"
RETRY_SECONDS = 10
REBUILD_SHARE = 0.25  # from this part of all entries on, one bulk build is cheaper than updates


_beside = Lock()


class IndexUnwritableError(RuleError):
    """The disk is full, or the folder may not be written."""

    status = 503


@lru_cache(maxsize=8)
def engine_at(path: Path) -> SearchEngine:
    """Return this process's engine for a folder, so that what it writes it also sees at once."""
    return SearchEngine(path)


def document_of(
    entry: Row[Any], listings: Iterable[Row[Any]], other_names: Iterable[str] = ()
) -> Document | None:
    """Make a document of rows of `queries`, None when no listing of the entry is in force."""
    held = sorted(listings, key=lambda listing: (LISTS.index(listing.list_code), listing.id))
    if not held:
        return None
    findings = {listing.first_on_market for listing in held}
    days = [day for listing in held if (day := listing.recognised_on or listing.published_on)]
    return Document(
        code=entry.code,
        name=entry.name,
        source_ref=entry.source_ref,
        model=entry.model,
        brand=entry.brand,
        organization=entry.organization_name,
        credit_code=entry.credit_code,
        other_names="、".join(other_names) or None,
        category=entry.category,
        summary=entry.summary,
        registration_number=entry.registration_number,
        field=entry.field,
        district=entry.district,
        year=next((listing.recorded_year for listing in held if listing.recorded_year), None),
        first_on_market=True if True in findings else False if False in findings else None,
        **{trait.value: (entry.traits or {}).get(trait) for trait in Trait},
        national=entry.is_national or None,
        park=entry.special_area,
        lists=tuple(
            ListedIn(listing.list_code.value, listing.number, listing.valid_until, listing.status.value)
            for listing in held
        ),
        scope=entry.scope.value,
        listed_on=max(days, default=None),
        revision=entry.revision,
    )


def documents(session: Session, *, since: int | None = None) -> Iterator[tuple[str, Document | None]]:
    """Yield code and document of each entry, or of those changed after a revision, batch by batch."""
    after = 0
    while ids := session.scalars(queries.entry_ids(after=after, since=since)).all():
        held: dict[int, list[Row[Any]]] = {}
        for listing in session.execute(queries.active_listings(ids)):
            held.setdefault(listing.entry_id, []).append(listing)
        names: dict[int, list[str]] = {}
        for entry_id, name in session.execute(former_names(ids)):
            names.setdefault(entry_id, []).append(name)
        for entry in session.execute(queries.entries(ids)):
            yield entry.code, document_of(entry, held.get(entry.id, ()), names.get(entry.id, ()))
        after = ids[-1]


def rebuild(context: hooks.Context) -> None:
    """Make the whole index anew."""
    engine = engine_at(context.settings.index_dir)
    with _one_at_a_time(engine.path):
        _rebuild(context.database, engine)


def catch_up(context: hooks.Context) -> None:
    """Bring the index up to what is committed now; make it anew where that is needed or cheaper.

    Raises:
        IndexUnwritableError: it can be read at best.
    """
    engine = engine_at(context.settings.index_dir)
    with _one_at_a_time(engine.path):
        try:
            state = engine.state()
        except IndexMissingError:
            _rebuild(context.database, engine)
            return
        with context.database.reading() as session:
            target = counters.current(session, REVISION_COUNTER)
            if state == State(target, _source(session)):
                return
            is_other = state.source != _source(session) or target < state.revision
            changed = _count(session, since=state.revision)
            if not is_other and changed < max(queries.BATCH, REBUILD_SHARE * _count(session, since=-1)):
                _update(session, engine, state.revision, target)
                return
        _rebuild(context.database, engine)


def catch_up_beside(context: hooks.Context) -> None:
    """Bring the index up in a thread, unless one is at it or has failed a moment ago."""

    def run() -> None:
        try:
            catch_up(context)
        except Exception:  # what is open goes on serving
            log.exception("The search index could not be made anew.")
            time.sleep(RETRY_SECONDS)
        finally:
            _beside.release()

    if _beside.acquire(blocking=False):
        Thread(target=run, name=THREAD, daemon=True).start()


def differences(context: hooks.Context) -> list[Difference]:
    """Compare the index with the database.

    Raises:
        IndexMissingError: there is no index to compare.
    """
    engine = engine_at(context.settings.index_dir)
    with _one_at_a_time(engine.path), context.database.reading() as session:
        engine.state()
        return engine.check(document for _, document in documents(session) if document)


def _update(session: Session, engine: SearchEngine, mark: int, target: int) -> None:
    changed = dict(documents(session, since=mark))
    removed = [code for code, document in changed.items() if document is None]
    engine.update((document for document in changed.values() if document), removed, target)


def _rebuild(database: Database, engine: SearchEngine) -> None:
    with database.transaction() as session:
        if session.get(SystemState, SOURCE) is None:
            session.add(SystemState(name=SOURCE, value=secrets.token_hex(8), set_at=clock.now()))
    with database.reading() as session:
        target = counters.current(session, REVISION_COUNTER)
        found = (document for _, document in documents(session) if document)
        engine.rebuild(found, target, _source(session))


def _source(session: Session) -> str:
    """Name this database, so that an index of another one is not taken for its own."""
    return session.scalar(select(SystemState.value).where(SystemState.name == SOURCE)) or ""


def _count(session: Session, *, since: int) -> int:
    return (
        session.scalar(select(func.count()).select_from(queries.changed_entries(since=since).subquery())) or 0
    )


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Let one process at a time read the database and write the index; a later reader never loses to an earlier."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.with_name(f"{path.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except OSError as problem:
        raise IndexUnwritableError(
            f"检索索引无法写入（{problem.strerror}）：检索暂按原有内容应答，数据库中的内容不受影响；请检查磁盘空间和权限，系统随后自动补上。"
        ) from problem


@outbox.on(CatalogChanged)
def follow(context: hooks.Context, event: CatalogChanged) -> None:
    """Index what changed, unless an earlier message has done so already."""
    try:
        if engine_at(context.settings.index_dir).state().revision >= event.revision:
            return
    except IndexMissingError:
        pass  # the rebuild takes everything in
    catch_up(context)


def _health(context: hooks.Context) -> hooks.Health:
    try:
        mark = engine_at(context.settings.index_dir).state().revision
    except IndexMissingError:
        return hooks.Health("index", False)
    with context.database.reading() as session:
        lag = counters.current(session, REVISION_COUNTER) - mark
    return hooks.Health("index", True, {"revision": mark, "lag": lag})


def _check(context: hooks.Context) -> list[str]:
    try:
        return [f"index: {found.code} is {found.kind}" for found in differences(context)]
    except IndexMissingError:
        return ["index: there is none"]


hooks.init.append(catch_up)
hooks.catch_up.append(catch_up)
hooks.clocks.append(hooks.Clock("search.sync", timedelta(minutes=1), catch_up))
hooks.health.append(_health)
hooks.checks.append(_check)
