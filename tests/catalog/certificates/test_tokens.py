"""The QR code's token, checked by us: the key, what it claims, and the number beside it."""

from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from catalog.certificates import checking, key_files, keys, qr_tokens, services
from catalog.certificates.payload import CertificatePayload
from catalog.certificates.verdicts import CheckOutcome, CheckReason, Verdict
from catalog.models import CertificateCheck, CertificateFile, KeyUse, SigningKey
from registry import clock
from registry.files import FileStore
from registry.models import CatalogEntry, ListingStatus
from registry.permissions import VISITOR
from tests.conftest import settings_for

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def listing(make):
    """Return an active listing."""
    return make.listing(make.entry(name="示例产品"), valid_until=date(2029, 4, 30))


@pytest.fixture
def certificate(session, listing):
    """Return a certificate with a file that no key signed."""
    entry = session.get_one(CatalogEntry, listing.entry_id)
    certificate = services.issue_listing_certificate(session, entry, VISITOR, issuer="")
    session.add(
        CertificateFile(certificate_id=certificate.id, sha256="0" * 64, size=1, stored_at=clock.now())
    )
    session.flush()
    return certificate


@pytest.fixture
def payload(certificate):
    """Return what is certified."""
    return CertificatePayload.read(certificate.payload)


@pytest.fixture
def key(session, settings):
    """Return the key that signs QR codes."""
    return keys.current(session, settings, KeyUse.QR)


@pytest.fixture
def check(session, tmp_path):
    """Return a function that checks a token."""

    def check(token, number=""):
        session.flush()
        session.expire_all()
        return checking.check_token(session, FileStore(tmp_path), token, number=number)

    return check


def test_a_token_of_ours_is_valid_and_shows_the_facts(check, certificate, payload, key, session):
    answer = check(qr_tokens.sign(key.pair, payload), certificate.number.lower())

    assert (answer.number, answer.status) == (certificate.number, Verdict.VALID)
    assert answer.facts == payload
    assert CheckReason.TOKEN_MISMATCH not in answer.reasons
    assert session.scalars(select(CertificateCheck.door)).one() == "qr"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
        lambda token: token.replace(".", ".e", 1),
        lambda token: "a.b.c",
        lambda token: "x" * 900,
        lambda token: "\ud800.é.😀",
        lambda token: ".".join([token.split(".")[0].replace("e", "f", 1), *token.split(".")[1:]]),
    ],
)
def test_a_changed_token_is_not_ours(check, certificate, payload, key, session, change):
    answer = check(change(qr_tokens.sign(key.pair, payload)))

    assert (answer.outcome, answer.reasons) == (CheckOutcome.NOT_OURS, (CheckReason.TOKEN_NOT_OURS,))
    assert (answer.integrity, answer.status, answer.issuer) == (
        Verdict.COULD_NOT_CHECK,
        Verdict.COULD_NOT_CHECK,
        Verdict.INVALID,
    )
    assert (answer.number, answer.facts) == ("", None)
    assert session.scalars(select(CertificateCheck)).all() == []


def test_a_token_of_another_deployment_is_not_ours(check, payload, tmp_path):
    foreign = settings_for(tmp_path, "sqlite://", keys_dir=tmp_path / "foreign")

    answer = check(qr_tokens.sign(key_files.make(foreign, KeyUse.QR), payload))

    assert answer.reasons == (CheckReason.TOKEN_NOT_OURS,)


def test_a_token_without_a_signature_is_not_ours(check, payload, key):
    _head, claims, _signature = qr_tokens.sign(key.pair, payload).split(".")

    assert check(f"eyJhbGciOiJub25lIn0.{claims}.").reasons == (CheckReason.TOKEN_NOT_OURS,)


@pytest.mark.parametrize(
    "change",
    [{"valid_until": date(2030, 1, 1)}, {"title": "另一标题"}],
    ids=["a later last day", "another content"],
)
def test_a_token_that_claims_something_else_is_told_and_shows_nothing(
    check, certificate, payload, key, change
):
    answer = check(qr_tokens.sign(key.pair, payload.model_copy(update=change)))

    assert (answer.outcome, answer.integrity) == (CheckOutcome.ALTERED, Verdict.INVALID)
    assert answer.reasons[0] == CheckReason.TOKEN_MISMATCH
    assert (answer.number, answer.facts, answer.why, answer.changes) == (certificate.number, None, None, ())


@pytest.mark.parametrize("beside", ["ZM-2026-LR-999999-14", "又一个编号"])
def test_a_token_under_another_number_is_told(check, payload, key, beside):
    answer = check(qr_tokens.sign(key.pair, payload), beside)

    assert (answer.reasons[0], answer.facts) == (CheckReason.TOKEN_MISMATCH, None)


