"""What anyone may learn about a certificate: three verdicts with reasons, and its facts to who holds the paper.

Codes are frozen: once given out, a code never changes its meaning.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from catalog.certificates import numbers
from catalog.certificates.facts import LISTED, state_on
from catalog.certificates.payload import CertificatePayload
from catalog.certificates.signing import read_signature
from catalog.models import Certificate, CertificateCheck, CertificateFile, CertificateStatus, SigningKey
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
    SIGNATURE_INVALID = "signature_invalid"
    DEMONSTRATION_SIGNATURE = "demonstration_signature"
    KEY_REVOKED = "key_revoked"
    FILE_NOT_OURS = "file_not_ours"
    FILE_NOT_ISSUED = "file_not_issued"


class CheckOutcome(StrEnum):
    """The one answer that stands at the head of the page; the first that applies, in this order."""

    UNKNOWN = "unknown"
    NOT_OURS = "not_ours"
    WRONG_CODE = "wrong_code"
    ALTERED = "altered"
    REVOKED = "revoked"
    KEY_REVOKED = "key_revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    VALID = "valid"


class CheckDoor(StrEnum):
    """By which door a check came."""

    PAGE = "page"
    API = "api"
    FILE = "file"


ALTERED = frozenset({CheckReason.RECORD_ALTERED, CheckReason.FILE_ALTERED, CheckReason.SIGNATURE_INVALID})
OUTCOMES: tuple[tuple[frozenset[CheckReason], CheckOutcome], ...] = (
    (frozenset({CheckReason.UNKNOWN_NUMBER}), CheckOutcome.UNKNOWN),
    (frozenset({CheckReason.FILE_NOT_OURS, CheckReason.FILE_NOT_ISSUED}), CheckOutcome.NOT_OURS),
    (frozenset({CheckReason.WRONG_CODE}), CheckOutcome.WRONG_CODE),
    (ALTERED, CheckOutcome.ALTERED),
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
    (frozenset({CheckReason.KEY_REVOKED}), CheckOutcome.KEY_REVOKED),
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
    """The answer to a check. `facts`, `changes` and `why` are empty without the right short code or the file itself.

    `number` is empty where an uploaded file is not one that was issued.
    """

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
    why: str | None = None


def check(session: Session, store: FileStore, *, number: str, code: str, door: CheckDoor) -> Answer:
    """Check a certificate by its number, and by the short code where one was given; write down that it was.

    Numbers are read as people type them. Nothing about the asker is kept.
    """
    parsed = numbers.parse(number)
    certificate = parsed and session.scalars(_select().where(Certificate.number == str(parsed))).one_or_none()
    if not certificate:
        return Answer(
            number=str(parsed) if parsed else number.strip()[: numbers.INPUT_LIMIT],
            integrity=Verdict.COULD_NOT_CHECK,
            status=Verdict.INVALID,
            issuer=Verdict.COULD_NOT_CHECK,
            reasons=(CheckReason.UNKNOWN_NUMBER,),
            outcome=CheckOutcome.UNKNOWN,
            as_of=clock.now(),
        )
    is_wrong = bool(code.strip()) and not numbers.same_short_code(code, certificate.short_code)
    answer = _answer(certificate, store, is_wrong=is_wrong, holds_paper=bool(code.strip()) and not is_wrong)
    return _noted(session, certificate, answer, door)


def check_file(session: Session, store: FileStore, content: bytes) -> Answer:
    """Check an uploaded file, which is not kept: against the hashes of what was issued, then by its signature.

    Only the very bytes that were issued are valid; who holds them holds the paper.
    """
    issued = select(CertificateFile.certificate_id).where(
        CertificateFile.sha256 == hashlib.sha256(content).hexdigest()
    )
    certificate = session.scalars(_select().where(Certificate.id.in_(issued))).one_or_none()
    if certificate:
        answer = _answer(certificate, store, is_wrong=False, holds_paper=True)
        return _noted(session, certificate, answer, CheckDoor.FILE)
    signature = read_signature(content)
    key = (
        signature
        and session.scalars(
            select(SigningKey).where(SigningKey.fingerprint == signature.fingerprint)
        ).one_or_none()
    )
    integrity, reason = Verdict.COULD_NOT_CHECK, CheckReason.FILE_NOT_OURS
    if signature and key:
        integrity = Verdict.VALID if signature.is_intact else Verdict.INVALID
        reason = CheckReason.FILE_NOT_ISSUED if signature.is_intact else CheckReason.SIGNATURE_INVALID
    reasons = (reason, *([CheckReason.KEY_REVOKED] if key and key.revoked_at else []))
    return Answer(
        number="",
        integrity=integrity,
        status=Verdict.COULD_NOT_CHECK,
        issuer=Verdict.INVALID,
        reasons=reasons,
        outcome=_outcome(reasons),
        as_of=clock.now(),
    )


def look(session: Session, store: FileStore, certificate: Certificate) -> Answer:
    """Return what a check would answer to who holds the paper, without writing one down."""
    loaded = session.scalars(_select().where(Certificate.id == certificate.id)).one()
    return _answer(loaded, store, is_wrong=False, holds_paper=True)


def ended() -> Select[str, CertificateStatus, datetime]:
    """Select number, status and instant of every certificate that was revoked or superseded, the newest first."""
    return (
        select(Certificate.number, Certificate.status, Certificate.status_at)
        .where(Certificate.status != CertificateStatus.ISSUED)
        .order_by(Certificate.status_at.desc(), Certificate.id.desc())
    )


def _select() -> Select[Certificate]:
    return select(Certificate).options(
        selectinload(Certificate.listings),
        selectinload(Certificate.file).selectinload(CertificateFile.signing_key),
    )


def _noted(session: Session, certificate: Certificate, answer: Answer, door: CheckDoor) -> Answer:
    session.add(
        CertificateCheck(certificate_id=certificate.id, at=answer.as_of, door=door, outcome=answer.outcome)
    )
    return answer


def _outcome(reasons: tuple[CheckReason, ...]) -> CheckOutcome:
    return next((outcome for causes, outcome in OUTCOMES if causes.intersection(reasons)), CheckOutcome.VALID)


def _answer(certificate: Certificate, store: FileStore, *, is_wrong: bool, holds_paper: bool) -> Answer:
    today = clock.today()
    payload, content, broken = _integrity(certificate, store)
    ended = _status(certificate, today)
    issuer, unsigned = _issuer(certificate.file, content)
    changed = [listing for listing in certificate.listings if state_on(listing, today) not in LISTED]
    reasons = (*([CheckReason.WRONG_CODE] if is_wrong else []), *broken, *ended, *unsigned)
    integrity = Verdict.VALID
    if is_wrong or ALTERED.intersection(reasons):
        integrity = Verdict.INVALID
    elif broken:
        integrity = Verdict.COULD_NOT_CHECK
    return Answer(
        number=certificate.number,
        integrity=integrity,
        status=Verdict.INVALID if ended else Verdict.VALID,
        issuer=issuer,
        reasons=reasons,
        outcome=_outcome(reasons),
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
        why=certificate.status_reason if holds_paper else None,
    )


def _integrity(
    certificate: Certificate, store: FileStore
) -> tuple[CertificatePayload | None, bytes | None, list[CheckReason]]:
    """Recompute the record's hash and the file's; a file still to be rendered is nothing to blame."""
    stored = certificate.payload.encode()
    try:
        payload = CertificatePayload.read(stored)
    except ValidationError:
        return None, None, [CheckReason.RECORD_ALTERED]
    if hashlib.sha256(stored).hexdigest() != certificate.payload_hash or payload.number != certificate.number:
        return None, None, [CheckReason.RECORD_ALTERED]
    if certificate.file is None:
        return payload, None, []
    try:
        return payload, store.read(certificate.file.sha256), []
    except ValueError:
        return payload, None, [CheckReason.FILE_ALTERED]
    except OSError:
        return payload, None, [CheckReason.FILE_MISSING]


def _issuer(file: CertificateFile | None, content: bytes | None) -> tuple[Verdict, list[CheckReason]]:
    """Check the stored file's signature with the key that is registered for it."""
    key = file.signing_key if file else None
    if key is None:
        return Verdict.COULD_NOT_CHECK, [CheckReason.SIGNATURE_NOT_BUILT]
    if content is None:
        return Verdict.COULD_NOT_CHECK, []
    signature = read_signature(content)
    if signature is None or not signature.is_intact or signature.fingerprint != key.fingerprint:
        return Verdict.INVALID, [CheckReason.SIGNATURE_INVALID]
    if key.revoked_at:
        return Verdict.INVALID, [CheckReason.KEY_REVOKED]
    return Verdict.VALID, [CheckReason.DEMONSTRATION_SIGNATURE] if key.is_demonstration else []


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
