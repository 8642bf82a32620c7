"""Drafts as they are typed: read from a form, and merged when two people type in one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.canonical import digest
from registry.questions.table import Question

FINGERPRINT = 12  # hexadecimal digits: enough to tell two texts of one field apart


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people changed one answer: what I typed, and what stands there now."""

    question: str
    mine: Any
    theirs: Any


@dataclass(slots=True)
class Merged:
    """The draft after a save: what could be taken, what is in dispute, and what another person had changed."""

    draft: dict[str, Any]
    changed: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def read(form: Mapping[str, list[str]], questions: Iterable[Question]) -> dict[str, Any]:
    """Read what was typed for some questions; empty rows are left out, nothing is judged."""
    typed: dict[str, Any] = {}
    for question in questions:
        if not question.is_typed:
            continue
        if question.kind == "rows":
            typed[question.key] = _rows(form, question)
        elif question.kind == "choices":
            typed[question.key] = [_clean(value) for value in form.get(question.key, ())]
        else:
            typed[question.key] = _clean((form.get(question.key) or [""])[0])
    return typed


def _rows(form: Mapping[str, list[str]], question: Question) -> list[dict[str, str]]:
    pattern = re.compile(rf"{re.escape(question.key)}-(\d{{1,4}})-\w+")
    numbers = sorted({int(match[1]) for name in form if (match := pattern.fullmatch(name))})
    rows = []
    for number in numbers:
        row = {
            column.key: value
            for column in question.columns
            if (value := _clean((form.get(f"{question.key}-{number}-{column.key}") or [""])[0]))
        }
        if row:
            rows.append(row)
    return rows


def fingerprint(value: Any) -> str:
    """Return a short hash of a typed value; an empty one and an absent one are the same."""
    return digest(value or None)[:FINGERPRINT]


def seen(draft: Mapping[str, Any], questions: Iterable[Question]) -> str:
    """Return what a page remembers of the draft it shows, so that a save can tell who changed what."""
    return remembered({question.key: draft.get(question.key) for question in questions if question.is_typed})


def remembered(values: Mapping[str, Any]) -> str:
    """Return what a page remembers of any values that `merge` is to take."""
    return " ".join(f"{key}:{fingerprint(value)}" for key, value in values.items())


def merge(stored: Mapping[str, Any], typed: Mapping[str, Any], remembered: str) -> Merged:
    """Merge what was typed into the draft as it stands now, question by question.

    `remembered` is `seen()` of the draft that the page showed. What I left alone stays as others made it; what only I
    changed is taken; what both changed differently is a conflict and stays as it stands. Questions that the page did
    not show are not touched.
    """
    merged = Merged(dict(stored))
    for pair in remembered.split():
        key, _, shown = pair.partition(":")
        if key not in typed:
            continue
        mine, now = typed[key], stored.get(key)
        if fingerprint(mine) == fingerprint(now):
            continue
        if fingerprint(mine) == shown:
            merged.theirs.append(key)
        elif fingerprint(now) == shown:
            merged.draft[key] = mine
            merged.changed.append(key)
        else:
            merged.conflicts.append(Conflict(key, mine, now))
    return merged


def remember(remembered: str, typed: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    """Return what a page that stays open after a save remembers: new where page and draft agree, else as before.

    Where another person changed an answer, the page still shows the old one and must not pass for having seen the new.
    """
    kept = []
    for pair in remembered.split():
        key, _, shown = pair.partition(":")
        now = fingerprint(draft.get(key))
        kept.append(f"{key}:{now if fingerprint(typed.get(key)) == now else shown}")
    return " ".join(kept)
