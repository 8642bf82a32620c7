"""The agreed matrix in `docs/permissions.md`, compared with the code."""

import re
from pathlib import Path

import pytest

import wsgi
from registry.models import Role
from registry.permissions import PERMISSIONS, VISITOR, Visitor

assert wsgi  # imported so that every package has registered its rows
MATRIX = Path(__file__).parents[2] / "docs" / "permissions.md"
EVERYONE = ("visitor", *Role)


class Holder(Visitor):
    """An account, number 1, with one role and no unit."""

    def __init__(self, role):
        object.__setattr__(self, "id", 1)
        object.__setattr__(self, "organization_id", None)
        object.__setattr__(self, "roles", frozenset({role}))


def agreed():
    rows = re.findall(r"^\| `([a-z_]+:[a-z_]+)` \| ([^|]+) \|", MATRIX.read_text("utf-8"), re.MULTILINE)
    return {name: who.strip() for name, who in rows}


def held(name):
    rule = PERMISSIONS[name]
    allowed = [role.value for role in Role if rule(Holder(role))]
    if rule(VISITOR):
        return "everyone"
    if len(allowed) == len(Role):
        return "everyone signed in"
    return ", ".join(sorted(allowed))


def test_the_agreed_matrix_names_every_permission_and_no_other():
    assert sorted(agreed()) == sorted(PERMISSIONS)


@pytest.mark.parametrize("name", sorted(PERMISSIONS))
def test_the_code_gives_each_permission_to_those_agreed(name):
    assert held(name) == agreed()[name]
