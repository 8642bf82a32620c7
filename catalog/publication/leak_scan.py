"""Look for what must not be published: phones, e-mail addresses, ID numbers, prices, words of secrecy.

Pure: texts in, findings out. The scan knows patterns and not meaning, so a finding may be wrong; a person then says why
it is harmless. Words are policy (`notice.leak_words`), since 机密计算 is a product and 机密 is not.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from registry.canonical import digest


class LeakKind(StrEnum):
    """What a text seems to give away."""

    PHONE = "phone"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    PRICE = "price"
    CONFIDENTIAL = "confidential"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that mark a secret, and longer ones that contain them and are harmless."""

    secret: Sequence[str] = ()
    harmless: Sequence[str] = ()

    def pattern(self) -> re.Pattern[str] | None:
        """Return what finds a secret word; a harmless one is matched first and belongs to no group."""
        if not self.secret:
            return None
        parts = [*map(re.escape, sorted(self.harmless, key=len, reverse=True))]
        return re.compile("|".join([*parts, f"({'|'.join(map(re.escape, self.secret))})"]))


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspicion: where (`kpis.2.ours`), of what kind, and the text around it with the suspect part in 【】."""

    path: str
    kind: LeakKind
    excerpt: str
    fingerprint: str

    @property
    def field(self) -> str:
        """Return the field at the head of the path."""
        return self.path.partition(".")[0]


AROUND = 12  # characters of context on either side
_GAP = r"[\s\-—–.·]?"

_PHONE = re.compile(
    rf"(?<![\d.])(?:(?:\+?86){_GAP})?1[3-9]\d(?:{_GAP}\d{{4}}){{2}}(?!\d)"  # mobile
    rf"|(?<![\d.])\(?0(?:10|2\d|[3-9]\d{{2}})\)?{_GAP}[2-9]\d{{2,3}}{_GAP}\d{{4}}(?!\d)"  # with area code
    rf"|(?<!\d)[48]00{_GAP}\d{{3}}{_GAP}\d{{4}}(?!\d)"
    r"|(?:电话|手机|热线|传真|联系方式|[Tt][Ee][Ll])\D{0,6}(?P<bare>\d{7,8})(?!\d)"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[0-9Xx](?![0-9A-Za-z])")
_NO_MONEY = "素件器组胞宇合"  # 元素, 元件, 元器件, 元组, 元胞, 元宇宙; 五元合金
_PRICE = re.compile(
    r"(?:[¥￥$€]|RMB|CNY|USD|人民币)\s*\d[\d,.]*"
    rf"|\d[\d,.]*\s*[百千万亿]{{0,2}}(?:美元|欧元|日元|港元|港币|元(?![{_NO_MONEY}]))"
    r"|(?:售价|单价|报价|价格|成交价|合同额|合同金额)\D{0,6}\d[\d,.]*(?:\s*[百千万亿]{0,2}元)?"
)


def scan(content: Mapping[str, Any], *, words: Words) -> list[Finding]:
    """Return what the texts of a content seem to give away, in order; nested rows and blocks are looked at too.

    Full-width characters count as the usual ones. A fingerprint names a finding as long as its text stays the same.
    """
    secret = words.pattern()
    return [
        Finding(path, kind, _excerpt(shown, start, end), digest([path, kind.value, text[start:end]])[:16])
        for path, text, shown in _texts(content)
        for kind, start, end in _suspicions(text, secret)
    ]


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the path of each text, how it is searched and how it is shown, the two of one length."""
    if isinstance(value, str):
        folded = unicodedata.normalize("NFKC", value)
        yield path, folded, value if len(value) == len(folded) else folded
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence):
        for number, item in enumerate(value, 1):
            yield from _texts(item, f"{path}.{number}")


def _suspicions(text: str, secret: re.Pattern[str] | None) -> Iterator[tuple[LeakKind, int, int]]:
    for match in _PHONE.finditer(text):
        yield LeakKind.PHONE, *(match.span("bare") if match["bare"] else match.span())
    for match in _EMAIL.finditer(text):
        yield LeakKind.EMAIL, *match.span()
    for match in _ID_NUMBER.finditer(text):
        if _is_birthday(*match.groups()):
            yield LeakKind.ID_NUMBER, *match.span()
    for match in _PRICE.finditer(text):
        yield LeakKind.PRICE, *match.span()
    for match in secret.finditer(text) if secret else ():
        if match[1]:
            yield LeakKind.CONFIDENTIAL, *match.span()


def _is_birthday(year: str, month: str, day: str) -> bool:
    """Return whether the middle of an ID number is a day on which somebody may have been born (GB 11643)."""
    try:
        return date(int(year), int(month), int(day)).year >= 1900
    except ValueError:
        return False


def _excerpt(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return f"{'…' if start > AROUND else ''}{before}【{text[start:end]}】{after}{'…' if end + AROUND < len(text) else ''}"
