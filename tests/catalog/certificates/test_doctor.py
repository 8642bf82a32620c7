"""What an operator is told before certificates can no longer be issued, or trusted."""

from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from catalog.certificates import doctor, key_files, keys
from catalog.models import KeyUse, SigningKey
from registry import backup, clock, hooks
from registry.hooks import Context
from tests.catalog.certificates.test_marks import ISSUER, SEAL
from tests.conftest import settings_for

TODAY = date(2026, 11, 21)
OWN = (doctor.expiring, doctor.lost, doctor.exposed, doctor.signer)


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def at(session, database, tmp_path):
    """Return a function that gives a deployment with keys of its own."""

    def at(**given):
        session.query(SigningKey).delete()
        settings = settings_for(tmp_path, "sqlite://", keys_dir=tmp_path / "keys", **given)
        keys.prepare(session, settings)
        session.commit()
        return Context(database, settings)

    return at


def _told(context):
    return [line for warn in OWN for line in warn(context)]


def test_nothing_is_told_when_all_is_well(at):
    assert _told(at()) == []
    assert set(OWN) <= set(hooks.warnings)


def test_a_key_that_ends_soon_is_told(at, session):
    context = at()
    key = keys.published(session)[0]
    key.valid_until = clock.now() + timedelta(days=doctor.WARN_DAYS - 1)
    session.commit()

    (line,) = _told(context)

    assert line.startswith(f"签名密钥 {key.fingerprint[:16]}（二维码签名）的有效期至 2027-01-19")


@pytest.mark.parametrize("use", KeyUse)
def test_a_key_that_was_not_restored_is_told_until_it_is_replaced(at, session, use):
    context = at()
    key = keys.current(session, context.settings, use)
    key_files.path_of(context.settings, use, key.pair.fingerprint).unlink()

    told = doctor.lost(context)
    keys.rotate(session, context.settings, use)
    session.commit()

    assert [line.partition("登记为在用")[0] for line in told] == [
        f"签名密钥 {key.pair.fingerprint[:16]}（{'证明文件签名' if use is KeyUse.DOCUMENT else '二维码签名'}）"
    ]
    assert f"catalog rotate-key {use}" in told[0]
    assert _told(context) == []


def test_a_private_key_that_others_can_read_is_told(at):
    context = at()
    path = sorted(context.settings.keys_folder.iterdir())[0]
    path.chmod(0o640)

    assert _told(context) == [f"私钥文件 {path} 可以被本机其他用户读取，请运行 chmod 600。"]


def test_a_deployment_that_cannot_sign_is_told(at, session):
    context = at()
    keys.revoke(
        session, keys.current(session, context.settings, KeyUse.DOCUMENT).pair.fingerprint, reason="示例"
    )
    session.commit()

    assert _told(context) == ["不能出具证明：本机没有签名密钥，请先运行 registry init。"]


def test_a_seal_over_a_demonstration_signature_is_told(at, tmp_path, pkcs12_file):
    seal = tmp_path / "seal.svg"
    seal.write_text(SEAL)

    alone = _told(at(issuer_name=ISSUER, issuer_seal=seal))
    path = pkcs12_file(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    path.chmod(0o600)
    backed = _told(at(issuer_name=ISSUER, issuer_seal=seal, signer_file=path, signer_password="secret"))

    assert alone == ["已设印章（REGISTRY_ISSUER_SEAL），文件却以演示密钥签名：请设 REGISTRY_SIGNER_FILE。"]
    assert backed == []


def test_no_backup_holds_a_private_key(fresh_database, tmp_path):
    settings = settings_for(tmp_path / "data", "sqlite://", keys_dir=tmp_path / "data" / "keys")
    with fresh_database.transaction() as session:
        keys.prepare(session, settings)
    settings.files_dir.mkdir(parents=True)

    backup.write(fresh_database, settings.files_dir, tmp_path / "backup")

    written = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"PRIVATE KEY" in path.read_bytes()]
    assert b"PRIVATE KEY" in next(settings.keys_folder.iterdir()).read_bytes()
