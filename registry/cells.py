"""How a text becomes a cell that no spreadsheet runs, and is read back."""

import re

# What a spreadsheet would run (OWASP, CSV Injection; full-width forms count in East Asian locales).
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def protect(value: str) -> str:
    """Return a cell's text so that no spreadsheet runs it: an apostrophe before what looks like a formula."""
    return f"'{value}" if _FORMULA.match(value) and not _NUMBER.fullmatch(value) else value


def unprotect(value: str) -> str:
    """Take back the one apostrophe that `protect` may have set."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value
