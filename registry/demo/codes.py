"""Credit codes of units that do not exist."""

from stdnum.cn import uscc


def credit_code(serial: int, *, registry: str = "91") -> str:
    """Return a code of the right form whose organisation code begins with DEM, which no register has given out.

    Both check characters are right (GB 11714, GB 32100), so that the demonstration passes the same checks as the
    real thing.
    """
    body = f"DEM{serial:05}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(character, 36) * weight for character, weight in zip(body, weights, strict=True))
    head = f"{registry}310000{body}{'0123456789X0'[(11 - total % 11)]}"
    return head + uscc.calc_check_digit(head)
