"""Measure how well the search answers judged queries, through the public API.

    python benchmarks/relevance.py JUDGMENTS.jsonl --records RECORDS.csv
    python benchmarks/relevance.py JUDGMENTS.jsonl --url http://127.0.0.1:8000

With records it imports them into a registry of its own in a temporary folder; with an address it asks the server there,
which must hold them. It prints a Markdown table, or with `--json` everything, each query included.

A line of judgments is `{"qid", "query", "type", "type_zh", "expect_none", "judgments": [{"id", "grade"}], "pool"}`. Gain is
2^grade - 1, discount log2(rank + 1). Results without a judgment whose name matches `pool.unjudged_name_regex` are left
out, and later ones move up; all other results without a judgment count 0.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import secrets
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from subprocess import DEVNULL, run
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

NDCG_RANKS = 10
RECALL_RANKS = 50
ANSWERS = 100  # results asked for: more than are scored, because unread ones are left out
WANTED = 2  # the grade of what the buyer wants
POOLED_BELOW = 5  # types of fewer queries are judged together

Answer = dict[str, Any]
Ask = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Score:
    """What one query reached; a figure that its judgments do not allow is None."""

    qid: str
    query: str
    type: str
    total: int
    strictness: str
    corrected: str | None
    took_ms: float
    ndcg: float | None
    recall: float | None
    silent: bool | None


def score(judged: dict[str, Any], answer: Answer) -> Score:
    """Compare one answer with its judgments."""
    grades = {each["id"]: int(each["grade"]) for each in judged["judgments"]}
    unread = judged["pool"].get("unjudged_name_regex")
    ranked = [
        grades.get(item["source_ref"], 0)
        for item in answer["items"]
        if item["source_ref"] in grades or not (unread and re.search(unread, item["name"]))
    ]
    ideal = _gain(sorted(grades.values(), reverse=True))
    wanted = sum(grade == WANTED for grade in grades.values())
    return Score(
        qid=judged["qid"],
        query=judged["query"],
        type=judged["type"],
        total=answer["total"],
        strictness=answer["strictness"],
        corrected=answer["corrected"],
        took_ms=answer["took_ms"],
        ndcg=_gain(ranked) / ideal if ideal else None,
        recall=ranked[:RECALL_RANKS].count(WANTED) / min(wanted, RECALL_RANKS) if wanted else None,
        silent=answer["total"] == 0 if judged["expect_none"] else None,
    )


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades[:NDCG_RANKS], 1))


def summary(scores: Iterable[Score]) -> dict[str, dict[str, float | None]]:
    """Return the means over all queries, over two halves by the hash of their ids, and by type, small types pooled."""
    groups: dict[str, list[Score]] = {"all": [], "half 0": [], "half 1": []}
    types: dict[str, list[Score]] = {}
    for each in scores:
        groups["all"].append(each)
        groups[f"half {sha256(each.qid.encode()).digest()[0] % 2}"].append(each)
        types.setdefault(each.type, []).append(each)
    groups |= dict(sorted(types.items()))
    small = [
        each for held in types.values() if len(held) < POOLED_BELOW for each in held if each.silent is None
    ]
    groups[f"types under {POOLED_BELOW}"] = small
    return {
        name: {
            "queries": len(held),
            "ndcg": _mean(each.ndcg for each in held),
            "recall": _mean(each.recall for each in held),
            "silence": _mean(each.silent for each in held),
            "took_ms": round(statistics.median(each.took_ms for each in held), 1) if held else None,
        }
        for name, held in groups.items()
    }


def _mean(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return round(statistics.fmean(given), 3) if given else None


def table(summed: dict[str, dict[str, float | None]]) -> str:
    """Write the means as a Markdown table."""
    lines = [
        f"| type | queries | nDCG@{NDCG_RANKS} | recall@{RECALL_RANKS} | silence | took_ms p50 |",
        "|---|---|---|---|---|---|",
    ]
    for name, means in summed.items():
        cells = ("–" if value is None else f"{value:g}" for value in means.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def asking(url: str) -> Ask:
    """Ask the API of a running server."""

    def ask(query: str) -> Answer:
        with urlopen(f"{url.rstrip('/')}/api/v1/products?{_parameters(query)}") as response:  # noqa: S310 - the operator names the server
            answer: Answer = json.load(response)
        return answer

    return ask


def importing(records: Path, folder: Path) -> Ask:
    """Import the records into a registry in a folder, and ask its API."""
    os.environ.update(REGISTRY_SECRET_KEY=secrets.token_hex(32), REGISTRY_DATA_DIR=str(folder))
    root = str(Path(__file__).parents[1])
    for command in (("registry", "init"), ("catalog", "import", str(records))):
        run([sys.executable, "-m", "flask", "--app", "wsgi", *command], check=True, stdout=DEVNULL, cwd=root)  # noqa: S603 - our own commands
    sys.path[0] = root  # in place of this folder, where search.py shadows the package
    from wsgi import create_app  # reads the settings just made

    client = create_app().test_client()

    def ask(query: str) -> Answer:
        answer: Answer = client.get(f"/api/v1/products?{_parameters(query)}").get_json()
        return answer

    return ask


def _parameters(query: str) -> str:
    return urlencode({"q": query, "per_page": ANSWERS})


def main() -> None:
    """Ask every query and print what the answers are worth."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("judgments", type=Path)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--records", type=Path, help="a table that `catalog import` reads")
    source.add_argument("--url", help="the address of a running server")
    parser.add_argument("--json", action="store_true", help="print each query's figures too")
    chosen = parser.parse_args()
    judged = [json.loads(line) for line in chosen.judgments.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        ask = asking(chosen.url) if chosen.url else importing(chosen.records.resolve(), Path(folder))
        ask(judged[0]["query"])  # opens the index
        scores = [score(each, ask(each["query"])) for each in judged]
    summed = summary(scores)
    if chosen.json:
        print(
            json.dumps({"means": summed, "queries": list(map(asdict, scores))}, ensure_ascii=False, indent=1)
        )
    else:
        print(table(summed))


if __name__ == "__main__":
    main()
