from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import wsgi
from registry import migration
from registry.db import Database
from registry.models import Base
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


def test_the_schema_goes_up_and_down_and_up_again(tmp_path):
    database = Database(settings_for(tmp_path, new_database_url(tmp_path)).database)

    migration.upgrade(database)
    assert migration.is_current(database) is True
    migration.downgrade(database)
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    migration.upgrade(database)

    assert migration.is_current(database) is True
    database.dispose()


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
