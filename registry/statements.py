"""What somebody must state in words: a reason, a name, a note."""

from registry.errors import RuleError


def stated(text: str, name: str, parameter: str, *, most: int | None = None, why: str = "") -> str:
    """Return the text without outer blanks; `why` follows 必填 in the sentence.

    Raises:
        RuleError: there is no text, or more than `most` characters.
    """
    said = text.strip()
    if not said:
        raise RuleError(f"{name}：必填{why}。", parameter=parameter)
    if most is not None and len(said) > most:
        raise RuleError(f"{name}：不超过 {most} 个字。", parameter=parameter)
    return said
