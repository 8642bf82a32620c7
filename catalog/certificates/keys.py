"""The keys that sign certificates: registered, used, retired, revoked; old certificates hold under old keys.

Public halves are records and published; the private ones are in `key_files`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.certificates import key_files, qr_tokens, signers
from catalog.certificates.key_files import KeyPair
from catalog.certificates.signers import DocumentSigner, KeySigner
from catalog.models import KeyUse, SigningKey
from registry import clock, trail
from registry.db import add_missing
from registry.errors import NotFoundError, RuleError
from registry.settings import Settings
from registry.statements import stated


class NoKeyError(RuleError):
    """There is no key to sign with."""

    status = 503


@dataclass(frozen=True, slots=True)
class CurrentKey:
    """The key that signs now, with what its record says."""

    id: int
    is_demonstration: bool
    pair: KeyPair


@dataclass(frozen=True, slots=True)
class CurrentSigner:
    """Who signs files now, with what its record says."""

    id: int
    is_demonstration: bool
    signer: DocumentSigner


def current_signer(session: Session, settings: Settings) -> CurrentSigner:
    """Return who signs files now: a signer of the deployment's own, else the current key.

    Raises:
        NoKeyError, SettingsError: as `current` does.
    """
    for provide in signers.OWN:
        if signer := provide(settings):
            record = _usable(_registered(session, KeyUse.DOCUMENT, signer.chain, is_demonstration=False))
            return CurrentSigner(record.id, record.is_demonstration, signer)
    key = current(session, settings, KeyUse.DOCUMENT)
    return CurrentSigner(key.id, key.is_demonstration, KeySigner(key.pair, settings.signer_timestamp_url))


def current(session: Session, settings: Settings, kind: KeyUse) -> CurrentKey:
    """Return the key that signs now: the one of the settings, or the newest of ours whose private half is here.

    Raises:
        NoKeyError: there is none, or it is revoked or over; the sentence says what to do.
        SettingsError: the PKCS#12 file cannot be read.
    """
    if kind is KeyUse.DOCUMENT and settings.signer_file:
        pair = key_files.read_pkcs12(settings.signer_file, settings.signer_password)
        candidates = [(_registered(session, kind, pair.chain, is_demonstration=False), pair)]
    else:
        records = session.scalars(
            select(SigningKey)
            .where(
                SigningKey.kind == kind,
                SigningKey.is_demonstration,
                SigningKey.retired_at.is_(None),
                SigningKey.revoked_at.is_(None),
            )
            .order_by(SigningKey.id.desc())
        )
        candidates = [
            (record, key_files.read(path))
            for record in records
            if (path := key_files.path_of(settings, kind, record.fingerprint)).is_file()
        ]
    if not candidates:
        raise NoKeyError("不能出具证明：本机没有签名密钥，请先运行 registry init")
    record, pair = candidates[0]
    return CurrentKey(_usable(record).id, record.is_demonstration, pair)


def _usable(record: SigningKey) -> SigningKey:
    if record.revoked_at or record.retired_at:
        raise NoKeyError("不能出具证明：所设的签名证书已停用或者吊销，请换用新的（REGISTRY_SIGNER_FILE）")
    if not record.valid_from <= clock.now() < record.valid_until:
        raise NoKeyError(
            f"不能出具证明：签名证书的有效期至 {clock.day_of(record.valid_until)}，请更换（catalog rotate-key {record.kind}）"
        )
    return record


def prepare(session: Session, settings: Settings) -> None:
    """Register the keys whose files are here and make those that are missing; safe to repeat."""
    for kind in KeyUse:
        for path in sorted(
            settings.keys_folder.glob(f"{kind}-*{key_files.SUFFIX}"), key=lambda path: path.stat().st_mtime
        ):
            _registered(session, kind, key_files.read(path).chain, is_demonstration=True)
        try:
            current(session, settings, kind)
        except NoKeyError:
            if kind is KeyUse.QR or not settings.signer_file:
                _registered(session, kind, key_files.make(settings, kind).chain, is_demonstration=True)


def rotate(session: Session, settings: Settings, kind: KeyUse) -> SigningKey:
    """Make a new key and retire those of ours before it; what they signed goes on holding.

    Raises:
        RuleError: the key comes from the settings and is changed there.
    """
    if kind is KeyUse.DOCUMENT and settings.signer_file:
        raise RuleError(
            "签名证书由设置 REGISTRY_SIGNER_FILE 给出，请更换该文件并重新启动。", parameter="KIND"
        )
    made = _registered(session, kind, key_files.make(settings, kind).chain, is_demonstration=True)
    _retire_others(session, made)
    return made


def _retire_others(session: Session, key: SigningKey) -> None:
    session.execute(
        update(SigningKey)
        .where(SigningKey.kind == key.kind, SigningKey.id != key.id, SigningKey.retired_at.is_(None))
        .values(retired_at=clock.now())
    )
    trail.record(
        session,
        None,
        "key.rotate",
        subject="key",
        subject_id=key.id,
        detail={"fingerprint": key.fingerprint},
    )


def revoke(session: Session, fingerprint: str, *, reason: str) -> SigningKey:
    """Revoke a key by the beginning of its fingerprint: what it signed does not hold any more.

    Raises:
        NotFoundError: no key, or more than one, begins so.
        RuleError: no reason is given, or it is revoked already.
    """
    found = session.scalars(
        select(SigningKey).where(
            SigningKey.fingerprint.startswith(fingerprint.strip().lower(), autoescape=True)
        )
    ).all()
    if len(found) != 1 or not fingerprint.strip():
        raise NotFoundError(f"没有唯一一个指纹以 {fingerprint} 开头的密钥。", parameter="FINGERPRINT")
    reason = stated(reason, "吊销原因", "--reason")
    key = found[0]
    if key.revoked_at:
        raise RuleError("该密钥已经吊销。", parameter="FINGERPRINT")
    key.revoked_at, key.revoked_reason = clock.now(), reason
    trail.record(
        session,
        None,
        "key.revoke",
        subject="key",
        subject_id=key.id,
        detail={"fingerprint": key.fingerprint, "reason": key.revoked_reason},
    )
    return key


def published(session: Session) -> list[SigningKey]:
    """Return every key there ever was, the newest first."""
    return list(session.scalars(select(SigningKey).order_by(SigningKey.id.desc())))


def in_use(session: Session) -> list[SigningKey]:
    """Return the keys that are neither retired nor revoked."""
    return list(
        session.scalars(
            select(SigningKey)
            .where(SigningKey.retired_at.is_(None), SigningKey.revoked_at.is_(None))
            .order_by(SigningKey.id)
        )
    )


def expiring(session: Session, *, before: datetime) -> list[SigningKey]:
    """Return the keys in use that end before an instant."""
    return [key for key in in_use(session) if key.valid_until < before]


def _registered(
    session: Session, kind: KeyUse, chain: Sequence[x509.Certificate], *, is_demonstration: bool
) -> SigningKey:
    """Return a key's record, made when it is first seen; one that the deployment was given takes the others' place."""
    known = select(SigningKey).where(SigningKey.fingerprint == key_files.fingerprint(chain))
    if record := session.scalars(known).one_or_none():
        return record
    add_missing(
        session,
        SigningKey,
        kind=kind,
        fingerprint=key_files.fingerprint(chain),
        chain=key_files.pem(chain),
        is_demonstration=is_demonstration,
        valid_from=chain[0].not_valid_before_utc,
        valid_until=chain[0].not_valid_after_utc,
        registered_at=clock.now(),
    )
    record = session.scalars(known).one()
    if not is_demonstration:
        _retire_others(session, record)
    return record


def chain_of(key: SigningKey) -> list[x509.Certificate]:
    """Return a key's certificates, its own first and last the root, which readers are told to trust."""
    return x509.load_pem_x509_certificates(key.chain.encode())


def public_key(key: SigningKey) -> ec.EllipticCurvePublicKey:
    """Return the public half of a key for QR codes."""
    return cast(ec.EllipticCurvePublicKey, chain_of(key)[0].public_key())  # `key_files` makes no other kind


def roots(session: Session) -> dict[str, str]:
    """Return the roots of all keys as PEM, by the SHA-256 of each."""
    last = [chain_of(key)[-1] for key in published(session)]
    return {
        root.fingerprint(hashes.SHA256()).hex(): root.public_bytes(Encoding.PEM).decode() for root in last
    }


def as_data(key: SigningKey) -> dict[str, Any]:
    """Return a key as it is published for programs; one for QR codes also as a JWK."""
    public = chain_of(key)[0].public_key()
    return {
        "use": key.kind,
        "fingerprint": key.fingerprint,
        "chain": key.chain,
        "jwk": qr_tokens.public_jwk(public, key.fingerprint)
        if isinstance(public, ec.EllipticCurvePublicKey)
        else None,
        "is_demonstration": key.is_demonstration,
        "valid_from": key.valid_from.isoformat(),
        "valid_until": key.valid_until.isoformat(),
        "retired_at": key.retired_at and key.retired_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
        "revoked_reason": key.revoked_reason,
    }
