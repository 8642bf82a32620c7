"""Two worlds that differ only in restricted entries answer a visitor with the same bytes.

Exceptions, as agreed: the official totals on the home page, and running numbers (revisions).
"""

import io
import re
import zipfile
from collections import deque
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from catalog import entries
from catalog.models import Certificate
from registry import accounts, clock, hooks
from registry.db import Database
from registry.files import FileStore
from registry.models import EntryPicture, ListCode, ListingStatus, PublicationScope, Role
from tests.conftest import application, settings_for, url_of
from tests.factories import Make, log_in

TODAY = date(2026, 11, 21)
SECRET = "鲲鹏隐身"  # no public entry holds these words
SEEDS = [
    "/", "/catalog/", "/lists/", "/editions/", "/verify/", "/login", "/password", "/api/docs", "/healthz",
    *(f"/lists/{code}{rest}" for code in ListCode for rest in ("", "?status=all", "?page=2", ".json", ".csv", ".xlsx")),
    *(f"/editions/{code}-2026-0{batch}{rest}" for code in ListCode for batch in (1, 2) for rest in ("", ".json", ".csv", ".xlsx")),
    *(f"{door}?q={quote(word)}" for door in ("/catalog/", "/api/v1/products", "/api/v1/suggest")
      for word in ("示例", "仪", "机器人", SECRET, SECRET[:2], "隐", "P00", "CX-2026", "DEMO-R", "示例隐身有限公司")),
    *(f"/api/v1/products?{query}" for query in ("", "sort=date", "sort=name", "field=none", "list=TZ", "year=2019", "per_page=100")),
    *(f"{door}{number}" for door in ("/catalog/products/P", "/api/v1/products/P") for number in
      (f"{serial:06}" for serial in range(1, 20))),
    *(f"/verify/ZM-2026-{kind}-00000{serial}-00" for kind in ("LR", "YL") for serial in (1, 2, 3)),
    "/api/v1/editions", "/api/v1/openapi.json", "/readyz", "/metrics",
]  # fmt: skip
VARIES = (
    (re.compile(rb'(name="csrf_token" value=)"[^"]*"'), rb"\1"),
    (re.compile(rb'"took_ms":\s*[\d.]+'), b""),
    (re.compile(rb'"(free_bytes|oldest_seconds|revision|waiting)":\s*\d+'), b""),
    (re.compile(rb"(?m)^registry_part_figure.*$"), b""),
    (re.compile(rb'(?s)<div class="totals">.*?</section>'), b""),
)


@dataclass
class World:
    """A deployment of its own, its visitor and the pictures that only it holds."""

    client: FlaskClient
    database: Database
    secrets: list[str]


def public_entries(session, make, store):
    for number, (name, list_code, batch) in enumerate(
        [
            ("示例手术机器人", ListCode.CX, 1), ("示例超声诊断仪", ListCode.CX, 1), ("示例质谱仪", ListCode.CX, 2),
            ("示例盾构机", ListCode.TZ, 1), ("示例工业软件", ListCode.RJ, 1),
        ]
    ):  # fmt: skip
        entry = make.entry(
            name=name, model=f"SL-{number}", organization_name="上海示例制造有限公司", field="HE", district="310115",
            summary=f"{name}用于示例。", category="智能制造",
        )  # fmt: skip
        entries.add_listing(
            session, entry, None, list_code=list_code, year=2026, batch=batch, valid_until=date(2029, 1, 1)
        )
        session.add(
            EntryPicture(
                entry_id=entry.id,
                position=1,
                sha256=store.put(name.encode()),
                media_type="image/png",
                caption=name,
            )
        )


