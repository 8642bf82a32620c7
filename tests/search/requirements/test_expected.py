"""The requirements whose verdicts were written by hand, against what is found."""

import tomllib
from pathlib import Path

import pytest

from search.requirements import matching, parsing

EXPECTED = tomllib.loads((Path(__file__).parent / "expected.toml").read_text("utf-8"))
VERDICTS = {"m": "meets", "e": "exceeds", "f": "falls_short", "u": "unknown"}
DECIDED_SHARE = 0.4


@pytest.mark.parametrize(("line", "verdicts"), EXPECTED["lines"], ids=[line for line, _ in EXPECTED["lines"]])
def test_a_requirement_is_judged_as_by_hand_on_five_products(demonstrated, line, verdicts):
    products = [demonstrated(ref) for ref in EXPECTED["products"]]

    found = [
        matching.match(parsing.requirement(1, line), product, today=EXPECTED["today"]) for product in products
    ]

    assert [finding.verdict for finding in found] == [VERDICTS[verdict] for verdict in verdicts]
    assert all(finding.sources for finding in found if finding.verdict != "unknown")
    assert all(finding.reason for finding in found if finding.verdict == "unknown")


def test_the_file_has_sixty_lines_and_decides_enough_of_them():
    verdicts = "".join(verdicts for _, verdicts in EXPECTED["lines"])

    assert (len(EXPECTED["lines"]), len(verdicts)) == (60, 300)
    assert sum(verdict != "u" for verdict in verdicts) >= DECIDED_SHARE * len(verdicts)
