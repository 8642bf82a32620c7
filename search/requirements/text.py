"""Fold spellings of requirements and of products together before anything is read in them."""

import re
import unicodedata
from functools import cache

from search.analysis.folding import simplified

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED = re.compile(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"), **dict.fromkeys("～〜∼˜", "~"), **dict.fromkeys("⋅•∙・‧", "·"),
        "≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "≮": "≥", "≯": "≤", "﹥": ">", "﹤": "<", "✕": "×", "✖": "×",
        "〈": "<", "〉": ">", "【": "(", "】": ")", "〔": "(", "〕": ")", "。": "。", "﹪": "%",
    }
)  # fmt: skip
_DIGITS_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")


@cache
def _simplified() -> dict[int, str]:
    return str.maketrans(simplified())


def fold(text: str) -> str:
    """Return the form in which requirements and products are read; letters keep their case, which units need.

    Raised digits become `^2` before anything else: NFKC alone would make 106 of 10⁶.
    """
    text = _RAISED.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    text = text.translate(_simplified())
    text = (
        text.replace(">=", "≥").replace("=>", "≥").replace("<=", "≤").replace("=<", "≤").replace("+/-", "±")
    )
    text = _DIGITS_GROUPED.sub(lambda found: found[0].replace(",", ""), text)
    if not text.isprintable():
        text = "".join(" " if _is_control(each) else each for each in text)
    return re.sub(r"\s+", " ", text).strip()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
