"""The table of questions: blocks and rows, read from TOML once and checked while reading."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from registry.models import ListCode

FILES = ("core.toml", "tracks.toml")
Kind = Literal[
    "text", "long_text", "lines", "integer", "number", "money", "date", "yes_no", "choice", "choices", "class",
    "rows", "files",
]  # fmt: skip
ClassKind = Literal["field", "leaf", "district", "special_area"]
EVERY_LIST = frozenset(ListCode)


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when another question was answered with one of some values (or, `negated`, with any other)."""

    question: str
    values: frozenset[str]
    negated: bool = False

    def holds(self, draft: Mapping[str, Any]) -> bool:
        """Return whether it holds; an unanswered question meets no condition."""
        value = draft.get(self.question)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        return bool(value) and (value in self.values) is not self.negated


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the table. `maximum` and `minimum` bound a number, the items a list, `max_length` each text.

    `examine` says what formal review looks at; without it the answer is no row of the checklist.
    """

    key: str
    block: str
    label: str
    kind: Kind
    lists: frozenset[ListCode] = EVERY_LIST
    required: bool = True
    when: Condition | None = None
    hint: str = ""
    unit: str = ""
    basis: str = ""
    examine: str = ""
    max_length: int = 0
    minimum: int | None = None
    maximum: int | None = None
    min_items: int = 0
    max_items: int = 0
    format: str = ""
    choices: Mapping[str, str] | None = None
    classes: ClassKind | None = None
    columns: tuple["Question", ...] = ()
    not_future: bool = False
    images: bool = False
    from_unit: str = ""
    publish_as: str = ""
    publish_when: Condition | None = None
    publish_text: bool = False

    @property
    def is_typed(self) -> bool:
        """Return whether the applicant answers in the form, rather than by an upload or the unit's record."""
        return self.kind != "files" and not self.from_unit

    def applies(self, draft: Mapping[str, Any]) -> bool:
        """Return whether the question is asked at all, given the other answers."""
        return self.when is None or self.when.holds(draft)


@dataclass(frozen=True, slots=True)
class Block:
    """A page of the form with its questions, in order."""

    key: str
    title: str
    lead: str
    questions: tuple[Question, ...]


def _condition(row: Mapping[str, Any] | None) -> Condition | None:
    if row is None:
        return None
    return Condition(row["question"], frozenset(row.get("is") or row["not"]), negated="not" in row)


def _question(row: Mapping[str, Any], *, block: str = "") -> Question:
    values = dict(row)
    values["lists"] = frozenset(ListCode(code) for code in row["lists"]) if "lists" in row else EVERY_LIST
    values["columns"] = tuple(_question(column, block=block) for column in row.get("columns", ()))
    values["when"], values["publish_when"] = _condition(row.get("when")), _condition(row.get("publish_when"))
    question = Question(**{"block": block, **values})
    if question.kind not in get_args(Kind):
        raise ValueError(f"question {question.key!r} has the unknown kind {question.kind!r}")
    return question


@cache
def _read() -> tuple[tuple[Mapping[str, str], ...], tuple[Question, ...]]:
    blocks: list[Mapping[str, str]] = []
    questions: list[Question] = []
    for name in FILES:
        content = tomllib.loads((Path(__file__).parent / name).read_text("utf-8"))
        blocks += content.get("block", [])
        questions += [_question(row) for row in content["question"]]
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        raise ValueError("two questions share a key")
    return tuple(blocks), tuple(questions)


@cache
def blocks(list_code: ListCode) -> tuple[Block, ...]:
    """Return the blocks that a list asks, in order, without those that are empty for it."""
    heads, questions = _read()
    found = []
    for head in heads:
        asked = tuple(row for row in questions if row.block == head["key"] and list_code in row.lists)
        if asked:
            found.append(Block(head["key"], head["title"], head["lead"], asked))
    return tuple(found)


def questions(list_code: ListCode) -> tuple[Question, ...]:
    """Return the questions that a list asks, in order."""
    return tuple(question for block in blocks(list_code) for question in block.questions)


@cache
def by_key() -> Mapping[str, Question]:
    """Return every question of every list by its key."""
    return {question.key: question for question in _read()[1]}


def read_back(name: str, value: str) -> tuple[str, str] | None:
    """Return what people call an input of the form, a cell of a table included, and what they read for its value.

    None for a name of no question, and for a class, whose words are in the database.
    """
    key, _, rest = name.partition("-")
    index, _, part = rest.partition("-")
    if (asked := by_key().get(key)) is None or (rest and not index.isdigit()):
        return None
    label = asked.label
    if rest:
        cells = [column for column in asked.columns if column.key == part]
        if not cells:
            return None
        asked = cells[0]
        label = f"{label}第 {int(index) + 1} 行，{asked.label}"
    if asked.kind == "class":
        return None
    words = {"yes": "是", "no": "否"} if asked.kind == "yes_no" else asked.choices or {}
    return label, words.get(value, value)
