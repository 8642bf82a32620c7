"""Signs that say exactly what is meant: a phrase in quotes, a minus before what is unwanted, a field before a colon.

`"手术 机器人"` must stand there as it is written, `-软件` must not stand there, `单位:示例仪器` must stand in that field; the
three go together (`-单位:"示例仪器"`). `机器人 OR 轮椅` means either. A quote without its partner is left out; a minus before a
temperature or a bare number or inside a code, and a colon after anything else than a field are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from search.analysis import compact, fold, query_terms
from search.documents import Document
from search.evidence import evidence
from search.index.snapshot import Mask, View
from search.needs import wording

FIELDS = {
    "名称": ("name",),
    "型号": ("model",),
    "品牌": ("brand",),
    "单位": ("organization", "other_names"),
    "分类": ("category",),
    "简介": ("summary",),
    "注册证": ("registration_number",),
}
EVERYWHERE = tuple(name for names in FIELDS.values() for name in names)
READ_MOST = 2_000  # documents read for one query; beyond them the pieces of a phrase must do

_CONDITION = re.compile(
    rf"""(?:^|(?<=\s))
    (?P<minus>[-－](?!\d+(?:\.\d+)?(?:\s*(?:℃|°|度|摄氏|[-~至])|[cC]?(?=\s|$))))?
    (?:(?P<field>{"|".join(FIELDS)})[:：])?
    (?:["“”](?P<phrase>[^"“”]+)["“”]|(?P<word>[^\s"“”]+))
    (?=\s|$)""",
    re.VERBOSE,
)

_EITHER = re.compile(r"\s+(?:OR|\|\|?)\s+")
_QUOTES = re.compile(r'["“”]')
_FIELDLIKE = re.compile(r"(?:^|(?<=\s))[-－]?([\u4e00-\u9fffA-Za-z]{1,6})[:：](?!//)(?=\S)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A text that must stand, or must not stand, in one of the fields."""

    text: str
    fields: tuple[str, ...] = EVERYWHERE
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What remains to be searched for, and the conditions that came with it."""

    text: str
    conditions: tuple[Condition, ...] = ()


def read(typed: str) -> Asked:
    """Take the conditions out of what was typed; what is wanted stays in the text, so that it ranks."""
    conditions: list[Condition] = []

    def take(match: re.Match[str]) -> str:
        said = match["phrase"] or match["word"]
        is_plain = match["phrase"] is None and not match["field"] and not match["minus"]
        if is_plain or not query_terms(said):
            return match.group()
        is_wanted = not match["minus"]
        conditions.append(Condition(said, FIELDS.get(match["field"] or "", EVERYWHERE), is_wanted))
        return said if is_wanted else ""

    text = _CONDITION.sub(take, _EITHER.sub("或", typed))
    return Asked(_QUOTES.sub("", text) if query_terms(text) else text, tuple(conditions))


def unknown_fields(typed: str) -> tuple[str, ...]:
    """Return what was typed before a colon as if it were a field, and is none."""
    named = dict.fromkeys(match[1] for match in _FIELDLIKE.finditer(typed))
    return tuple(name for name in named if name not in FIELDS)


def allowed(view: View, conditions: Iterable[Condition], among: Mask) -> Mask:
    """Return those among some documents that meet all conditions.

    The pieces of each text are looked up, then the documents that hold them are read, so many for one query.
    """
    mask, left = among.copy(), READ_MOST
    for condition in conditions:
        documents = evidence(view, wording(fold(condition.text))).documents
        documents = documents[mask[documents]]
        wanted = compact(fold(condition.text))
        held = np.zeros(len(mask), bool)
        held[documents[left:]] = True
        for number in documents[:left].tolist():
            held[number] = _says(view.snapshot.document(number), wanted, condition.fields)
        left -= min(left, len(documents))
        mask &= held if condition.is_wanted else ~held
    return mask


def _says(document: Document, wanted: str, fields: Iterable[str]) -> bool:
    return any(wanted in compact(fold(value)) for name in fields if (value := getattr(document, name)))
