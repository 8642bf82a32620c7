"""Numbers as tender files write them: digits, powers of ten, Chinese and Roman numerals."""

import re
from fractions import Fraction

from search.requirements import units

NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![A-Za-z\d])|\s?[×xX*·]\s?10\^[+-]?\d+)?(?![\d^]|\.\d)|10\^[+-]?\d+"
EXPONENT_MAX = 60
DIGITS_MAX = 40

_SCIENTIFIC = re.compile(r"([\d.]*)(?:[eE]|\s?[×xX*·]?\s?10\^)([+-]?\d+)")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = r"[零〇一二两三四五六七八九十百千]*[零〇一二两三四五六七八九十百][零〇一二两三四五六七八九十百千万亿]*(?:点[零〇一二三四五六七八九]+)?"
_COMPARED = "低于|少于|小于|大于|高于|多于|超过|至少|最少|最多|至多|达到|提供|支持|配备|不超|质保期?|保修期?|[≥≤><:为含]"
_BEFORE = re.compile(rf"({_COMPARED})( ?)({_CHINESE})")
_ENDING = re.compile(rf"({_CHINESE})(?=\D)")
_AFTER = re.compile(r"\s?(?:(?:或|及)?以[上下内]|之内|内|左右|的|免费|质保|保修|$)")
_ROMAN = re.compile(r"(?<![A-Za-z])(I{1,3}|IV|VI{0,3})(?=\s?[类级型])")
_BRACKETED = re.compile(r"\(([+-]?[\d.]+\s?[^()\d]*(?:±|~|至|-|—)[^()]*)\)(?=\s?[A-Za-z%°Ωμ\u4e00-\u9fff])")
_AND_A_HALF = re.compile(r"([一二两三四五六七八九十]|\d+)(年|个月|小时|天|分钟)半(?!数|价)")
_FINANCIAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")  # as contracts write them
_FINANCIAL_YEARS = re.compile(r"[壹贰叁肆伍陆柒捌玖拾]+(?=年|个|天|日|小时)")
_RATE = re.compile(rf"每(小时|分钟|秒钟?|天|日|周|月|年)\s?({NUMBER})")
# The sign of alternating current, as on a rating plate.
_ALTERNATING = re.compile(r"(?<![\d°%A-Za-z)\u4e00-\u9fff]) ?~\s?(?=\d{3}\s?V)")
_DEVIATION = re.compile(r"(?<=[\dA-Za-z%°])\s?\((±\s?[\d.]+\s?[A-Za-z%°]*)\)")
_CURRENT = re.compile(r"(?<![A-Za-z])([AD]C)(?=\d)")
_PER = {"百": "%", "千": "‰"}
_PART = re.compile(rf"([百千])分之({_CHINESE}|\d+(?:\.\d+)?)")
_TENTHS = re.compile(r"([一二三四五六七八九])成(?=$|[及或以])")
_ROMANS = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8}


def value(text: str) -> Fraction | None:
    """Return the value of a number as written, None of one beyond all measure."""
    text = text.replace(" ", "")
    if len(text) > DIGITS_MAX:
        return None
    if scientific := _SCIENTIFIC.fullmatch(text):
        power = int(scientific[2])
        return Fraction(scientific[1] or 1) * Fraction(10) ** power if abs(power) <= EXPONENT_MAX else None
    return Fraction(text)


def with_digits(text: str) -> str:
    """Return a folded text with digits for the numerals that clearly are numbers; those inside words stay.

    A Chinese numeral is a number after a comparison, or before a unit with which the statement ends.
    """
    text = _DEVIATION.sub(r"\1", _ALTERNATING.sub("AC ", text))
    text = _CURRENT.sub(r"\1 ", _BRACKETED.sub(_unwrapped, text))
    text = _FINANCIAL_YEARS.sub(lambda found: found[0].translate(_FINANCIAL), text)
    text = _AND_A_HALF.sub(lambda found: f"{_digits(found[1])}.5{found[2]}", text)
    text = _ROMAN.sub(lambda found: str(_ROMANS[found[0]]), text)
    text = _PART.sub(lambda found: f"{_digits(found[2])}{_PER[found[1]]}", text)
    text = _TENTHS.sub(lambda found: f"{_DIGITS[found[1]] * 10}%", text)
    text = re.sub(r"半(?=年|个月|小时|天|分钟|秒)", "0.5", text)
    text = _BEFORE.sub(
        lambda found: f"{found[1]}{found[2]}{_digits(found[3])}" if _is_counted(found) else found[0],
        text,
    )
    text = _ENDING.sub(lambda found: _digits(found[1]) if _ends(found) else found[0], text)
    while rate := _RATE.search(text):
        rest = text[rate.end() :].lstrip()
        unit = units.longest(rest)[0]
        if not unit or "/" in unit:
            break
        text = f"{text[: rate.start()]}{rate[2]}{unit}/{rate[1]}{rest[len(unit) :]}"
    return text


def _unwrapped(found: re.Match[str]) -> str:
    """Take the brackets off a span whose unit follows them, as in (5~40)℃."""
    return found[1] if units.longest(found.string[found.end() :].lstrip())[0] else found[0]


def _is_counted(found: re.Match[str]) -> bool:
    unit = units.longest(found.string[found.end() :].lstrip())[0]
    # 提供二次开发 is no number; 不少于二次 is one.
    return bool(unit) and not (unit == "次" and found[1] in ("提供", "支持", "配备", "含", "为", ":"))


def _ends(found: re.Match[str]) -> bool:
    rest = found.string[found.end() :]
    unit, readings = units.longest(rest)
    return bool(readings) and bool(_AFTER.match(rest[len(unit) :]))


def _digits(text: str) -> str:
    if text[0].isascii():
        return text
    whole, _, part = text.partition("点")
    digits = "".join(str(_DIGITS[character]) for character in part)
    return f"{_whole(whole)}.{digits}" if digits else str(_whole(whole))


def _whole(text: str) -> int:
    """Return the value of a Chinese whole number; digits alone are read one by one, as in 二〇二六."""
    if not set(text) & {*_TENS, "万", "亿"}:
        return int("".join(str(_DIGITS[character]) for character in text))
    total = section = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _TENS:
            section += (digit or 1) * _TENS[character]
            digit = 0
        else:
            total = (total + section + digit) * (10_000 if character == "万" else 10**8)
            section = digit = 0
    return total + section + digit
