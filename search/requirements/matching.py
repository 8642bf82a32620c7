"""Requirements against products. A verdict stands on words that the product has published; everything else is unknown."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from search.requirements import features, indicators, parsing
from search.requirements.comparing import Fit
from search.requirements.facts import Product, Source, licence_valid_until
from search.requirements.findings import NOTHING, UNREAD, Finding
from search.requirements.measuring import measure
from search.requirements.parsing import Requirement, Says, Statement
from search.requirements.text import fold


def match(requirement: Requirement, product: Product, *, today: date) -> Finding:
    """Judge a product by a line: it meets the line when it meets every statement, and exceeds it only in every number."""
    found = [(statement, _judge(statement, product, today)) for statement in requirement.statements]
    verdict = _together(found)
    sources = dict.fromkeys(source for _, finding in found for source in finding.sources)
    reasons = dict.fromkeys(finding.reason for _, finding in found if finding.reason)
    return Finding(verdict, tuple(sources), "；".join(reasons))


def _together(found: Iterable[tuple[Statement, Finding]]) -> Fit:
    pairs = [(statement, finding.verdict) for statement, finding in found]
    verdicts = {verdict for _, verdict in pairs}
    for verdict in (Fit.FALLS_SHORT, Fit.UNKNOWN):
        if verdict in verdicts:
            return verdict
    graded = {verdict for statement, verdict in pairs if statement.says in (Says.MEASURE, Says.PROTECTION)}
    return Fit.EXCEEDS if graded == {Fit.EXCEEDS} else Fit.MEETS


def _judge(statement: Statement, product: Product, today: date) -> Finding:
    match statement.says:
        case Says.LICENCE:
            return _licence(statement, product, today)
        case Says.NOTHING:
            return Finding(Fit.UNKNOWN, reason=UNREAD)
    return _JUDGES[statement.says](statement, product)


# --- grades, standards, licences, lists ---------------------------------------------------------------------------


def _protection(statement: Statement, product: Product) -> Finding:
    """Compare IP codes by IEC 60529: up to 6 the second numeral includes those below it; 7 and 8 do not include 5 and 6."""
    for row in product.rows:
        stated = ["".join(grade).upper() for grade in parsing.PROTECTION.findall(row.cell)]
        if not stated or features.is_denied(row.cell):
            continue
        verdicts = [
            max((_protects(code, wanted) for code in stated), key=_RANK.index) for wanted in statement.words
        ]
        verdict = min(verdicts, key=_RANK.index)
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


def _standard(statement: Statement, product: Product) -> Finding:
    sources: list[Source] = []
    for wanted in statement.words:
        base = _undated(wanted)
        alike = [(code, source) for code, source in product.standards if _undated(code) == base]
        same = [source for code, source in alike if wanted in (base, code)]
        if not same:
            reason = f"产品写的是 {alike[0][0]}，版本不同" if alike else NOTHING
            return Finding(Fit.UNKNOWN, tuple(source for _, source in alike[:1]), reason)
        sources.append(same[0])
    return Finding(Fit.MEETS, tuple(sources))


def _undated(code: str) -> str:
    head, _, year = code.rpartition("-")
    return head if len(year) == 4 and head else code


def _licence(statement: Statement, product: Product, today: date) -> Finding:
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
    for wanted in statement.words:
        stated = product.device.get("management_class")
        if not stated:
            return Finding(Fit.UNKNOWN, tuple(sources), "产品没有写明管理类别")
        sources.append(Source("医疗器械信息", f"管理类别 {stated}"))
        if parsing.device_class(fold(stated)) != wanted:
            return Finding(Fit.FALLS_SHORT, tuple(sources), "管理类别不符")
    if not _is_only(statement.text, product):
        return Finding(Fit.UNKNOWN, tuple(sources), "要求中还有未能识别的内容")
    return Finding(Fit.MEETS, tuple(sources))


_LICENCE_WORDS = (
    "中华人民共和国", "国家药监局", "国家药品监督管理局", "药监局", "nmpa", "颁发", "核发", "医疗器械", "注册证书", "注册证", "注册", "备案凭证", "备案证", "备案", "证书", "管理类别",
    "第", "类", "一", "二", "三", "1", "2", "3", "i", "有效", "期内", "在", "取得", "持有", "获得", "已", "按", "管理", "合法", "有", "具", "持", "编号", "为", "产品", "属于", "的", "国家", "且",
)  # fmt: skip


def _is_only(text: str, product: Product) -> bool:
    """Return whether a requirement of a licence asks for nothing beside it."""
    rest = indicators.bare(text)
    for word in _LICENCE_WORDS:
        rest = rest.replace(word, "")
    return indicators.is_said_by(rest, product.own) or indicators.strip(rest) in indicators.words()["neutral"]


def _device_fact(statement: Statement, product: Product) -> Finding:
    sources = []
    for word in statement.words:
        key, label = ("insurance_code", "医保耗材编码") if "医保" in word else ("udi_di", "UDI-DI")
        if not product.device.get(key):
            return Finding(Fit.UNKNOWN, reason=NOTHING)
        sources.append(Source("医疗器械信息", f"{label} {product.device[key]}"))
    return Finding(Fit.MEETS, tuple(sources))


_LISTS = {"首台": "TZ", "首批": "PC", "首版": "RJ", "推荐": "CX", "创新": "CX"}


def _listing(statement: Statement, product: Product) -> Finding:
    """Answer from the registry's own lists, of which it knows what is in them and what is not."""
    sources: list[Source] = []
    for word in statement.words:
        if word.startswith("国家"):
            if not product.national:
                return Finding(Fit.UNKNOWN, reason=NOTHING)
            sources.append(Source("国家级目录", product.national[0]))
        elif word.startswith("首次"):
            found = [
                listed.first_on_market for listed in product.listed if listed.first_on_market is not None
            ]
            if not found:
                return Finding(Fit.UNKNOWN, reason=NOTHING)
            words = "列入时认定为首次投放市场产品" if any(found) else "列入时未认定为首次投放市场产品"
            sources.append(Source("列入情况", words))
            if not any(found):
                return Finding(Fit.FALLS_SHORT, tuple(sources))
        else:
            numbers = [listed.number for listed in product.listed if listed.list_code == _LISTS[word[:2]]]
            if not numbers:
                return Finding(Fit.FALLS_SHORT, (Source("列入情况", "目前不在该名单的有效产品中"),))
            sources.append(Source("列入情况", f"目录编号 {numbers[0]}"))
    return Finding(Fit.MEETS, tuple(sources))


