"""The place where a signature enters: a signer turns the rendered file into the one that is stored."""

from typing import Protocol

from catalog.certificates.payload import CertificatePayload


class Signer(Protocol):
    """Sign a rendered certificate before it is stored; what comes back is stored as it is, for ever."""

    def sign(self, pdf: bytes, payload: CertificatePayload) -> bytes:
        """Return the file with its signature; its facts are `payload`."""
        ...


class UnsignedSigner:
    """Leave the file as it is; the face then says that it bears no seal."""

    def sign(self, pdf: bytes, payload: CertificatePayload) -> bytes:
        """Return the file unchanged."""
        return pdf
