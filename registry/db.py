"""Engines and transactions for SQLite and PostgreSQL. Nothing here knows the web."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 10_000  # a second writer waits its turn this long; measured, see docs/adr


def _prepare_sqlite(engine: Engine) -> None:
    """Take transactions into our own hands: stock pysqlite begins late and leaks savepoints."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "synchronous=FULL",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # Read-then-write in a deferred transaction fails at once, whatever the timeout says.
        immediate = connection.get_execution_options().get("registry_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def add_missing(session: Session, record: type[Any], **values: Any) -> None:
    """Insert a row unless one with its key is there already; of two who do so at once, one inserts it."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(record).values(**values).on_conflict_do_nothing())


class Database:
    """Open sessions on one database: `transaction()` to write, `reading()` to look."""

    def __init__(self, url: URL) -> None:
        """Prepare the engine; nothing connects before the first session."""
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000}}
        if url.get_backend_name() != "sqlite":
            options = {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}
        self.engine = create_engine(url, **options)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._writer = self.engine.execution_options(registry_writes=True)
        self._held: Connection | None = None

    @property
    def is_sqlite(self) -> bool:
        """Return whether the database is SQLite."""
        return self.engine.dialect.name == "sqlite"

    def session(self, *, writes: bool = False) -> Session:
        """Return a new session; the caller closes it, and used after that it raises instead of opening once more."""
        if self._held is not None:
            return Session(
                self._held, join_transaction_mode="create_savepoint", expire_on_commit=False,
                close_resets_only=False,
            )  # fmt: skip
        engine = self._writer if writes else self.engine
        return Session(engine, expire_on_commit=False, close_resets_only=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing session; commit when the block ends, roll everything back when it raises."""
        with self.session(writes=True) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for looking; whatever it changed is thrown away."""
        with self.session() as session:
            yield session

    @contextmanager
    def held(self) -> Iterator[Connection]:
        """Run every session inside one outer transaction and undo it all at the end (for tests)."""
        with self._writer.connect() as connection, connection.begin() as outer:
            self._held = connection
            try:
                yield connection
            finally:
                self._held = None
                outer.rollback()

    def dispose(self) -> None:
        """Close the pool, for example after a fork."""
        self.engine.dispose()
