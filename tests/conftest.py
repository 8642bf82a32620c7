"""A database per test run, a transaction per test, and records filled in by `make`."""

import gc
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from shutil import copyfile
from typing import Any
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher
from flask import Flask, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import URL, event, make_url, text
from sqlalchemy.orm import Session

from catalog.certificates import fonts, key_files, keys
from catalog.models import KeyUse
from registry import clock, migration, passwords, policy, taxonomy, trail
from registry.db import Database
from registry.models import TrailLine
from registry.settings import Settings, default_font_folder
from tests.factories import Make
from wsgi import create_app  # importing the packages is what tells `prepare` of their shipped policy

Prepared = Callable[[Path], Database]
"""What makes a prepared database of its own in a folder."""

SHARED_DATA = Path(os.environ.get("REGISTRY_TEST_SHARED", Path(__file__).parents[2] / "shared")) / "data"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs the shared data where they are absent: they never reach a user's machine."""
    if item.get_closest_marker("real_data") and not SHARED_DATA.is_dir():
        pytest.skip("the shared data are not beside this checkout")


@pytest.hookimpl(trylast=True)  # after the folders have set their marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what meets no database: it runs with SQLite."""
    if os.environ.get("REGISTRY_TEST_DATABASE", "sqlite") == "sqlite":
        return
    config.hook.pytest_deselected(items=[item for item in items if not _meets_database(item)])
    items[:] = filter(_meets_database, items)


def pytest_collection_finish() -> None:
    """Have the collector look seldom, and never at what was imported: it took a tenth of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _meets_database(item: pytest.Item) -> bool:
    """Return whether a test asks for a database, or stands where one is made by `new_database_url`."""
    if item.get_closest_marker("once"):
        return False
    return (
        "prepared" in getattr(item, "fixturenames", ())
        or item.get_closest_marker("browser") is not None
        or hasattr(getattr(item, "module", None), "new_database_url")
    )


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> None:
    """Hash passwords quickly: the cost of argon2 is the library's business, not the tests'."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def built_fonts() -> None:
    """Have the fonts in the user's cache; the first run on a machine builds them, without fetching any."""
    fonts.build(default_font_folder(), say=print, fetch=False)


@pytest.fixture(scope="session", autouse=True)
def signing_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Make the keys for all tests of this run and the processes that they start.

    They hold on every day on which a test stands, and on every day on which somebody runs the tests.
    """
    os.environ[KEYS] = str(tmp_path_factory.mktemp("keys"))
    settings = settings_for(Path("unused"), "sqlite://")
    with clock.standing_at(KEYS_SINCE), patch.object(key_files, "VALID_DAYS", key_files.ROOT_DAYS):
        for use in KeyUse:
            key_files.make(settings, use)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder with the real product records and judged queries."""
    return SHARED_DATA


def new_database_url(folder: Path, template: URL | None = None) -> str:
    """Return the address of a fresh database of the kind that this run tests: empty, or a copy of one nobody has open."""
    server = os.environ.get("REGISTRY_TEST_DATABASE", "sqlite")
    if server == "sqlite":
        file = folder / f"test-{secrets.token_hex(4)}.db"
        if template is not None:
            copyfile(str(template.database), file)
        return f"sqlite:///{file}"
    url = make_url(server)
    name, copied = f"test_{secrets.token_hex(6)}", f" TEMPLATE {template.database}" if template else ""
    administration = Database(url)
    with administration.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{copied}"))
    administration.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def url_of(database: Database) -> str:
    """Return a database's address, password and all, as a setting takes it."""
    return database.engine.url.render_as_string(hide_password=False)


KEYS_SINCE = date(2020, 1, 1)
KEYS = "REGISTRY_TEST_KEYS"  # the environment is handed on to processes that a test starts


