"""From the records to what a certificate states: which listings count, and what is known of product, unit and device."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from catalog.certificates.payload import (
    CertifiedListing,
    CertifiedProduct,
    FirstOnMarket,
    HospitalFacts,
    NationalList,
    Registration,
    Unit,
)
from catalog.certificates.wording import Wording
from registry import taxonomy
from registry.errors import RuleError
from registry.models import CatalogEntry, EntryVersion, Listing, ListingStatus, NodeKind, PublicationScope
from registry.models import NationalListing as NationalListingRecord
from registry.terms import label

DEVICE_MARK = (
    "械"  # in every registration or filing number of a device (医疗器械注册与备案管理办法), in no other
)

LISTED = frozenset({ListingStatus.ACTIVE, ListingStatus.RENEWAL_PENDING})
"""The states in which a product stands in a list; a renewal under way does not interrupt it."""


def entry_query(entry_id: int) -> Select[CatalogEntry]:
    """Select an entry with everything that a certificate needs."""
    return (
        select(CatalogEntry)
        .where(CatalogEntry.id == entry_id)
        .options(
            selectinload(CatalogEntry.version),
            selectinload(CatalogEntry.listings),
            selectinload(CatalogEntry.national_listings),
        )
        .execution_options(populate_existing=True)
    )


def state_on(listing: Listing, day: date) -> ListingStatus:
    """Return a listing's state on a day: one past its validity has expired whether or not the clock wrote so."""
    if listing.status in LISTED and listing.valid_until and listing.valid_until < day:
        return ListingStatus.EXPIRED
    return listing.status


def active_listings(listings: Sequence[Listing], *, on: date) -> list[Listing]:
    """Return the listings that stand on a day.

    Raises:
        RuleError: none does; the sentence says why.
    """
    active = [listing for listing in listings if state_on(listing, on) in LISTED]
    if active:
        return active
    states = "、".join(dict.fromkeys(label(state_on(listing, on)) for listing in listings))
    raise RuleError(
        f"该产品当前没有有效的列入记录{f'（{states}）' if states else ''}，不能出具证明。",
        parameter="listing",
    )


def certified_product(session: Session, entry: CatalogEntry, *, for_hospital: bool) -> CertifiedProduct:
    """Return the product as its current version describes it, `for_hospital` with what hospitals ask of a device.

    Raises:
        RuleError: no unit is recorded.
    """
    version = entry.version
    unit = check_unit(version)
    field = taxonomy.labels(session, NodeKind.FIELD).of(version.field) or version.field_text
    return CertifiedProduct(
        code=entry.code,
        version=version.version,
        name=version.name,
        model=version.model,
        field=" / ".join(part for part in (field, version.category) if part) or None,
        unit=Unit(name=unit, credit_code=version.credit_code),
        registration=registration(version, for_hospital=for_hospital),
    )


def registration(version: EntryVersion, *, for_hospital: bool = False) -> Registration | None:
    """Return the 注册证 or 备案 that is recorded, of a device or of another product; None where there is none."""
    block = version.device or {}
    number = block.get("registration_number") or version.registration_number
    if not number:
        return None
    valid_until = block.get("valid_until")
    is_device = bool(version.device) or DEVICE_MARK in number
    return Registration(
        number=number,
        is_device=is_device,
        management_class=block.get("management_class"),
        valid_until=date.fromisoformat(valid_until) if valid_until else None,
        udi_di=block.get("udi_di"),
        insurance_code=block.get("insurance_code"),
        hospital=HospitalFacts(**{name: block.get(name) for name in HospitalFacts.model_fields})
        if for_hospital and is_device
        else None,
    )


def check_unit(version: EntryVersion) -> str:
    """Return the name of the unit that applied.

    Raises:
        RuleError: no unit is recorded.
    """
    if not version.organization_name:
        raise RuleError("该产品没有登记申报单位，不能出具证明。", parameter="organization")
    return version.organization_name


def check_device(version: EntryVersion, *, on: date) -> None:
    """Refuse a device without a registration known to be valid on a day; other products pass, and a 备案 has no end.

    Raises:
        RuleError: the number or the validity is missing, or it has run out.
    """
    recorded = registration(version)
    if not version.device and not (recorded and recorded.is_device):
        return
    problem = None
    if recorded is None:
        problem = "该医疗器械没有登记注册证编号"
    elif recorded.valid_until is None and not recorded.is_filing:
        problem = "该医疗器械没有登记注册证有效期"
    elif recorded.valid_until and recorded.valid_until < on:
        problem = "该医疗器械的注册证已过有效期"
    if problem:
        raise RuleError(f"{problem}，不能出具采购用途列入情况证明。", parameter="registration_number")


def obstacle(entry: CatalogEntry, *, on: date) -> str | None:
    """Return why no 采购用途列入情况证明 could be issued of a product on a day, None where nothing is known against it."""
    try:
        if entry.scope is PublicationScope.NOT_PUBLISHED:
            raise RuleError("该产品不公开，不出具证明。")
        active_listings(entry.listings, on=on)
        check_unit(entry.version)
        check_device(entry.version, on=on)
    except RuleError as problem:
        return problem.sentence
    return None


def certified_listing(listing: Listing, words: Wording) -> CertifiedListing:
    """Return a listing; year and batch only where the source gave the year, since the number holds defaults."""
    recorded = listing.recorded_year is not None
    return CertifiedListing(
        list=listing.list_code,
        list_name=words.lists[listing.list_code],
        number=listing.number,
        year=listing.recorded_year,
        batch=listing.batch if recorded else None,
        document=listing.document,
        published_on=listing.published_on,
        recognised_on=listing.recognised_on,
        valid_until=listing.valid_until,
    )


def first_on_market(listings: Iterable[Listing]) -> FirstOnMarket | None:
    """Return the first finding in the order of the lists, None where none was recorded."""
    for listing in listings:
        if listing.first_on_market is not None:
            return FirstOnMarket(found=listing.first_on_market, as_of=listing.first_on_market_as_of)
    return None


def national_lists(records: Iterable[NationalListingRecord]) -> tuple[NationalList, ...]:
    """Return the national lists; one is proven when name, year, item and proof are all recorded."""
    return tuple(
        NationalList(
            name=record.name,
            year=record.year,
            item=record.item,
            is_proven=bool(record.name and record.year and record.item and record.proof),
            effect_document=record.effect_document,
        )
        for record in records
    )
