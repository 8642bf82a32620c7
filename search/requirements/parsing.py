"""Lines of a tender file as requirements: what is measured, graded, licensed, listed, conformed to or simply there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from search.requirements import features, lines
from search.requirements.numerals import with_digits
from search.requirements.quantities import Kind, Quantity, quantities
from search.requirements.text import fold

HIGHEST_CLASS = 3  # of medical devices: 《医疗器械监督管理条例》第六条
STATEMENTS_MAX = 12  # of one line; it bounds the work that a line can make

STANDARD = re.compile(
    r"(?<![A-Za-z])((?:GB|YY|JB|HG|SJ|YD|QC|NB|DL|JT|CJ|HJ|WS|GA|JC|YB|YS|QB|FZ|DB\d{2}|CB|HB|GJB|JJ[GF])(?:/[TZ])?|ISO(?:/IEC|/TS)?|IEC|EN(?: ISO)?|IEEE|ASTM|UL|T/[A-Z]{2,10})\s?([A-Z]?\d+(?:\.\d+)*(?:-\d{1,2}(?!\d))?)(?:\s?[-:]\s?((?:19|20)\d{2}))?"
)
PROTECTION = re.compile(r"(?<![A-Za-z\d])IP\s?-?([0-6Xx])([0-9Xx])(?!\d)")
_CONFORMS = re.compile(r"符合|满足|执行|遵循|遵守|通过|达到|依据|按照|按|标准")
_LICENCE = re.compile(r"注册证|医疗器械注册|器械注册|备案凭证|医疗器械备案|备案证")
# What a company is allowed, not what a product is.
_BIDDERS = re.compile(r"(?:经营|生产)(?:许可|备案|资质|企业许可)")
# What turns a grade of protection round, or leaves open by how much it is to be passed.
_TURNED = re.compile(r"不要求|不得采用|不应采用|不采用|无需|不需|禁止|严禁|优于(?!或)|(?<![不得应])低于")
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
    folded = lines.unnumbered(text)
    statements: list[Statement] = []
    for sentence, clauses in enumerate(lines.sentences(folded)):
        for place, clause in enumerate(clauses[: STATEMENTS_MAX - len(statements)], 1):
            statement = _statement(clause)
            if lines.is_open(folded) or (place < len(clauses) and lines.is_condition(clause)):
                statement = Statement(Says.NOTHING, clause)
            earlier = _with_unit_of(statement, statements)
            statements = [*earlier, replace(_inherit(statement, statements), sentence=sentence)]
    return Requirement(number, text, tuple(statements) or (Statement(Says.NOTHING, folded),))


def measures(text: str) -> Iterator[Statement]:
    """Yield what a sentence about a product states of numbers; of several the last, if it is what was achieved."""
    for part in lines.parts(fold(text)):
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
        if _TURNED.search(text):
            return Statement(Says.NOTHING, text)
        codes = tuple("".join(grade).upper() for grade in grades)
        is_any = bool(re.search(r"\d\s?(?:或|/)\s?I", text))
        return Statement(Says.PROTECTION, text, words=codes, is_any=is_any)
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
