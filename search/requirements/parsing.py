"""Lines of a tender file as requirements: what is measured, graded, licensed, listed, conformed to or simply there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from search.requirements import features, units
from search.requirements.numerals import with_digits
from search.requirements.quantities import Kind, Quantity, quantities
from search.requirements.text import fold

HIGHEST_CLASS = 3  # of medical devices: 《医疗器械监督管理条例》第六条
STATEMENTS_MAX = 12  # of one line; it bounds the work that a line can make

_STARS = r"\s★☆▲△●○◎■□◆◇▪•※*#√✓☑"
_CIRCLED = re.compile(rf"^([{_STARS}→>·-]*)[①-⑳]")
_NUMBERS = (
    r"\(?\d{1,3}(?:\.\d{1,3}){0,4}\)",  # 1) and (1.2)
    r"\d{1,3}(?:\.\d{1,3}){0,4}[.、):](?!\d)",
    rf"\d{{1,2}}(?:\.\d{{1,2}}){{1,4}}(?=[{_STARS}])",
    r"\d{1,3}(?=\s+[\u4e00-\u9fffA-Za-z])",
    r"\(?[一二三四五六七八九十]{1,3}[、.)]",
    r"第[一二三四五六七八九十\d]{1,3}[条项][、.:]?",
    r"(?:参数|指标|条款)\s?\d{1,3}\s?[、.:)]",
    r"\(?(?:[A-Za-z]|[IVX]{1,4})\)?[.、)](?=\s?[\u4e00-\u9fff])|\([A-Za-z]\)",
)
_NUMBERING = re.compile(rf"^(?:[{_STARS}→>·]|-(?!\d))*(?:(?:{'|'.join(_NUMBERS)})\s*)?[{_STARS}:]*")
_DOTTED = re.compile(r"^\d{1,2}(?:\.\d{1,2}){1,4}(?=[\u4e00-\u9fff])")
_ENDS = r"[;。；！!？?\n]"
_COMMAS = r"[,，](?!\d)|(?<!\d)[,，]"
_STOPS = re.compile(f"{_ENDS}|{_COMMAS}")
_ONE_OF = re.compile(
    r"(?:下列|以下|下述).*之一|至少一[种项个]|[,，]\s?或|可定制|可选|选配|[得加减扣]\d+分|优先|允许(?:的)?(?:负|正)?偏[差离]|负偏离"
)
_JOINTS = re.compile(
    r"(?<=[^\s])(?:并且|而且|同时|且|以及|和|并(?![发行联网列])|、)(?=[^、]*?(?:[≥≤><]|不|大于|小于|高于|低于|至少|最多|超过))"
)
# Which papers a bidder shall hand in, and how a line is weighed, are no properties of a product.
_BRACKETED = re.compile(r"\(([^()]*)\)")
_TOLD = re.compile(r"\d|[一二三四五六七八九十][年级类]|认证|注册证|备案|资质|许可")
_PROOF = re.compile(
    r"[★▲*#\s]*(?:(?:须|需|应|并|且|投标时|投标人)*(?:提供|出具|附|提交)(?:[^\d]*)(?:报告|证明|材料|证书|复印件|截图|彩页|说明|承诺[函书]?)"
    r"|以[^\d]*(?:报告|证书|证明|文件|说明书|彩页)为准|.*(?:复印件|加盖公章|盖章)|.*(?:无效|废标).*|\d{1,2}分"
    r"|实质性(?:要求|条款|响应)?|重要(?:参数|指标)?|一般(?:参数|指标)?|关键(?:参数|指标)?|必须满足|不允许偏离)\s*"
)
_PAPERS = re.compile(
    r"(?:须|应|需|并|且|同时|投标人|供应商|投标时)*(?:提供|出具|附|提交|递交)[^,;]*(?:复印件|扫描件|原件|加盖[^,;]*章|盖章|承诺函|承诺书|证明材料|证明文件|佐证材料|截图|彩页)[^,;]*"
    r"|(?:并|且)?加盖[^,;]*章|否则[^,;]*(?:无效|废标|拒绝|否决)[^,;]*|(?:如)?不满足[^,;]*(?:无效|废标|否决)[^,;]*|(?:作|按|视为)[^,;]*(?:无效|废标)[^,;]*"
)
# What a value holds under, said before it: 500并发用户时, 额定负载条件下, 若为进口产品.
_CONDITION = re.compile(
    r"(?:.*(?<!小)(?<!按)(?<!及)(?<!准)(?<!实)时(?:段|候)?|.*(?:条件|情况|状态|环境|工况|模式|负载|前提)之?下|.*期间|(?:原厂|免费|整机)*(?:质保|保修|维保).*内|(?:若|如(?!下|图|附)|倘若|假如|当|凡|对于|对).*|(?:.*(?:属于|涉及|为|列入|纳入)).*的)"
)
STANDARD = re.compile(
    r"(?<![A-Za-z])((?:GB|YY|JB|HG|SJ|YD|QC|NB|DL|JT|CJ|HJ|WS|GA|JC|YB|YS|QB|FZ|DB\d{2}|CB|HB|GJB|JJ[GF])(?:/[TZ])?|ISO(?:/IEC|/TS)?|IEC|EN(?: ISO)?|IEEE|ASTM|UL|T/[A-Z]{2,10})\s?([A-Z]?\d+(?:\.\d+)*(?:-\d{1,2}(?!\d))?)(?:\s?[-:]\s?((?:19|20)\d{2}))?"
)
PROTECTION = re.compile(r"(?<![A-Za-z\d])IP\s?-?([0-6Xx])([0-9Xx])(?!\d)")
_CONFORMS = re.compile(r"符合|满足|执行|遵循|遵守|通过|达到|依据|按照|按|标准")
_LICENCE = re.compile(r"注册证|医疗器械注册|器械注册|备案凭证|医疗器械备案|备案证")
_BIDDERS = re.compile(
    r"(?:经营|生产)(?:许可|备案|资质|企业许可)"
)  # what a company is allowed, not what a product is
_TURNED = re.compile(
    r"不要求|不得采用|不应采用|不采用|无需|不需|禁止|严禁|优于(?!或)|(?<![不得应])低于"
)  # of a grade of protection
_CLASS = re.compile(
    r"(?:第|管理类别[:为]?|[^\d]|^)([一二三123](?:\s?(?:、|/|,|或|和|及)\s?第?[一二三123])*)\s?类(及以上)?"
)
_DEVICE_FACTS = re.compile(r"UDI|医保(?:耗材)?编码|唯一标识")
_LISTED = re.compile(
    r"推荐目录|创新产品目录|首台\(?套\)?|首批次|首版次|国家级.{0,12}目录|首次投放市场(?!时间|年限|日期|以来|之日|后)"
)
_USED = re.compile(
    r"(?:产品|设备|系统|仪器|应|须|需|可|能|能够|主要)*(?:适用于|应用于|用于|面向|适合|供(?=.+使用$))"
)
_NEGATIVE = re.compile(
    r"不得|不应|不需|无需|无须|禁止|严禁|不含|不可|不能|不带|未|非|拒绝|不允许|除外|除非|优先|如有|如需|可选|选配|任选"
)


class Says(Enum):
    """What kind of statement a requirement makes."""

    MEASURE = auto()
    PROTECTION = auto()
    STANDARD = auto()
    LICENCE = auto()
    DEVICE_FACT = auto()
    LISTING = auto()
    FEATURE = auto()
    USE = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a requirement, by folded texts.

    A measure has what stands before and after its quantity, a feature its subject and the things named; `words` are
    the codes of standards and grades, or the kinds of lists, that are asked for; `sentence` counts those of the line.
    """

    says: Says
    text: str
    before: str = ""
    after: str = ""
    quantity: Quantity | None = None
    words: tuple[str, ...] = ()
    is_any: bool = False
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class Requirement:
    """A line as it was given, and its statements; none can be met unless all are."""

    number: int
    text: str
    statements: tuple[Statement, ...] = field(default=())


