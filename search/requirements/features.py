"""What a product has, by name: features that a requirement asks for and that a product's texts affirm."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from search.requirements.indicators import canonical, words
from search.requirements.text import fold

THING_MIN = 2
THINGS_MAX = 30
REMEMBERED = 4_096
_LISTED = re.compile(r"[、,，/;；]|以及|和|与|及|或者|或")
_STOPS = re.compile(r"[,，。;；!！?？\n]")
# A clause with one of these affirms nothing, unless it is part of a plain word such as 无线 or 去除.
_DENIED = re.compile(
    r"不(?!锈|间断|停|良|确定度|均匀|低于|少于|小于|超过|高于|大于|同)|无(?!线|人|损|菌|纸|刷|铅|油|接触|液氦|缝|尘|创|害|源|级|机)|未(?!来)"
    r"|非(?!接触|均匀|线性|侵入|晶|球面|制冷|金属|标)|没|可选|选配|选装|另配|另购|计划|拟(?!合|真|人)|将(?=支持|具备|提供|推出|增加|开放|实现|于|逐步)|规划(?=建设|开发|中|于|支持|推出|增加)|研发中"
    r"|(?<![去脱清消扫删移剔解排])除(?!尘|菌|湿|霜|冰|臭|杂|油|锈|垢|氧|雾)"
)
_YES = re.compile(r"(?P<name>[^:]{2,40}):\s?(?P<yes>[^:]{1,6})")
BARE_MAX = 20  # characters of a thing that is asked for without any verb
_PLANNED = re.compile(
    r"计划|(?<![模虚])拟(?!合|真|人)|将(?=于|支持|具备|提供|达到|实现|逐步)|预计|规划(?=建设|开发|中|于)|目标(?=为|是|达到|值)|理论上|未来|有望"
)
_USES = re.compile(
    r"(?:可|能|主要|能够|可以)*(?:适用于|应用于|用于|面向|针对|适合)(?P<what>.+)$|^为(?P<whom>.+?)(?:设计|研制|开发|打造)$|^供(?P<who>.+?)使用$"
)
_USE_ENDINGS = re.compile(
    r"(?:的?(?:应用)?(?:需求|场景|领域|场合)(?:研制|设计|开发|使用)?|等?(?:部位)?的?(?:超声)?检查|等)$"
)
_CORE = re.compile(r"以(?P<core>.+?)为核心|结合(?P<with>.+?)(?:实现|完成|达到|$)")
_SHARED = re.compile(r"^(主流)?国产")
_MUSTS = re.compile(r"^(?:(?:应当|应该|必须|应|须|需|要|要求|均|至少|且|并|同时|还|也)\s*)+")
_GENERAL = re.compile(r"[\s\"'“”‘’()（）《》]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """The features of a requirement: of which part, which things, and whether one of them is enough."""

    subject: str
    things: tuple[str, ...]
    is_any: bool


@cache
def _verb() -> re.Pattern[str]:
    """Match what affirms that a product has something; the shortest verbs only where a statement begins."""
    verbs = _features()["verbs"]
    long = "|".join(sorted((verb for verb in verbs if len(verb) > 1), key=len, reverse=True))
    short = "|".join(verb for verb in verbs if len(verb) == 1)
    return re.compile(rf"(?:{long})(?:有)?|^(?:{short})")


@cache
def _features() -> dict[str, Any]:
    found: dict[str, Any] = words()["features"]
    return found


def begins_with_verb(text: str) -> bool:
    """Return whether a folded statement begins by saying that something is there."""
    return bool(_verb().match(_MUSTS.sub("", text)))


def is_verb(text: str) -> bool:
    """Return whether a folded text says nothing but that something is there."""
    return bool(_verb().fullmatch(_MUSTS.sub("", text)))


def asked(text: str) -> Asked | None:
    """Read the features that a folded statement asks for, None where it asks for none."""
    text = _MUSTS.sub("", text.strip())
    if (row := _YES.fullmatch(text)) and is_yes(row["yes"]):
        return Asked("", _things(row["name"]), is_any=False)
    if found := _verb().search(text):
        subject, rest = text[: found.start()], text[found.end() :]
        rest = _verb().sub("", rest, count=1) if _verb().match(rest) else rest
    else:
        subject, _, rest = text.rpartition(":")
        if not subject and len(text) > BARE_MAX:
            return None
    subject = _MUSTS.sub("", subject.strip(" :")).strip(" :")
    subject = re.sub(r"(?:应当|应该|必须|应|须|需|要|均|可|能|能够|可以)+$", "", subject)
    is_any = bool(re.search(r"或|之一|任意", rest))
    parts = [part for part in _LISTED.split(rest) if part.strip()]
    things = _things(rest)
    # A part too short to be compared must not be passed over.
    return (
        Asked(subject, things, is_any)
        if things and all(len(thing(part)) >= THING_MIN for part in parts)
        else None
    )


def _things(text: str) -> tuple[str, ...]:
    """Return each thing of a list."""
    parts = [form for part in _LISTED.split(text) if len(form := thing(part)) >= THING_MIN]
    return tuple(dict.fromkeys(parts))[:THINGS_MAX]


@cache
def _ending() -> re.Pattern[str]:
    endings = "|".join(sorted(map(re.escape, _features()["endings"]), key=len, reverse=True))
    return re.compile(rf"(?:{endings})$")


@lru_cache(maxsize=REMEMBERED)
def thing(text: str) -> str:
    """Return the form in which things are compared: in one spelling, without words at its end that add nothing."""
    form = _GENERAL.sub(" ", canonical(fold(text))).strip(" 的:")
    while (shorter := _ending().sub("", form).strip(" 的")) != form and len(shorter) >= THING_MIN:
        form = shorter
    return form


def affirmed(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the clauses of a product's text that affirm something, in the very words, with the things they name."""
    for clause in _STOPS.split(text):
        folded = fold(clause)
        found = _verb().search(folded)
        if _DENIED.search(folded):
            continue
        named: frozenset[str] = frozenset()
        if core := _CORE.search(folded):
            named = named_in(core["core"] or core["with"])
        elif found:
            named = named_in(folded[found.end() :])
        if named:
            yield clause.strip(), named


