"""What a certificate states, frozen when it is issued. It goes into one canonical JSON and comes back unchanged."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.models import Certificate, CertificateKind
from registry.canonical import canonical, digest
from registry.models import ListCode


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Issuer(_Frozen):
    """Who issues; a demonstration issuer marks everything it prints."""

    name: str
    is_demonstration: bool


class Unit(_Frozen):
    """A unit with its 统一社会信用代码."""

    name: str
    credit_code: str | None


class HospitalFacts(_Frozen):
    """What a hospital asks of a device beyond its registration, as recorded; null where nobody recorded it."""

    scope: str | None
    registrant: str | None
    entrusted_maker: str | None
    equipment_permit: str | None
    net_listing_number: str | None
    is_chargeable: bool | None


class Registration(_Frozen):
    """The 注册证 or 备案 of a product, as recorded; only a device's (`is_device`) opens the text for hospitals.

    `hospital` stands in a certificate for a hospital alone; earlier payloads, and their hashes, do not know the key.
    """

    number: str
    is_device: bool
    management_class: str | None = None
    valid_until: date | None = None
    udi_di: str | None = None
    insurance_code: str | None = None
    hospital: HospitalFacts | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def is_filing(self) -> bool:
        """Return whether it is the number of a device of class I, which is filed and not registered, without an end."""
        return "械备" in self.number


class CertifiedProduct(_Frozen):
    """The product and the unit that applied for it."""

    code: str
    version: int
    name: str
    model: str | None
    field: str | None
    unit: Unit
    registration: Registration | None


class CertifiedListing(_Frozen):
    """One active listing; `year` and `batch` are null where the source did not give them."""

    list: ListCode
    list_name: str
    number: str
    year: int | None
    batch: int | None
    document: str | None
    published_on: date | None
    recognised_on: date | None
    valid_until: date | None


class FirstOnMarket(_Frozen):
    """The finding at listing, relative to its reference date (domain trap 4)."""

    found: bool
    as_of: date | None


class NationalList(_Frozen):
    """A national list on which the product stands; `is_proven` when name, year, item and proof are all recorded."""

    name: str
    year: int | None
    item: str | None
    is_proven: bool
    effect_document: str | None


class Purpose(_Frozen):
    """The buyer, what it is for, and the facts by which the rule table chose the paragraphs."""

    buyer: Unit
    nature: str
    text: str
    funds: str
    object: str
    project: str


class Paragraph(_Frozen):
    """A sentence with legal weight, the rule it came from, and the document it rests on (null: 待定)."""

    rule: str
    text: str
    basis: str | None


class CertificatePayload(_Frozen):
    """Everything a certificate says. The short code is no part of it: whoever may see the hash may not guess the code."""

    format: int = 1
    number: str
    kind: CertificateKind
    title: str
    opening: str
    issuer: Issuer
    issued_on: date
    valid_until: date
    product: CertifiedProduct
    listings: tuple[CertifiedListing, ...]
    first_on_market: FirstOnMarket | None
    national: tuple[NationalList, ...]
    purpose: Purpose | None
    paragraphs: tuple[Paragraph, ...]
    limits: str
    seal_statement: str

    def words(self) -> str:
        """Return every text in it, joined, to look at its characters."""
        return "\n".join(_texts(self.model_dump()))

    def canonical(self) -> bytes:
        """Return the one byte sequence that is stored and hashed."""
        return canonical(self.model_dump(mode="json"))

    def digest(self) -> str:
        """Return the SHA-256 of `canonical()` in lower-case hexadecimal."""
        return digest(self.model_dump(mode="json"))

    @classmethod
    def read(cls, stored: str | bytes) -> Self:
        """Read a stored payload back.

        Raises:
            pydantic.ValidationError: the bytes are not a payload of a format known here.
        """
        return cls.model_validate_json(stored)


def recorded(certificate: Certificate) -> CertificatePayload | None:
    """Return what a certificate's record states, None when it is not what was issued."""
    stored = certificate.payload.encode()
    try:
        payload = CertificatePayload.read(stored)
    except ValidationError:
        return None
    is_whole = hashlib.sha256(stored).hexdigest() == certificate.payload_hash
    return payload if is_whole and payload.number == certificate.number else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
