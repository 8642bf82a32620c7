"""Which test makes each move and each step over HTTP, and which shows its guard: the page `docs/moves.md`.

`python -m tests.moves` writes the page anew; `tests/test_moves.py` compares.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from registry import workflow
from registry.models import Action, Decision, State
from registry.workflow import TRANSITIONS, Need, Transition

TESTS = Path(__file__).parent
AGREED, PAGE = TESTS.parent / "docs" / "workflow.md", TESTS.parent / "docs" / "moves.md"
BY_CLOCK = {(State.CORRECTION_REQUIRED, Action.LAPSE)}
"""Moves that nobody makes by hand."""
NEEDS: Mapping[str, Need] = {
    **{name: value for name, value in vars(workflow).items() if isinstance(value, Need)},
    **{f"decided_{choice}": workflow.decided(choice) for choice in Decision},
}
TWO_PERSONS = "two persons: `tests/registry/formal_review/test_office.py::test_who_proposes_does_not_confirm`"
HEAD = """# Moves and the tests that make them

Written by `python -m tests.moves` from the table of moves and from the marks `drives` and `guards` on tests; a test compares.
What each move and step needs is agreed in [workflow.md](workflow.md).

Each move is made over HTTP by `tests/test_moves.py`: on its page, by its role, once; it is refused to an account that holds
every other role, at a second click, and from a page that somebody was faster than. Each guard is shown to fail by itself, with
its sentence, by `test_a_move_is_refused_while_one_guard_does_not_hold` in `tests/registry/test_workflow.py`; the rooms' own
tests show the same from their pages.
"""


def guards(row: Transition) -> list[str]:
    """Return the names of a move's guards, in the order in which they are asked."""
    each = (row.needs,) if isinstance(row.needs, Need) else row.needs.each
    return [next(name for name, need in NEEDS.items() if need.sentence == one.sentence) for one in each]


def steps() -> dict[str, bool]:
    """Return the agreed steps beside the moves, named as the trail names them, and whether each needs anything."""
    _, _, text = AGREED.read_text("utf-8").partition("## Notices, objections")
    rows = re.findall(r"^\| ([a-z_]+) \| ([a-z ]+)[^|]*\| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    return {
        f"{record}.{step.strip().replace(' to ', ' ').replace(' ', '_')}": needs.strip() != "–"
        for record, step, needs in rows
        if record != "record"
    }


def marked(mark: str) -> dict[str, list[str]]:
    """Return the tests that carry a mark, by the step that it names."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for test, step in _marks(path, mark):
            found[step].append(f"{path.relative_to(TESTS.parent).as_posix()}::{test}")
    return dict(found)


def _marks(path: Path, mark: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            for call in ast.walk(decorator):  # a case of `parametrize` may carry the mark by itself
                if isinstance(call, ast.Call) and ast.unparse(call.func) == f"pytest.mark.{mark}":
                    yield from ((node.name, ast.literal_eval(argument)) for argument in call.args)


def text() -> str:
    """Return the page."""
    lines = [
        HEAD,
        "| from | move | to | its test | guards that fail by themselves |",
        "|---|---|---|---|---|",
    ]
    for row in TRANSITIONS:
        shown = "of the clock" if (row.source, row.action) in BY_CLOCK else "on its page"
        case = f"{shown}: `[{row.source}-{row.action}]`"
        fails = ", ".join([*guards(row), *([TWO_PERSONS] if row.confirmed else [])]) or "–"
        lines.append(f"| {row.source} | {row.action} | {row.target} | {case} | {fails} |")
    lines += [
        "", "## Steps beside the moves", "",
        "Each test named here carries the mark; the line in the trail is written while a request is answered, or by the clock.",
        "", "| step | driven by | guard fails in |", "|---|---|---|",
    ]  # fmt: skip
    drives, refuses = marked("drives"), marked("guards")
    for step in steps():
        cells = ["<br>".join(f"`{test}`" for test in found.get(step, ())) for found in (drives, refuses)]
        lines.append(f"| {step} | {' | '.join(cell or '–' for cell in cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