def requirement(number: int, text: str) -> Requirement:
    """Read a line."""
    folded = _BRACKETED.sub(_without_proof, unnumbered(text))
    statements: list[Statement] = []
    for sentence, written in enumerate(_outside_brackets(re.compile(_ENDS), folded)):
        parts = [part for part in _parts(written) if not _is_paper(part)]
        for place, part in enumerate(parts, 1):
            statement = _statement(part)
            if (place < len(parts) and _CONDITION.fullmatch(part)) or _ONE_OF.search(folded):
                statement = Statement(Says.NOTHING, part)
            earlier = _with_unit_of(statement, statements)
            statements = [*earlier, replace(_inherit(statement, statements), sentence=sentence)]
    kept = tuple(statements[:STATEMENTS_MAX])
    return Requirement(number, text, kept or (Statement(Says.NOTHING, folded),))


def _without_proof(found: re.Match[str]) -> str:
    """Take out of a bracket what tells of papers and of how a line is weighed; a condition beside it stays."""
    kept = [part for part in re.split(r"[,;、]", found[1]) if not (_PROOF.fullmatch(part) or _is_paper(part))]
    return f"({','.join(kept)})" if kept else ""


def _is_paper(part: str) -> bool:
    """Return whether a clause asks for nothing but a paper; one that tells what the paper shall say asks for that."""
    return bool(_PAPERS.fullmatch(part)) and not _TOLD.search(part)


