"""A product, its certificate, and what a page says."""

import io
from datetime import date

import pytest
from bs4 import BeautifulSoup

from catalog.certificates import services
from catalog.models import Certificate
from registry import clock
from registry.models import CatalogEntry
from registry.permissions import VISITOR

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def entry(session, make) -> CatalogEntry:
    """Return a product in the catalog."""
    entry = make.entry(name="示例激光雷达", model="SL-8")
    make.listing(entry, valid_until=date(2029, 4, 30))
    session.commit()
    return entry


@pytest.fixture
def certificate(session, entry) -> Certificate:
    """Return its certificate."""
    certificate = services.issue_listing_certificate(session, entry, VISITOR, issuer="")
    session.commit()
    return certificate


def said(response) -> str:
    """Return what a page says."""
    return " ".join(BeautifulSoup(response.data, "html.parser").main.get_text(" ").split())


@pytest.fixture
def download(client, entry) -> bytes:
    """Return the file that the button gives."""
    return client.post(f"/catalog/products/{entry.code}/certificate").data


def upload(client, content: bytes):
    """Hand a file over to be checked."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="certificate.pdf"\r\n\r\n'
    body = head + content + b"\r\n--b--\r\n"  # by hand: the client would keep a large file open
    return client.post(
        "/verify/file",
        input_stream=io.BytesIO(body),
        content_length=len(body),
        content_type="multipart/form-data; boundary=b",
    )
