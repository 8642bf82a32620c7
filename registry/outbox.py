"""What happens after the commit: events wait in a table and are delivered at least once.

A listener registers at import with `@on(Event)`, opens its own transactions and bears being called twice.
"""

import dataclasses
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from registry import clock, hooks
from registry.db import Database, add_missing
from registry.models import ClockRun, Lease, OutboxMessage

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # a killed worker's job is taken over after this long
RETRY_FIRST = timedelta(seconds=10)
RETRY_MOST = timedelta(hours=1)
POLL_SECONDS = 1.0

KEPT = timedelta(days=1)  # a letter without a server is looked at again this much later

E = TypeVar("E")


class KeptError(Exception):
    """Nothing can deliver the message as this deployment is set up; it stays, which is no failure."""


Listener = Callable[[hooks.Context, Any], None]
_events: dict[str, type[Any]] = {}
_listeners: dict[str, list[Listener]] = {}


def on(event: type[E]) -> Callable[[Callable[[hooks.Context, E], None]], Callable[[hooks.Context, E], None]]:
    """Register a listener for an event, a frozen dataclass of ids, strings and dates."""

    def register(listener: Callable[[hooks.Context, E], None]) -> Callable[[hooks.Context, E], None]:
        _events[event.__name__] = event
        _listeners.setdefault(event.__name__, []).append(listener)
        return listener

    return register


def emit(session: Session, event: Any) -> None:
    """Write an event into the transaction; it is gone on rollback and delivered after the commit."""
    payload = {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in dataclasses.asdict(event).items()
    }
    now = clock.now()
    session.add(OutboxMessage(event=type(event).__name__, payload=payload, created_at=now, not_before=now))


def deliver(context: hooks.Context, *, limit: int = 100) -> int:
    """Deliver what is due, each message by itself; return how many were delivered."""
    database = context.database
    with database.reading() as session:
        due = session.scalars(
            select(OutboxMessage.id)
            .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.not_before <= clock.now())
            .order_by(OutboxMessage.id)
            .limit(limit)
        ).all()
    return sum(_deliver_one(context, message_id) for message_id in due)


def _deliver_one(context: hooks.Context, message_id: int) -> bool:
    with context.database.transaction() as session:  # take it: the next worker leaves it alone for a while
        message = session.scalars(
            select(OutboxMessage)
            .where(
                OutboxMessage.id == message_id,
                OutboxMessage.delivered_at.is_(None),
                OutboxMessage.not_before <= clock.now(),
            )
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if message is None:
            return False
        message.attempts += 1
        message.not_before = clock.now() + LEASE
        name, payload, attempts = message.event, message.payload, message.attempts
    try:
        event = _events[name](**payload) if name in _events else None
        for listener in _listeners.get(name, ()):
            listener(context, event)
    except KeptError:
        with context.database.transaction() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == message_id)
                .values(not_before=clock.now() + KEPT)
            )
        return False
    except Exception as problem:  # a listener may fail in any way; the message waits and is tried again
        log.warning("outbox message %s (%s) failed: %s", message_id, name, type(problem).__name__)
        wait = min(RETRY_FIRST * 2 ** min(attempts - 1, 20), RETRY_MOST)
        with context.database.transaction() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == message_id)
                .values(
                    not_before=clock.now() + wait, last_error=f"{type(problem).__name__}: {problem}"[:500]
                )
            )
        return False
    with context.database.transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id)
            .values(delivered_at=clock.now(), last_error=None, payload={})  # tokens and addresses go with it
        )
    return True


def waiting(session: Session) -> tuple[int, timedelta]:
    """Return how many messages are due or failed and for how long the oldest has waited; kept letters do not count."""
    count, oldest = session.execute(
        select(func.count(), func.min(OutboxMessage.created_at)).where(
            OutboxMessage.delivered_at.is_(None),
            or_(OutboxMessage.not_before <= clock.now(), OutboxMessage.last_error.is_not(None)),
        )
    ).one()
    return count, clock.now() - oldest if oldest else timedelta()


def hold(database: Database, name: str, holder: str, *, length: timedelta = LEASE) -> bool:
    """Take or prolong a lease; return whether `holder` has it now."""
    now = clock.now()
    with database.transaction() as session:
        add_missing(session, Lease, name=name, holder=holder, until=now)
        lease = session.scalars(select(Lease).where(Lease.name == name).with_for_update()).one()
        if lease.holder != holder and lease.until > now:
            return False
        lease.holder, lease.until = holder, now + length
        return True


def run_clocks(context: hooks.Context) -> list[str]:
    """Run every clock that is due, one process at a time; return the names of those that ran."""
    ran = []
    holder = f"{os.getpid()}-{secrets.token_hex(4)}"
    for due in hooks.clocks:
        with context.database.reading() as session:
            last = session.get(ClockRun, due.name)
            if last and last.finished_at + due.every > clock.now():
                continue
        if not hold(context.database, f"clock:{due.name}", holder):
            continue
        due.run(context)
        with context.database.transaction() as session:
            session.merge(ClockRun(name=due.name, finished_at=clock.now()))
        ran.append(due.name)
    return ran


def work(context: hooks.Context, stop: threading.Event) -> None:
    """Deliver and run clocks until told to stop, under a lease so that one process at a time does it."""
    holder = f"{os.getpid()}-{secrets.token_hex(4)}"
    while not stop.is_set():
        try:
            if hold(context.database, "worker", holder):
                started = time.monotonic()
                while deliver(context) and time.monotonic() - started < LEASE.total_seconds() / 2:
                    pass
                run_clocks(context)
        except Exception as problem:  # the database may be away for a while; the worker must outlive that
            log.warning("the worker goes on after %s", type(problem).__name__)
        stop.wait(POLL_SECONDS)
