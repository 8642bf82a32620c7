"""What of a line is asked: without its number, without papers and how it is weighed; its sentences, clauses and conditions."""

import re
from collections.abc import Iterator

from search.requirements import units
from search.requirements.text import fold

# How lines are numbered and marked.
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
# Where sentences and clauses end.
_ENDS = re.compile(r"[;。；！!？?\n]")
_COMMAS = re.compile(r"[,，](?!\d)|(?<!\d)[,，]")
_STOPS = re.compile(f"{_ENDS.pattern}|{_COMMAS.pattern}")
# What leaves open whether a line must be met: alternatives to it, options, points for it, allowances.
_OPEN = re.compile(
    r"(?:下列|以下|下述).*之一|至少一[种项个]|[,，]\s?或|可定制|可选|选配|[得加减扣]\d+分|优先|允许(?:的)?(?:负|正)?偏[差离]|负偏离"
)
_JOINTS = re.compile(
    r"(?<=[^\s])(?:并且|而且|同时|且|以及|和|并(?![发行联网列])|、)(?=[^、]*?(?:[≥≤><]|不|大于|小于|高于|低于|至少|最多|超过))"
)
# Which papers a bidder shall hand in, and how a line is weighed, are no properties of a product.
_BRACKETED = re.compile(r"\(([^()]*)\)")
# What a paper shall say is a property again: 三年质保承诺函, CE认证证书.
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


def unnumbered(text: str) -> str:
    """Return a line folded, without its number and marks."""
    text = fold(_CIRCLED.sub(r"\1(0)", text))  # folded, ① would be any 1
    match = _NUMBERING.match(text)
    rest = text[match.end() :] if match else text
    if (dotted := _DOTTED.match(rest)) and not units.longest(rest[dotted.end() :])[0]:
        rest = rest[dotted.end() :]
    return rest.strip()


def clauses(text: str) -> list[str]:
    """Return the clauses of a text, in its very words."""
    return _STOPS.split(text)


def sentences(line: str) -> Iterator[list[str]]:
    """Yield the clauses of each sentence of an unnumbered line that ask for something of a product."""
    for sentence in _outside_brackets(_ENDS, _BRACKETED.sub(_without_proof, line)):
        yield [part for part in parts(sentence) if not _is_paper(part)]


def parts(sentence: str) -> Iterator[str]:
    """Yield the clauses of a sentence, and what is joined within one by 且 or 和."""
    for clause in _outside_brackets(_COMMAS, sentence):
        for part in _outside_brackets(_JOINTS, clause):
            if part.strip(" :、,"):
                yield part.strip(" 、,")


def is_condition(clause: str) -> bool:
    """Return whether a clause before others tells when they hold."""
    return bool(_CONDITION.fullmatch(clause))


def is_open(line: str) -> bool:
    """Return whether a line names alternatives, options, points or allowances, so that nothing in it must be met."""
    return bool(_OPEN.search(line))


def _without_proof(found: re.Match[str]) -> str:
    """Take out of a bracket what tells of papers and of how a line is weighed; a condition beside it stays."""
    kept = [part for part in re.split(r"[,;、]", found[1]) if not (_PROOF.fullmatch(part) or _is_paper(part))]
    return f"({','.join(kept)})" if kept else ""


def _is_paper(part: str) -> bool:
    """Return whether a clause asks for nothing but a paper; one that tells what the paper shall say asks for that."""
    return bool(_PAPERS.fullmatch(part)) and not _TOLD.search(part)


def _outside_brackets(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    start = depth = position = 0
    for found in pattern.finditer(text):
        depth += text.count("(", position, found.start()) - text.count(")", position, found.start())
        position = found.start()
        if depth <= 0:
            yield text[start : found.start()]
            start = found.end()
    yield text[start:]
