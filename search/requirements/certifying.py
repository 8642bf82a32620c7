"""What products prove by codes and records: grades of protection, standards, licences, lists."""

import re
from datetime import date

from search.requirements import features, indicators, parsing
from search.requirements.comparing import Fit
from search.requirements.facts import Product, Source, licence_valid_until
from search.requirements.findings import NOTHING, Finding
from search.requirements.parsing import Statement
from search.requirements.text import fold

MORE = "要求中还有未能识别的内容"


def protection(statement: Statement, product: Product) -> Finding:
    """Compare IP codes by IEC 60529: up to 6 the second numeral includes those below it; 7 and 8 do not include 5 and 6."""
    if not _is_only(parsing.PROTECTION.sub("", statement.text), "protection", product):
        return Finding(Fit.UNKNOWN, reason=MORE)
    for row in product.rows:
        if indicators.strip(row.name.core) != "防护等级":
            continue
        stated = ["".join(grade).upper() for grade in parsing.PROTECTION.findall(row.cell)]
        if not stated or features.is_denied(row.cell):
            continue
        if not _is_only(parsing.PROTECTION.sub("", row.cell), "protection", product):
            return Finding(Fit.UNKNOWN, (row.source,), "产品的写法不是单一等级，请人工核对")
        verdicts = [
            max((_protects(code, wanted) for code in stated), key=_RANK.index) for wanted in statement.words
        ]
        verdict = (max if statement.is_any else min)(verdicts, key=_RANK.index)
        reason = "IP 代码第二位 7、8 不包含 5、6（GB/T 4208）" if verdict is Fit.UNKNOWN else ""
        return Finding(verdict, (row.source,), reason)
    return Finding(Fit.UNKNOWN, reason=NOTHING)


_RANK = (Fit.FALLS_SHORT, Fit.UNKNOWN, Fit.MEETS, Fit.EXCEEDS)


def _protects(stated: str, wanted: str) -> Fit:
    if stated == wanted:
        return Fit.MEETS
    verdicts = [
        _numeral(have, need, is_water=place == 1)
        for place, (have, need) in enumerate(zip(stated, wanted, strict=True))
    ]
    worst = min(verdicts, key=_RANK.index)
    if worst is Fit.MEETS and Fit.EXCEEDS in verdicts:
        return Fit.EXCEEDS
    return worst


def _numeral(have: str, need: str, *, is_water: bool) -> Fit:
    if need == "X" or have == need:
        return Fit.MEETS
    if have == "X":
        return Fit.UNKNOWN
    if int(have) < int(need):
        return Fit.FALLS_SHORT
    if is_water and int(have) > 6 and int(need) > 4:
        return Fit.EXCEEDS if (have, need) == ("8", "7") else Fit.UNKNOWN
    return Fit.EXCEEDS


def standard(statement: Statement, product: Product) -> Finding:
    sources: list[Source] = []
    for wanted in statement.words:
        base = _undated(wanted)
        alike = [(code, source) for code, source in product.standards if _undated(code) == base]
        same = [source for code, source in alike if wanted in (base, code)]
        if not same:
            reason = f"产品写的是 {alike[0][0]}，版本不同" if alike else NOTHING
            return Finding(Fit.UNKNOWN, tuple(source for _, source in alike[:1]), reason)
        sources.append(same[0])
    if not _is_only(parsing.STANDARD.sub("", statement.text), "standard", product):
        return Finding(Fit.UNKNOWN, tuple(sources), MORE)
    return Finding(Fit.MEETS, tuple(sources))


def _undated(code: str) -> str:
    head, _, year = code.rpartition("-")
    return head if len(year) == 4 and head else code


def licence(statement: Statement, product: Product, today: date) -> Finding:
    number = product.device.get("registration_number") or product.registration_number
    filed = "备案" in statement.text
    if not number or ("械备" in number) is not filed or ("械" not in number and not product.device):
        return Finding(Fit.UNKNOWN, reason=NOTHING)
    sources = [Source("医疗器械信息", f"注册证编号 {number}")]
    until = licence_valid_until(product.device)
    if until is not None:
        sources.append(Source("医疗器械信息", f"注册证有效期至 {until}"))
        if until < today:
            return Finding(Fit.FALLS_SHORT, tuple(sources), "注册证已过有效期")
    elif "有效" in statement.text:
        return Finding(Fit.UNKNOWN, tuple(sources), "产品没有写明注册证有效期")
    if not _is_only(statement.text, "licence", product):
        return Finding(Fit.UNKNOWN, tuple(sources), MORE)
    if statement.words:
        stated = product.device.get("management_class")
        if not stated:
            return Finding(Fit.UNKNOWN, tuple(sources), "产品没有写明管理类别")
        sources.append(Source("医疗器械信息", f"管理类别 {stated}"))
        if not set(parsing.device_classes(fold(stated))) & set(statement.words):
            return Finding(Fit.FALLS_SHORT, tuple(sources), "管理类别不符")
    return Finding(Fit.MEETS, tuple(sources))


