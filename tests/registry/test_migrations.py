import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError

import wsgi
from catalog.certificates.batches.models import CertificateBatch
from registry import migration
from registry.db import Database
from registry.models import Base, Listing, Organization
from tests.catalog.certificates.batches.test_races import ask
from tests.catalog.certificates.batches.test_races import prepared as asking
from tests.conftest import new_database_url, settings_for

assert wsgi  # imported so that every package's tables are known

TRIGGERS = {
    "trail_line_no_update",
    "trail_line_no_delete",
    "trail_root_no_update",
    "trail_root_no_delete",
    "trail_detail_no_update",
}
TRUNCATE_TRIGGERS = {"trail_line_no_truncate", "trail_root_no_truncate"}  # PostgreSQL alone can truncate


def triggers(database):
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if database.is_sqlite else (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )  # fmt: skip
    with database.engine.connect() as connection:
        return set(connection.scalars(text(query)))


def rows(database, model):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_the_schema_goes_up_and_down_and_up_again(tmp_path):
    database = Database(settings_for(tmp_path, new_database_url(tmp_path)).database)

    migration.upgrade(database)
    assert migration.is_current(database) is True
    migration.downgrade(database)
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    migration.upgrade(database)

    assert migration.is_current(database) is True
    database.dispose()


@pytest.mark.parametrize(("revision", "kept"), [("0013", CertificateBatch), ("0004", Listing)])
def test_rows_outlive_a_migration_that_makes_their_table_anew(fresh_database, revision, kept):
    operator, _ = asking(fresh_database)
    ask(fresh_database, operator)
    before = rows(fresh_database, kept)

    migration.downgrade(fresh_database, revision)
    migration.upgrade(fresh_database)

    assert rows(fresh_database, kept) == before > 0
    if fresh_database.is_sqlite:
        with fresh_database.reading() as session:
            assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_migration_that_would_break_a_reference_changes_nothing(fresh_database, monkeypatch):
    asking(fresh_database)

    def orphan(configuration, _revision):
        connection = configuration.attributes["connection"]
        connection.execute(text("DELETE FROM organization"))

    monkeypatch.setattr(command, "upgrade", orphan)
    with pytest.raises((RuntimeError, IntegrityError)):
        migration.upgrade(fresh_database)

    with fresh_database.reading() as session:
        assert session.scalars(select(Organization)).all()


def test_the_migrated_schema_is_the_one_of_the_models(fresh_database):
    with fresh_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_trail_s_triggers_stand_after_every_migration(fresh_database):
    assert triggers(fresh_database) == TRIGGERS | (set() if fresh_database.is_sqlite else TRUNCATE_TRIGGERS)


def test_every_constraint_and_index_has_a_name(fresh_database):
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint!r}"
        names = [constraint.name for constraint in table.constraints]
        assert len(set(names)) == len(names), f"{table.name}: two constraints under one name"
        for index in table.indexes:
            assert index.name, table.name
