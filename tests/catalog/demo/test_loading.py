"""The demonstration in a database: what is there, that it comes once, and that it keeps out of real data."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from catalog.certificates import checking, fonts
from catalog.certificates.verdicts import CheckDoor, CheckOutcome
from catalog.demo import loading, people, proofs
from catalog.demo.grammar import dice, fill, fitting, schedule
from catalog.demo.loading import load
from catalog.demo.people import PASSWORD, PEOPLE
from catalog.models import Buyer, BuyerStatus, Certificate, CertificateCheck, CertificateKind
from registry import accounts, clock, passwords, trail
from registry.db import Database
from registry.errors import RuleError
from registry.files import FileStore
from registry.models import (
    CatalogEntry,
    EntryPicture,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    PublicationScope,
    Role,
    TrailLine,
    User,
)
from tests.conftest import Prepared, application, settings_for, url_of

TODAY = date(2026, 11, 21)
SIZE = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def files(folder: Path) -> FileStore:
    return FileStore(folder / "files")


@pytest.fixture(scope="module")
def loaded(prepared: Prepared, folder: Path, files: FileStore) -> Iterator[Database]:
    database = prepared(folder)
    load(database, products=SIZE, today=TODAY, files=files)
    yield database
    database.dispose()


def test_as_many_active_public_products_as_asked_for_stand_in_cx(loaded):
    with loaded.reading() as session:
        count = session.scalar(
            select(func.count())
            .select_from(Listing)
            .join(CatalogEntry)
            .where(
                Listing.list_code == ListCode.CX,
                Listing.status == ListingStatus.ACTIVE,
                CatalogEntry.scope == PublicationScope.PUBLIC,
            )
        )

    assert count == SIZE


def test_every_list_scope_and_way_to_end_is_shown(loaded):
    with loaded.reading() as session:
        assert set(session.scalars(select(Listing.list_code))) == set(ListCode)
        assert set(session.scalars(select(CatalogEntry.scope))) == set(PublicationScope)
        assert set(session.scalars(select(Listing.status))) >= {
            ListingStatus.ACTIVE,
            ListingStatus.EXPIRED,
            ListingStatus.SUSPENDED,
            ListingStatus.REVOKED,
            ListingStatus.WITHDRAWN,
        }


def test_some_products_stand_in_two_lists(loaded):
    with loaded.reading() as session:
        listings = Counter(session.scalars(select(Listing.entry_id)).all())

    assert 2 in listings.values()


def test_every_product_has_indicators_and_a_picture_that_is_stored(loaded, files):
    with loaded.reading() as session:
        entries = session.scalars(
            select(CatalogEntry).options(
                selectinload(CatalogEntry.version), selectinload(CatalogEntry.pictures)
            )
        ).all()
        hashes = set(session.scalars(select(EntryPicture.sha256)))

    assert all(entry.version.kpis and len(entry.pictures) == 1 for entry in entries)
    assert all(files.read(sha256).startswith(b"\x89PNG") for sha256 in hashes)
    assert len(hashes) < len(entries)


def test_every_role_has_a_log_in_with_the_printed_password(loaded):
    with loaded.reading() as session:
        users = [accounts.named(session, person.username) for person in PEOPLE]

    assert {role for user in users if user for role in user.roles} == set(Role)
    assert all(passwords.matches(user, PASSWORD) for user in users)
    assert PASSWORD in people.logins()[-1]


def test_all_buyers_but_one_are_verified(loaded):
    with loaded.reading() as session:
        states = Counter(session.scalars(select(Buyer.status)))

    assert states == {BuyerStatus.VERIFIED: len(people.BUYERS) - 1, BuyerStatus.APPLIED: 1}


def test_there_is_a_certificate_of_each_kind_and_for_each_answer_of_the_check(loaded, files):
    with loaded.reading() as session, clock.standing_at(TODAY):
        certificates = session.scalars(select(Certificate)).all()
        outcomes = {
            checking.check(
                session, files, number=one.number, code=one.short_code, door=CheckDoor.PAGE
            ).outcome
            for one in certificates
        }

    assert {one.kind for one in certificates} == set(CertificateKind)
    assert outcomes == {
        CheckOutcome.VALID, CheckOutcome.EXPIRED, CheckOutcome.SUSPENDED, CheckOutcome.REVOKED,
    }  # fmt: skip


def test_the_printed_answers_are_no_checks_that_anybody_made(loaded, files):
    with loaded.reading() as session, session.no_autoflush:
        lines = list(loading._certificates(session, files))
        certificates = session.scalar(select(func.count()).select_from(Certificate))
        checks = session.scalar(select(func.count()).select_from(CertificateCheck))

    assert (len(lines), checks) == (certificates + 1, 0)


def test_the_trail_is_whole_and_its_days_follow_each_other(loaded):
    with loaded.reading() as session:
        broken = trail.first_broken(session)
        times = list(session.scalars(select(TrailLine.at).order_by(TrailLine.seq)))

    assert broken is None
    assert times == sorted(times)


def test_nothing_changes_when_it_is_loaded_again(loaded, files):
    with loaded.reading() as session:
        before = session.scalar(select(func.max(TrailLine.seq)))

    assert load(loaded, products=7, today=date(2027, 1, 1), files=files) is False

    with loaded.reading() as session:
        assert session.scalar(select(func.max(TrailLine.seq))) == before


def test_the_same_day_and_number_give_the_same_records(prepared, tmp_path):
    def records(name: str) -> list[tuple[object, ...]]:
        folder = tmp_path / name
        folder.mkdir()
        database = prepared(folder)
        load(database, products=8, today=TODAY, files=FileStore(folder / "files"))
        with database.reading() as session:
            rows = session.execute(
                select(
                    CatalogEntry.code, CatalogEntry.scope, EntryVersion.content_hash, Listing.number, Listing.status,
                    Listing.status_on, Listing.valid_until,
                )
                .join(EntryVersion, EntryVersion.entry_id == CatalogEntry.id)
                .join(Listing, Listing.entry_id == CatalogEntry.id)
                .order_by(EntryVersion.id, Listing.id)
            ).all()  # fmt: skip
            certificates = session.execute(
                select(Certificate.number, Certificate.payload_hash).order_by(Certificate.id)
            ).all()
        database.dispose()
        return [tuple(row) for row in (*rows, *certificates)]

    assert records("one") == records("two")


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2028, 2, 29), date(2026, 8, 28)])
def test_a_single_product_is_enough_on_any_day(prepared, tmp_path, today):
    database = prepared(tmp_path)

    assert load(database, products=1, today=today, files=FileStore(tmp_path / "files"))

    with database.reading() as session:
        active = select(func.count()).where(
            Listing.list_code == ListCode.CX, Listing.status == ListingStatus.ACTIVE
        )
        restricted = select(func.count()).where(CatalogEntry.scope != PublicationScope.PUBLIC)
        assert session.scalar(active) == 1 + (session.scalar(restricted) or 0)
        assert (session.scalar(select(func.max(TrailLine.at))) or clock.now()) <= clock.start_of(
            date.fromordinal(today.toordinal() + 1)
        )
    database.dispose()


def test_a_database_with_other_data_is_refused_and_left_alone(fresh_database, tmp_path):
    with fresh_database.transaction() as session:
        accounts.create_user(session, None, username="somebody", password="Correct-Horse-7")

    with pytest.raises(RuleError, match="已有其他数据"):
        load(fresh_database, products=5, today=TODAY, files=FileStore(tmp_path))

    with fresh_database.reading() as session:
        assert session.scalar(select(func.count(User.id))) == 1


def test_a_load_that_was_interrupted_is_named(fresh_database, tmp_path, monkeypatch):
    monkeypatch.setattr(proofs, "REVOCATION", "")  # the service refuses an empty reason, half way through
    with pytest.raises(RuleError, match="撤销原因"):
        load(fresh_database, products=20, today=TODAY, files=FileStore(tmp_path))
    monkeypatch.undo()

    with pytest.raises(RuleError, match="中断"):
        load(fresh_database, products=20, today=TODAY, files=FileStore(tmp_path))


def test_every_name_and_model_can_be_printed_on_a_certificate():
    for number, (family, name) in enumerate(schedule()):
        fonts.check_coverage(name + fill(fitting(family.models, name)[0], dice(f"coverage/{number}")))


def test_the_command_refuses_other_data_in_one_sentence(fresh_database, tmp_path):
    with fresh_database.transaction() as session:
        accounts.create_user(session, None, username="somebody", password="Correct-Horse-7")
    settings = settings_for(tmp_path, url_of(fresh_database))

    result = application(settings, fresh_database).test_cli_runner().invoke(args=["registry", "demo"])

    assert result.exit_code == 2
    assert "演示数据只能装入空的数据库" in result.output
