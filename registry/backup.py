"""Backup and restore while the service runs: every table as JSON lines, every file under its hash.

The format knows no database: what was backed up from SQLite can be restored into PostgreSQL and the other way round.
The search index is not part of it, because it can be made anew.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Date, Table, func, insert, select, text

from registry import clock, migration, trail
from registry.db import Database
from registry.errors import RuleError
from registry.models import Base
from registry.types import Instant

MANIFEST = "manifest.json"
ROWS_AT_ONCE = 1_000
PREPARED = frozenset({"policy_parameter", "taxonomy_node", "trail_head", "clock_run", "lease"})
"""Tables that `registry init` and an idle worker fill: what stands there is no data to be lost."""


class BackupError(RuleError):
    """A backup cannot be written, or is not whole."""


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, Instant):
        return lambda value: value and datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return lambda value: value and date.fromisoformat(value)
    return lambda value: value


def _snapshot(database: Database) -> Connection:
    """Return a connection that sees one moment, however much is written meanwhile."""
    level = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    return database.engine.connect().execution_options(stream_results=True, **level)


def write(database: Database, files: Path, target: Path) -> dict[str, Any]:
    """Write a consistent backup into a folder that does not exist yet or is empty; return its manifest.

    Files are never changed once stored, and stored before the row that names them: those copied after the database's
    snapshot are all that it names. The manifest is written last; without it a backup is not whole.

    Raises:
        BackupError: the folder holds something.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"目录 {target.name} 不是空的，请另选一个目录。", parameter="DIR")
    (target / "tables").mkdir(parents=True)
    tables = {}
    with _snapshot(database) as connection:
        for table in Base.metadata.sorted_tables:
            tables[table.name] = _write_table(connection, table, target / "tables" / f"{table.name}.jsonl")
        head = trail_head(connection)
    manifest = {
        "format": 1,
        "revision": migration.revision(database),
        "written_at": clock.now().isoformat(),
        "tables": tables,
        "files": _copy_files(files, target / "files"),
        "trail": head,
    }
    (target / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
    return manifest


def trail_head(connection: Connection) -> dict[str, Any]:
    """Return the trail's head as the snapshot has it."""
    row = connection.execute(text("SELECT seq, hash FROM trail_head")).one()
    return {"seq": row.seq, "hash": row.hash}


def _write_table(connection: Connection, table: Table, path: Path) -> dict[str, Any]:
    rows, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
            line = json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            file.write(line)
            rows += 1
    columns = [column.name for column in table.columns]
    return {"columns": columns, "rows": rows, "sha256": digest.hexdigest()}


def _copy_files(source: Path, target: Path) -> int:
    count = 0
    for path in sorted(source.glob("??/" + "?" * 64)):
        (target / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / path.parent.name / path.name)
        count += 1
    return count


def read(database: Database, files: Path, source: Path) -> dict[str, Any]:
    """Restore a backup into an empty database, verify all of it, and return its manifest.

    Everything happens in one transaction: a restore that fails leaves the database as it was.

    Raises:
        BackupError: the backup is not whole, of another schema, or the database holds data.
    """
    manifest = _manifest(source)
    migration.upgrade(database)
    if manifest["revision"] != migration.revision(database):
        raise BackupError("备份的数据结构版本与本系统不同，请用当时的版本恢复后再升级。", parameter="DIR")
    _restore_files(source / "files", files, manifest["files"])
    with database.transaction() as session:
        connection = session.connection()
        held = [
            table.name
            for table in Base.metadata.sorted_tables
            if table.name not in PREPARED and connection.scalar(select(func.count()).select_from(table))
        ]
        if held:
            raise BackupError(
                "数据库里已有数据，恢复只能在空的数据库上进行。", parameter="REGISTRY_DATABASE_URL"
            )
        for name in PREPARED:
            connection.execute(Base.metadata.tables[name].delete())
        for table in Base.metadata.sorted_tables:
            _read_table(
                connection, table, source / "tables" / f"{table.name}.jsonl", manifest["tables"][table.name]
            )
        if not database.is_sqlite:
            _reset_sequences(connection)
        if broken := trail.first_broken(session):
            raise BackupError(f"备份中的留痕在第 {broken[0]} 行断开，恢复已取消。", parameter="DIR")
        if trail_head(connection) != manifest["trail"]:
            raise BackupError("备份中的留痕与清单不符，恢复已取消。", parameter="DIR")
    return manifest


def _manifest(source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        raise BackupError(f"目录 {source.name} 里没有完整的备份。", parameter="DIR") from None
    missing = {table.name for table in Base.metadata.sorted_tables} ^ set(manifest.get("tables", {}))
    if missing or manifest.get("format") != 1:
        raise BackupError("备份清单与本系统的数据表不符。", parameter="DIR")
    return manifest


def _restore_files(source: Path, target: Path, count: int) -> None:
    paths = sorted(source.glob("??/" + "?" * 64))
    if len(paths) != count:
        raise BackupError(f"备份应有 {count} 个文件，实有 {len(paths)} 个。", parameter="DIR")
    for path in paths:
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            raise BackupError(f"备份中的文件 {path.name[:12]} 内容被改动。", parameter="DIR")
        (target / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / path.parent.name / path.name)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _read_table(connection: Connection, table: Table, path: Path, told: dict[str, Any]) -> None:
    columns = [table.columns[name] for name in told["columns"]]
    readers = [(column.key, _reader(column)) for column in columns]
    rows: list[dict[str, Any]] = []
    count, digest = 0, hashlib.sha256()

    def flush() -> None:
        if rows:
            connection.execute(insert(table), rows)
            rows.clear()

    try:
        for line in _lines(path):
            digest.update(line)
            rows.append(
                {key: read(value) for (key, read), value in zip(readers, json.loads(line), strict=True)}
            )
            count += 1
            if len(rows) == ROWS_AT_ONCE:
                flush()
        flush()
    except (OSError, ValueError):
        raise BackupError(f"备份中的表 {table.name} 无法读取。", parameter="DIR") from None
    if (count, digest.hexdigest()) != (told["rows"], told["sha256"]):
        raise BackupError(f"备份中的表 {table.name} 与清单不符。", parameter="DIR")


def _reset_sequences(connection: Connection) -> None:
    """Let PostgreSQL go on counting after the highest id that was restored."""
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{column.name}'), "  # noqa: S608 - our own names
                    f'(SELECT coalesce(max("{column.name}"), 0) + 1 FROM "{table.name}"), false)'
                )
            )
