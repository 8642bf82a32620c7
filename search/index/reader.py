"""What a process holds open of an index that it or another process writes."""

from __future__ import annotations

import ctypes
import logging
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

from search.analysis import warm_up
from search.index import IndexMissingError
from search.index.snapshot import Snapshot
from search.index.state import Mark, State, mark

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25  # with what opening takes, a commit of another process is served within a second
LOOK_SECONDS_MOST = 60.0  # the pause doubles up to this while looking fails: a look may open the whole index
OPEN_ATTEMPTS = 10  # an opening reader loses against a commit now and then
OPEN_PAUSE = 0.05
USUAL_SWITCH = sys.getswitchinterval()
BRISK_SWITCH = 0.0001  # seconds; each array operation of a request gives the interpreter away for as long


class _Served(NamedTuple):
    snapshot: Snapshot
    revision: int
    mark: Mark


class Reader:
    """Serve the newest snapshot that could be opened; safe for several threads.

    From the first request on a thread looks for commits. It opens what is new and warms it up; meanwhile requests are
    answered from what was open before.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._served: _Served | None = None
        self._orphaned = False
        self._opening, self._starting = Lock(), Lock()
        self._watcher: Thread | None = None

    def snapshot(self) -> Snapshot:
        """Return what is served; only where nothing is yet does the caller wait for it.

        Raises:
            IndexMissingError: there is no usable index, and none is open.
        """
        served = self._served or self._look()
        self._watch()
        return served.snapshot

    def newest(self) -> Snapshot:
        """Return what was committed last, or what is open when that cannot be read.

        Raises:
            IndexMissingError: there is no usable index, and none is open.
        """
        return self._look().snapshot

    @property
    def served(self) -> Snapshot | None:
        """Return what is open, None when nothing is yet."""
        return self._served.snapshot if self._served else None

    def orphaned_at(self) -> int | None:
        """Return the revision that is still served though its index is gone, None while the folder holds one."""
        return self._served.revision if self._orphaned and self._served else None

    def _look(self) -> _Served:
        with self._opening:
            served = self._served
            try:
                now = mark(self._path)
                if served is None or served.mark != now:
                    state = State.read(self._path)
                    with _giving_way():
                        snapshot = self._open(served.snapshot if served else None)
                        if served:
                            snapshot.warm_up(served.snapshot)
                    earlier, self._served = served, _Served(snapshot, state.revision, now)
                    served = self._served
                    if earlier:
                        earlier.snapshot.retire()
                    _give_back()
                self._orphaned = False
            except IndexMissingError:
                if served is None:
                    raise
                if not self._orphaned:
                    log.warning(
                        "The search index at %s is gone or outdated; serving what is open.", self._path
                    )
                self._orphaned = True
            return served

    def _open(self, earlier: Snapshot | None) -> Snapshot:
        warm_up()
        for attempt in range(1, OPEN_ATTEMPTS + 1):
            try:
                return Snapshot.open(self._path, earlier)
            except Exception as error:  # Whoosh raises whatever a half-replaced file leads to
                if attempt == OPEN_ATTEMPTS:
                    raise IndexMissingError(str(self._path)) from error
                time.sleep(OPEN_PAUSE)
        raise AssertionError("unreachable")

    def _watch(self) -> None:
        if self._watcher and self._watcher.is_alive():  # it is not in a process that was forked since
            return
        with self._starting:
            if not (self._watcher and self._watcher.is_alive()):
                self._watcher = Thread(target=_watch, args=(weakref.ref(self),), name="search", daemon=True)
                self._watcher.start()


def _give_back() -> None:
    """Have the C library return what reading has freed, 10 MB of it; not every one can be asked to."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


@contextmanager
def _giving_way() -> Iterator[None]:
    """Let other threads have the interpreter sooner than they usually would."""
    sys.setswitchinterval(BRISK_SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(USUAL_SWITCH)


def _watch(held: weakref.ref[Reader], sleep: Callable[[float], None] = time.sleep) -> None:
    """Look for commits as long as somebody holds the reader, less often while looking fails."""
    pause, told = LOOK_SECONDS, set[type[Exception]]()
    while True:
        sleep(pause)
        if (reader := held()) is None:
            return
        try:
            reader.newest()
        except Exception as error:  # what is open goes on serving, and a later look may succeed
            pause = min(2 * pause, LOOK_SECONDS_MOST)
            if type(error) not in told:
                log.exception("The search index at %s could not be opened.", reader._path)
                told.add(type(error))
        else:
            pause = LOOK_SECONDS
            told.clear()
        del reader