def restricted_entries(session, make, store):
    """Add entries that share words, fields, lists and pictures with the public ones, and have more of their own."""
    secrets = []
    for scope in (PublicationScope.VERIFIED_BUYERS, PublicationScope.NOT_PUBLISHED):
        for list_code, batch in ((ListCode.CX, 1), (ListCode.CX, 2), (ListCode.TZ, 1), (ListCode.PC, 1)):
            entry = make.entry(
                scope=scope, name=f"{SECRET}机器人仪", model="SL-0", organization_name="示例隐身有限公司", field="IC",
                district="310104", summary=f"示例手术机器人与{SECRET}超声。", category=SECRET,
            )  # fmt: skip
            entries.add_listing(
                session, entry, None, list_code=list_code, year=2026, batch=batch, document="示例〔2026〕密号",
                published_on=TODAY, recorded_year=2019, first_on_market=True,
            )  # fmt: skip
            own, shared = store.put(f"{SECRET}{entry.id}".encode()), store.put("示例手术机器人".encode())
            for position, sha256 in enumerate((own, shared), 1):
                session.add(
                    EntryPicture(
                        entry_id=entry.id,
                        position=position,
                        sha256=sha256,
                        media_type="image/png",
                        caption=SECRET,
                    )
                )
            secrets.append(own)
    suspended = make.entry(scope=PublicationScope.NOT_PUBLISHED, name=SECRET)
    listing = entries.add_listing(session, suspended, None, list_code=ListCode.RJ, year=2026)
    entries.change_status(session, listing, None, status=ListingStatus.SUSPENDED, reason=SECRET)
    return secrets


@pytest.fixture(scope="module")
def worlds(prepared, tmp_path_factory):
    built = []
    with clock.standing_at(TODAY):
        for has_restricted in (False, True):
            folder = tmp_path_factory.mktemp("world")
            database = prepared(folder)
            settings = settings_for(folder, url_of(database))
            store, secrets = FileStore(settings.files_dir), []
            with database.transaction() as session:
                make = Make(session)
                public_entries(session, make, store)
                if has_restricted:
                    secrets = restricted_entries(session, make, store)
                make.user(Role.SECRETARIAT_LEAD, username="lead")
            app = application(settings, database)
            for catch_up in hooks.catch_up:
                catch_up(hooks.Context(database, settings, lambda _line: None))
            built.append(World(app.test_client(), database, secrets))
        yield built
    for world in built:
        world.database.dispose()


def comparable(response):
    """Return an answer without what must vary: tokens, times, and the agreed exceptions."""
    body = response.data
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/"))
    for pattern, instead in VARIES:
        body = pattern.sub(instead, body)
    return response.status_code, response.content_type, body


def crawl(client):
    """Return every answer that a visitor reaches from the seeds by links and pictures, by address."""
    answers, waiting = {}, deque(SEEDS)
    while waiting:
        address = waiting.popleft()
        if address in answers:
            continue
        response = client.get(address)
        answers[address] = comparable(response)
        if response.content_type.startswith("text/html"):
            page = BeautifulSoup(response.data, "html.parser")
            links = [a.get("href") for a in page.select("a[href]")] + [
                i.get("src") for i in page.select("img[src]")
            ]
            waiting.extend(
                link.partition("#")[0]
                for link in links
                if link.startswith("/") and not link.startswith("/static/") and link.count("&") < 2
            )
    return answers


def test_a_visitor_cannot_tell_whether_there_are_restricted_entries(worlds):
    without, with_restricted = (crawl(world.client) for world in worlds)

    assert len(without) > 150
    assert sorted(with_restricted) == sorted(without)
    assert [address for address in without if without[address] != with_restricted[address]] == []
    assert [address for address, (_, _, body) in with_restricted.items() if "隐身有限".encode() in body] == [
        address for address, (_, _, body) in without.items() if "隐身有限".encode() in body
    ]


def test_the_pictures_of_restricted_entries_are_not_there_for_a_visitor(worlds):
    _, world = worlds

    assert {world.client.get(f"/catalog/pictures/{sha256}").status_code for sha256 in world.secrets} == {404}


def test_nobody_gets_a_certificate_of_an_entry_that_they_may_not_see(worlds):
    without, world = worlds

    answers = [
        comparable(each.client.post(f"/catalog/products/P{serial:06}/certificate"))
        for serial in range(6, 16)
        for each in (without, world)
    ]

    assert answers[::2] == answers[1::2]
    assert {status for status, _, _ in answers} == {404}
    with world.database.reading() as session:
        assert session.scalars(select(Certificate)).all() == []


def test_the_open_interface_is_the_same_for_those_who_may_see_everything(worlds):
    _, world = worlds
    addresses = [address for address in SEEDS if address.startswith("/api/v1/")]
    asked_by_visitor = [comparable(world.client.get(address)) for address in addresses]
    staff = world.client.application.test_client()
    with world.database.reading() as session:
        log_in(staff, accounts.named(session, "lead"))

    assert SECRET in staff.get("/catalog/").get_data(as_text=True)
    assert [comparable(staff.get(address)) for address in addresses] == asked_by_visitor
