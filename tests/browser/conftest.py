"""A demonstration served on a free port, and headless Chromium to look at it."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server

from registry import clock, hooks
from registry.db import Database
from registry.files import FileStore
from tests.conftest import Prepared, settings_for, url_of
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


@dataclass
class Site:
    """A served deployment; it stands on a day where one is told."""

    url: str
    app: Flask
    context: hooks.Context
    day: date | None = None

    @property
    def database(self) -> Database:
        """Return its database."""
        return self.context.database

    @property
    def files(self) -> FileStore:
        """Return where it keeps files."""
        return FileStore(self.context.settings.files_dir)


@contextmanager
def serving(prepared: Prepared, folder: Path) -> Iterator[Site]:
    """Serve an empty, prepared database with CSRF tokens and all else as in operation."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    database = prepared(folder)
    settings = settings_for(folder, url_of(database), base_url=url)
    database.dispose()
    app = create_app(settings)
    database = app.extensions["registry.database"]
    site = Site(url, app, hooks.Context(database, settings, lambda _line: None))
    answer = app.wsgi_app

    def answer_on_the_day(environ: Any, start_response: Any) -> list[bytes]:
        """Answer in one piece: made on that day, its files closed even when a window closes meanwhile."""
        standing = clock.standing_at(site.day) if site.day else nullcontext()
        with standing, closing(answer(environ, start_response)) as body:
            return [b"".join(body)]

    app.wsgi_app = answer_on_the_day  # type: ignore[method-assign] # the way Flask tells to wrap it
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        database.dispose()


@pytest.fixture(scope="package")
def site(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a demonstration in use."""
    with serving(prepared, tmp_path_factory.mktemp("site")) as site:
        for begin in hooks.init:
            begin(site.context)
        for load in hooks.demo:
            load(site.context, hooks.DemoRequest(PRODUCTS, clock.today()))
        for catch_up in hooks.catch_up:
            catch_up(site.context)
        yield site


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Return headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--lang=zh-CN",
            ],
            env={**os.environ, "LANGUAGE": "zh_CN"},  # the words of the browser itself: choose a file, a date
        )
        yield browser
        browser.close()


def look(chromium: Browser, site: Site, *, width: int = 1440, javascript: bool = True) -> BrowserContext:
    """Return a window of its own on a site, as wide as told."""
    return chromium.new_context(
        base_url=site.url, java_script_enabled=javascript, locale="zh-CN", timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": 900 if width > 500 else 844}, accept_downloads=True,
    )  # fmt: skip


@pytest.fixture
def window(chromium: Browser, site: Site) -> Iterator[Any]:
    """Return a function that opens a page of the site in a window of its own."""
    opened = []

    def open_window(**kind: Any) -> Any:
        opened.append(look(chromium, site, **kind))
        return opened[-1].new_page()

    yield open_window
    for context in opened:
        context.close()
