"""Walk applications through their lifecycle at random: what is on offer works, whatever else is tried is refused.

Every move is made through its service: panels are drawn, declared and scored, departments vote, objections are filed
and decided, three persons sign. After each move everybody tries every other; after each life the invariants hold.
"""

from collections import defaultdict
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from registry import clock, hooks, workflow
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.files import FileStore
from registry.models import Action, State, TrailLine
from registry.presentation import act
from registry.workflow import TRANSITIONS
from review.models import Assignment, ReviewResult
from tests.lifecycle import Life, way_to

ONWARD = {
    State.DRAFT: Action.SUBMIT,
    State.SUBMITTED: Action.BEGIN_FORMAL_REVIEW,
    State.FORMAL_REVIEW: Action.ACCEPT,
    State.CORRECTION_REQUIRED: Action.ANSWER_CORRECTION,
    State.NOT_ACCEPTED: Action.RECONSIDER,
    State.ACCEPTED: Action.FORM_PANEL,
    State.PANEL_READY: Action.BEGIN_REVIEW,
    State.UNDER_REVIEW: Action.AGGREGATE,
    State.SCORED: Action.REFER,
    State.NOT_SELECTED: Action.RECONSIDER,
    State.COMMITTEE_PENDING: Action.APPROVE,
    State.DEFERRED: Action.RESUME,
    State.REJECTED: Action.RECONSIDER,
    State.APPROVED: Action.OPEN_NOTICE,
    State.OBJECTION_HOLD: Action.RELEASE,
    State.IN_NOTICE: Action.LIST,
}
"""The move that brings an application nearer to the catalog; in every other state it has come to its end."""
EVERY_MOVE = {(row.source, row.action) for row in TRANSITIONS}


def broken(context, life):
    """Return what the invariant checks find, but for the index: it follows a commit that never comes here."""
    checks = [check for check in hooks.checks if not check.__module__.startswith("search.")]
    with clock.standing_at(life.on):
        return [line for check in checks for line in check(context)]


def by_panel(rows):
    """Return the experts of each panel, the first panel's first."""
    experts = defaultdict(set)
    for panel_id, expert_id in rows:
        experts[panel_id].add(expert_id)
    return [experts[panel_id] for panel_id in sorted(experts)]


