"""Buttons that issue, and the page and the address at which anyone checks."""

import io
from datetime import date, timedelta

import pypdf
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from catalog.certificates import keys, services
from catalog.models import BuyerNature, BuyerStatus, Certificate, CertificateCheck
from registry import clock
from registry.models import CatalogEntry, Listing, ListingStatus, PublicationScope, Role
from registry.permissions import VISITOR
from tests.factories import log_in

TODAY = date(2026, 11, 21)
PURCHASE = {"purpose": "影像科设备更新项目，2 台", "funds": "fiscal", "object": "goods", "project": "none"}


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


def _text(response) -> str:
    return " ".join(BeautifulSoup(response.data, "html.parser").main.get_text(" ").split())


# --- issuing ------------------------------------------------------------------------------------------------------


def test_the_button_gives_a_certificate_and_a_second_click_the_same(client, entry, session):
    first = client.post(f"/catalog/products/{entry.code}/certificate")
    second = client.post(f"/catalog/products/{entry.code}/certificate")

    assert (first.status_code, first.content_type) == (200, "application/pdf")
    assert first.data == second.data
    assert session.scalar(select(func.count(Certificate.id))) == 1
    number = session.scalars(select(Certificate.number)).one()
    assert first.headers["Content-Disposition"] == f'attachment; filename="{number}.pdf"'
    assert "示例激光雷达" in pypdf.PdfReader(io.BytesIO(first.data)).pages[0].extract_text()


def test_a_robot_that_presses_every_button_must_wait(client, entry, session):
    answers = [client.post(f"/catalog/products/{entry.code}/certificate").status_code for _ in range(21)]

    assert answers == [200] * 20 + [429]
    assert session.scalar(select(func.count(Certificate.id))) == 1


def test_the_product_page_offers_the_button(client, entry):
    page = BeautifulSoup(client.get(f"/catalog/products/{entry.code}").data, "html.parser")

    assert page.find("form", action=f"/catalog/products/{entry.code}/certificate", method="post")
    assert not page.find("a", href=f"/catalog/products/{entry.code}/procurement-certificate")


def test_the_buttons_address_leads_back_to_the_product_when_it_is_opened(client, entry):
    response = client.get(f"/catalog/products/{entry.code}/certificate")

    assert response.location == f"/catalog/products/{entry.code}"


def test_a_product_the_visitor_may_not_see_is_not_found(client, session, make):
    hidden = make.entry(scope=PublicationScope.VERIFIED_BUYERS)
    make.listing(hidden)
    session.commit()

    shown = client.post(f"/catalog/products/{hidden.code}/certificate")
    absent = client.post("/catalog/products/P999999/certificate")

    assert (shown.status_code, _text(shown)) == (absent.status_code, _text(absent))
    assert shown.status_code == 404


def test_a_sentence_says_why_when_nothing_can_be_issued(client, session, make):
    listing = make.listing(status=ListingStatus.SUSPENDED, status_reason="示例")
    code = session.get_one(CatalogEntry, listing.entry_id).code
    session.commit()

    response = client.post(f"/catalog/products/{code}/certificate")

    assert response.status_code == 422
    assert "该产品当前没有有效的列入记录（暂停），不能出具证明。" in _text(response)


def test_the_approver_of_a_buyer_gets_a_procurement_certificate(client, session, make, entry):
    buyer = make.buyer(nature=BuyerNature.PUBLIC_HOSPITAL)
    approver = make.user(Role.BUYER_APPROVER, organization=buyer.organization)
    session.commit()
    log_in(client, approver)

    form = client.get(f"/catalog/products/{entry.code}/procurement-certificate")
    response = client.post(f"/catalog/products/{entry.code}/procurement-certificate", data=PURCHASE)

    assert buyer.organization.name in _text(form)
    assert (response.status_code, response.content_type) == (200, "application/pdf")
    text = pypdf.PdfReader(io.BytesIO(response.data)).pages[0].extract_text()
    assert f"{buyer.organization.name}：" in text
    assert session.scalars(select(Certificate.kind)).one() == "YL"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("purpose", "", "用途：必填，例如“影像科设备更新项目，2 台”。"),
        ("purpose", "长" * 201, "用途：不超过 200 个字。"),
        ("funds", "gold", "资金来源：请从所列各项中选择一项。"),
        ("purpose", "机器人😀", "以下字符没有可用字形：“😀”（U+1F600）"),
    ],
)
def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(
    client, session, make, entry, field, value, sentence
):
    buyer = make.buyer()
    approver = make.user(Role.BUYER_APPROVER, organization=buyer.organization)
    session.commit()
    log_in(client, approver)

    response = client.post(
        f"/catalog/products/{entry.code}/procurement-certificate",
        data=PURCHASE | {"project": "major"} | {field: value},
    )

    page = BeautifulSoup(response.data, "html.parser")
    assert response.status_code == 422
    assert sentence in page.main.get_text()
    assert page.find("input", {"name": "project", "checked": True})["value"] == "major"
    if field == "purpose":
        assert page.find("input", {"name": "purpose"})["value"] == value


