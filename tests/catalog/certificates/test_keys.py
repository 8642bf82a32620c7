"""Keys: made once, replaced, revoked; what an old one signed goes on holding."""

import stat
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import select

from catalog.certificates import keys
from catalog.models import KeyUse, SigningKey
from registry import clock
from registry.errors import NotFoundError, RuleError, SettingsError
from registry.models import TrailLine
from tests.conftest import settings_for

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(TODAY):
        yield


def test_init_makes_one_key_for_each_use_and_then_none(session, tmp_path):
    settings = settings_for(tmp_path, "sqlite://", keys_dir=tmp_path / "keys")
    session.query(SigningKey).delete()

    keys.prepare(session, settings)
    first = {key.kind: key.fingerprint for key in keys.published(session)}
    keys.prepare(session, settings)

    assert set(first) == {KeyUse.DOCUMENT, KeyUse.QR}
    assert {key.kind: key.fingerprint for key in keys.published(session)} == first
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_found_in_the_folder_are_registered_when_the_database_is_new(session, settings):
    known = {key.fingerprint for key in keys.published(session)}
    session.query(SigningKey).delete()

    keys.prepare(session, settings)

    assert known <= {key.fingerprint for key in keys.published(session)}


def test_files_are_signed_with_rsa_3072_and_codes_with_p_256(session, settings):
    document = keys.current(session, settings, KeyUse.DOCUMENT).pair.key
    code = keys.current(session, settings, KeyUse.QR).pair.key

    assert isinstance(document, rsa.RSAPrivateKey)
    assert document.key_size == 3072
    assert isinstance(code, ec.EllipticCurvePrivateKey)


def test_a_new_key_signs_and_the_old_one_is_retired(session, tmp_path):
    settings = settings_for(tmp_path, "sqlite://", keys_dir=tmp_path / "keys")
    keys.prepare(session, settings)
    before = keys.current(session, settings, KeyUse.QR)

    made = keys.rotate(session, settings, KeyUse.QR)

    assert keys.current(session, settings, KeyUse.QR).id == made.id != before.id
    assert session.get_one(SigningKey, before.id).retired_at == clock.now()
    assert keys.chain_of(made)[-1] == before.pair.chain[-1]  # under the same root
    assert (
        session.scalars(select(TrailLine.action).order_by(TrailLine.seq.desc()).limit(1)).one()
        == "key.rotate"
    )


def test_a_revoked_key_does_not_sign(session, settings):
    key = keys.current(session, settings, KeyUse.DOCUMENT)
    record = session.get_one(SigningKey, key.id)

    keys.revoke(session, record.fingerprint[:16], reason="示例原因")

    with pytest.raises(keys.NoKeyError, match="本机没有签名密钥，请先运行 registry init"):
        keys.current(session, settings, KeyUse.DOCUMENT)
    with pytest.raises(RuleError, match="该密钥已经吊销"):
        keys.revoke(session, record.fingerprint, reason="又一次")


@pytest.mark.parametrize("fingerprint", ["", "zz", "%"])
def test_a_key_that_is_not_named_clearly_is_not_revoked(session, fingerprint):
    with pytest.raises(NotFoundError, match="没有唯一一个指纹"):
        keys.revoke(session, fingerprint, reason="示例原因")


def test_revoking_needs_a_reason(session):
    fingerprint = session.scalars(select(SigningKey.fingerprint)).first()

    with pytest.raises(RuleError, match="吊销原因：必填"):
        keys.revoke(session, fingerprint, reason=" ")


def test_an_expired_key_does_not_sign_and_says_until_when(session, settings):
    record = session.get_one(SigningKey, keys.current(session, settings, KeyUse.DOCUMENT).id)
    record.valid_until = clock.now() - timedelta(days=1)

    with pytest.raises(keys.NoKeyError, match="签名证书的有效期至 2026-11-20"):
        keys.current(session, settings, KeyUse.DOCUMENT)


def test_a_key_that_was_given_takes_the_place_of_those_before(session, settings, tmp_path, pkcs12_file):
    before = keys.current(session, settings, KeyUse.DOCUMENT)
    qr = keys.current(session, settings, KeyUse.QR)
    path = pkcs12_file(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    given = settings_for(tmp_path, "sqlite://", signer_file=path, signer_password="secret")

    key = keys.current(session, given, KeyUse.DOCUMENT)
    again = keys.current(session, given, KeyUse.DOCUMENT)

    assert key.id == again.id
    assert session.get_one(SigningKey, before.id).retired_at == clock.now()
    assert session.get_one(SigningKey, qr.id).retired_at is None
    assert (
        session.scalars(select(TrailLine.action).order_by(TrailLine.seq.desc()).limit(1)).one()
        == "key.rotate"
    )


def test_the_key_of_the_settings_signs_and_is_no_demonstration(session, tmp_path, pkcs12_file):
    path = pkcs12_file(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    settings = settings_for(tmp_path, "sqlite://", signer_file=path, signer_password="secret")

    key = keys.current(session, settings, KeyUse.DOCUMENT)

    assert not key.is_demonstration
    assert key.pair.fingerprint in {known.fingerprint for known in keys.published(session)}
    with pytest.raises(RuleError, match="请更换该文件并重新启动"):
        keys.rotate(session, settings, KeyUse.DOCUMENT)


@pytest.mark.parametrize(
    ("make_key", "password", "sentence"),
    [
        (
            lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "wrong",
            "应为 PKCS#12 文件",
        ),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "secret", "应含一个 RSA 私钥及其证书"),
    ],
)
def test_a_file_that_cannot_sign_is_named_without_its_password(
    session, tmp_path, pkcs12_file, make_key, password, sentence
):
    path = pkcs12_file(make_key())
    settings = settings_for(tmp_path, "sqlite://", signer_file=path, signer_password=password)

    with pytest.raises(SettingsError, match=sentence) as refused:
        keys.current(session, settings, KeyUse.DOCUMENT)
    assert password not in refused.value.sentence
