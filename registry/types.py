"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NewType

from sqlalchemy import BigInteger, Date, DateTime, Dialect, Enum, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

Fen = NewType("Fen", int)
"""Money as an integer number of 分."""

Points = NewType("Points", int)
"""A score as an integer number of thousandths."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite would give it back naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant, convert to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class beijing_day(FunctionElement[date]):
    """The Beijing day on which an instant falls, as SQL; it has not changed its offset since 1991."""

    type = Date()
    inherit_cache = True


@compiles(beijing_day, "sqlite")
def _day_in_sqlite(element: beijing_day, compiler: SQLCompiler, **values: Any) -> str:
    return f"date({compiler.process(element.clauses, **values)}, '+8 hours')"


@compiles(beijing_day, "postgresql")
def _day_in_postgresql(element: beijing_day, compiler: SQLCompiler, **values: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **values)} AT TIME ZONE 'Asia/Shanghai' AS date)"


class FenColumn(TypeDecorator[Fen]):
    """An integer column of 分 that refuses a float or a Decimal; 64 bits, for contracts above 2,100 万元."""

    impl: type[Integer] = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Refuse anything but an integer."""
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise TypeError("money and points are integers")


class PointsColumn(FenColumn):
    """An integer column of thousandths of a point."""

    impl = Integer
    cache_ok = True


def enum_of(kind: type[StrEnum], name: str) -> Enum:
    """Return a text column with a CHECK for the values of an enumeration, stored by value."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )
