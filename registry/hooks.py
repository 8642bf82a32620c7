"""Where every package has a part: ordered lists that packages append to at import and commands run.

Nothing else calls upward. Each hook takes a `Context`; init, demo and catch-up hooks run outside any transaction and
open their own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from registry.db import Database
from registry.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """What a hook works with: the database, the settings and a way to tell the operator a line."""

    database: Database
    settings: Settings
    say: Callable[[str], None] = print


@dataclass(frozen=True, slots=True)
class Clock:
    """A job that falls due by itself: at most every `every`; it must bear being run again."""

    name: str
    every: timedelta
    run: Callable[[Context], None]


@dataclass(frozen=True, slots=True)
class Health:
    """One line of `/readyz`: whether a part works, with figures but without secrets."""

    name: str
    is_ready: bool
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One line of "what waits for me"."""

    label: str
    url: str
    count: int
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """A product that is like another one."""

    code: str
    name: str
    organization: str


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """What `registry demo` was asked for: N active public products, seen from a day."""

    products: int
    today: date


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens in the demonstration on a day, in one or a few transactions of its own."""

    on: date
    act: Callable[[], None]


init: list[Callable[[Context], None]] = []
"""Run by `registry init` after the migrations; safe to repeat."""

demo: list[Callable[[Context, DemoRequest], None]] = []
"""Run by `registry demo`, in order."""

demo_steps: list[Callable[[Context, DemoRequest], Iterator[Step]]] = []
"""What packages add to the demonstration's days; the steps of one day run in the order in which they are yielded."""

catch_up: list[Callable[[Context], None]] = []
"""Bring derived data (the search index) up to the database; run by commands that promise it on return."""

clocks: list[Clock] = []
health: list[Callable[[Context], Health]] = []
work_items: list[Callable[[Session, Any], Iterator[WorkItem]]] = []
checks: list[Callable[[Context], Sequence[str]]] = []
"""Return one English line for every invariant found broken."""

warnings: list[Callable[[Context], Sequence[str]]] = []
"""Return one Chinese sentence for everything that an operator should see to before it fails."""

related: list[Callable[[Any, str], Sequence[Related]]] = []
"""Return what a product's page names beside it for an actor and the product's code, the closest first."""
