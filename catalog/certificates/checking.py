"""Check a certificate by number and short code, by the QR code's token, or by the file itself.

Each check of a certificate that is ours is written down, without the asker.
"""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from catalog.certificates import keys, numbers, qr_tokens
from catalog.certificates.facts import LISTED, state_on
from catalog.certificates.payload import CertificatePayload, recorded
from catalog.certificates.qr_tokens import QrClaims
from catalog.certificates.signing import read_signature
from catalog.certificates.verdicts import (
    ALTERED,
    FALLEN,
    LISTING_REASONS,
    Answer,
    CheckDoor,
    CheckOutcome,
    CheckReason,
    ListingChange,
    Verdict,
    outcome_of,
)
from catalog.models import (
    Certificate,
    CertificateCheck,
    CertificateFile,
    CertificateStatus,
    KeyUse,
    SigningKey,
)
from registry import clock
from registry.files import FileStore
from registry.models import Listing


def check(session: Session, store: FileStore, *, number: str, code: str, door: CheckDoor) -> Answer:
    """Check a certificate by its number, and by the short code where one was given; write down that it was.

    Numbers are read as people type them. Nothing about the asker is kept.
    """
    parsed = numbers.parse(number)
    certificate = parsed and session.scalars(_select().where(Certificate.number == str(parsed))).one_or_none()
    if not certificate:
        return _unknown(str(parsed) if parsed else number.strip()[: numbers.INPUT_LIMIT])
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
    return _foreign(integrity, reasons)


def check_token(session: Session, store: FileStore, token: str, *, number: str = "") -> Answer:
    """Check the token of a QR code, and the number beside it: signed by a key of ours, and what it claims as recorded.

    The code stands on the paper: who holds a code that is whole holds the paper.
    """
    found = _signed(session, token)
    if found is None:
        return _foreign(Verdict.COULD_NOT_CHECK, (CheckReason.TOKEN_NOT_OURS,))
    claims, key = found
    certificate = session.scalars(_select().where(Certificate.number == claims.number)).one_or_none()
    if certificate is None:
        return _unknown(claims.number)
    beside = numbers.parse(number) if number else None
    is_whole = (
        certificate.payload_hash.startswith(claims.hash)
        and certificate.valid_until == claims.valid_until
        and (not number or str(beside) == claims.number)
    )
    answer = _answer(certificate, store, is_wrong=False, holds_paper=is_whole)
    if not is_whole:
        reasons = (CheckReason.TOKEN_MISMATCH, *answer.reasons)
        answer = replace(answer, integrity=Verdict.INVALID, reasons=reasons)
    if key_reasons := _key_reasons(key, certificate.file):
        answer = replace(answer, issuer=Verdict.INVALID, reasons=(*answer.reasons, *key_reasons))
    answer = replace(answer, outcome=outcome_of(answer.reasons))
    return _noted(session, certificate, answer, CheckDoor.QR)


def _signed(session: Session, token: str) -> tuple[QrClaims, SigningKey] | None:
    """Return what a token claims and the key that signed it; tokens do not name their key, and keys are few."""
    for key in session.scalars(select(SigningKey).where(SigningKey.kind == KeyUse.QR)):
        if claims := qr_tokens.read(token, keys.public_key(key)):
            return claims, key
    return None


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


def _foreign(integrity: Verdict, reasons: tuple[CheckReason, ...]) -> Answer:
    return Answer(
        number="",
        integrity=integrity,
        status=Verdict.COULD_NOT_CHECK,
        issuer=Verdict.INVALID,
        reasons=reasons,
        outcome=outcome_of(reasons),
        as_of=clock.now(),
    )


def look(session: Session, store: FileStore, certificate: Certificate) -> Answer:
    """Return what a check would answer to who holds the paper, without writing one down."""
    loaded = session.scalars(_select().where(Certificate.id == certificate.id)).one()
    return _answer(loaded, store, is_wrong=False, holds_paper=True)


class Ended(NamedTuple):
    """A certificate that does not hold though its validity runs: it was ended itself, or a listing that it tells of was."""

    number: str
    status: CertificateStatus | CheckReason
    since: date


def ended(session: Session, most: int | None = None) -> list[Ended]:
    """Return every certificate that was revoked or superseded or tells of a listing that does not stand, the newest first.

    `most` is how many are wanted.
    """
    own = (
        select(Certificate.number, Certificate.status, Certificate.status_at)
        .where(Certificate.status != CertificateStatus.ISSUED)
        .order_by(Certificate.status_at.desc(), Certificate.id.desc())
        .limit(most)
    )
    fallen = (
        select(Certificate.number, Listing.status, Listing.status_on)
        .join(Certificate.listings)
        .where(Certificate.status == CertificateStatus.ISSUED, Listing.status.in_(FALLEN))
        .distinct()
        .order_by(Listing.status_on.desc(), Certificate.number.desc())
        .limit(most)
    )
    found = [Ended(number, status, clock.day_of(at)) for number, status, at in session.execute(own)]
    found += [Ended(number, LISTING_REASONS[status], on) for number, status, on in session.execute(fallen)]
    return sorted(found, key=lambda each: (each.since, each.number), reverse=True)[:most]


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


def _answer(certificate: Certificate, store: FileStore, *, is_wrong: bool, holds_paper: bool) -> Answer:
    today = clock.today()
    payload, content, broken = _integrity(certificate, store)
    ended = _status(certificate, today)
    issuer, unsigned = _issuer(certificate.file, content)
    changed = [listing for listing in certificate.listings if state_on(listing, today) not in LISTED]
    reasons = (*([CheckReason.WRONG_CODE] if is_wrong else []), *broken, *ended, *unsigned)
    integrity = Verdict.VALID
    if ALTERED.intersection(reasons):
        integrity = Verdict.INVALID
    elif broken or is_wrong:  # by a wrong code nothing on the paper was compared
        integrity = Verdict.COULD_NOT_CHECK
    return Answer(
        number=certificate.number,
        integrity=integrity,
        status=Verdict.INVALID if ended else Verdict.VALID,
        issuer=issuer,
        reasons=reasons,
        outcome=outcome_of(reasons),
        as_of=clock.now(),
        issued_at=certificate.issued_at,
        ended_on=_ended_on(certificate, changed, today),
        valid_until=certificate.valid_until,
        file_sha256=certificate.file.sha256 if certificate.file and holds_paper else None,
        facts=payload if holds_paper else None,
        changes=tuple(
            ListingChange(
                listing.number, state_on(listing, today), _changed_on(listing, today), listing.status_reason
            )
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
    payload = recorded(certificate)
    if payload is None:
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
    if reasons := _key_reasons(key, file):
        return Verdict.INVALID, reasons
    return Verdict.VALID, [CheckReason.DEMONSTRATION_SIGNATURE] if key.is_demonstration else []


def _key_reasons(key: SigningKey, file: CertificateFile | None) -> list[CheckReason]:
    """Return why a key's signature does not count: revoked, or not valid on the day when the file was signed."""
    if key.revoked_at:
        return [CheckReason.KEY_REVOKED]
    if file and not key.valid_from <= file.stored_at < key.valid_until:
        return [CheckReason.KEY_EXPIRED]
    return []


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