class Lifecycle(RuleBasedStateMachine):
    """One application after the other, everybody who may move it, and strangers who may not."""

    context: ClassVar[hooks.Context]
    seen: ClassVar[set[State]]
    taken: ClassVar[set[tuple[State, Action]]]

    def __init__(self):
        super().__init__()
        self.held = self.context.database.held()
        self.held.__enter__()
        self.session = self.context.database.session(writes=True)
        self.life = Life(self.session, FileStore(self.context.settings.files_dir))

    def teardown(self):
        self.session.close()
        self.held.__exit__(None, None, None)

    @property
    def state(self):
        return self.life.application.state

    # --- the walk -------------------------------------------------------------------------------------------------

    @initialize(is_good=st.booleans())
    def begin(self, is_good):
        self.life.begin(is_good=is_good)
        self.look_around()

    @precondition(lambda self: self.state in ONWARD)
    @rule()
    def go_on(self):
        """Take the move towards the catalog."""
        self.take(ONWARD[self.state])

    @precondition(lambda self: self.state in ONWARD)
    @rule(moves=st.integers(3, 9))
    def go_far(self, moves):
        """Take several such moves: what turns aside late lies far from the draft."""
        for _ in range(moves):
            if self.state in ONWARD:
                self.take(ONWARD[self.state])

    @precondition(lambda self: self.state in ONWARD)
    @rule(data=st.data())
    def turn_aside(self, data):
        """Take any other move of the table but the last farewell, which every state tries by itself."""
        left_out = {ONWARD[self.state], Action.WITHDRAW, *([Action.NOT_SELECT] if self.life.is_good else [])}
        aside = [row.action for row in TRANSITIONS if row.source is self.state and row.action not in left_out]
        if aside:
            self.take(data.draw(st.sampled_from(aside)))

    @precondition(lambda self: self.state not in ONWARD)
    @rule(is_good=st.booleans())
    def begin_another(self, is_good):
        """Draft the unit's next application, once this one has come to its end."""
        self.look_back()
        self.begin(is_good)

    def take(self, action):
        """Make the move by who may make it, and see that every other one is refused."""
        source, target = self.state, workflow.transition(self.life.application, action).target
        try:
            with self.session.begin_nested():
                self.life.take(action)
        except RuleError:
            assert action is Action.REQUIRE_CORRECTION  # its rounds are used up
            assert self.life.read_again().state is source
            return
        self.session.commit()
        assert self.state is target
        self.taken.add((source, action))
        self.look_around()

    def look_around(self):
        """Try in the state reached what must be refused, and the farewell where it is on offer, which is undone."""
        self.seen.add(self.state)
        self.refuse_the_rest()
        if self.on_offer(Action.WITHDRAW) and (self.state, Action.WITHDRAW) not in self.taken:
            source = self.state
            undone = self.session.begin_nested()
            self.life.take(Action.WITHDRAW)
            assert self.state is State.WITHDRAWN
            self.seen.add(self.state)
            self.taken.add((source, Action.WITHDRAW))
            self.refuse_the_rest()
            undone.rollback()
            assert self.life.read_again().state is source

    def look_back(self):
        """See that nothing is broken in what the services wrote, and that the trail has a name for every act."""
        assert broken(self.context, self.life) == []
        acts = self.session.scalars(select(TrailLine.action).distinct()).all()
        assert [code for code in acts if act(code) == code] == []

    def on_offer(self, action):
        return (self.state, action) in EVERY_MOVE

    def refuse_the_rest(self):
        """Try every move that is not ready, by everybody."""
        application = self.life.application
        before = (application.state, application.version_id)
        with clock.standing_at(self.life.on):
            for action in Action:
                for actor in (*self.life.people, *self.life.strangers):
                    if (error := self.refusal(action, actor)) is not None:
                        with pytest.raises(error):
                            workflow.advance(self.session, application, actor, action)
        assert (application.state, application.version_id) == before

    def refusal(self, action, actor):
        """Return the error with which a move must be refused, None where it is ready for the actor."""
        application = self.life.application
        if not self.on_offer(action):
            return StaleError
        row = workflow.transition(application, action)
        if not row.who(actor, application):
            return NotAllowedError
        return RuleError if row.missing(application) or row.confirmed else None


def test_a_product_before_a_new_panel_goes_on_to_the_catalog_with_other_experts(session, database, settings):
    life = Life(session, FileStore(settings.files_dir))
    life.begin(is_good=True)
    for action in way_to(State.OBJECTION_HOLD, Action.ORDER_NEW_PANEL):
        life.take(action)
    while life.application.state is not State.LISTED:
        life.take(ONWARD[life.application.state])
    session.commit()

    seats = session.execute(
        select(Assignment.panel_id, Assignment.expert_id).where(
            Assignment.application_id == life.application.id
        )
    )
    first, second = by_panel(seats)
    assert first & second == set()
    kept = session.scalars(
        select(ReviewResult.panel_id).where(ReviewResult.application_id == life.application.id)
    ).all()
    assert len(kept) == len(set(kept)) == 2
    assert broken(hooks.Context(database, settings, say=lambda _line: None), life) == []


def test_every_walk_takes_what_is_on_offer_and_is_refused_the_rest_in_every_state_and_move(
    whole_database, settings
):
    class Walk(Lifecycle):
        context: ClassVar[hooks.Context] = hooks.Context(whole_database, settings, say=lambda _line: None)
        seen: ClassVar[set[State]] = set()
        taken: ClassVar[set[tuple[State, Action]]] = set()

    run_state_machine_as_test(
        Walk,
        settings=hypothesis_settings(
            max_examples=20, stateful_step_count=20, deadline=None, derandomize=True, database=None,
            phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    for source, action in sorted(EVERY_MOVE - Walk.taken):  # the luck of the walks decides how many are left
        walk = Walk()
        way = way_to(source, action)
        walk.begin(is_good=Action.NOT_SELECT not in way)
        for step in way:
            walk.take(step)
        walk.look_back()
        walk.teardown()

    assert Walk.seen == set(State)
    assert Walk.taken == EVERY_MOVE