def measures(text: str) -> Iterator[Statement]:
    """Yield what a sentence about a product states of numbers; of several the last, if it is what was achieved."""
    for part in _parts(fold(text)):
        digits = with_digits(part)
        statement = _measure(digits)
        if statement is not None and statement.says is Says.MEASURE:
            yield statement
        elif statement is not None:
            *_, last = quantities(digits)
            before, after = digits[: last.start].strip(), digits[last.end :].strip()
            if after and before.endswith(("完成", "通过", "实现", "达到")) and last.kind is Kind.EXACTLY:
                yield Statement(Says.MEASURE, part, after=after, quantity=last)


def standards(text: str) -> tuple[str, ...]:
    """Return the standards that a folded text names, as `GB/T 4208-2017`, each once."""
    found = (
        f"{match[1]} {match[2]}" + (f"-{match[3]}" if match[3] else "") for match in STANDARD.finditer(text)
    )
    return tuple(dict.fromkeys(found))


def clauses(text: str) -> list[str]:
    """Return the clauses of a text, in its very words."""
    return _STOPS.split(text)


def conforms(text: str) -> bool:
    """Return whether a folded statement says that standards are conformed to."""
    return bool(_CONFORMS.search(text)) and not _NEGATIVE.search(text) and is_followed(text)


def is_followed(text: str) -> bool:
    """Return whether a folded text names standards as a whole, not parts or methods of them."""
    return not re.search(r"参照|参考|\(部分\)|部分(?:条款|内容|要求)|(?:试验|检验|测试|检测)方法", text)


def device_classes(text: str) -> tuple[str, ...]:
    """Return the management classes of medical devices that a folded text names or admits, as `2`."""
    text = re.sub(r"I{1,3}(?=\s?(?:类|[、/或和及]))", lambda found: str(len(found[0])), text)
    classes: set[int] = set()
    for match in _CLASS.finditer(text):
        named = {"一二三".find(each) + 1 or int(each) for each in re.findall(r"[一二三123]", match[1])}
        classes |= set(range(min(named), HIGHEST_CLASS + 1)) if match[2] else named
    return tuple(map(str, sorted(classes)))


def unnumbered(text: str) -> str:
    """Return a line folded, without its number and marks."""
    text = fold(_CIRCLED.sub(r"\1(0)", text))  # folded, ① would be any 1
    match = _NUMBERING.match(text)
    rest = text[match.end() :] if match else text
    if (dotted := _DOTTED.match(rest)) and not units.longest(rest[dotted.end() :])[0]:
        rest = rest[dotted.end() :]
    return rest.strip()


