"""Many rows into one table at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection as PostgresConnection
from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.orm import Session

from registry.models import Base


def table_of(model: type[Base]) -> Table:
    """Return a record's table."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker; every record here is a table
    return table


def allot_ids(session: Session, model: type[Base], count: int) -> Sequence[int]:
    """Return ids for rows that are about to be inserted; on SQLite the caller holds the only writing transaction."""
    table = table_of(model)
    if session.connection().dialect.name == "sqlite":
        first = (session.scalar(select(func.max(table.c.id))) or 0) + 1
        return range(first, first + count)
    sequence = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
    return session.scalars(select(sequence).select_from(func.generate_series(1, count))).all()


def insert_all(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same column names as keys; what the database fills in by itself may be absent."""
    if not rows:
        return
    session.flush()  # what the rows point at
    connection, table = session.connection(), table_of(model)
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
    else:
        _copy(connection, table, rows)


def count_anew(session: Session, *models: type[Base]) -> None:
    """Let PostgreSQL count tables that just grew: before its own round it plans as if they were empty."""
    if session.connection().dialect.name == "postgresql":
        for model in models:
            session.execute(text(f"ANALYZE {table_of(model).name}"))


def _copy(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    dialect, names = connection.dialect, list(rows[0])
    quote = dialect.identifier_preparer.quote
    converters = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
    driver = connection.connection.driver_connection
    assert isinstance(driver, PostgresConnection)  # noqa: S101 - the one driver that the settings allow
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([convert(row[name]) if convert else row[name] for name, convert in converters])
