"""A deployment's own signer in the place of the settings': registered, published, used, revoked like any other."""

import hashlib
from datetime import date

import pytest
from sqlalchemy import select

from catalog.certificates import checking, files, key_files, keys, services, signers
from catalog.certificates.signers import KeySigner
from catalog.certificates.signing import read_signature
from catalog.certificates.verdicts import CheckOutcome, CheckReason, Verdict
from catalog.models import Certificate, KeyUse, SigningKey
from registry import clock
from registry.files import FileStore
from registry.hooks import Context
from registry.models import CatalogEntry
from registry.permissions import VISITOR
from tests.conftest import settings_for

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(TODAY):
        yield


class Device:
    """A key that never leaves its device, and a second signature over each file's hash, kept beside the file."""

    def __init__(self, pair, folder):
        self._inside, self.folder = KeySigner(pair), folder

    @property
    def chain(self):
        return self._inside.chain

    def sign(self, pdf, *, reason):
        signed = self._inside.sign(pdf, reason=reason)
        sha256 = hashlib.sha256(signed).hexdigest()
        (self.folder / f"{sha256}.sig").write_text(f"SM2 over {sha256}")
        return signed


@pytest.fixture
def device(tmp_path, monkeypatch):
    """Return a deployment's own signer, plugged in."""
    pair = key_files.make(settings_for(tmp_path, "sqlite://", keys_dir=tmp_path / "device"), KeyUse.DOCUMENT)
    device = Device(pair, tmp_path)
    monkeypatch.setattr(signers, "OWN", [lambda _settings: None, lambda _settings: device])
    return device


@pytest.fixture
def issued(session, database, settings, make, device):
    """Return a certificate's file that the own signer signed."""
    listing = make.listing()
    entry = session.get_one(CatalogEntry, listing.entry_id)
    certificate = services.issue_listing_certificate(session, entry, VISITOR, issuer="示例单位")
    session.commit()
    return files.ensure_file(Context(database, settings), certificate.id)


def test_an_own_signer_signs_and_is_published_in_the_others_place(issued, device, session):
    key = session.scalars(select(SigningKey).where(~SigningKey.is_demonstration)).one()

    assert read_signature(issued).fingerprint == key.fingerprint == key_files.fingerprint(device.chain)
    assert read_signature(issued).is_intact
    assert [old.kind for old in keys.in_use(session) if old.is_demonstration] == [KeyUse.QR]


def test_what_it_keeps_beside_the_file_is_over_the_stored_bytes(issued, device, session, settings):
    sha256 = hashlib.sha256(issued).hexdigest()

    assert (device.folder / f"{sha256}.sig").read_text() == f"SM2 over {sha256}"
    assert FileStore(settings.files_dir).read(sha256) == issued


def test_its_certificates_are_checked_like_any_other(issued, device, session, settings):
    store = FileStore(settings.files_dir)
    good = checking.check_file(session, store, issued)
    keys.revoke(session, key_files.fingerprint(device.chain), reason="示例原因")
    revoked = checking.check_file(session, store, issued)

    assert (good.outcome, good.issuer, good.reasons) == (CheckOutcome.VALID, Verdict.VALID, ())
    assert (revoked.outcome, revoked.reasons) == (CheckOutcome.KEY_REVOKED, (CheckReason.KEY_REVOKED,))


def test_its_revoked_key_does_not_sign(issued, device, session, settings):
    keys.revoke(session, key_files.fingerprint(device.chain), reason="示例原因")

    with pytest.raises(keys.NoKeyError, match="所设的签名证书已停用或者吊销"):
        keys.current_signer(session, settings)
    assert session.scalars(select(Certificate)).one().number
