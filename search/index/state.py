"""What stands beside an index: of which analysis it is, and up to where and from which database it is complete."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from search.index import IndexMissingError
from search.index.schema import format_name

STATE_FILE = "state.json"

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class State:
    """The revision of the database up to which an index is complete, and the name of that database."""

    revision: int
    source: str

    @classmethod
    def read(cls, path: Path) -> State:
        """Read the state of the index in a folder.

        Raises:
            IndexMissingError: there is no index, or one of another analysis.
        """
        try:
            held = json.loads((path / STATE_FILE).read_text())
            analysis, state = held["analysis"], cls(int(held["revision"]), str(held.get("source", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexMissingError(str(path)) from error
        if analysis != format_name():
            raise IndexMissingError(f"{path}: {analysis} != {format_name()}")
        return state

    def write(self, path: Path) -> None:
        """Tell the readers of a commit; killed before this, the same changes are indexed once more."""
        held = {"analysis": format_name(), "revision": self.revision, "source": self.source}
        temporary = path / f"{STATE_FILE}.{os.getpid()}"
        try:
            temporary.write_text(json.dumps(held))
            temporary.replace(path / STATE_FILE)
        finally:
            temporary.unlink(missing_ok=True)


def mark(path: Path) -> Mark:
    """Return what changes with every commit.

    Raises:
        IndexMissingError: there is no index.
    """
    try:
        status = (path / STATE_FILE).stat()
    except OSError as error:
        raise IndexMissingError(str(path)) from error
    return status.st_mtime_ns, status.st_ino
