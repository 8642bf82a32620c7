"""Walk an application through its lifecycle at random: what is on offer works, whatever else is tried is refused."""

from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from registry import applications, clock, formal_review, questions, workflow
from registry.db import Database
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.formal_review import Judgement, RefusalReason, correcting, looking
from registry.models import Action, CheckVerdict, Decision, Role, State
from registry.workflow import SYSTEM, TRANSITIONS
from tests.factories import Make

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
    State.COMMITTEE_PENDING: Action.APPROVE,
    State.DEFERRED: Action.RESUME,
    State.APPROVED: Action.OPEN_NOTICE,
    State.OBJECTION_HOLD: Action.RELEASE,
    State.IN_NOTICE: Action.LIST,
}
"""The move that brings an application nearer to the catalog; in every other state it has come to its end."""
FAULTY = "models"
DAY = timedelta(days=1)


class Lifecycle(RuleBasedStateMachine):
    """One application, everybody who may move it, and a stranger who may not."""

    database: ClassVar[Database]
    seen: ClassVar[set[State]]

    def __init__(self):
        super().__init__()
        self.held = self.database.held()
        self.held.__enter__()
        self.session = self.database.session(writes=True)
        self.make = Make(self.session)
        self.unit, self.call = self.make.unit(), self.make.round()
        self.signatory = self.make.applicant(self.unit)
        self.reviewer = self.make.user(Role.FORMAL_REVIEWER)
        self.lead = self.make.user(Role.SECRETARIAT_LEAD)
        self.people = (
            self.signatory, self.reviewer, self.lead, SYSTEM, self.make.user(Role.COMMITTEE_CHAIR),
            self.make.user(Role.PUBLISHER),
        )  # fmt: skip
        self.strangers = (self.make.applicant(), self.make.user(Role.SYS_ADMIN), self.make.user(Role.EXPERT))
        self.serial = 0
        self.begin()

    def teardown(self):
        self.session.close()
        self.held.__exit__(None, None, None)

    def begin(self):
        self.application = self.make.application(organization=self.unit, round=self.call)
        self.session.commit()
        self.seen.add(self.application.state)

    # --- the walk -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.application.state in ONWARD)
    @rule()
    def go_on(self):
        """Take the move towards the catalog."""
        self.take(ONWARD[self.application.state])

    @precondition(lambda self: self.application.state in ONWARD)
    @rule(moves=st.integers(2, 8))
    def go_far(self, moves):
        """Take several such moves: what turns aside late lies far from the draft."""
        for _ in range(moves):
            if self.application.state in ONWARD:
                self.take(ONWARD[self.application.state])

    @precondition(lambda self: self.application.state in ONWARD)
    @rule(data=st.data())
    def turn_aside(self, data):
        """Take any other move of the table but the last farewell."""
        aside = [
            row.action
            for row in TRANSITIONS
            if row.source is self.application.state
            and row.action not in (ONWARD[self.application.state], Action.WITHDRAW)
        ]
        if aside:
            self.take(data.draw(st.sampled_from(aside)))

    @precondition(lambda self: self.on_offer(Action.WITHDRAW))
    @rule()
    def give_up(self):
        """Withdraw."""
        self.take(Action.WITHDRAW)

    @precondition(lambda self: self.application.state not in ONWARD)
    @rule()
    def begin_another(self):
        """Draft the unit's next application, once this one has come to its end."""
        self.begin()

    def take(self, action):
        """Bring the evidence, make the move by who may make it, and see that every other one is refused."""
        source, target = self.application.state, workflow.transition(self.application, action).target
        act = getattr(self, action.value, None)
        if act is None:
            self.prove(action)
            actor = next(one for one in self.people if self.offers(one, action))
            workflow.advance(self.session, self.application, actor, action)
        else:
            try:
                act()
            except RuleError:
                assert action is Action.REQUIRE_CORRECTION  # its rounds are used up
                self.session.rollback()
                assert self.application.state is source
                return
        self.session.commit()
        assert self.application.state is target
        self.seen.add(target)
        self.refuse_the_rest()

    def on_offer(self, action):
        return any(row.source is self.application.state and row.action is action for row in TRANSITIONS)

    def offers(self, actor, action):
        """Return whether the page of a person would show the move as ready."""
        return (action, None) in [
            (row.action, missing) for row, missing in workflow.actions(self.application, actor)
        ]

    def refuse_the_rest(self):
        """Try every move that is not ready, by everybody."""
        before = (self.application.state, self.application.version_id)
        for action in Action:
            if not self.on_offer(action):
                for actor in (*self.people, *self.strangers):
                    self.refused(StaleError, actor, action)
                continue
            row = workflow.transition(self.application, action)
            for actor in (*self.people, *self.strangers):
                if not row.who(actor, self.application):
                    self.refused(NotAllowedError, actor, action)
                elif row.missing(self.application) or row.confirmed:
                    self.refused(RuleError, actor, action)
        assert (self.application.state, self.application.version_id) == before

    def refused(self, error, actor, action):
        with pytest.raises(error):
            workflow.advance(self.session, self.application, actor, action)

    # --- applicant and formal review, by their services ------------------------------------------------------------

    def submit(self):
        applications.submit(self.session, self.application, self.signatory, commitment=True)

    def return_to_draft(self):
        applications.return_to_draft(self.session, self.application, self.signatory)

    def withdraw(self):
        applications.withdraw(self.session, self.application, self.signatory, reason="示例")

    def begin_formal_review(self):
        formal_review.begin(self.session, self.application, self.reviewer)

    def accept(self):
        self.judge()
        formal_review.accept(self.session, self.application, self.reviewer)

    def require_correction(self):
        self.judge(fault=FAULTY)
        formal_review.require_correction(self.session, self.application, self.reviewer)

    def answer_correction(self):
        self.serial += 1
        applications.save_draft(
            self.session, self.application, self.signatory, typed={FAULTY: f"SL-{self.serial}"},
            remembered=questions.seen(self.application.draft, [questions.by_key()[FAULTY]]),
        )  # fmt: skip
        letter = formal_review.letters(self.session, self.application)[-1]
        formal_review.save_answers(
            self.session, self.application, self.signatory, remembered=correcting.seen(letter),
            typed={item.id: "已更正" for item in letter.items},
        )  # fmt: skip
        formal_review.answer(self.session, self.application, self.signatory, commitment=True)

    def lapse(self):
        with clock.standing_at(self.application.correction_due_on + DAY):
            formal_review.lapse(self.session, self.application)

    def refuse(self):
        self.judge(fault=FAULTY)
        code = RefusalReason.PRODUCT_NOT_ELIGIBLE
        formal_review.propose_refusal(self.session, self.application, self.reviewer, code=code, reason="示例")
        proposal = workflow.open_proposal(self.session, self.application)
        formal_review.confirm_refusal(self.session, self.application, self.lead, proposal_id=proposal.id)

    def reconsider(self):
        formal_review.reconsider(self.session, self.application, self.lead, reason="示例")

    def judge(self, *, fault=None):
        if self.application.opened_at is None:
            formal_review.begin(self.session, self.application, self.reviewer)
        judgements = {
            row.key: Judgement(CheckVerdict.PASSED) for row in looking.items(self.session, self.application)
        }
        if fault:
            judgements[fault] = Judgement(CheckVerdict.FAILED, "示例")
        formal_review.judge(self.session, self.application, self.reviewer, judgements)

    # --- what review, committee and notice would have written --------------------------------------------------------

    def prove(self, action):
        """Write the evidence that a move needs; the later rooms have their own tests of how it comes about."""
        today = clock.today()
        panel = {"panel_size": 7, "min_panel": 5, "open_conflicts": 0}
        scored = {"locked_sheets": 7, "official_score": 82_000, "recommend_share": 800, "is_above_line": True}
        values = {
            Action.FORM_PANEL: panel,
            Action.BEGIN_REVIEW: panel,
            Action.AGGREGATE: scored,
            Action.REFER: scored,
            Action.NOT_SELECT: {**scored, "is_above_line": False, "reason_code": "below_mark"},
            Action.APPROVE: {"is_on_agenda": True, "decision": Decision.APPROVED},
            Action.REJECT: {
                "is_on_agenda": True,
                "decision": Decision.REJECTED,
                "reason_code": "not_carried",
            },
            Action.DEFER: {"is_on_agenda": True, "decision": Decision.DEFERRED},
            Action.RESUME: {"is_on_agenda": True},
            Action.OPEN_NOTICE: {"notice_closes_on": today + 6 * DAY, "leak_scan_at": clock.now()},
            Action.HOLD: {"open_objections": 1},
            Action.RELEASE: {"open_objections": 0},
            Action.REJECT_ON_OBJECTION: {"reason_code": "false_material"},
            Action.LIST: {
                "notice_closes_on": today - DAY, "open_objections": 0, "publication_signed_at": clock.now(),
            },
        }.get(action, {})  # fmt: skip
        if action is Action.LIST:
            values["entry_id"] = self.make.entry().id
        for name, value in values.items():
            setattr(self.application, name, value)


def test_every_walk_takes_what_is_on_offer_is_refused_the_rest_and_together_they_see_every_state(
    whole_database,
):
    class Walk(Lifecycle):
        database: ClassVar[Database] = whole_database
        seen: ClassVar[set[State]] = set()

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

    assert Walk.seen == set(State)
