"""The file of a certificate: rendered once after the commit, stored, never made twice."""

import hashlib
import io
from datetime import date
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import func, select

from catalog.certificates import files, services
from catalog.certificates.numbers import grouped, parse
from catalog.models import Certificate, CertificateFile, CertificateStatus
from registry import clock, outbox
from registry.db import Database
from registry.hooks import Context
from registry.models import CatalogEntry, OutboxMessage
from registry.permissions import VISITOR
from tests.conftest import settings_for, url_of
from tests.factories import Make
from tests.processes import PROCESSES

TODAY = date(2026, 11, 21)


@pytest.fixture
def context(database, settings) -> Context:
    """Return what hooks work with, on the test's database."""
    return Context(database, settings, print)


@pytest.fixture
def certificate(session, make) -> Certificate:
    """Return a committed certificate."""
    listing = make.listing()
    entry = session.get_one(CatalogEntry, listing.entry_id)
    certificate = services.issue_listing_certificate(session, entry, VISITOR, issuer="")
    session.commit()
    return certificate


def test_the_file_is_rendered_once_and_is_then_the_same(context, certificate, monkeypatch):
    first = files.ensure_file(context, certificate.id)
    monkeypatch.setattr(files, "renderer", None)  # a second rendering would fail

    assert files.ensure_file(context, certificate.id) == first
    text = pypdf.PdfReader(io.BytesIO(first)).pages[0].extract_text()
    assert certificate.number in text
    assert grouped(certificate.short_code) in text


def test_the_worker_renders_what_was_issued(context, certificate, session):
    while outbox.deliver(context):
        pass

    assert session.scalar(select(CertificateFile.size)) > 10_000


def test_the_worker_tries_again_when_rendering_failed(context, certificate, session, monkeypatch):
    monkeypatch.setattr(files, "renderer", None)
    outbox.deliver(context)

    message = session.scalars(select(OutboxMessage).where(OutboxMessage.event == "CertificateIssued")).one()
    session.refresh(message)
    assert (message.delivered_at, message.attempts) == (None, 1)
    assert session.scalar(select(func.count(CertificateFile.certificate_id))) == 0


def test_a_stored_file_is_never_made_again_when_it_is_gone(context, certificate, session):
    files.ensure_file(context, certificate.id)
    stored = session.scalars(select(CertificateFile)).one()
    path = files.FileStore(context.settings.files_dir).path(stored.sha256)
    for spoil in (lambda: path.write_bytes(b"%PDF-1.7"), path.unlink):
        spoil()

        with pytest.raises(files.LostFileError, match="证明文件缺失或者已被改动"):
            files.ensure_file(context, certificate.id)


def test_nothing_is_signed_when_the_record_was_altered(context, certificate, session):
    certificate.payload = certificate.payload.replace("示例", "实例")
    session.commit()

    with pytest.raises(files.LostFileError, match="记录与出具时不一致"):
        files.ensure_file(context, certificate.id)
    assert session.scalar(select(func.count(CertificateFile.certificate_id))) == 0


def test_a_certificate_that_fits_no_page_is_ended_and_not_tried_again(
    context, certificate, session, monkeypatch
):
    class TooSmall:
        def render(self, *_given, **_named):
            raise files.TooLongError("证明须排在一页内。")

    monkeypatch.setattr(files, "renderer", lambda _settings: TooSmall())
    while outbox.deliver(context):
        pass

    session.refresh(certificate)
    assert (certificate.status, certificate.status_reason) == (
        CertificateStatus.REVOKED,
        "证明须排在一页内。",
    )
    assert outbox.waiting(session)[0] == 0


def test_the_check_names_what_was_altered_and_what_is_missing(context, certificate, session):
    files.ensure_file(context, certificate.id)
    assert files.broken(context) == []

    stored = session.scalars(select(CertificateFile)).one()
    files.FileStore(context.settings.files_dir).path(stored.sha256).unlink()
    certificate.payload = certificate.payload.replace("示例", "实例")
    session.commit()

    assert files.broken(context) == [
        f"certificate {certificate.number}: record was altered",
        f"certificate {certificate.number}: file is missing",
    ]


def _issue(url: str, folder: Path, entry_ids: list[int], start, answers) -> None:
    """Issue and render for every entry, in a process of its own."""
    settings = settings_for(folder, url)
    database = Database(settings.database)
    start.wait()
    with clock.standing_at(TODAY):
        for entry_id in entry_ids:
            with database.transaction() as session:
                entry = session.get_one(CatalogEntry, entry_id)
                certificate = services.issue_listing_certificate(session, entry, None, issuer="")
            content = files.ensure_file(Context(database, settings, print), certificate.id)
            answers.put((entry_id, certificate.number, hash_of(content)))
    database.dispose()


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def test_two_processes_give_every_product_one_number_and_one_file(fresh_database, tmp_path):
    with fresh_database.transaction() as session:
        make = Make(session)
        entry_ids = [make.listing().entry_id for _ in range(4)]
    url = url_of(fresh_database)
    fresh_database.dispose()
    start, answers = PROCESSES.Event(), PROCESSES.Queue()
    workers = [
        PROCESSES.Process(target=_issue, args=(url, tmp_path, order, start, answers))
        for order in (entry_ids, entry_ids[::-1])
    ]
    for worker in workers:
        worker.start()
    start.set()
    got = [answers.get(timeout=120) for _ in range(2 * len(entry_ids))]
    for worker in workers:
        worker.join(timeout=30)

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(set(got)) == len(entry_ids)
    assert sorted(parse(number).serial for _, number, _ in set(got)) == [1, 2, 3, 4]
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count(Certificate.id))) == 4
        assert session.scalar(select(func.count(CertificateFile.certificate_id))) == 4
