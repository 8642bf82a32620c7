"""What anyone may learn about a certificate: three verdicts with reasons, and its facts to who holds the paper.

Codes are frozen: once given out, a code never changes its meaning.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from catalog.certificates import numbers
from catalog.certificates.facts import LISTED, state_on
from catalog.certificates.payload import CertificatePayload
from catalog.models import Certificate, CertificateCheck, CertificateStatus
from registry import clock
from registry.files import FileStore
from registry.models import Listing, ListingStatus


class Verdict(StrEnum):
    """One lamp; what could not be checked is never shown as invalid."""

    VALID = "valid"
    INVALID = "invalid"
    COULD_NOT_CHECK = "could_not_check"


class CheckReason(StrEnum):
    """Why a verdict is not plainly valid."""

    UNKNOWN_NUMBER = "unknown_number"
    WRONG_CODE = "wrong_code"
    RECORD_ALTERED = "record_altered"
    FILE_ALTERED = "file_altered"
    FILE_MISSING = "file_missing"
    CERTIFICATE_REVOKED = "certificate_revoked"
    CERTIFICATE_SUPERSEDED = "certificate_superseded"
    CERTIFICATE_EXPIRED = "certificate_expired"
    LISTING_REVOKED = "listing_revoked"
    LISTING_WITHDRAWN = "listing_withdrawn"
    LISTING_SUPERSEDED = "listing_superseded"
    LISTING_SUSPENDED = "listing_suspended"
    LISTING_EXPIRED = "listing_expired"
    SIGNATURE_NOT_BUILT = "signature_not_built"


class CheckOutcome(StrEnum):
    """The one answer that stands at the head of the page; the first that applies, in this order."""

    UNKNOWN = "unknown"
    WRONG_CODE = "wrong_code"
    ALTERED = "altered"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    VALID = "valid"


class CheckDoor(StrEnum):
    """By which door a check came."""

    PAGE = "page"
    API = "api"


OUTCOMES: tuple[tuple[frozenset[CheckReason], CheckOutcome], ...] = (
    (frozenset({CheckReason.UNKNOWN_NUMBER}), CheckOutcome.UNKNOWN),
    (frozenset({CheckReason.WRONG_CODE}), CheckOutcome.WRONG_CODE),
    (frozenset({CheckReason.RECORD_ALTERED, CheckReason.FILE_ALTERED}), CheckOutcome.ALTERED),
    (
        frozenset(
            {
                CheckReason.CERTIFICATE_REVOKED,
                CheckReason.CERTIFICATE_SUPERSEDED,
                CheckReason.LISTING_REVOKED,
                CheckReason.LISTING_WITHDRAWN,
                CheckReason.LISTING_SUPERSEDED,
            }
        ),
        CheckOutcome.REVOKED,
    ),
    (frozenset({CheckReason.LISTING_SUSPENDED}), CheckOutcome.SUSPENDED),
    (frozenset({CheckReason.CERTIFICATE_EXPIRED, CheckReason.LISTING_EXPIRED}), CheckOutcome.EXPIRED),
)

LISTING_REASONS = {
    ListingStatus.REVOKED: CheckReason.LISTING_REVOKED,
    ListingStatus.WITHDRAWN: CheckReason.LISTING_WITHDRAWN,
    ListingStatus.SUPERSEDED: CheckReason.LISTING_SUPERSEDED,
    ListingStatus.SUSPENDED: CheckReason.LISTING_SUSPENDED,
    ListingStatus.PENDING_PUBLICATION: CheckReason.LISTING_SUSPENDED,
    ListingStatus.EXPIRED: CheckReason.LISTING_EXPIRED,
}


@dataclass(frozen=True, slots=True)
class ListingChange:
    """A listing that does not stand any more, and since when; its number is told to holders of the paper only."""

    number: str
    status: ListingStatus
    since: date


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a check. `facts` and `changes` are empty without the right short code."""

    number: str
    integrity: Verdict
    status: Verdict
    issuer: Verdict
    reasons: tuple[CheckReason, ...]
    outcome: CheckOutcome
    as_of: datetime
    issued_at: datetime | None = None
    ended_on: date | None = None
    valid_until: date | None = None
    facts: CertificatePayload | None = None
    changes: tuple[ListingChange, ...] = ()


