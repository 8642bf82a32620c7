"""How values are written on a page."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from registry import presentation, terms

ROOT = Path(__file__).parents[2]


def test_days_are_days_in_beijing():
    assert presentation.day(date(2026, 3, 1)) == "2026年3月1日"
    assert presentation.day(datetime(2026, 2, 28, 16, 0, tzinfo=UTC)) == "2026年3月1日"
    assert presentation.instant(datetime(2026, 2, 28, 16, 5, tzinfo=UTC)) == "2026年3月1日 00:05"
    assert presentation.day(None) == presentation.instant(None) == ""


@pytest.mark.parametrize(
    ("prefix", "code", "label"),
    [
        ("role.", "expert", "评审专家"),
        ("role.", "no_such_role", "no_such_role"),
        ("", "CX-2026-01", "CX-2026-01"),
        ("", 12, "12"),
        ("list_code.", ["CX", "RJ"], "创新产品推荐目录、首版次软件"),
    ],
)
def test_a_code_is_shown_by_its_label_and_an_unknown_one_by_itself(prefix, code, label):
    assert presentation.named(prefix, code) == label


def test_another_page_of_a_list_keeps_the_filters(app):
    with app.test_request_context("/lists/CX?status=all&page=2&x=1&x=2"):
        assert presentation.page_url(3) == "/lists/CX?status=all&x=1&x=2&page=3"


def recorded():
    """Return the acts that the code writes into the trail by a literal name."""
    for package in ("registry", "catalog", "search"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and ast.unparse(node.func) == "trail.record"
                    and isinstance(act := node.args[2], ast.Constant)
                ):
                    yield act.value


def test_every_act_in_the_trail_has_a_label():
    acts = set(recorded())

    assert len(acts) > 8
    assert [act for act in acts if f"act.{act}" not in terms.TERMS] == []