def test_only_an_approver_sees_the_form(client, session, make, entry):
    buyer = make.buyer()
    operator = make.user(Role.BUYER_OPERATOR, organization=buyer.organization)
    session.commit()
    address = f"/catalog/products/{entry.code}/procurement-certificate"

    assert client.get(address).location.startswith("/login")
    log_in(client, operator)
    assert client.get(address).status_code == 403


def test_who_is_not_verified_reads_so_before_the_form_is_filled(client, session, make, entry):
    buyer = make.buyer(status=BuyerStatus.APPLIED)
    approver = make.user(Role.BUYER_APPROVER, organization=buyer.organization)
    session.commit()
    log_in(client, approver)

    page = client.get(f"/catalog/products/{entry.code}/procurement-certificate")

    assert "采购方尚未通过核验，现在不能出具。" in _text(page)


# --- checking -----------------------------------------------------------------------------------------------------


def test_the_qr_codes_address_tells_the_status_and_not_the_facts(client, certificate):
    response = client.get(f"/verify/{certificate.number}")

    text = _text(response)
    assert response.status_code == 200
    assert f"编号 {certificate.number} 的证明由本系统出具，现在有效。" in text
    assert "未能核验" in text
    assert "示例激光雷达" not in text


def test_the_posted_code_shows_the_facts(client, certificate):
    response = client.post(
        "/verify/", data={"number": certificate.number.lower(), "code": certificate.short_code.lower()}
    )

    text = _text(response)
    assert "示例激光雷达" in text
    assert certificate.payload_hash in text
    assert response.headers["Cache-Control"] == "no-store"


def test_a_code_in_the_address_is_accepted(client, certificate):
    assert "示例激光雷达" in _text(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))
    assert "示例激光雷达" in _text(
        client.get("/verify/", query_string={"number": certificate.number, "code": certificate.short_code})
    )


def test_a_wrong_code_and_an_unknown_number_are_told(client, certificate):
    wrong = client.post("/verify/", data={"number": certificate.number, "code": "AAAA-AAAA-AAAA"})
    unknown = client.get("/verify/ZM-2026-LR-999999-14")

    assert "核验码不符" in _text(wrong)
    assert "示例激光雷达" not in _text(wrong)
    assert "没有这份证明" in _text(unknown)


@pytest.mark.parametrize(
    ("status", "head"),
    [
        (ListingStatus.REVOKED, "证明已失效"),
        (ListingStatus.SUSPENDED, "列入已暂停"),
        (ListingStatus.EXPIRED, "证明已到期"),
    ],
)
def test_a_fallen_listing_is_told_with_its_day(client, certificate, session, status, head):
    listing = session.scalars(select(Listing)).one()
    listing.status, listing.status_on, listing.status_reason = status, TODAY, "示例原因"
    session.commit()

    text = _text(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))

    assert head in text
    assert "出具时有效" in text
    assert "自2026年11月21日起" in text


@pytest.mark.parametrize("number", ["x" * 5000, "😀", "%00", "'; DROP TABLE--", "\\", "ZM-2026-LR-000001-00"])
def test_anything_typed_gets_an_answer(client, number):
    assert client.get("/verify/", query_string={"number": number}).status_code == 200
    assert client.post("/verify/", data={"number": number[:200]}).status_code == 200
    assert client.get(f"/api/v1/certificates/{number[:200]}").status_code in {200, 404}


def test_an_empty_or_overlong_form_says_so(client):
    empty = client.post("/verify/", data={})
    long = client.post("/verify/", data={"number": "x" * 201, "code": "y" * 201})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "证明编号：必填" in _text(empty)
    assert "证明编号：不超过 200 个字符。" in _text(long)
    assert "核验码：不超过 200 个字符。" in _text(long)


def test_an_address_that_checks_too_often_must_wait(client, certificate, session):
    for _ in range(30):
        client.get(f"/verify/{certificate.number}")

    page = client.get(f"/verify/{certificate.number}")
    api = client.get(f"/api/v1/certificates/{certificate.number}")

    assert (page.status_code, api.status_code) == (429, 429)
    assert "操作过于频繁，请 1 分钟后再试。" in _text(page)
    assert api.json["error"]["message"] == "操作过于频繁，请 1 分钟后再试。"
    assert session.scalar(select(func.count(CertificateCheck.id))) == 30


def test_the_interface_answers_as_agreed(client, certificate):
    answer = client.get(f"/api/v1/certificates/{certificate.number}").json

    assert answer == {
        "number": certificate.number,
        "integrity": "valid",
        "status": "valid",
        "issuer": "could_not_check",
        "reasons": ["signature_not_built"],
        "issued_at": "2026-11-21T04:00:00+00:00",
        "as_of": "2026-11-21T04:00:00+00:00",
        "facts": None,
    }


