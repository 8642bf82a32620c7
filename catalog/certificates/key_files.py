"""The private halves of keys: files that only this user can read, or the PKCS#12 file of the settings.

Each is read once for each process: parsing and checking an RSA key takes longer than signing with it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from catalog.models import KeyUse
from registry import clock
from registry.errors import SettingsError
from registry.settings import Settings

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA_BITS = 3072  # NIST SP 800-57: 128 bits of security
VALID_DAYS = 3 * 365  # of a demonstration key
ROOT_DAYS = 20 * 365
DEMONSTRATION_NAME = "示例部署 演示签名"
SUFFIX = ".pem"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key with its certificates, its own first."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the key's own certificate."""
        return fingerprint(self.chain)


def fingerprint(chain: Sequence[x509.Certificate]) -> str:
    """Return the SHA-256 of a key's own certificate."""
    return chain[0].fingerprint(hashes.SHA256()).hex()


def pem(chain: Sequence[x509.Certificate]) -> str:
    """Return certificates as text."""
    return "".join(item.public_bytes(serialization.Encoding.PEM).decode() for item in chain)


def path_of(settings: Settings, kind: KeyUse, fingerprint: str) -> Path:
    """Return where the private half of a key of ours lies."""
    return settings.keys_folder / f"{kind}-{fingerprint[:16]}{SUFFIX}"


def _keep(path: Path, key: PrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
    """Write a key that only this user can read; a killed process leaves no half of it."""
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(private + pem(chain).encode())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as problem:
        raise SettingsError(
            f"设置 REGISTRY_DATA_DIR 所指的目录不可写：{problem.strerror}", parameter="REGISTRY_DATA_DIR"
        ) from None


@cache
def read(path: Path) -> KeyPair:
    """Return what one of our own files holds."""
    content = path.read_bytes()
    key = cast(PrivateKey, serialization.load_pem_private_key(content, password=None))  # we wrote it
    return KeyPair(key, tuple(x509.load_pem_x509_certificates(content)))


@cache
def read_pkcs12(path: Path, password: SecretStr | None) -> KeyPair:
    """Return the key of the settings.

    Raises:
        SettingsError: the file is none, or holds no RSA key; the sentence names the setting, never its value.
    """
    name = "REGISTRY_SIGNER_FILE"
    try:
        bundle = pkcs12.load_pkcs12(
            path.read_bytes(), password.get_secret_value().encode() if password else None
        )
    except OSError as problem:
        raise SettingsError(f"设置 {name} 所指的文件无法读取：{problem.strerror}", parameter=name) from None
    except ValueError:
        raise SettingsError(
            f"设置 {name} 应为 PKCS#12 文件（.p12、.pfx），口令以 REGISTRY_SIGNER_PASSWORD 给出",
            parameter=name,
        ) from None
    if not isinstance(bundle.key, rsa.RSAPrivateKey) or bundle.cert is None:
        raise SettingsError(f"设置 {name} 的文件应含一个 RSA 私钥及其证书", parameter=name)
    return KeyPair(
        bundle.key,
        (bundle.cert.certificate, *(item.certificate for item in bundle.additional_certs)),
    )


def make(settings: Settings, kind: KeyUse) -> KeyPair:
    """Make a key under this deployment's own root, which is made with the first one, and keep both."""
    root_path = settings.keys_folder / f"root{SUFFIX}"
    if root_path.is_file():
        root = read(root_path)
    else:
        root_key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        name = _name(f"{DEMONSTRATION_NAME} 根证书")
        certificate = _certificate(
            name, root_key, issuer=name, issuer_key=root_key, days=ROOT_DAYS, is_root=True
        )
        root = KeyPair(root_key, (certificate,))
        _keep(root_path, root.key, root.chain)
    key: PrivateKey = (
        rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        if kind is KeyUse.DOCUMENT
        else ec.generate_private_key(ec.SECP256R1())
    )
    name = _name(f"{DEMONSTRATION_NAME} {kind}")
    own = _certificate(
        name, key, issuer=root.chain[0].subject, issuer_key=root.key, days=VALID_DAYS, is_root=False
    )
    made = KeyPair(key, (own, *root.chain))
    _keep(path_of(settings, kind, made.fingerprint), made.key, made.chain)
    return made


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: PrivateKey,
    *,
    issuer: x509.Name,
    issuer_key: PrivateKey,
    days: int,
    is_root: bool,
) -> x509.Certificate:
    now = clock.now().replace(microsecond=0)
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of readers may be behind
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
