"""The check: three verdicts, frozen codes, and nothing told to who does not hold the paper."""

import os
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from catalog.certificates import checking, services
from catalog.certificates.verdicts import CheckDoor, CheckOutcome, CheckReason, Verdict
from catalog.models import CertificateCheck, CertificateFile
from registry import clock
from registry.files import FileStore
from registry.models import CatalogEntry, ListCode, ListingStatus, Role
from registry.permissions import VISITOR

TODAY = date(2026, 11, 21)
UNSIGNED = (CheckReason.SIGNATURE_NOT_BUILT,)


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def listing(make):
    """Return an active listing."""
    return make.listing(make.entry(name="示例产品"), valid_until=date(2029, 4, 30))


@pytest.fixture
def certificate(session, make, listing):
    """Return a certificate of that listing's product."""
    entry = session.get_one(CatalogEntry, listing.entry_id)
    return services.issue_listing_certificate(session, entry, VISITOR, issuer="")


@pytest.fixture
def store(tmp_path):
    """Return an empty file store."""
    return FileStore(tmp_path / "files")


@pytest.fixture
def check(session, store):
    """Return a function that checks."""

    def check(number, code=""):
        session.flush()
        session.expire_all()
        return checking.check(session, store, number=number, code=code, door=CheckDoor.PAGE)

    return check


def test_a_certificate_is_valid_when_nothing_changed(certificate, check):
    answer = check(certificate.number)

    assert (answer.integrity, answer.status, answer.issuer) == (
        Verdict.VALID,
        Verdict.VALID,
        Verdict.COULD_NOT_CHECK,
    )
    assert answer.reasons == UNSIGNED
    assert answer.outcome == CheckOutcome.VALID
    assert answer.ended_on is None


def test_facts_are_told_only_with_the_right_code(certificate, check):
    assert check(certificate.number).facts is None
    assert check(certificate.number, certificate.short_code.lower()).facts.product.name == "示例产品"


def test_a_wrong_code_is_told_and_nothing_else(certificate, check):
    answer = check(certificate.number, "AAAA-AAAA-AAAA")

    assert answer.outcome == CheckOutcome.WRONG_CODE
    assert answer.integrity == Verdict.COULD_NOT_CHECK
    assert answer.facts is None
    assert answer.reasons == (CheckReason.WRONG_CODE, *UNSIGNED)


@pytest.mark.parametrize("number", ["ZM-2026-LR-999999-14", "ZM-2026-LR-000001-99", "不是编号", "\ud800", ""])
def test_an_unknown_number_is_unknown(check, number):
    answer = check(number)

    assert answer.outcome == CheckOutcome.UNKNOWN
    assert (answer.integrity, answer.status) == (Verdict.COULD_NOT_CHECK, Verdict.INVALID)
    assert answer.reasons == (CheckReason.UNKNOWN_NUMBER,)


def test_a_certificate_expires_after_its_last_day(certificate, check):
    with clock.standing_at(certificate.valid_until):
        assert check(certificate.number).outcome == CheckOutcome.VALID
    with clock.standing_at(certificate.valid_until + timedelta(days=1)):
        answer = check(certificate.number)

    assert answer.outcome == CheckOutcome.EXPIRED
    assert answer.reasons == (CheckReason.CERTIFICATE_EXPIRED, *UNSIGNED)
    assert answer.ended_on == certificate.valid_until + timedelta(days=1)


def test_a_revoked_certificate_is_told_with_its_day(certificate, check, session, make):
    services.revoke(session, certificate, make.user(Role.SECRETARIAT_LEAD), reason="示例原因")

    answer = check(certificate.number)

    assert (answer.outcome, answer.status, answer.ended_on) == (CheckOutcome.REVOKED, Verdict.INVALID, TODAY)
    assert answer.reasons == (CheckReason.CERTIFICATE_REVOKED, *UNSIGNED)


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [
        (ListingStatus.REVOKED, CheckReason.LISTING_REVOKED, CheckOutcome.REVOKED),
        (ListingStatus.WITHDRAWN, CheckReason.LISTING_WITHDRAWN, CheckOutcome.REVOKED),
        (ListingStatus.SUPERSEDED, CheckReason.LISTING_SUPERSEDED, CheckOutcome.REVOKED),
        (ListingStatus.SUSPENDED, CheckReason.LISTING_SUSPENDED, CheckOutcome.SUSPENDED),
        (ListingStatus.EXPIRED, CheckReason.LISTING_EXPIRED, CheckOutcome.EXPIRED),
    ],
)
def test_an_old_certificate_was_valid_and_is_not_now_when_the_listing_fell(
    certificate, listing, check, status, reason, outcome
):
    listing.status, listing.status_on, listing.status_reason = status, TODAY + timedelta(days=3), "示例原因"

    with clock.standing_at(TODAY + timedelta(days=5)):
        answer = check(certificate.number, certificate.short_code)

    assert (answer.outcome, answer.status, answer.integrity) == (outcome, Verdict.INVALID, Verdict.VALID)
    assert answer.reasons == (reason, *UNSIGNED)
    assert answer.ended_on == TODAY + timedelta(days=3)
    assert [(change.number, change.since) for change in answer.changes] == [
        (listing.number, TODAY + timedelta(days=3))
    ]


def test_a_renewal_under_way_does_not_interrupt(certificate, listing, check):
    listing.status = ListingStatus.RENEWAL_PENDING

    assert check(certificate.number).outcome == CheckOutcome.VALID


def test_a_listing_the_certificate_does_not_name_does_not_matter(certificate, listing, check, make, session):
    entry = session.get_one(CatalogEntry, listing.entry_id)
    make.listing(entry, list_code=ListCode.TZ, status=ListingStatus.REVOKED, status_reason="示例")

    assert check(certificate.number).outcome == CheckOutcome.VALID


@pytest.mark.parametrize(("old", "new"), [("示例产品", "示例产物"), ("{", "[")])
def test_an_altered_record_is_found(certificate, check, old, new):
    certificate.payload = certificate.payload.replace(old, new, 1)

    answer = check(certificate.number, certificate.short_code)

    assert (answer.outcome, answer.integrity) == (CheckOutcome.ALTERED, Verdict.INVALID)
    assert answer.facts is None


@pytest.fixture
def stored(certificate, session, store):
    """Return the path of the certificate's stored file."""
    sha256 = store.put(b"%PDF a file")
    session.add(CertificateFile(certificate_id=certificate.id, sha256=sha256, size=11, stored_at=clock.now()))
    session.flush()
    session.expire_all()
    return store.path(sha256)


def test_an_altered_file_is_found_and_a_missing_one_is_not_called_invalid(certificate, check, stored):
    assert check(certificate.number).integrity == Verdict.VALID

    stored.write_bytes(b"%PDF a fill")
    assert check(certificate.number).reasons == (CheckReason.FILE_ALTERED, *UNSIGNED)

    os.unlink(stored)
    answer = check(certificate.number)
    assert (answer.integrity, answer.reasons) == (
        Verdict.COULD_NOT_CHECK,
        (CheckReason.FILE_MISSING, *UNSIGNED),
    )


def test_every_check_of_a_known_certificate_is_kept_without_the_asker(certificate, check, session):
    check(certificate.number)
    check(certificate.number, "AAAA")
    check("ZM-2026-LR-999999-14")

    kept = session.scalars(select(CertificateCheck).order_by(CertificateCheck.id)).all()

    assert [(row.door, row.outcome) for row in kept] == [("page", "valid"), ("page", "wrong_code")]
    assert set(CertificateCheck.__table__.columns.keys()) == {"id", "certificate_id", "at", "door", "outcome"}
