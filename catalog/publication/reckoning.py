"""What publication calculates: the finding on first sale, validity, batches, ceilings of support. Values in, values out."""

from collections.abc import Collection
from datetime import date

from catalog.numbers import BATCH_MAX
from registry.clock import ONE_DAY, months_before
from registry.types import Fen

FEN_PER_YUAN = 100


def first_on_market(
    *, is_sold: bool | None, first_sale_on: date | None, reference_on: date, months: int
) -> bool | None:
    """Find whether a product was new on the market at the reference date; None where it was not told.

    It was when nothing had been sold by then, or the first sale fell within the `months` before, both ends included. A
    sale after the reference date does not count against it: the finding is as of that day and is never made again.
    """
    if is_sold is None or (is_sold and first_sale_on is None):
        return None
    return not is_sold or (first_sale_on or date.max) >= months_before(reference_on, months)


def valid_until(published_on: date, *, years: int, licence_until: date | None) -> date:
    """Return the last day of a listing's validity: `years` from publication, never past a licence that caps it."""
    end = months_before(published_on, -12 * years) - ONE_DAY
    return min(end, licence_until) if licence_until else end


def free_batch(own: int, *, taken: Collection[int], reserved: Collection[int]) -> int | None:
    """Return the batch under which an edition appears: the round's own, else the next that nobody has; None: all gone.

    `taken` are batches with an edition of that list and year, `reserved` those of other rounds.
    """
    if own not in taken:
        return own
    free = (batch for batch in range(own + 1, BATCH_MAX + 1) if batch not in taken and batch not in reserved)
    return next(free, None)


def support_ceiling(contracts: Fen, *, rate_percent: int, cap_yuan: int) -> Fen:
    """Return the most that may be granted: a share of the contracts, rounded down to the 分, never above the cap."""
    return Fen(min(contracts * rate_percent // 100, cap_yuan * FEN_PER_YUAN))
