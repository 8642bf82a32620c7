"""The agreed table in `docs/workflow.md` against the code, and every guard of it by itself."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from registry import clock, workflow
from registry.errors import RuleError
from registry.messages import texts
from registry.models import Action, Decision, Role, State
from registry.terms import label
from registry.workflow import PROPOSERS, SYSTEM, TRANSITIONS
from tests.moves import NEEDS, guards

TABLE = Path(__file__).parents[2] / "docs" / "workflow.md"


def agreed():
    text = TABLE.read_text("utf-8").partition("## To come")[0]
    rows = re.findall(
        r"^\| ([a-z_]+) \| ([a-z_, ]+) \| ([a-z_]+) \| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE
    )
    return {
        (action, source, target, "two persons" in who)
        for action, sources, target, who, _ in rows
        if action != "action"
        for source in sources.split(", ")
    }


def test_the_agreed_table_and_the_code_have_the_same_moves():
    assert agreed() == {
        (row.action.value, row.source.value, row.target.value, row.confirmed) for row in TRANSITIONS
    }


def test_an_action_leads_from_one_state_to_one_state_only():
    assert len({(row.action, row.source) for row in TRANSITIONS}) == len(TRANSITIONS)


def test_every_state_is_reached_and_every_action_is_used():
    assert {row.target for row in TRANSITIONS} == set(State)
    assert {row.action for row in TRANSITIONS} == set(Action)


def test_every_two_person_move_says_who_proposes_it():
    assert set(PROPOSERS) == {row.action for row in TRANSITIONS if row.confirmed}


def test_every_message_belongs_to_an_action():
    assert set(texts("moves")) <= {action.value for action in Action}


@pytest.mark.parametrize("word", ["专家名单", "申诉", "上诉", "行政许可法", "听证"])
def test_no_message_says_what_it_must_not(word):
    assert all(word not in text["body"] + text["subject"] for text in texts("moves").values())


# --- guards -------------------------------------------------------------------------------------------------------


MOVERS = (
    Role.APPLICANT_SIGNATORY, Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD, Role.COMMITTEE_CHAIR, Role.PUBLISHER,
)  # fmt: skip


def evidence():
    """Return by the name of a guard what makes it hold, and what does not."""
    today, now = clock.today(), clock.now()
    yesterday = today - timedelta(days=1)
    return {
        "complete": ({"is_complete": True}, {"is_complete": False}),
        "committed": ({"commitment_signed_at": now}, {"commitment_signed_at": None}),
        "unopened": ({"opened_at": None}, {"opened_at": now}),
        "has_faults": ({"open_corrections": 1, "correction_due_on": today}, {"open_corrections": 0}),
        "answered": ({"open_corrections": 0}, {"open_corrections": 1}),
        "overdue": ({"correction_due_on": yesterday}, {"correction_due_on": today}),
        "in_time": ({"correction_due_on": today}, {"correction_due_on": yesterday}),
        "checks_passed": ({"open_checks": 0, "failed_checks": 0}, {"failed_checks": 1}),
        "frozen": ({"frozen_hash": "0" * 64}, {"frozen_hash": None}),
        "reasoned": ({"reason_code": "other"}, {"reason_code": None}),
        "asked_for": ({"reconsideration_due_on": today}, {"reconsideration_due_on": None}),
        "panel_full": ({"min_panel": 5, "panel_size": 5}, {"panel_size": 4}),
        "no_conflict": ({"open_conflicts": 0}, {"open_conflicts": 1}),
        "conflicted": ({"open_conflicts": 1}, {"open_conflicts": 0}),
        "sheets_locked": ({"min_panel": 5, "locked_sheets": 5}, {"locked_sheets": 4}),
        "aggregated": ({"official_score": 80_000, "recommend_share": 800}, {"recommend_share": None}),
        "above_line": ({"is_above_line": True}, {"is_above_line": False, "motion_at": None}),
        "below_line": ({"is_above_line": False}, {"is_above_line": True}),
        "on_agenda": ({"is_on_agenda": True}, {"is_on_agenda": False}),
        "notice_open": ({"notice_closes_on": today}, {"notice_closes_on": None}),
        "leak_free": ({"leak_scan_at": now}, {"leak_scan_at": None}),
        "objected": ({"open_objections": 1}, {"open_objections": 0}),
        "undisputed": ({"open_objections": 0}, {"open_objections": 1}),
        "notice_over": ({"notice_closes_on": yesterday}, {"notice_closes_on": today}),
        "signed_off": ({"publication_signed_at": now}, {"publication_signed_at": None}),
        "licensed": ({"licence_valid_until": today}, {"licence_valid_until": yesterday}),
        "entered": ({"entry_id": 1}, {"entry_id": None}),
        **{
            f"decided_{choice}": ({"decision": choice}, {"decision": None}) for choice in Decision
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "name"),
    [(row, name) for row in TRANSITIONS for name in guards(row)],
    ids=lambda part: part if isinstance(part, str) else f"{part.source}-{part.action}",
)
def test_a_move_is_refused_while_one_guard_does_not_hold(session, make, row, name):
    application = make.application(state=row.source)
    people = (make.user(role, organization=application.organization) for role in MOVERS)
    actor = next(one for one in (SYSTEM, *people) if row.who(one, application))
    shown = evidence()
    for guard in guards(row):
        for column, value in shown[guard][0].items():
            setattr(application, column, value)
    assert row.missing(application) is None

    for column, value in shown[name][1].items():
        setattr(application, column, value)
    with session.no_autoflush, pytest.raises(RuleError, match=f"^不能{label(row.action)}：") as refused:
        workflow.advance(session, application, actor, row.action)

    assert refused.value.sentence.endswith(NEEDS[name].sentence)
    assert application.state is row.source
    session.expire(application)  # half of this evidence no state of the database would take