def _parts(text: str) -> Iterator[str]:
    for sentence in _outside_brackets(re.compile(_COMMAS), text):
        for part in _outside_brackets(_JOINTS, sentence):
            if part.strip(" :、,"):
                yield part.strip(" 、,")


def _outside_brackets(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    start = depth = position = 0
    for found in pattern.finditer(text):
        depth += text.count("(", position, found.start()) - text.count(")", position, found.start())
        position = found.start()
        if depth <= 0:
            yield text[start : found.start()]
            start = found.end()
    yield text[start:]


def _statement(text: str) -> Statement:
    if codes := standards(text):
        return Statement(Says.STANDARD if conforms(text) else Says.NOTHING, text, words=codes)
    if _BIDDERS.search(text):
        return Statement(Says.NOTHING, text)
    if not _NEGATIVE.search(text):
        if _LICENCE.search(text) or re.search(r"类(?:的)?医疗器械|管理类别", text):
            return Statement(Says.LICENCE, text, words=device_classes(text))
        if _DEVICE_FACTS.search(text):
            return Statement(Says.DEVICE_FACT, text, words=tuple(_DEVICE_FACTS.findall(text)))
        if listed := _LISTED.findall(text):
            return Statement(Says.LISTING, text, words=tuple(listed), is_any=bool(re.search("或|/", text)))
    if grades := PROTECTION.findall(text):
        codes = tuple("".join(grade).upper() for grade in grades)
        if _TURNED.search(text):
            return Statement(Says.NOTHING, text)
        return Statement(
            Says.PROTECTION, text, words=codes, is_any=bool(re.search(r"\d\s?(?:或|/)\s?I", text))
        )
    measured = _measure(with_digits(text))
    if measured is not None and (not features.begins_with_verb(text) or _is_bounded(measured)):
        return measured
    if _NEGATIVE.search(text):
        return measured or Statement(Says.NOTHING, text)
    if (uses := features.uses(text)) and _USED.match(text):
        return Statement(Says.USE, text, words=uses)
    if found := features.asked(text):
        return Statement(Says.FEATURE, text, before=found.subject, words=found.things, is_any=found.is_any)
    return measured or Statement(Says.NOTHING, text)


def _is_bounded(statement: Statement) -> bool:
    quantity = statement.quantity
    if quantity is None:
        return False
    return quantity.kind is not Kind.EXACTLY or bool(quantity.unit_text) or features.is_verb(statement.before)


def _measure(text: str) -> Statement | None:
    """Read a statement about one number; others may stand in the name of what is measured, as in 失锁60秒漂移."""
    found = list(quantities(text))
    bounded = [quantity for quantity in found if quantity.kind is not Kind.EXACTLY]
    if len(found) > 1 and len(bounded) != 1:
        return Statement(Says.NOTHING, text)
    if not found:
        return None
    [quantity] = bounded or found
    before, after = text[: quantity.start].strip(), text[quantity.end :].strip()
    return Statement(Says.MEASURE, text, before=before, after=after, quantity=quantity)


def _with_unit_of(bare: Statement, earlier: list[Statement]) -> list[Statement]:
    """Give the number before a bare one the unit that is written once, as in `产能≥50且≤70片/小时`."""
    if not _is_bare(bare) or not earlier or earlier[-1].says is not Says.MEASURE:
        return earlier
    last, quantity = earlier[-1], bare.quantity
    if last.quantity is None or last.quantity.unit_text or quantity is None:
        return earlier
    united = replace(last.quantity, unit=quantity.unit, unit_text=quantity.unit_text)
    return [*earlier[:-1], replace(last, quantity=united)]


def _is_bare(statement: Statement) -> bool:
    return statement.says is Says.MEASURE and not statement.before and not statement.after


def _inherit(statement: Statement, earlier: list[Statement]) -> Statement:
    """Give a bare number, as in `≥200MHz且≤400MHz`, the subject of the one before."""
    if not _is_bare(statement) or not earlier:
        return statement
    last = earlier[-1]
    return (
        replace(statement, before=last.before, after=last.after) if last.says is Says.MEASURE else statement
    )
