"""Signatures: whole, read back without parsing, refused when a bit differs; and the token in the QR code."""

import io
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.tsp import TimeStampReq
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.jwk import ECKey
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper

from catalog.certificates import keys, qr_tokens
from catalog.certificates.signing import PadesSigner, SigningError, in_memory, read_signature
from catalog.models import BuyerNature, KeyUse
from registry import clock
from tests.catalog.certificates.variants import needs, run


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


@pytest.fixture
def timestamp_service():
    """Return the address of a time-stamp service (RFC 3161) of our own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "示例时间戳服务")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    service = DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
    )

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = service.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_said):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@needs("pdfsig")
def test_a_time_stamp_is_added_and_the_signature_stays_whole(
    document_key, render, printed, timestamp_service, saved
):
    signer = PadesSigner(in_memory(document_key), reason="示例", timestamp_url=timestamp_service)

    stamped = signer.sign(render(printed()))

    assert read_signature(stamped).is_intact
    (signature,) = PdfFileReader(io.BytesIO(stamped)).embedded_signatures
    assert [attribute["type"].native for attribute in signature.signer_info["unsigned_attrs"]] == [
        "signature_time_stamp_token"
    ]
    assert "Signature is Valid." in run("pdfsig", saved(stamped)).stdout


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
