import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry import backup, trail
from registry.backup import BackupError
from registry.db import Database
from registry.files import FileStore
from registry.models import Base, CatalogEntry, Role
from tests.conftest import new_database_url, settings_for
from tests.factories import Make


@pytest.fixture
def filled(fresh_database, tmp_path):
    with fresh_database.transaction() as session:
        make = Make(session)
        make.user(Role.PUBLISHER)
        for _ in range(3):
            make.listing()
        trail.record(session, None, "test.act", subject="thing", subject_id=1, detail={"reason": "示例"})
    FileStore(tmp_path / "files").put(b"a file")
    return fresh_database


@pytest.fixture
def empty(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    database = Database(settings_for(folder, new_database_url(folder)).database)
    yield database
    database.dispose()


def contents(database):
    with database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in Base.metadata.sorted_tables
        }


def test_a_restored_backup_is_the_same_to_the_last_row_and_file(filled, empty, tmp_path):
    backup.write(filled, tmp_path / "files", tmp_path / "copy")

    backup.read(empty, tmp_path / "other", tmp_path / "copy")

    assert contents(empty) == contents(filled)
    assert [path.read_bytes() for path in (tmp_path / "other").glob("??/*")] == [b"a file"]
    with empty.transaction() as session:
        assert trail.first_broken(session) is None
        Make(session).listing()  # numbers and ids go on where they were
        assert session.scalar(select(func.count()).select_from(CatalogEntry)) == 4


def test_a_backup_holds_one_moment_though_somebody_writes_meanwhile(filled, tmp_path, monkeypatch):
    written = backup._write_table

    def write_and_disturb(connection, table, path):
        if table.name == "counter":
            with filled.transaction() as session:
                Make(session).listing()
        return written(connection, table, path)

    first = Base.metadata.sorted_tables[0].name
    monkeypatch.setattr(backup, "_write_table", write_and_disturb)
    manifest = backup.write(filled, tmp_path / "files", tmp_path / "copy")

    assert first == "clock_run"  # read before the disturbance, so the snapshot had begun
    assert manifest["tables"]["catalog_entry"]["rows"] == manifest["tables"]["listing"]["rows"] == 3


def test_a_database_in_use_is_never_restored_over(filled, tmp_path):
    backup.write(filled, tmp_path / "files", tmp_path / "copy")
    before = contents(filled)

    with pytest.raises(BackupError, match="已有数据"):
        backup.read(filled, tmp_path / "files", tmp_path / "copy")

    assert contents(filled) == before


def test_a_folder_in_use_is_never_written_over(filled, tmp_path):
    with pytest.raises(BackupError, match="不是空的"):
        backup.write(filled, tmp_path / "files", tmp_path)


def _break_manifest(copy: Path) -> None:
    (copy / "manifest.json").unlink()


def _break_table(copy: Path) -> None:
    path = copy / "tables" / "catalog_entry.jsonl"
    path.write_text(path.read_text("utf-8").replace("P000001", "P999999"), "utf-8")


def _drop_row(copy: Path) -> None:
    path = copy / "tables" / "trail_line.jsonl"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def _break_file(copy: Path) -> None:
    next((copy / "files").glob("??/*")).write_bytes(b"another")


def _lose_file(copy: Path) -> None:
    next((copy / "files").glob("??/*")).unlink()


def _of_another_schema(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {"revision": "9999"}), "utf-8")


@pytest.mark.parametrize(
    "damage", [_break_manifest, _break_table, _drop_row, _break_file, _lose_file, _of_another_schema]
)
def test_a_damaged_backup_is_refused_and_nothing_is_written(filled, empty, tmp_path, damage):
    backup.write(filled, tmp_path / "files", tmp_path / "copy")
    damage(tmp_path / "copy")

    with pytest.raises(BackupError):
        backup.read(empty, tmp_path / "other", tmp_path / "copy")

    with empty.engine.connect() as connection:
        exists = empty.engine.dialect.has_table(connection, "catalog_entry")
        assert not exists or connection.scalar(select(func.count()).select_from(CatalogEntry)) == 0
