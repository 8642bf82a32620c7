"""Who signs files: the key of the settings or of the demonstration, or what a deployment brings along.

A deployment whose key lies in a device (PKCS#11), or that adds a detached signature (SM2 with SM3) beside each file, puts
a function into `OWN` from a module of its own that is imported before it serves. The first that answers signs in the
place of `REGISTRY_SIGNER_FILE`. Its certificates are registered, published and revoked like any other key's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509

from catalog.certificates.key_files import KeyPair
from catalog.certificates.signing import PadesSigner, in_memory
from registry.settings import Settings


class DocumentSigner(Protocol):
    """Sign a rendered certificate before it is stored; what comes back is stored as it is, for ever."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates, the key's own first; a file that another key signed is not taken for ours."""
        ...

    def sign(self, pdf: bytes, *, reason: str) -> bytes:
        """Return the file with a PAdES signature as its last part; `reason` is shown by readers.

        Raises:
            signing.SigningError: it cannot sign now; the outbox tries again.
        """
        ...


OWN: list[Callable[[Settings], DocumentSigner | None]] = []


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Sign with a key kept in memory."""

    pair: KeyPair
    timestamp_url: str | None = None

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates, the key's own first."""
        return self.pair.chain

    def sign(self, pdf: bytes, *, reason: str) -> bytes:
        """Return the file with its signature."""
        return PadesSigner(in_memory(self.pair), reason=reason, timestamp_url=self.timestamp_url).sign(pdf)
