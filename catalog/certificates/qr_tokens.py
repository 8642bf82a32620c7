"""What the QR code says after `#`: a compact JWS by which a telephone without network can check the paper.

It is a JSON array of the number, the last day (20270219) and the first half of the hash of what was certified. It does
not name its key: the published ones are few, and each character makes the code harder to read. The part after `#`
never reaches the server when the code is opened.
"""

import base64
import json
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from catalog.certificates.key_files import KeyPair
from catalog.certificates.payload import CertificatePayload

ALGORITHM = "ES256"
HASH_BYTES = 16  # half of a SHA-256: more than anybody can match, and the code stays readable
KID_LENGTH = 8  # characters of the key's fingerprint

_SCHEMED = re.compile(r"(?P<scheme>https?):/*(?P<host>[^/?#\s]+)")
_BARE = re.compile(r"(?://+)?(?P<host>[^/?#\s]*[.:][^/?#\s]*)/")  # no scheme, but a host and a path


@dataclass(frozen=True, slots=True)
class QrClaims:
    """What a token claims: number, last day, and the beginning of the payload's hash in hexadecimal."""

    number: str
    valid_until: date
    hash: str


def sign(pair: KeyPair, payload: CertificatePayload) -> str:
    """Return the token of a certificate."""
    beginning = bytes.fromhex(payload.digest())[:HASH_BYTES]
    claims = [
        payload.number,
        int(payload.valid_until.strftime("%Y%m%d")),
        base64.urlsafe_b64encode(beginning).rstrip(b"=").decode(),
    ]  # without names, which would make the code a version larger
    key = cast(ec.EllipticCurvePrivateKey, pair.key)  # `keys` makes no other kind for codes
    return jws.serialize_compact(
        {"alg": ALGORITHM},
        json.dumps(claims, separators=(",", ":")).encode(),
        ECKey.import_key(key),
        algorithms=[ALGORITHM],
    )


def split(text: str) -> tuple[str, str]:
    """Return number and token of what was typed or scanned: an address with a token, a token alone, or a number."""
    before, _, after = text.strip().partition("#")
    if not after and before.count(".") == 2 and before.startswith("ey"):
        before, after = "", before
    return before.rpartition("/verify/")[2].partition("?")[0], after


def other_host(text: str, base_url: str) -> str:
    """Return the host and port that an address names where they are not ours, as the network knows them; else nothing.

    Read as browsers do, so that neither a backslash nor a name before an @ hides the host.
    """
    ours, given = _host(base_url), _host(text)
    return given if given and given != ours else ""


def _host(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().replace("\\", "/").lower()
    match = _SCHEMED.search(plain) or _BARE.match(plain)
    if match is None:
        return ""
    host, scheme = match["host"].rpartition("@")[2], match.groupdict().get("scheme", "")
    host = host.removesuffix({"http": ":80", "https": ":443"}.get(scheme, ":")).rstrip(".")
    with suppress(UnicodeError):
        host = host.encode("idna").decode()
    return host


def read(token: str, key: ec.EllipticCurvePublicKey) -> QrClaims | None:
    """Return what a token claims; None when the key did not sign it."""
    try:
        content = jws.deserialize_compact(token, ECKey.import_key(key), algorithms=[ALGORITHM])
        number, last_day, beginning = json.loads(content.payload)
        return QrClaims(
            number=number,
            valid_until=date.fromisoformat(str(last_day)),
            hash=base64.urlsafe_b64decode(beginning + "==").hex(),
        )
    except (JoseError, ValueError, TypeError):
        return None


def public_jwk(key: ec.EllipticCurvePublicKey, fingerprint: str) -> dict[str, Any]:
    """Return the public key as others import it."""
    return {
        **ECKey.import_key(key).as_dict(private=False),
        "kid": fingerprint[:KID_LENGTH],
        "alg": ALGORITHM,
        "use": "sig",
    }
