"""What is printed on a certificate: the frozen payload turned into labels, values and lines, nothing else."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from catalog.certificates.numbers import grouped
from catalog.certificates.payload import (
    CertificatePayload,
    CertifiedListing,
    HospitalFacts,
    Registration,
    Unit,
)
from catalog.certificates.wording import Sentences, is_sayable, national_line
from registry import clock
from registry.terms import batch_name, label

SCOPE_PRINTED_MAX = 200  # characters; a longer 适用范围 would press the page into type too small to read
HALF_ROW_COLUMNS = 22  # columns that fit half a row at the normal size; a full-width character takes two


class FaceField(StrEnum):
    """The labelled fields of the page."""

    PRODUCT_NAME = "product_name"
    MODEL = "model"
    FIELD = "field"
    APPLICANT_UNIT = "applicant_unit"
    CREDIT_CODE = "credit_code"
    PRODUCT_CODE = "product_code"
    REGISTRATION_NUMBER = "registration_number"
    REGISTRATION_VALID_UNTIL = "registration_valid_until"
    MANAGEMENT_CLASS = "management_class"
    UDI_DI = "udi_di"
    INSURANCE_CODE = "insurance_code"
    SCOPE = "scope"
    REGISTRANT = "registrant"
    ENTRUSTED_MAKER = "entrusted_maker"
    EQUIPMENT_PERMIT = "equipment_permit"
    NET_LISTING_NUMBER = "net_listing_number"
    IS_CHARGEABLE = "is_chargeable"
    FIRST_ON_MARKET = "first_on_market"
    NATIONAL_LIST = "national_list"
    PURPOSE = "purpose"
    BASIS = "basis"


@dataclass(frozen=True, slots=True)
class Cell:
    """A label and its value; one that `stands_alone` takes its row whole however short it is."""

    label: str
    value: str
    stands_alone: bool = False


@dataclass(frozen=True, slots=True)
class ListingLine:
    """A listing as the table of listings prints it."""

    name: str
    number: str
    batch: str
    recognised_on: str
    valid_until: str
    document: str


@dataclass(frozen=True, slots=True)
class Face:
    """A certificate ready for print. A row of `rows` has one cell (whole width) or two."""

    heading: str
    number: str
    title: str
    addressee: str | None
    opening: str
    facts: tuple[tuple[Cell, ...], ...]
    listings: tuple[ListingLine, ...]
    findings: tuple[tuple[Cell, ...], ...]
    paragraphs: tuple[str, ...]
    issuer: str
    issued_on: str
    issued_at: str
    valid_until: str
    seal_statement: str
    signature_statement: str
    short_code: str
    verify_url: str
    verify_at: str
    watermark: str | None
    note: str | None
    digest: str


def face(
    payload: CertificatePayload,
    *,
    short_code: str,
    verify_url: str,
    sentences: Sentences,
    signature: str = "",
) -> Face:
    """Lay the payload out in the order of the printed page.

    `sentences` gives headings and fillers, `signature` what is said of the file's signature.
    """
    demonstration = payload.issuer.is_demonstration
    return Face(
        heading=sentences.demonstration_heading if demonstration else sentences.heading,
        number=payload.number,
        title=payload.title,
        addressee=f"{payload.purpose.buyer.name}：" if payload.purpose else None,
        opening=payload.opening.format_map({"lists": "、".join(item.list_name for item in payload.listings)}),
        facts=tuple(_paired(_facts(payload, sentences))),
        listings=tuple(_listing(item, sentences) for item in payload.listings),
        findings=tuple(_paired(_findings(payload, sentences))),
        paragraphs=(*(paragraph.text for paragraph in payload.paragraphs), payload.limits),
        issuer=payload.issuer.name,
        issued_on=written(payload.issued_on),
        issued_at=datetime.combine(payload.issued_on, time.min, clock.BEIJING).isoformat(),
        valid_until=written(payload.valid_until),
        seal_statement=payload.seal_statement,
        signature_statement=signature,
        short_code=grouped(short_code),
        verify_url=verify_url,
        verify_at=verify_url.removesuffix(payload.number),
        watermark=sentences.watermark if demonstration else None,
        note=sentences.demonstration_note if demonstration else None,
        digest=payload.digest(),
    )


def written(day: date) -> str:
    """Write a day as official documents do: Arabic numerals, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def _listing(listing: CertifiedListing, sentences: Sentences) -> ListingLine:
    document = listing.document or sentences.missing
    if listing.published_on:
        document += f"，{written(listing.published_on)}发布"
    return ListingLine(
        name=listing.list_name.strip("《》"),
        number=listing.number,
        batch=batch_name(listing.year, listing.batch)
        if listing.year and listing.batch
        else f"批次{sentences.missing}",
        recognised_on=written(listing.recognised_on) if listing.recognised_on else sentences.missing,
        valid_until=written(listing.valid_until) if listing.valid_until else sentences.open_ended,
        document=document,
    )


