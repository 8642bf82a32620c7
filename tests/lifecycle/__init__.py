"""One application's life: how everybody makes each move of the table through its service.

`ready_<action>` does what comes before a move, `<action>` makes it.
"""

from registry.models import Action, State
from registry.workflow import TRANSITIONS
from tests.lifecycle.applying import Applying
from tests.lifecycle.deciding import Deciding
from tests.lifecycle.publishing import Publishing
from tests.lifecycle.reviewing import Reviewing


class Life(Applying, Reviewing, Deciding, Publishing):
    """One application after the other of one unit, with everybody who may move it."""


def way_to(source: State, action: Action) -> list[Action]:
    """Return the shortest way from a draft to a move, the move included."""
    ways: dict[State, list[Action]] = {State.DRAFT: []}
    waiting = [State.DRAFT]
    for state in waiting:
        for row in TRANSITIONS:
            if row.source is state and row.target not in ways:
                ways[row.target] = [*ways[state], row.action]
                waiting.append(row.target)
    return [*ways[source], action]
