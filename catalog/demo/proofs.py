"""Which certificates the demonstration issues: one of each kind, and one for each answer of the check."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.certificates.services import Purchase
from catalog.certificates.wording import Funds, Project, PurchaseObject
from catalog.demo.cast import Cast
from catalog.demo.products import Specimen
from registry.models import ListingStatus

RUN_OUT_DAYS = 150  # longer ago than a certificate is valid
REVOKED_DAYS = 12
REVOCATION = "所载用途取消，申请人请求撤销。"
SHOWN_ENDINGS = (ListingStatus.SUSPENDED, ListingStatus.REVOKED)
NATIONAL_BUYER = "central"  # its certificate cites a national list


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A certificate: of what, when, for which buyer's log-in and purchase; without these it is for anyone."""

    specimen: Specimen
    on: date
    buyer: str | None = None
    purchase: Purchase | None = None
    revoked_on: date | None = None


# fmt: off
PURCHASES = (
    ("hospital", "device", Purchase("影像科设备更新项目，2 台", Funds.FISCAL, PurchaseObject.GOODS)),
    ("clinic", "device", Purchase("康复中心建设项目，1 套", Funds.SELF_RAISED, PurchaseObject.GOODS)),
    ("soe", "equipment", Purchase("轨道交通延伸线机电工程，4 套", Funds.STATE_OWNED, PurchaseObject.WORKS_RELATED, Project.MAJOR)),
    ("central", "equipment", Purchase("海上风电示范项目，1 套", Funds.STATE_OWNED, PurchaseObject.WORKS_RELATED, Project.STATE_INVESTMENT)),
    ("university", "equipment", Purchase("分析测试中心平台建设，1 台", Funds.FISCAL, PurchaseObject.GOODS)),
    ("government", "software", Purchase("公共数据治理平台建设，1 套", Funds.FISCAL, PurchaseObject.SERVICES)),
    ("institution", "equipment", Purchase("环境监测站网更新，6 台", Funds.FISCAL, PurchaseObject.GOODS)),
    ("company", "component", Purchase("电机控制器量产配套，1 批", Funds.SELF_RAISED, PurchaseObject.GOODS)),
)
"""A buyer's log-in, the kind of product it buys, and what for."""
# fmt: on


def planned(cast: Cast) -> list[Proof]:
    """Return the certificates in the order of their days; a small demonstration may lack a product for some."""
    today = cast.today
    run_out, revoked = today - timedelta(days=RUN_OUT_DAYS), today - timedelta(days=REVOKED_DAYS)
    taken: set[int] = set()
    proofs = []

    def first(on: date, *, kind: str | None = None, is_national: bool = False) -> Iterator[Specimen]:
        for specimen in cast.active:
            if (
                specimen.number not in taken
                and specimen.batch.published_on <= on
                and kind in (None, specimen.family.kind)
                and (specimen.row["国家级目录"] or not is_national)
            ):
                taken.add(specimen.number)
                yield specimen
                return

    for specimen in first(today, kind="device"):
        proofs.append(Proof(specimen, today))
    for specimen in first(run_out):
        proofs.append(Proof(specimen, run_out))
    for specimen in first(revoked):
        proofs.append(Proof(specimen, revoked, revoked_on=today - timedelta(days=REVOKED_DAYS // 2)))
    for status in SHOWN_ENDINGS:
        ending = cast.ended(status)
        on = max(ending.specimen.batch.published_on, ending.on - timedelta(days=REVOKED_DAYS))
        proofs.append(Proof(ending.specimen, on))
    for buyer, kind, purchase in PURCHASES:
        for specimen in first(today, kind=kind, is_national=buyer == NATIONAL_BUYER):
            proofs.append(Proof(specimen, today, buyer, purchase))
    return sorted(proofs, key=lambda proof: proof.on)
