"""A certificate's file: rendered once after the commit, stored under its hash, never made twice."""

import hashlib
from functools import cache

from sqlalchemy import select

from catalog.certificates import fonts, wording
from catalog.certificates.face import face
from catalog.certificates.payload import CertificatePayload
from catalog.certificates.pdf import Renderer
from catalog.certificates.services import CertificateIssued
from catalog.certificates.signing import Signer, UnsignedSigner
from catalog.models import Certificate, CertificateFile
from registry import clock, hooks, outbox
from registry.db import add_missing
from registry.files import FileStore
from registry.settings import Settings

BATCH = 500  # certificates read at once by the check

_signer: Signer = UnsignedSigner()


@cache
def renderer(settings: Settings) -> Renderer:
    """Return this process's renderer."""
    return Renderer(settings)


def verify_url(settings: Settings, number: str) -> str:
    """Return the address at which anyone checks a certificate."""
    return f"{settings.base_url}/verify/{number}"


def ensure_file(context: hooks.Context, certificate_id: int) -> bytes:
    """Return a committed certificate's file; the first caller renders it, everyone gets the same bytes.

    Raises:
        fonts.RenderingError: this machine cannot print.
        pdf.TooLongError: the facts do not fit one page.
        FileNotFoundError, ValueError: the stored file is gone or was altered; it is never made again.
    """
    store = FileStore(context.settings.files_dir)
    with context.database.reading() as session:
        if stored := session.get(CertificateFile, certificate_id):
            return store.read(stored.sha256)
        certificate = session.get_one(Certificate, certificate_id)
        payload = CertificatePayload.read(certificate.payload)
        short_code = certificate.short_code
        sentences = wording.current(session, on=payload.issued_on).sentences
    url = verify_url(context.settings, payload.number)
    rendered = renderer(context.settings).render(
        face(payload, short_code=short_code, verify_url=url, sentences=sentences),
        qr=url,
        attachment=payload.canonical(),
    )
    signed = _signer.sign(rendered, payload)
    sha256 = store.put(signed)
    with context.database.transaction() as session:
        add_missing(
            session, CertificateFile,
            certificate_id=certificate_id, sha256=sha256, size=len(signed), stored_at=clock.now(),
        )  # fmt: skip
        kept = session.get_one(CertificateFile, certificate_id).sha256
    return store.read(kept)


@outbox.on(CertificateIssued)
def render_issued(context: hooks.Context, event: CertificateIssued) -> None:
    """Render what was issued; where that fails, the outbox tries again."""
    ensure_file(context, event.certificate_id)


def broken(context: hooks.Context) -> list[str]:
    """Return a line for each certificate whose record or stored file is not what was issued."""
    store, lines = FileStore(context.settings.files_dir), []
    with context.database.reading() as session:
        rows = session.execute(
            select(Certificate.number, Certificate.payload, Certificate.payload_hash, CertificateFile.sha256)
            .outerjoin(CertificateFile)
            .order_by(Certificate.id)
            .execution_options(yield_per=BATCH)
        )
        for number, payload, payload_hash, sha256 in rows:
            if hashlib.sha256(payload.encode()).hexdigest() != payload_hash:
                lines.append(f"certificate {number}: record was altered")
            try:
                if sha256:
                    store.read(sha256)
            except ValueError:
                lines.append(f"certificate {number}: file was altered")
            except OSError:
                lines.append(f"certificate {number}: file is missing")
    return lines


def _build_fonts(context: hooks.Context) -> None:
    fonts.build(context.settings.font_folder, say=context.say)


hooks.init.append(_build_fonts)
hooks.checks.append(broken)
