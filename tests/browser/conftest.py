"""A demonstration served on a free port, and headless Chromium to look at it."""

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from registry import clock, hooks
from registry.db import Database
from registry.files import FileStore
from tests.conftest import prepare, settings_for, test_database_url
from wsgi import create_app

PRODUCTS = 240
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it where there is no browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@dataclass(frozen=True)
class Site:
    """A served demonstration."""

    url: str
    database: Database
    files: FileStore


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a demonstration in use, with CSRF tokens and everything else as in operation."""
    folder = tmp_path_factory.mktemp("site")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = settings_for(folder, test_database_url(folder), base_url=url)
    app = create_app(settings)
    database = app.extensions["registry.database"]
    prepare(database)
    context = hooks.Context(database, settings, lambda _line: None)
    for begin in hooks.init:
        begin(context)
    for load in hooks.demo:
        load(context, hooks.DemoRequest(PRODUCTS, clock.today()))
    for catch_up in hooks.catch_up:
        catch_up(context)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(url, database, FileStore(settings.files_dir))
    server.shutdown()
    thread.join()
    server.server_close()
    database.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, site: Site) -> Iterator[Any]:
    """Return a function that opens a page of the site in a window of its own."""
    opened = []

    def open_window(*, width: int = 1440, javascript: bool = True) -> Any:
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=javascript, locale="zh-CN", timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900 if width > 500 else 844}, accept_downloads=True,
        )  # fmt: skip
        opened.append(context)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()