def named_in(text: str) -> frozenset[str]:
    """Return the things that a folded list names, the list as a whole included."""
    things = {*_things(text), thing(text)} - {""}
    if shared := _SHARED.match(text.strip()):  # 国产处理器、操作系统 are both 国产
        bare = {thing(text.strip()[shared.end() :]), *(each for each in _things(text) if each)}
        things |= {f"国产{_SHARED.sub('', each)}" for each in bare}
    return frozenset(things)


def uses(text: str) -> tuple[str, ...]:
    """Return what a folded clause says that a product is for, each use and the list as a whole."""
    found = _USES.search(text)
    if found is None or _DENIED.search(text):
        return ()
    what = _USE_ENDINGS.sub("", found["what"] or found["whom"] or found["who"])
    return tuple(sorted({*_things(what), thing(what)} - {""}, key=len, reverse=True))


def sentence(text: str) -> str:
    """Return the form in which whole sentences are compared: without what makes a requirement of one."""
    return thing(_MUSTS.sub("", fold(text)))


def is_yes(text: str) -> bool:
    """Return whether a cell affirms what its row is called."""
    return fold(text).lower() in _features()["yes"]


def is_no(text: str) -> bool:
    """Return whether a cell denies what its row is called."""
    return fold(text).lower() in _features()["no"]


def is_denied(text: str) -> bool:
    """Return whether a text says that something is not there, not yet, or at extra cost."""
    return bool(_DENIED.search(fold(text)))


def is_planned(text: str) -> bool:
    """Return whether a text tells of something that is not there yet."""
    return bool(_PLANNED.search(fold(text)))


def has(wanted: str, named: frozenset[str]) -> bool:
    """Return whether a thing is among those named, itself or by a member of its family."""
    if wanted in named:
        return True
    return wanted in _features()["families"] and any(each.startswith(f"{wanted} ") for each in named)
