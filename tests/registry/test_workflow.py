"""The agreed table in `docs/workflow.md` against the code."""

import re
from pathlib import Path

import pytest

from registry.messages import texts
from registry.models import Action, State
from registry.workflow import PROPOSERS, TRANSITIONS

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
    assert set(texts()) <= {action.value for action in Action}


@pytest.mark.parametrize("word", ["专家名单", "申诉", "上诉", "行政许可法", "听证"])
def test_no_message_says_what_it_must_not(word):
    assert all(word not in text["body"] + text["subject"] for text in texts().values())
