"""The requirements whose verdicts were written by hand, against what is found."""

import tomllib
from pathlib import Path

import pytest

from registry.models import ListCode
from search.requirements import facts, matching, parsing
from search.requirements.facts import Listed

FILES = {
    name: tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
    for name in ("expected", "tenders", "equipment", "others", "traps")
}
VERDICTS = {"m": "meets", "e": "exceeds", "f": "falls_short", "u": "unknown"}
DECIDED_SHARE = 0.4


@pytest.fixture(scope="module")
def products(demonstrated):
    """Return the products of each file: those it names of the demonstration, or those it describes."""

    def made(number, given):
        if isinstance(given, str):
            return demonstrated(given)
        rows = [dict(zip(("indicator", "unit", "ours"), row, strict=True)) for row in given["kpis"]]
        listed = [Listed(ListCode.CX, f"CX-2025-01-{number:04}", first_on_market=False)]
        return facts.product(given | {"kpis": rows}, code=f"P{number:06}", version=1, listed=listed)

    return {
        name: [made(number, given) for number, given in enumerate(file["products"], 1)]
        for name, file in FILES.items()
    }


@pytest.mark.parametrize(
    ("name", "line", "verdicts"), [(name, *each) for name, file in FILES.items() for each in file["lines"]]
)
def test_a_requirement_is_judged_as_by_hand_on_five_products(products, name, line, verdicts):
    read = parsing.requirement(1, line)

    found = [matching.match(read, product, today=FILES[name]["today"]) for product in products[name]]

    assert [finding.verdict for finding in found] == [VERDICTS[verdict] for verdict in verdicts]
    assert all(finding.sources for finding in found if finding.verdict != "unknown")
    assert all(finding.reason for finding in found if finding.verdict == "unknown")


def test_the_file_has_sixty_lines_and_decides_enough_of_them():
    lines = FILES["expected"]["lines"]
    verdicts = "".join(verdicts for _, verdicts in lines)

    assert (len(lines), len(verdicts)) == (60, 300)
    assert sum(verdict != "u" for verdict in verdicts) >= DECIDED_SHARE * len(verdicts)