def prepare(database: Database, settings: Settings | None = None) -> None:
    """Do what `registry init` does to a database; the settings tell whose keys are registered, else those of all tests."""
    migration.upgrade(database)
    with database.transaction() as session:
        trail.begin(session)
        taxonomy.load_shipped(session)
        policy.load_shipped(session)
        keys.prepare(session, settings or settings_for(Path("unused"), "sqlite://"))


def settings_for(folder: Path, url: str, **more: Any) -> Settings:
    """Return settings for a test deployment in a folder."""
    given = {"keys_dir": os.environ[KEYS]} | more
    return Settings(secret_key="0" * 64, data_dir=folder, database_url=url, background=False, **given)


@pytest.fixture(scope="session")
def prepared(signing_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Return a function that makes a prepared database in a folder, a copy of the one that was prepared for all tests."""
    template = settings_for(Path("unused"), new_database_url(tmp_path_factory.mktemp("template"))).database
    database = Database(template)
    prepare(database)
    database.dispose()

    def prepared(folder: Path) -> Database:
        return Database(settings_for(folder, new_database_url(folder, template)).database)

    return prepared


@pytest.fixture(scope="session")
def whole_database(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Return the one prepared database that tests with `database` share inside transactions that are undone."""
    database = prepared(tmp_path_factory.mktemp("db"))
    yield database
    database.dispose()


@pytest.fixture
def database(whole_database: Database) -> Iterator[Database]:
    """Return the database inside one outer transaction; commits are savepoints and all is undone."""
    with whole_database.held():
        yield whole_database


@pytest.fixture
def fresh_database(prepared: Prepared, tmp_path: Path) -> Iterator[Database]:
    """Return a database of its own, prepared, with real commits: for races, kills and commands."""
    database = prepared(tmp_path)
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Return a writing session inside the test's transaction."""
    with database.session(writes=True) as session:
        yield session
        session.commit()


@pytest.fixture
def make(session: Session) -> Make:
    """Return the factory of records, bound to the test's session."""
    return Make(session)


@pytest.fixture
def settings(tmp_path: Path, whole_database: Database) -> Settings:
    """Return settings with a data folder of the test's own."""
    return settings_for(tmp_path, url_of(whole_database))


@pytest.fixture(scope="session")
def whole_app(whole_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return the one application that tests with `app` share: most of a page's time went into its routes and templates."""
    return application(settings_for(tmp_path_factory.mktemp("app"), "sqlite://"), whole_database)


@pytest.fixture
def app(whole_app: Flask, database: Database, settings: Settings) -> Iterator[Flask]:
    """Return the application on the test's database and settings; its configuration is the test's own."""
    fonts.check_rendering(settings)
    usual = dict(whole_app.config)
    whole_app.extensions["registry.settings"] = settings
    yield whole_app
    whole_app.config.clear()
    whole_app.config.update(usual)


def application(settings: Settings, database: Database) -> Flask:
    """Return an application in test mode on a given database, without CSRF tokens."""
    app = create_app(settings)
    app.extensions["registry.database"].dispose()
    app.extensions["registry.database"] = database
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a visitor's browser without JavaScript."""
    return app.test_client()


@pytest.fixture(autouse=True)
def driven(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold a test to its mark `drives`: the step's line in the trail is written for a request, or by the clock."""
    wanted = {step for mark in request.node.iter_markers("drives") for step in mark.args}
    written: set[str] = set()

    def note(_mapper: Any, _connection: Any, line: TrailLine) -> None:
        if has_request_context() or line.actor_id is None:
            written.add(line.action)

    if wanted:
        event.listen(TrailLine, "after_insert", note)
    yield
    if wanted:
        event.remove(TrailLine, "after_insert", note)
    assert wanted <= written


@pytest.fixture
def queries(database: Database) -> Callable[[], AbstractContextManager[list[str]]]:
    """Return a block that lists the statements sent to the database inside it, savepoints left out."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "SAVEPOINT" not in statement:
                sent.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(database.engine, "before_cursor_execute", note)

    return counting
