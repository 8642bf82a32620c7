"""Which products the demonstration shows, in which list, scope and state; nothing is written here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from catalog.demo.grammar import dice
from catalog.demo.products import LISTS, Batch, Portfolio, Specimen, batches
from registry.models import ListCode, ListingStatus, PublicationScope

FIRSTS = (ListCode.TZ, ListCode.PC, ListCode.RJ)
ALSO_IN = {ListCode.TZ: 10, ListCode.PC: 6, ListCode.RJ: 5}
"""Every so many fitting products of CX stand in that list too."""

ONLY_IN = {ListCode.TZ: 45, ListCode.PC: 70, ListCode.RJ: 50}
"""One for so many products stands in that list alone."""

RESTRICTED = {PublicationScope.VERIFIED_BUYERS: 50, PublicationScope.NOT_PUBLISHED: 80}
ENDED = {
    ListingStatus.SUSPENDED: (70, "监督抽查中部分性能指标待复核，复核期间暂停。"),
    ListingStatus.REVOKED: (100, "核实检测报告与送检样品不一致，依程序撤销。"),
    ListingStatus.WITHDRAWN: (200, "产品换代停产，申报单位申请退出。"),
}
"""One for so many products, and why."""

EXPIRED = 40
OLD_BATCHES = 3
LEAST = 2  # of each, however small the demonstration
DAYS_BACK = 200


@dataclass(frozen=True, slots=True)
class Ending:
    """A listing that does not stand any more: since when, as what, and why."""

    specimen: Specimen
    status: ListingStatus
    on: date
    reason: str


@dataclass(slots=True)
class Publication:
    """The rows of one batch and scope, as one import takes them; `specimens` are those not known before."""

    batch: Batch
    scope: PublicationScope
    rows: list[dict[str, str]] = field(default_factory=list)
    specimens: list[Specimen] = field(default_factory=list)


class Cast:
    """Everything that is published and what becomes of it, the same for a number of products and a day."""

    def __init__(self, products: int, today: date) -> None:
        """Choose; the first `products` are active, public and in CX, everything else comes on top."""
        self.today = today
        self._size = products
        self._portfolio = Portfolio()
        self._publications: dict[tuple[Batch, PublicationScope], Publication] = {}
        self.endings: list[Ending] = []
        published = batches(today)
        self.active = self._publish(products, published)
        for scope, share in RESTRICTED.items():
            self._publish(self._count(share), published, scope)
        for status, (share, reason) in ENDED.items():
            for specimen in self._publish(self._count(share), published):
                self.endings.append(Ending(specimen, status, self._day_after(specimen), reason))
        self._publish(self._count(EXPIRED), batches(today, are_over=True)[-OLD_BATCHES:])
        for list_code in FIRSTS:
            held = batches(today, list_code)
            self._list_too(list_code, held)
            self._publish(self._count(ONLY_IN[list_code]), held)

    @property
    def publications(self) -> list[Publication]:
        """Return what is imported, in the order of the days; CX before the others, public before restricted."""
        return sorted(
            self._publications.values(),
            key=lambda one: (one.batch.published_on, one.batch.list_code, one.scope is not PublicationScope.PUBLIC, one.scope),
        )  # fmt: skip

    def ended(self, status: ListingStatus) -> Ending:
        """Return the first product that ended so."""
        return next(ending for ending in self.endings if ending.status is status)

    def _count(self, share: int) -> int:
        return max(LEAST, self._size // share)

    def _day_after(self, specimen: Specimen) -> date:
        """Return a day since the publication on which something happened to it."""
        earliest = max(
            specimen.batch.published_on + timedelta(days=1), self.today - timedelta(days=DAYS_BACK)
        )
        span = (self.today - earliest).days
        return self.today if span <= 0 else earliest + timedelta(
            days=dice(f"ending/{specimen.number}").randint(0, span)
        )  # fmt: skip

    def _publish(
        self, count: int, published: list[Batch], scope: PublicationScope = PublicationScope.PUBLIC
    ) -> list[Specimen]:
        specimens = list(self._portfolio.take(count, published))
        for specimen in specimens:
            publication = self._publication(specimen.batch, scope)
            publication.rows.append(specimen.row)
            publication.specimens.append(specimen)
        return specimens

    def _list_too(self, list_code: ListCode, held: list[Batch]) -> None:
        """Put some of the active products into another list, in a batch after the one in which they came."""
        for place, specimen in enumerate(self._fitting(list_code)):
            later = [batch for batch in held if batch.published_on > specimen.batch.published_on]
            if place % ALSO_IN[list_code] == 0 and later:
                row = self._portfolio.listed_also(specimen, later[0])
                self._publication(later[0], PublicationScope.PUBLIC).rows.append(row)

    def _fitting(self, list_code: ListCode) -> Iterator[Specimen]:
        return (specimen for specimen in self.active if LISTS.get(specimen.family.kind) is list_code)

    def _publication(self, batch: Batch, scope: PublicationScope) -> Publication:
        return self._publications.setdefault((batch, scope), Publication(batch, scope))
