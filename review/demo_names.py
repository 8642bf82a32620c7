"""Names in the review's part of the demonstration: log-ins, and what tells fictitious persons apart."""

TITLES = ("教授级高工", "研究员", "教授", "高级工程师")
STEMS = "甲乙丙丁戊己庚辛壬癸"


def expert_name(number: int) -> str:
    """Return the log-in of an expert; the first is the printed one."""
    return f"expert{number + 1:02}" if number else "expert"


def member_name(number: int) -> str:
    """Return the log-in of who speaks for the n-th department; the first is the printed one."""
    return f"member{number + 1:02}" if number else "member"


def stem(number: int) -> str:
    """Return the two characters of the n-th fictitious person."""
    return STEMS[number // len(STEMS)] + STEMS[number % len(STEMS)]