def test_a_token_of_a_certificate_that_is_not_recorded_is_unknown(check, payload, key):
    lost = payload.model_copy(update={"number": "ZM-2026-LR-999999-14"})

    answer = check(qr_tokens.sign(key.pair, lost))

    assert (answer.outcome, answer.number) == (CheckOutcome.UNKNOWN, "ZM-2026-LR-999999-14")


def test_a_token_under_a_revoked_key_does_not_hold(check, payload, key, session):
    token = qr_tokens.sign(key.pair, payload)
    keys.revoke(session, key.pair.fingerprint, reason="示例原因")

    answer = check(token)

    assert (answer.outcome, answer.issuer) == (CheckOutcome.KEY_REVOKED, Verdict.INVALID)
    assert CheckReason.KEY_REVOKED in answer.reasons


def test_a_token_signed_after_its_key_ended_does_not_hold(check, payload, key, session, certificate):
    session.get_one(SigningKey, key.id).valid_until = clock.now() - timedelta(days=1)

    answer = check(qr_tokens.sign(key.pair, payload))

    assert (answer.outcome, answer.issuer) == (CheckOutcome.KEY_EXPIRED, Verdict.INVALID)
    assert CheckReason.KEY_EXPIRED in answer.reasons


def test_a_token_under_a_retired_key_holds_on(check, payload, tmp_path, session):
    settings = settings_for(tmp_path, "sqlite://", keys_dir=tmp_path / "keys")
    keys.prepare(session, settings)
    old = keys.current(session, settings, KeyUse.QR)
    token = qr_tokens.sign(old.pair, payload)
    keys.rotate(session, settings, KeyUse.QR)

    answer = check(token)

    assert (answer.status, answer.facts) == (Verdict.VALID, payload)
    assert qr_tokens.sign(keys.current(session, settings, KeyUse.QR).pair, payload) != token


def test_a_listing_that_fell_is_told_with_since_and_why(check, payload, key, listing):
    listing.status, listing.status_on, listing.status_reason = ListingStatus.SUSPENDED, TODAY, "示例原因"

    answer = check(qr_tokens.sign(key.pair, payload))

    assert answer.outcome == CheckOutcome.SUSPENDED
    assert [(change.since, change.why) for change in answer.changes] == [(TODAY, "示例原因")]


@pytest.mark.parametrize(
    ("text", "number", "token"),
    [
        ("ZM-2026-LR-000123-53", "ZM-2026-LR-000123-53", ""),
        (" https://r.example.cn/verify/ZM-2026-LR-000123-53#eyJ.b.c ", "ZM-2026-LR-000123-53", "eyJ.b.c"),
        ("https://r.example.cn/verify/ZM-2026-LR-000123-53", "ZM-2026-LR-000123-53", ""),
        ("/verify/ZM-2026-LR-000123-53?code=AAAA#eyJ.b.c", "ZM-2026-LR-000123-53", "eyJ.b.c"),
        ("#eyJ.b.c", "", "eyJ.b.c"),
        ("eyJ.b.c", "", "eyJ.b.c"),
        ("a.b.c", "a.b.c", ""),
        ("", "", ""),
    ],
)
def test_what_was_pasted_is_taken_apart(text, number, token):
    assert qr_tokens.split(text) == (number, token)


def test_no_key_of_another_curve_is_asked(session):
    assert all(
        isinstance(keys.public_key(key), ec.EllipticCurvePublicKey)
        for key in keys.published(session)
        if key.kind is KeyUse.QR
    )


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://ours.example/verify/ZM-1#ey.e.y", ""),
        ("HTTPS://OURS.EXAMPLE:443/verify/ZM-1", ""),
        ("http://ours.example./verify/ZM-1", ""),
        ("ours.example/verify/ZM-1", ""),
        ("/verify/ZM-1", ""),
        ("ZM-2026-LR-000123-53", ""),
        ("ZM/2026/LR/000123/53", ""),
        ("ZM-2026-LR-000123-53#ey.e.y", ""),
        ("ey.e.y", ""),
        ("https://ours.example/verify/http://evil.example/", ""),
        ("http://evil.example/verify/ZM-1", "evil.example"),
        ("请打开 http://evil.example:81/verify/ZM-1", "evil.example:81"),
        ("https://ours.example:8443/verify/ZM-1", "ours.example:8443"),
        ("https://ours.example@evil.example/verify/ZM-1", "evil.example"),
        ("https://evil.example\\@ours.example/verify/ZM-1", "evil.example"),
        ("http:evil.example/verify/ZM-1", "evil.example"),
        ("//evil.example/verify/ZM-1", "evil.example"),
        ("ｈｔｔｐ：／／ｅｖｉｌ．example／verify／ZM-1", "evil.example"),
        ("http://示例.example/verify/ZM-1", "xn--fsq092h.example"),
        ("http://evil.example?/verify/ZM-1", "evil.example"),
    ],
)
def test_the_host_of_an_address_is_told_when_it_is_not_ours(text, host):
    assert qr_tokens.other_host(text, "https://ours.example") == host
