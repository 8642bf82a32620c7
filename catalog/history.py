"""What became of a product, told from its versions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from registry.models import EntryVersion, Listing, ListingStatus
from registry.terms import label


@dataclass(frozen=True, slots=True)
class Line:
    """What was recorded at an instant."""

    at: datetime
    text: str


def history(versions: Iterable[EntryVersion], listings: Iterable[Listing]) -> list[Line]:
    """Tell a product's history, newest first, from versions oldest first; the listings' `versions` must have been loaded."""
    told = [
        Line(
            version.created_at,
            "登记产品信息" if version.version == 1 else f"更新产品信息（第{version.version}版）",
        )
        for version in versions
    ]
    for listing in listings:
        told += _of_listing(listing)
    return sorted(told, key=lambda line: line.at)[::-1]  # of one instant, what was told last comes first


def _of_listing(listing: Listing) -> Iterable[Line]:
    status = None
    for version in listing.versions:
        now = version.facts.get("status")
        if version.version == 1:
            yield Line(version.from_at, f"列入{label(listing.list_code)}，编号 {listing.number}")
        if now is not None and now != status and (status is not None or now != ListingStatus.ACTIVE):
            yield Line(version.from_at, f"{listing.number} 状态变为“{label(ListingStatus(now))}”")
        elif version.version > 1:
            yield Line(version.from_at, f"更新 {listing.number} 的列入信息（第{version.version}版）")
        status = now
