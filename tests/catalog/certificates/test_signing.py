"""Signatures: whole, read back without parsing, refused when a bit differs; and the token in the QR code."""

from datetime import date

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from catalog.certificates import keys, qr_tokens
from catalog.certificates.signing import PadesSigner, SigningError, in_memory, read_signature
from catalog.models import BuyerNature, KeyUse

FLIPS = 200


@pytest.fixture
def document_key(session, settings):
    """Return the key that signs files."""
    return keys.current(session, settings, KeyUse.DOCUMENT).pair


@pytest.fixture
def qr_key(session, settings):
    """Return the key that signs QR codes."""
    return keys.current(session, settings, KeyUse.QR).pair


@pytest.fixture
def signed(document_key, render, printed, device) -> bytes:
    """Return a signed certificate of the longest kind."""
    face = printed(nature=BuyerNature.PUBLIC_HOSPITAL, device=device)
    return PadesSigner(in_memory(document_key), reason="示例").sign(render(face))


def test_the_signature_is_read_back_whole(signed, document_key):
    signature = read_signature(signed)

    assert (signature.fingerprint, signature.is_intact) == (document_key.fingerprint, True)


def test_a_signed_certificate_is_small_and_stays_pdf_1_7(signed):
    assert len(signed) <= 125 * 1024
    assert signed.startswith(b"%PDF-1.7")


def test_each_file_gets_a_signature_of_its_own(document_key, render, printed):
    signer = PadesSigner(in_memory(document_key), reason="示例")

    first, second = (signer.sign(render(printed(product={"name": name}))) for name in ("甲", "乙"))

    assert read_signature(first).is_intact
    assert read_signature(second).is_intact


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"/ByteRange [0 1 2 3]", b"/ByteRange [0 9999999999 2 3]", b"\x00" * 5000]
)
def test_what_is_no_certificate_has_no_signature(content):
    assert read_signature(content) is None


def test_a_truncated_or_lengthened_file_has_no_signature(signed):
    assert read_signature(signed[:-1]) is None
    assert read_signature(signed + b"\n") is None


def test_a_broken_signature_is_none(signed):
    start = signed.rindex(b"/Contents <") + len(b"/Contents <")
    for broken in (b"zz", b"ff" * 40, b"3080" + b"00" * 60):
        assert read_signature(signed[:start] + broken + signed[start + len(broken) :]) is None


def test_a_sentence_says_so_when_no_time_stamp_can_be_had(document_key, render, printed):
    signer = PadesSigner(in_memory(document_key), reason="示例", timestamp_url="http://127.0.0.1:9/")

    with pytest.raises(SigningError, match="时间戳服务没有应答"):
        signer.sign(render(printed()))
    assert read_signature(
        PadesSigner(in_memory(document_key), reason="示例").sign(render(printed()))
    ).is_intact


def test_the_token_names_number_last_day_and_the_hashs_beginning(qr_key, payload):
    frozen = payload()

    token = qr_tokens.sign(qr_key, frozen)
    claims = qr_tokens.read(token, qr_key.key.public_key())

    assert claims == qr_tokens.QrClaims(frozen.number, date(2027, 2, 19), frozen.digest()[:32])
    assert len(f"http://127.0.0.1:8000/verify/{frozen.number}#{token}") <= 251  # fits version 11-M


def test_anyone_reads_the_token_with_the_published_key(session, settings, qr_key, payload):
    key = next(key for key in keys.published(session) if key.fingerprint == qr_key.fingerprint)
    jwk = ECKey.import_key(keys.as_data(key)["jwk"])

    content = jws.deserialize_compact(qr_tokens.sign(qr_key, payload()), jwk, algorithms=["ES256"])

    assert content.headers() == {"alg": "ES256"}


@pytest.mark.parametrize(
    "change", [lambda token: token[:-4] + "AAAA", lambda token: "", lambda token: "a.b.c"]
)
def test_a_token_that_the_key_did_not_sign_is_none(qr_key, payload, change):
    assert qr_tokens.read(change(qr_tokens.sign(qr_key, payload())), qr_key.key.public_key()) is None