def _facts(payload: CertificatePayload, sentences: Sentences) -> Iterator[Cell]:
    product, missing = payload.product, sentences.missing
    yield Cell(label(FaceField.PRODUCT_NAME), product.name, stands_alone=True)
    yield Cell(label(FaceField.MODEL), product.model or missing)
    yield Cell(label(FaceField.FIELD), product.field or missing)
    yield Cell(label(FaceField.APPLICANT_UNIT), product.unit.name, stands_alone=True)
    yield Cell(label(FaceField.CREDIT_CODE), product.unit.credit_code or missing)
    yield Cell(label(FaceField.PRODUCT_CODE), product.code)
    if registration := product.registration:
        yield Cell(label(FaceField.REGISTRATION_NUMBER), registration.number)
        yield Cell(
            label(FaceField.REGISTRATION_VALID_UNTIL),
            written(registration.valid_until) if registration.valid_until
            else sentences.open_ended if registration.is_filing
            else missing,
        )  # fmt: skip
        if registration.management_class:
            yield Cell(label(FaceField.MANAGEMENT_CLASS), registration.management_class)
        if known := registration.hospital:
            yield from _hospital_facts(known, registration, product.unit, sentences)
            return
        if registration.udi_di:
            yield Cell(label(FaceField.UDI_DI), registration.udi_di)
        if registration.insurance_code:
            yield Cell(label(FaceField.INSURANCE_CODE), registration.insurance_code)


def _hospital_facts(
    known: HospitalFacts, registration: Registration, unit: Unit, sentences: Sentences
) -> Iterator[Cell]:
    """Yield what a hospital asks for: every device has a UDI, a 注册人 and a 适用范围, the rest only some have."""
    if known.equipment_permit:
        yield Cell(label(FaceField.EQUIPMENT_PERMIT), known.equipment_permit)
    yield Cell(label(FaceField.UDI_DI), registration.udi_di or sentences.missing)
    if known.is_chargeable is not None:
        yield Cell(label(FaceField.IS_CHARGEABLE), sentences.yes if known.is_chargeable else sentences.no)
    if known.net_listing_number:
        yield Cell(label(FaceField.NET_LISTING_NUMBER), known.net_listing_number)
    registrant = sentences.same_unit if known.registrant == unit.name else known.registrant
    yield Cell(label(FaceField.REGISTRANT), registrant or sentences.missing)
    if registration.insurance_code:
        yield Cell(label(FaceField.INSURANCE_CODE), registration.insurance_code)
    if known.entrusted_maker:
        yield Cell(label(FaceField.ENTRUSTED_MAKER), known.entrusted_maker)
    scope = known.scope or sentences.missing
    if len(scope) > SCOPE_PRINTED_MAX or not is_sayable(scope):
        scope = sentences.scope_elsewhere
    yield Cell(label(FaceField.SCOPE), scope, stands_alone=True)


def _findings(payload: CertificatePayload, sentences: Sentences) -> Iterator[Cell]:
    proven = "；".join(national_line(item) for item in payload.national if item.is_proven)
    national = proven or (
        sentences.unproven_national_list if payload.national else sentences.no_national_list
    )
    yield Cell(label(FaceField.FIRST_ON_MARKET), _first_on_market(payload, sentences))
    yield Cell(label(FaceField.NATIONAL_LIST), national)
    if purpose := payload.purpose:
        yield Cell(label(FaceField.PURPOSE), purpose.text, stands_alone=True)
        if payload.paragraphs:  # what cites nothing has no basis that could be wanting
            bases = dict.fromkeys(paragraph.basis for paragraph in payload.paragraphs if paragraph.basis)
            yield Cell(label(FaceField.BASIS), "；".join(bases) or sentences.pending, stands_alone=True)


def _first_on_market(payload: CertificatePayload, sentences: Sentences) -> str:
    if (finding := payload.first_on_market) is None:
        return sentences.missing
    as_of = written(finding.as_of) if finding.as_of else sentences.missing
    sentence = sentences.first_on_market if finding.found else sentences.not_first_on_market
    return sentence.format_map({"as_of": as_of})


def _paired(cells: Iterator[Cell]) -> Iterator[tuple[Cell, ...]]:
    """Put two short neighbours on one row, so that nothing wraps for want of room that is there."""
    waiting: Cell | None = None
    for cell in cells:
        if waiting and _is_short(waiting) and _is_short(cell):
            yield (waiting, cell)
            waiting = None
            continue
        if waiting:
            yield (waiting,)
        waiting = cell
    if waiting:
        yield (waiting,)


def _is_short(cell: Cell) -> bool:
    return not cell.stands_alone and width(cell.value) <= HALF_ROW_COLUMNS


def width(text: str) -> int:
    """Return how many columns a text takes; a full-width character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)