# --- features -----------------------------------------------------------------------------------------------------


def _feature(statement: Statement, product: Product) -> Finding:
    found = [_thing(wanted, statement.before, product) for wanted in statement.words]
    verdicts = [finding.verdict for finding in found]
    if statement.is_any:
        best = next((each for each in found if each.verdict is Fit.MEETS), None)
        return best or next((each for each in found if each.verdict is Fit.UNKNOWN), found[0])
    sources = tuple(dict.fromkeys(source for finding in found for source in finding.sources))
    reasons = "；".join(dict.fromkeys(finding.reason for finding in found if finding.reason))
    for verdict in (Fit.FALLS_SHORT, Fit.UNKNOWN):
        if verdict in verdicts:
            return Finding(verdict, sources, reasons)
    return Finding(Fit.MEETS, sources)


def _thing(wanted: str, subject: str, product: Product) -> Finding:
    part = indicators.name(subject)
    is_of_product = not part.core or indicators.is_said_by(part.core, product.own)
    for name, source in product.denied:
        if is_of_product and name.core == indicators.name(wanted).core:
            return Finding(Fit.FALLS_SHORT, (source,))
    for each in product.affirmed:
        if not is_of_product and (
            each.name is None or indicators.likeness(part, each.name, product.own) != "same"
        ):
            continue
        if features.has(wanted, each.things):
            return Finding(Fit.MEETS, (each.source,))
    if not is_of_product:
        listed = [
            each.source
            for each in product.affirmed
            if each.name and indicators.likeness(part, each.name, product.own) == "same"
        ]
        if listed:
            return Finding(Fit.UNKNOWN, tuple(listed[:1]), "产品所列内容中没有全部所要求的")
    return Finding(Fit.UNKNOWN, reason=NOTHING)


_JUDGES: Mapping[Says, Callable[[Statement, Product], Finding]] = {
    Says.MEASURE: measure,
    Says.PROTECTION: _protection,
    Says.STANDARD: _standard,
    Says.DEVICE_FACT: _device_fact,
    Says.LISTING: _listing,
    Says.FEATURE: _feature,
}
