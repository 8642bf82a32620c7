from registry import counters
from registry.db import Database
from tests.processes import PROCESSES

TAKES = 40


def test_numbers_follow_each_other(session):
    assert counters.take(session, "x") == 1
    assert counters.take(session, "x", 5) == 2
    assert counters.take(session, "x") == 7
    assert counters.current(session, "x") == 7


def test_a_number_raised_to_is_never_given_out_again(session):
    counters.raise_to(session, "x", 100)
    counters.raise_to(session, "x", 50)

    assert counters.take(session, "x") == 101


def _take(url, queue):
    database = Database(url)
    for _ in range(TAKES):
        with database.transaction() as session:
            queue.put(counters.take(session, "race"))
    database.dispose()


def test_two_processes_never_get_the_same_number(fresh_database):
    queue = PROCESSES.Queue()
    racers = [PROCESSES.Process(target=_take, args=(fresh_database.engine.url, queue)) for _ in range(2)]
    for racer in racers:
        racer.start()
    numbers = sorted(queue.get(timeout=60) for _ in range(2 * TAKES))
    for racer in racers:
        racer.join(timeout=60)

    assert numbers == list(range(1, 2 * TAKES + 1))
