"""Processes of their own for races and kills: forked from one that has imported everything, not started anew each."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import URL

from registry.db import Database
from registry.errors import RuleError

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.conftest"])
RACERS = 2
SECONDS = 60  # that nothing takes, however busy the machine


def race(url: URL, target: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Run a function in two processes at once; return what it returned in each.

    It is called as `target(database, gate, number, *arguments)`, with its own database and the number of its process, and
    waits at the gate when it is ready.
    """
    said, gate = PROCESSES.Queue(), PROCESSES.Barrier(RACERS, timeout=SECONDS)
    racers = [
        PROCESSES.Process(target=_run, args=(said, target, url, gate, number, *arguments))
        for number in range(RACERS)
    ]
    for racer in racers:
        racer.start()
    answers = dict(said.get(timeout=SECONDS) for _ in racers)
    for racer in racers:
        racer.join(timeout=SECONDS)
    return [answers[number] for number in range(RACERS)]


def own_job(
    database: Database, gate: Barrier, number: int, target: Callable[..., Any], jobs: Sequence[Any]
) -> Any:
    """Call a function with the database and the process's own job; a refusal answers with its status."""
    gate.wait()
    try:
        return target(database, *jobs[number])
    except RuleError as problem:
        return problem.status


def _run(
    said: Queue[Any], target: Callable[..., Any], url: URL, gate: Barrier, number: int, *arguments: Any
) -> None:
    database = Database(url)
    said.put((number, target(database, gate, number, *arguments)))
    database.dispose()