def check(session: Session, store: FileStore, *, number: str, code: str, door: CheckDoor) -> Answer:
    """Check a certificate by its number, and by the short code where one was given; write down that it was.

    Numbers are read as people type them. Nothing about the asker is kept.
    """
    parsed = numbers.parse(number)
    certificate = (
        parsed
        and session.scalars(
            select(Certificate)
            .where(Certificate.number == str(parsed))
            .options(selectinload(Certificate.listings), selectinload(Certificate.file))
        ).one_or_none()
    )
    if not certificate:
        return _unknown(str(parsed) if parsed else number.strip()[: numbers.INPUT_LIMIT])
    answer = _answer(certificate, store, code=code)
    session.add(
        CertificateCheck(certificate_id=certificate.id, at=answer.as_of, door=door, outcome=answer.outcome)
    )
    return answer


def _unknown(number: str) -> Answer:
    return Answer(
        number=number,
        integrity=Verdict.COULD_NOT_CHECK,
        status=Verdict.INVALID,
        issuer=Verdict.COULD_NOT_CHECK,
        reasons=(CheckReason.UNKNOWN_NUMBER,),
        outcome=CheckOutcome.UNKNOWN,
        as_of=clock.now(),
    )


def _answer(certificate: Certificate, store: FileStore, *, code: str) -> Answer:
    today = clock.today()
    is_wrong = bool(code.strip()) and not numbers.same_short_code(code, certificate.short_code)
    holds_paper = bool(code.strip()) and not is_wrong
    payload, broken = _integrity(certificate, store)
    ended = _status(certificate, today)
    changed = [listing for listing in certificate.listings if state_on(listing, today) not in LISTED]
    reasons = (
        *([CheckReason.WRONG_CODE] if is_wrong else []),
        *broken,
        *ended,
        CheckReason.SIGNATURE_NOT_BUILT,
    )
    integrity = Verdict.VALID
    if is_wrong or {CheckReason.RECORD_ALTERED, CheckReason.FILE_ALTERED}.intersection(broken):
        integrity = Verdict.INVALID
    elif broken:
        integrity = Verdict.COULD_NOT_CHECK
    return Answer(
        number=certificate.number,
        integrity=integrity,
        status=Verdict.INVALID if ended else Verdict.VALID,
        issuer=Verdict.COULD_NOT_CHECK,
        reasons=reasons,
        outcome=next(
            (outcome for causes, outcome in OUTCOMES if causes.intersection(reasons)), CheckOutcome.VALID
        ),
        as_of=clock.now(),
        issued_at=certificate.issued_at,
        ended_on=_ended_on(certificate, changed, today),
        valid_until=certificate.valid_until,
        facts=payload if holds_paper else None,
        changes=tuple(
            ListingChange(listing.number, state_on(listing, today), _changed_on(listing, today))
            for listing in changed
        )
        if holds_paper
        else (),
    )


def _integrity(
    certificate: Certificate, store: FileStore
) -> tuple[CertificatePayload | None, list[CheckReason]]:
    """Recompute the record's hash and the file's; a file still to be rendered is nothing to blame."""
    stored = certificate.payload.encode()
    try:
        payload = CertificatePayload.read(stored)
    except ValidationError:
        return None, [CheckReason.RECORD_ALTERED]
    if hashlib.sha256(stored).hexdigest() != certificate.payload_hash or payload.number != certificate.number:
        return None, [CheckReason.RECORD_ALTERED]
    if certificate.file:
        try:
            store.read(certificate.file.sha256)
        except ValueError:
            return payload, [CheckReason.FILE_ALTERED]
        except OSError:
            return payload, [CheckReason.FILE_MISSING]
    return payload, []


def _status(certificate: Certificate, today: date) -> list[CheckReason]:
    ended = []
    if certificate.status is CertificateStatus.REVOKED:
        ended.append(CheckReason.CERTIFICATE_REVOKED)
    elif certificate.status is CertificateStatus.SUPERSEDED:
        ended.append(CheckReason.CERTIFICATE_SUPERSEDED)
    if certificate.valid_until < today:
        ended.append(CheckReason.CERTIFICATE_EXPIRED)
    states = (state_on(listing, today) for listing in certificate.listings)
    return [*ended, *dict.fromkeys(LISTING_REASONS[state] for state in states if state not in LISTED)]


def _changed_on(listing: Listing, today: date) -> date:
    """Return since when a listing does not stand; one that ran out by itself, from the day after its validity."""
    if listing.valid_until and listing.status in LISTED and listing.valid_until < today:
        return listing.valid_until + timedelta(days=1)
    return listing.status_on


def _ended_on(certificate: Certificate, changed: list[Listing], today: date) -> date | None:
    """Return the first day on which the certificate did not hold any more, None while it holds."""
    days = [_changed_on(listing, today) for listing in changed]
    if certificate.status is not CertificateStatus.ISSUED:
        days.append(clock.day_of(certificate.status_at))
    if certificate.valid_until < today:
        days.append(certificate.valid_until + timedelta(days=1))
    return min(days, default=None)
