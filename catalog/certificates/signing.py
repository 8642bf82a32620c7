"""Sign a rendered certificate, and read a signature back without parsing the file.

A file carries one signature, over everything but itself, and allows no change after it (PAdES B-B; B-T with a
time-stamp). pyHanko takes half a second to import, so that only processes that sign or check do so.
"""

import hashlib
import io
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from catalog.certificates.key_files import KeyPair
from registry.errors import RuleError

if TYPE_CHECKING:
    from asn1crypto.cms import SignedData
    from pyhanko.sign.signers import Signer as CmsSigner

FIELD = "Signature"
DIGEST = "sha256"
PLACE = hashlib.sha256(b"the digest of a file").digest()  # stands for it in the model of a signature
SET_OF = b"\x31"  # RFC 5652, 5.4: attributes are signed under this tag, not under the one that they are stored with
TIMESTAMP_SECONDS = 10
TAIL = (
    200_000  # bytes at the end in which a signature of ours lies, with room for long chains and time-stamps
)
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")


class SigningError(RuleError):
    """A file could not be signed now."""

    status = 503


class PadesSigner:
    """Sign with a key kept in memory."""

    def __init__(self, signer: "CmsSigner", *, reason: str, timestamp_url: str | None = None) -> None:
        """Take pyHanko's signer, such as `in_memory()` or its own for PKCS#11; `reason` is shown by readers."""
        from pyhanko.sign.timestamps import HTTPTimeStamper

        self._signer = signer
        self._reason = reason
        self._timestamper = (
            HTTPTimeStamper(
                timestamp_url, https=timestamp_url.startswith("https:"), timeout=TIMESTAMP_SECONDS
            )
            if timestamp_url
            else None
        )

    def sign(self, pdf: bytes) -> bytes:
        """Return the file with its signature.

        Raises:
            SigningError: the time-stamp service did not answer.
        """
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
        from pyhanko.sign.timestamps import TimestampRequestError

        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm=DIGEST,
            reason=self._reason,
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            tight_size_estimates=self._timestamper is None,  # one time-stamp may be longer than another
        )
        target = io.BytesIO()
        try:
            PdfSigner(metadata, signer=self._signer, timestamper=self._timestamper).sign_pdf(
                IncrementalPdfFileWriter(io.BytesIO(pdf)), output=target
            )
        except (TimestampRequestError, OSError, TimeoutError) as problem:
            raise SigningError("时间戳服务没有应答，证明暂时不能出具，请稍后再试") from problem
        return target.getvalue()


@cache
def in_memory(pair: KeyPair) -> "CmsSigner":
    """Return a signer for pyHanko that keeps the key, which its own reads and checks again each time.

    It keeps a signature as a model, too: without a time-stamp two of them differ in the file's digest and in what the key
    makes of it alone, and to write the rest again takes four times as long as to sign.
    """
    from asn1crypto import x509
    from asn1crypto.cms import ContentInfo
    from pyhanko.sign.signers import Signer as Base
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key = pair.key
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("files are signed with RSA: ECDSA would turn PDF 1.7 into 2.0")

    private, unsigned = key, bytes(key.key_size // 8)  # narrowed: the methods below would see the wider type

    class InMemory(Base):
        model: tuple[bytes, bytes] | None = (
            None  # all before the signature, and the attributes that are signed
        )

        async def async_sign(
            self,
            data_digest: bytes,
            digest_algorithm: str,
            dry_run: bool = False,
            use_pades: bool = False,
            timestamper: Any = None,
            *given: Any,
            **named: Any,
        ) -> Any:
            if timestamper or not use_pades:
                return await super().async_sign(
                    data_digest, digest_algorithm, dry_run, use_pades, timestamper, *given, **named
                )
            if self.model is None:
                made = await super().async_sign(PLACE, digest_algorithm, True, True, None, *given, **named)
                (info,) = made["content"]["signer_infos"]
                attributes = SET_OF + info["signed_attrs"].dump()[1:]
                self.model = made.dump().removesuffix(unsigned), attributes
            before, attributes = (part.replace(PLACE, data_digest) for part in self.model)
            return ContentInfo.load(before + await self.async_sign_raw(attributes, digest_algorithm, dry_run))

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            return unsigned if dry_run else private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    chain = [x509.Certificate.load(item.public_bytes(Encoding.DER)) for item in pair.chain]
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # pyHanko leaves it so
    store.register_multiple(chain[1:])
    return InMemory(signing_cert=chain[0], cert_registry=store, embed_roots=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a file's signature says: whose certificate it names, and whether it fits every byte of the file."""

    fingerprint: str
    is_intact: bool


def read_signature(content: bytes) -> Signature | None:
    """Return the signature at the end of a file; None where there is none that one of our files could have.

    Only the place of the signature is looked for. The file is not parsed, nothing in it is unpacked, and so an
    upload costs no more than its size.
    """
    found = list(_BYTE_RANGE.finditer(content, max(0, len(content) - TAIL)))
    if len(found) != 1:
        return None
    start, before, after, rest = map(int, found[0].groups())
    gap = content[before:after]
    if start or not before < after or after + rest != len(content) or gap[:1] + gap[-1:] != b"<>":
        return None
    try:
        signed = _signed_data(bytes.fromhex(gap[1:-1].decode("ascii")))
        return _checked(signed, hashlib.sha256(content[:before] + content[after:]).digest())
    except Exception:  # what was uploaded may break a parser in any way; then it is no signature of ours
        return None


def _signed_data(contents: bytes) -> "SignedData":
    from asn1crypto.cms import ContentInfo

    return ContentInfo.load(contents)["content"]


def _checked(signed: Any, digest: bytes) -> Signature:
    """Check the signature with the certificate it names; whether that is one of ours is for the caller to see."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    (info,) = signed["signer_infos"]
    named = info["sid"].chosen
    (certificate,) = (
        item.chosen
        for item in signed["certificates"]
        if item.chosen.issuer == named["issuer"]
        and item.chosen.serial_number == named["serial_number"].native
    )
    intact, valid = validate_sig_integrity(info, certificate, "data", digest)
    return Signature(hashlib.sha256(certificate.dump()).hexdigest(), intact and valid)
