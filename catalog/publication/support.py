"""Support of listed three-firsts products: recorded apart from the listing, with day, amount and document."""

from collections import defaultdict
from datetime import date

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from catalog.publication.models import SupportDecision
from catalog.publication.reckoning import FEN_PER_YUAN, support_ceiling
from registry import clock, policy, trail
from registry.errors import RuleError
from registry.models import ListCode, Listing, ListingStatus, User
from registry.permissions import require
from registry.types import Fen

THREE_FIRSTS = (ListCode.TZ, ListCode.PC, ListCode.RJ)
DOCUMENT_MAX = 100  # characters, the width of the column


def record(
    session: Session,
    listing: Listing,
    actor: User,
    *,
    decided_on: date,
    contracts: Fen,
    amount: Fen,
    document: str,
) -> SupportDecision:
    """Record that a listed three-firsts product is supported; `contracts` is the sum that the support is a share of.

    Raises:
        RuleError: no three-firsts listing, it does not stand, no document, the day is to come, or the amount is above
            the ceiling of that day's policy.
    """
    require(actor, "support:record")
    if listing.list_code not in THREE_FIRSTS:
        raise RuleError("目录编号：只有首台（套）、首批次、首版次产品登记支持决定。", parameter="number")
    if listing.status is not ListingStatus.ACTIVE:
        raise RuleError("目录编号：该列入现在不是有效状态，不能登记支持决定。", parameter="number")
    if not document.strip() or len(document) > DOCUMENT_MAX:
        raise RuleError(f"文件：必填，不超过 {DOCUMENT_MAX} 个字。", parameter="document")
    if decided_on > clock.today():
        raise RuleError("决定日期：不得晚于今天。", parameter="decided_on")
    rule = policy.value(session, "support.three_firsts", on=decided_on)
    ceiling = support_ceiling(contracts, **rule)
    if not 0 < amount <= ceiling:
        raise RuleError(
            f"支持金额：应大于 0，且不超过合同金额的 {rule['rate_percent']}% 和上限，即 {yuan(ceiling)} 元。",
            parameter="amount",
        )
    if session.scalar(
        select(SupportDecision.id).where(
            SupportDecision.listing_id == listing.id, SupportDecision.document == document.strip()
        )
    ):
        raise RuleError("文件：此产品依据该文件的支持已经登记。", parameter="document")
    decision = SupportDecision(
        listing_id=listing.id, decided_on=decided_on, contracts=contracts, amount=amount, document=document.strip(),
        recorded_by_id=actor.id, recorded_at=clock.now(),
    )  # fmt: skip
    session.add(decision)
    session.flush()  # the unique key refuses the second of two clicks
    trail.record(
        session, actor, "support.record", subject="listing", subject_id=listing.number,
        detail={"decided_on": decided_on.isoformat(), "amount": amount, "document": document.strip()},
    )  # fmt: skip
    return decision


def yuan(amount: Fen) -> str:
    """Write an amount in 元, with 分 only where there are any."""
    whole, part = divmod(amount, FEN_PER_YUAN)
    return f"{whole:,}.{part:02}" if part else f"{whole:,}"


def supported(session: Session) -> dict[int, dict[ListCode, tuple[int, Fen]]]:
    """Return for each year how many distinct products of each list were supported, and with how much."""
    year = extract("year", SupportDecision.decided_on)
    rows = session.execute(
        select(
            year, Listing.list_code, func.count(Listing.entry_id.distinct()), func.sum(SupportDecision.amount)
        )
        .join(SupportDecision.listing)
        .group_by(year, Listing.list_code)
    )
    tally: dict[int, dict[ListCode, tuple[int, Fen]]] = defaultdict(dict)
    for when, list_code, count, amount in rows:
        tally[int(when)][list_code] = (count, Fen(int(amount)))
    return dict(sorted(tally.items(), reverse=True))
