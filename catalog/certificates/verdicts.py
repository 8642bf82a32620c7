"""What a check may answer: verdicts, reasons, and the one outcome at the head of the page.

Codes are frozen: once given out, a code never changes its meaning.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from catalog.certificates.payload import CertificatePayload
from registry.models import ListingStatus


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
    TOKEN_NOT_OURS = "token_not_ours"  # noqa: S105 - what is wrong with the QR code's token
    TOKEN_MISMATCH = "token_mismatch"  # noqa: S105 - as above
    KEY_EXPIRED = "key_expired"


class CheckOutcome(StrEnum):
    """The one answer that stands at the head of the page; the first that applies, in this order."""

    UNKNOWN = "unknown"
    NOT_OURS = "not_ours"
    WRONG_CODE = "wrong_code"
    ALTERED = "altered"
    REVOKED = "revoked"
    KEY_REVOKED = "key_revoked"
    KEY_EXPIRED = "key_expired"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    VALID = "valid"


class CheckDoor(StrEnum):
    """By which door a check came."""

    PAGE = "page"
    API = "api"
    FILE = "file"
    QR = "qr"


ALTERED = frozenset(
    {
        CheckReason.RECORD_ALTERED,
        CheckReason.FILE_ALTERED,
        CheckReason.SIGNATURE_INVALID,
        CheckReason.TOKEN_MISMATCH,
    }
)
OUTCOMES: tuple[tuple[frozenset[CheckReason], CheckOutcome], ...] = (
    (frozenset({CheckReason.UNKNOWN_NUMBER}), CheckOutcome.UNKNOWN),
    (
        frozenset({CheckReason.FILE_NOT_OURS, CheckReason.FILE_NOT_ISSUED, CheckReason.TOKEN_NOT_OURS}),
        CheckOutcome.NOT_OURS,
    ),
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
    (frozenset({CheckReason.KEY_EXPIRED}), CheckOutcome.KEY_EXPIRED),
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
# What a listing may be before its validity runs out, and does not stand.
FALLEN = tuple(status for status in LISTING_REASONS if status is not ListingStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class ListingChange:
    """A listing that does not stand any more, and since when; its number is told to holders of the paper only."""

    number: str
    status: ListingStatus
    since: date
    why: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a check. `file_sha256`, `facts`, `changes` and `why` are empty without the right short code or the file itself.

    `number` is empty where a file or a QR code names no certificate of ours.
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
    file_sha256: str | None = None
    facts: CertificatePayload | None = None
    changes: tuple[ListingChange, ...] = ()
    why: str | None = None


def outcome_of(reasons: Collection[CheckReason]) -> CheckOutcome:
    """Return the first outcome that one of the reasons causes, valid where none does."""
    return next((outcome for causes, outcome in OUTCOMES if causes.intersection(reasons)), CheckOutcome.VALID)