def _is_only(text: str, kind: str, product: Product) -> bool:
    """Return whether a statement asks for nothing beside what its kind is about."""
    rest = indicators.bare(re.sub(r"《[^》]*》", "", text))
    return indicators.is_said_by(rest, product.own, frozenset(indicators.words()["accounted"][kind]))


def device_fact(statement: Statement, product: Product) -> Finding:
    sources = []
    for word in statement.words:
        key, label = ("insurance_code", "医保耗材编码") if "医保" in word else ("udi_di", "UDI-DI")
        if not product.device.get(key):
            return Finding(Fit.UNKNOWN, reason=NOTHING)
        sources.append(Source("医疗器械信息", f"{label} {product.device[key]}"))
    if not _is_only(statement.text, "device_fact", product):
        return Finding(Fit.UNKNOWN, tuple(sources), MORE)
    return Finding(Fit.MEETS, tuple(sources))


_NOT_LISTED = Source("列入情况", "目前不在该名单的有效产品中")
_LISTS = {"首台": "TZ", "首批": "PC", "首版": "RJ", "推荐": "CX", "创新": "CX"}


def listing(statement: Statement, product: Product) -> Finding:
    """Answer from the registry's own lists, of which it knows what is in them and what is not."""
    found = [_listed(word, statement, product) for word in statement.words]
    sources = tuple(source for finding in found for source in finding.sources)
    # Only of the registry's own lists is it known in which year a product came in.
    is_dated = all(word[:2] in _LISTS for word in statement.words)
    text = re.sub(r"20\d{2}\s?年度?", "", statement.text) if is_dated else statement.text
    if not _is_only(text.replace("或", "") if statement.is_any else text, "listing", product):
        return Finding(Fit.UNKNOWN, tuple(each for each in sources if each != _NOT_LISTED), MORE)
    order = (Fit.MEETS, Fit.UNKNOWN, Fit.FALLS_SHORT) if statement.is_any else _RANK
    best = min((finding.verdict for finding in found), key=order.index)
    telling = [finding for finding in found if finding.verdict is best]
    return telling[0] if statement.is_any or best is not Fit.MEETS else Finding(best, sources)


def _listed(word: str, statement: Statement, product: Product) -> Finding:
    if word.startswith("国家"):
        named = [name for name in product.national if _is_named(word, name)]
        if not named:
            return Finding(Fit.UNKNOWN, reason=NOTHING)
        return Finding(Fit.MEETS, (Source("国家级目录", named[0]),))
    if word.startswith("首次"):
        found = [listed.first_on_market for listed in product.listed if listed.first_on_market is not None]
        if not found:
            return Finding(Fit.UNKNOWN, reason=NOTHING)
        words = "列入时认定为首次投放市场产品" if any(found) else "列入时未认定为首次投放市场产品"
        return Finding(Fit.MEETS if any(found) else Fit.FALLS_SHORT, (Source("列入情况", words),))
    if "国家" in statement.text and not any(each.startswith("国家") for each in statement.words):
        return Finding(Fit.UNKNOWN, reason=NOTHING)  # 国家级首台(套): the state's list of the same name
    numbers = [listed.number for listed in product.listed if listed.list_code == _LISTS[word[:2]]]
    if not numbers:
        return Finding(Fit.FALLS_SHORT, (_NOT_LISTED,))
    source = Source("列入情况", f"目录编号 {numbers[0]}")
    years = re.findall(r"(20\d{2})\s?年", statement.text)
    if years and not any(number.split("-")[1] in years for number in numbers):
        return Finding(Fit.FALLS_SHORT, (source,), "列入的年度不同")
    return Finding(Fit.MEETS, (source,))


def _is_named(wanted: str, name: str) -> bool:
    """Return whether a national list is the one that is asked for; 国家级目录 alone is any."""
    bare = indicators.bare(fold(wanted)).removesuffix("目录")
    return bare == "国家级" or bare in indicators.bare(fold(name))
