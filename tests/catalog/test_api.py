"""`/api/v1/editions`."""

from datetime import date

from catalog import entries
from registry.models import ListCode, PublicationScope


def test_editions_are_told_with_their_public_lines_and_files(client, session, make):
    for scope in PublicationScope:
        entries.add_listing(
            session, make.entry(scope=scope), None, list_code=ListCode.TZ, year=2026, batch=2,
            document="示例〔2026〕1号", published_on=date(2026, 4, 28),
        )  # fmt: skip
    hidden = make.entry(scope=PublicationScope.NOT_PUBLISHED)
    entries.add_listing(session, hidden, None, list_code=ListCode.PC, year=2026)
    session.commit()

    (edition,) = client.get("/api/v1/editions").get_json()["editions"]

    files = edition.pop("files")
    assert edition == {
        "id": "TZ-2026-02", "list": "TZ", "year": 2026, "batch": 2, "published_on": "2026-04-28",
        "document": "示例〔2026〕1号", "count": 1,
    }  # fmt: skip
    assert {suffix: client.get(address).status_code for suffix, address in files.items()} == {
        "xlsx": 200, "csv": 200, "json": 200,
    }  # fmt: skip
