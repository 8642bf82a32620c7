"""Lines of a tender file that ask for nothing: they name or introduce the lines below."""

import re

from search.requirements import lines
from search.requirements.comparing import Fit
from search.requirements.findings import Finding
from search.requirements.parsing import Requirement, Says

HEADING = Finding(Fit.UNKNOWN, (), "这一行是标题或引语，没有比对。")

_ABOUT = (
    "主要|基本|总体|一般|通用|专用|详细|具体|实质性|核心|关键|其他|其它|技术|性能|功能|质量|安全|外观|商务|服务|售后|系统|软件|硬件|电气|机械|"
    "环境|产品|设备|货物|项目|采购|招标|验收|交货|培训|安装|调试|付款|质保|参数|指标|规格|配置|及|和|与|、|/"
)
_TITLE = re.compile(
    rf"\(?(?:{_ABOUT}){{0,8}}(?:要求|参数|指标|规格|配置|条件|标准|清单|说明|需求|部分|概况|性能)\)?"
)
_CHAPTER = re.compile(r"第[一二三四五六七八九十\d]{1,3}[章节部篇]分?[\s:、.]*")
_ASKS = frozenset({Says.MEASURE, Says.PROTECTION, Says.STANDARD})


def is_heading(read: Requirement) -> bool:
    """Return whether a line is a heading, as `二、主要技术参数`, or ends where what it introduces begins."""
    text = lines.unnumbered(read.text)
    if chapter := _CHAPTER.match(text):
        text = text[chapter.end() :]
    if _TITLE.fullmatch(text.rstrip(":").strip()):
        return True
    return text.endswith(":") and not any(statement.says in _ASKS for statement in read.statements)
