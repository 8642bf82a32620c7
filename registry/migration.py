"""Bring a database to the newest schema, or back.

Alembic is imported where it is used: 11 MB and a tenth of a second of each start, and most processes never ask.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from registry.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def configuration(connection: Connection | None = None) -> "Config":
    """Return Alembic's configuration for our migrations, bound to a connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade the schema, all of it or nothing."""
    from alembic import command

    with _migrating(database) as connection:
        command.upgrade(configuration(connection), revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the schema back to a revision."""
    from alembic import command

    with _migrating(database) as connection:
        command.downgrade(configuration(connection), revision)


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """Open a writing transaction in which SQLite may make a table anew that others refer to.

    It cannot change a constraint otherwise, and would take the rows away with the old table while it watches foreign keys;
    it watches them again from the next transaction on, and nothing is committed that breaks one.
    """
    with database.engine.execution_options(registry_writes=True).connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                yield connection
            return
        direct = connection.connection.cursor()
        direct.execute("PRAGMA foreign_keys=OFF")  # without effect inside a transaction
        try:
            with connection.begin():
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise RuntimeError(f"the migration breaks foreign keys: {broken[:3]}")
        finally:
            direct.execute("PRAGMA foreign_keys=ON")


def revision(database: Database) -> str | None:
    """Return the schema's revision, None for an empty database."""
    from alembic.runtime.migration import MigrationContext

    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Return whether the database has the newest schema."""
    from alembic.script import ScriptDirectory

    return revision(database) == ScriptDirectory.from_config(configuration()).get_current_head()
