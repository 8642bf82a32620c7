"""Rounds: create, announce with the policy frozen, open, extend, close, and bring further as the work goes on.

A round's rules are read with `policy_value`, never from today's policy: what changes after the announcement does not
alter a running round.
"""

from registry.rounds.looking import is_taking, locked, policy_value, taking
from registry.rounds.planning import Plan, announce, create, revise
from registry.rounds.running import (
    advance_round,
    archive,
    close_due,
    close_round,
    extend,
    open_due,
    open_round,
    turn,
)

__all__ = [
    "Plan",
    "advance_round",
    "announce",
    "archive",
    "close_due",
    "close_round",
    "create",
    "extend",
    "is_taking",
    "locked",
    "open_due",
    "open_round",
    "policy_value",
    "revise",
    "taking",
    "turn",
]
