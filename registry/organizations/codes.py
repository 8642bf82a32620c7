"""The unified social credit code (GB 32100-2015)."""

import re
import unicodedata

from stdnum.cn import uscc

from registry.errors import RuleError

# The registering authority and the kind of body come first; the library knows digits only.
_FORM = re.compile(r"[1-9ANY][1-59][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def is_credit_code(text: str) -> bool:
    """Return whether a text is a well-formed 统一社会信用代码 of any registering authority."""
    return bool(_FORM.fullmatch(text)) and text[-1] == uscc.calc_check_digit(text[:-1])


def credit_code(text: str) -> str:
    """Return a code as it is kept, from what was typed: half-width, upper case, without spaces and dashes.

    Raises:
        RuleError: it is none; the sentence says what is wrong.
    """
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != 18:
        raise RuleError(f"统一社会信用代码：应为 18 位，现为 {len(code)} 位。", parameter="credit_code")
    if not _FORM.fullmatch(code):
        raise RuleError(
            "统一社会信用代码：由数字和大写字母组成，不使用字母 I、O、S、V、Z，第 3 至 8 位为数字。",
            parameter="credit_code",
        )
    if not is_credit_code(code):
        raise RuleError("统一社会信用代码：校验位不符，请逐位核对。", parameter="credit_code")
    return code