def test_the_interface_gives_the_facts_to_who_holds_the_paper(client, certificate):
    right = client.get(f"/api/v1/certificates/{certificate.number}?code={certificate.short_code}").json
    wrong = client.get(f"/api/v1/certificates/{certificate.number}?code=AAAA").json

    assert right["facts"]["product"]["name"] == "示例激光雷达"
    assert (wrong["facts"], wrong["integrity"], wrong["reasons"][0]) == (None, "invalid", "wrong_code")


def test_the_interface_knows_expiry_and_unknown_numbers(client, certificate):
    with clock.standing_at(certificate.valid_until + timedelta(days=1)):
        expired = client.get(f"/api/v1/certificates/{certificate.number}").json
    unknown = client.get("/api/v1/certificates/zm-2026-lr-999999-14").json

    assert (expired["status"], expired["reasons"][0]) == ("invalid", "certificate_expired")
    assert (unknown["status"], unknown["integrity"], unknown["issued_at"], unknown["reasons"]) == (
        "invalid",
        "could_not_check",
        None,
        ["unknown_number"],
    )


# --- the file itself ----------------------------------------------------------------------------------------------


@pytest.fixture
def download(client, entry) -> bytes:
    """Return the file that the button gives."""
    return client.post(f"/catalog/products/{entry.code}/certificate").data


def _upload(client, content: bytes):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="certificate.pdf"\r\n\r\n'
    body = head + content + b"\r\n--b--\r\n"  # by hand: the client would keep a large file open
    return client.post(
        "/verify/file",
        input_stream=io.BytesIO(body),
        content_length=len(body),
        content_type="multipart/form-data; boundary=b",
    )


def test_the_very_file_is_valid_and_shows_its_facts(client, download):
    response = _upload(client, download)

    text = _text(response)
    assert "的证明由本系统出具，现在有效。" in text
    assert "示例激光雷达" in text
    assert "演示签名，不具有电子签名法规定的可靠电子签名效力" in text
    assert response.headers["Cache-Control"] == "no-store"


def test_an_issued_certificates_signature_is_checked_by_its_number_too(client, download, session):
    number = session.scalars(select(Certificate.number)).one()

    answer = client.get(f"/api/v1/certificates/{number}").json

    assert (answer["integrity"], answer["issuer"]) == ("valid", "valid")
    assert answer["reasons"] == ["demonstration_signature"]


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.98])
def test_a_file_with_one_flipped_bit_is_refused(client, download, place):
    flipped = bytearray(download)
    flipped[int(len(flipped) * place)] ^= 1

    assert "请勿采信" in _text(_upload(client, bytes(flipped)))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"x" * 1000, b"\xff" * 5000])
def test_any_other_file_gets_an_answer(client, content):
    response = _upload(client, content)

    assert response.status_code in {200, 422}
    assert "不是本系统出具的证明" in _text(response) or "请选择要核验的 PDF 文件" in _text(response)


def test_a_truncated_file_is_refused(client, download):
    assert "不是本系统出具的证明，或者已被改动" in _text(_upload(client, download[:-100]))


def test_a_large_file_is_refused_with_its_limit(client):
    middle = _upload(client, b"x" * (1024 * 1024 + 1))
    large = _upload(client, b"x" * (50 * 1024 * 1024))

    assert (middle.status_code, large.status_code) == (422, 413)
    assert "证明文件：超过 1 MB，不是本系统出具的证明。" in _text(middle)


def test_no_file_is_asked_for_and_the_address_leads_to_the_form(client):
    empty = client.post("/verify/file", data={})

    assert empty.status_code == 422
    assert "证明文件：请选择要核验的 PDF 文件。" in _text(empty)
    assert client.get("/verify/file").location == "/verify/"


def test_uploads_count_against_the_same_limit(client, download):
    for _ in range(30):
        _upload(client, b"%PDF")

    response = _upload(client, download)

    assert response.status_code == 429
    assert "操作过于频繁，请 1 分钟后再试。" in _text(response)


def test_a_certificate_under_a_revoked_key_does_not_hold(client, download, session):
    for key in keys.published(session):
        if key.kind == "document" and not key.revoked_at:
            keys.revoke(session, key.fingerprint, reason="示例原因")
    session.commit()

    text = _text(_upload(client, download))
    assert "签名所用的密钥已被吊销" in text
    assert "现在有效" not in text


def test_keys_and_ended_numbers_are_published(client, certificate, session, make):
    services.revoke(session, certificate, make.user(Role.SECRETARIAT_LEAD), reason="示例原因")
    session.commit()

    text = _text(client.get("/verify/keys"))
    data = client.get("/verify/keys.json").json

    assert certificate.number in text
    assert all(key["fingerprint"] in text for key in data["keys"])
    assert {key["use"] for key in data["keys"]} == {"document", "qr"}
    assert data["ended"] == [{"number": certificate.number, "status": "revoked", "since": "2026-11-21"}]


def test_who_holds_the_paper_learns_why_it_was_revoked(client, certificate, session, make):
    services.revoke(session, certificate, make.user(Role.SECRETARIAT_LEAD), reason="示例撤销原因")
    session.commit()

    assert "示例撤销原因" in _text(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))
    assert "示例撤销原因" not in _text(client.get(f"/verify/{certificate.number}"))
