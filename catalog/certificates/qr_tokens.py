"""What the QR code says after `#`: a compact JWS by which a telephone without network can check the paper.

It names the number, the last day and the first half of the hash of what was certified. The part after `#` never
reaches the server when the code is opened.
"""

import base64
import json
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


@dataclass(frozen=True, slots=True)
class QrClaims:
    """What a token claims: number, last day, and the beginning of the payload's hash in hexadecimal."""

    number: str
    valid_until: date
    hash: str


def sign(pair: KeyPair, payload: CertificatePayload) -> str:
    """Return the token of a certificate."""
    beginning = bytes.fromhex(payload.digest())[:HASH_BYTES]
    claims = {
        "e": payload.valid_until.isoformat(),
        "h": base64.urlsafe_b64encode(beginning).rstrip(b"=").decode(),
        "n": payload.number,
    }
    key = cast(ec.EllipticCurvePrivateKey, pair.key)  # `keys` makes no other kind for codes
    header = {"alg": ALGORITHM, "kid": pair.fingerprint[:KID_LENGTH]}
    return jws.serialize_compact(
        header,
        json.dumps(claims, separators=(",", ":")).encode(),
        ECKey.import_key(key),
        algorithms=[ALGORITHM],
    )


def read(token: str, key: ec.EllipticCurvePublicKey) -> QrClaims | None:
    """Return what a token claims; None when the key did not sign it."""
    try:
        content = jws.deserialize_compact(token, ECKey.import_key(key), algorithms=[ALGORITHM])
        claims = json.loads(content.payload)
        return QrClaims(
            number=claims["n"],
            valid_until=date.fromisoformat(claims["e"]),
            hash=base64.urlsafe_b64decode(claims["h"] + "==").hex(),
        )
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def public_jwk(key: ec.EllipticCurvePublicKey, fingerprint: str) -> dict[str, Any]:
    """Return the public key as others import it."""
    return {
        **ECKey.import_key(key).as_dict(private=False),
        "kid": fingerprint[:KID_LENGTH],
        "alg": ALGORITHM,
        "use": "sig",
    }
