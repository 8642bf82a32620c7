"""What is said of one product and one requirement."""

from dataclasses import dataclass

from search.requirements.comparing import Fit
from search.requirements.facts import Source

NOTHING = "公开信息中没有相应内容"
UNREAD = "未能识别为可比对的要求，请人工核对"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, the words on which it stands, and why it is not more."""

    verdict: Fit
    sources: tuple[Source, ...] = ()
    reason: str = ""
