"""A certificate's file: rendered once after the commit, stored under its hash, never made twice."""

import hashlib
from contextlib import suppress
from functools import cache

from sqlalchemy import select

from catalog.certificates import fonts, keys, qr_tokens, wording
from catalog.certificates.face import face
from catalog.certificates.payload import CertificatePayload, recorded
from catalog.certificates.pdf import Renderer, TooLongError
from catalog.certificates.services import CertificateIssued, end_unprintable
from catalog.models import Certificate, CertificateFile, KeyUse
from registry import clock, hooks, outbox, trail
from registry.canonical import canonical
from registry.db import add_missing
from registry.errors import RuleError
from registry.files import FileStore
from registry.models import TrailRoot
from registry.settings import Settings

BATCH = 500  # certificates read at once by the check


class LostFileError(RuleError):
    """What was issued is gone or was altered; it is never made again, and the doctor and the check tell of it."""

    status = 503


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
        keys.NoKeyError, signing.SigningError: it cannot sign now.
        pdf.TooLongError: the facts do not fit one page; the certificate is ended with that reason.
        LostFileError: the stored file is gone or was altered, or the record from which it would be made.
    """
    store = FileStore(context.settings.files_dir)
    with context.database.reading() as session:
        if stored := session.get(CertificateFile, certificate_id):
            return _kept(store, stored.sha256)
    with context.database.transaction() as session:
        document_key = keys.current_signer(session, context.settings)
        qr_key = keys.current(session, context.settings, KeyUse.QR)
        certificate = session.get_one(Certificate, certificate_id)
        payload = recorded(certificate)
        if payload is None:
            raise LostFileError(
                f"证明 {certificate.number} 的记录与出具时不一致，不能生成证明文件，请联系系统管理员。"
            )
        short_code = certificate.short_code
        words = wording.current(session, on=payload.issued_on)
        root = trail.last_root(session)
    is_demonstration = document_key.is_demonstration
    signature = words.signature.demonstration if is_demonstration else words.signature.certified
    url = verify_url(context.settings, payload.number)
    try:
        rendered = renderer(context.settings).render(
            face(
                payload, short_code=short_code, verify_url=url, sentences=words.sentences, signature=signature
            ),
            qr=f"{url}#{qr_tokens.sign(qr_key.pair, payload)}",
            attachment=attachment(payload, root),
        )
    except TooLongError as problem:
        with context.database.transaction() as session:
            end_unprintable(session, certificate_id, reason=problem.sentence)
        raise
    signed = document_key.signer.sign(rendered, reason=signature)
    sha256 = store.put(signed)
    with context.database.transaction() as session:
        add_missing(
            session, CertificateFile,
            certificate_id=certificate_id, sha256=sha256, size=len(signed), stored_at=clock.now(), signing_key_id=document_key.id,
        )  # fmt: skip
        kept = session.get_one(CertificateFile, certificate_id).sha256
    return _kept(store, kept)


def _kept(store: FileStore, sha256: str) -> bytes:
    try:
        return store.read(sha256)
    except (FileNotFoundError, ValueError):
        raise LostFileError("证明文件缺失或者已被改动，请联系系统管理员；证明状态仍可在线核验。") from None


def attachment(payload: CertificatePayload, root: TrailRoot | None) -> bytes:
    """Return the JSON that the file carries: what is certified, its hash, and the last daily root of the trail."""
    return canonical(
        {
            "format": 1,
            "payload": payload.model_dump(mode="json"),
            "payload_sha256": payload.digest(),
            "trail_root": {"day": root.day, "seq": root.seq, "hash": root.hash} if root else None,
        }
    )


@outbox.on(CertificateIssued)
def render_issued(context: hooks.Context, event: CertificateIssued) -> None:
    """Render what was issued; where that fails, the outbox tries again, but for what will never fit."""
    with suppress(TooLongError):
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


def _prepare_keys(context: hooks.Context) -> None:
    with context.database.transaction() as session:
        keys.prepare(session, context.settings)


hooks.init.append(_build_fonts)
hooks.init.append(_prepare_keys)
hooks.checks.append(broken)
