from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from registry import clock, hooks, outbox
from registry.models import OutboxMessage


@dataclass(frozen=True, slots=True)
class ThingHappened:
    number: int


@pytest.fixture
def heard():
    numbers: list[int] = []

    @outbox.on(ThingHappened)
    def listen(_context, event):
        if event.number < 0:
            raise ConnectionError("away")
        numbers.append(event.number)

    yield numbers
    outbox._listeners.pop("ThingHappened")


@pytest.fixture
def context(database, settings):
    return hooks.Context(database, settings, lambda line: None)


def message(database):
    with database.reading() as session:
        return session.scalars(select(OutboxMessage).where(OutboxMessage.event == "ThingHappened")).one()


def test_an_event_is_delivered_once_after_the_commit(database, context, heard):
    with database.transaction() as session:
        outbox.emit(session, ThingHappened(7))
        assert heard == []

    assert outbox.deliver(context) == 1
    assert outbox.deliver(context) == 0
    assert heard == [7]
    assert message(database).payload == {}


def test_an_event_is_gone_with_its_transaction(database, context, heard):
    with pytest.raises(ZeroDivisionError), database.transaction() as session:  # noqa: PT012 - both lines belong to it
        outbox.emit(session, ThingHappened(7))
        raise ZeroDivisionError

    assert outbox.deliver(context) == 0
    assert heard == []


def test_a_failed_delivery_waits_and_is_tried_again(database, context, heard):
    with database.transaction() as session:
        outbox.emit(session, ThingHappened(-1))

    assert outbox.deliver(context) == 0
    failed = message(database)
    assert failed.last_error == "ConnectionError: away"
    assert failed.not_before > clock.now()
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        assert outbox.deliver(context) == 0
    assert message(database).attempts == 2


def test_a_lease_has_one_holder_until_it_runs_out(database):
    assert outbox.hold(database, "job", "first") is True
    assert outbox.hold(database, "job", "second") is False
    with clock.standing_at(clock.now() + timedelta(minutes=5)):
        assert outbox.hold(database, "job", "second") is True


def test_a_clock_runs_when_due_and_not_before(database, context, monkeypatch):
    runs = []
    monkeypatch.setattr(
        hooks, "clocks", [hooks.Clock("test.clock", timedelta(hours=1), lambda _: runs.append(1))]
    )

    assert outbox.run_clocks(context) == ["test.clock"]
    assert outbox.run_clocks(context) == []
    with clock.standing_at(clock.now() + timedelta(hours=2)):
        assert outbox.run_clocks(context) == ["test.clock"]
    assert len(runs) == 2
