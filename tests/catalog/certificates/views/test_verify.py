"""The page and the address at which anyone checks a certificate."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from catalog.certificates import keys, qr_tokens, services
from catalog.certificates.payload import CertificatePayload
from catalog.models import Certificate, CertificateCheck, KeyUse
from registry import clock
from registry.models import Listing, ListingStatus, Role
from tests.catalog.certificates.views.conftest import TODAY, said, upload


def test_the_qr_codes_address_tells_the_status_and_not_the_facts(client, certificate):
    response = client.get(f"/verify/{certificate.number}")

    text = said(response)
    assert response.status_code == 200
    assert f"编号 {certificate.number} 的证明由本系统出具，现在有效。" in text
    assert "未能核验" in text
    assert "示例激光雷达" not in text


def test_the_posted_code_shows_the_facts(client, certificate):
    response = client.post(
        "/verify/", data={"number": certificate.number.lower(), "code": certificate.short_code.lower()}
    )

    text = said(response)
    assert "示例激光雷达" in text
    assert certificate.payload_hash in text
    assert response.headers["Cache-Control"] == "no-store"


def test_a_code_in_the_address_is_accepted(client, certificate):
    assert "示例激光雷达" in said(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))
    assert "示例激光雷达" in said(
        client.get("/verify/", query_string={"number": certificate.number, "code": certificate.short_code})
    )


def test_a_wrong_code_and_an_unknown_number_are_told(client, certificate):
    wrong = client.post("/verify/", data={"number": certificate.number, "code": "AAAA-AAAA-AAAA"})
    unknown = client.get("/verify/ZM-2026-LR-999999-14")

    assert "核验码不符" in said(wrong)
    assert "示例激光雷达" not in said(wrong)
    assert "没有这份证明" in said(unknown)


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

    text = said(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))

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
    long = client.post("/verify/", data={"number": "x" * 1001, "code": "y" * 201})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "证明编号：必填" in said(empty)
    assert "证明编号：不超过 1000 个字符。" in said(long)
    assert "核验码：不超过 200 个字符。" in said(long)


def test_an_address_that_checks_too_often_must_wait(client, certificate, session):
    for _ in range(30):
        client.get(f"/verify/{certificate.number}")

    page = client.get(f"/verify/{certificate.number}")
    api = client.get(f"/api/v1/certificates/{certificate.number}")

    assert (page.status_code, api.status_code) == (429, 429)
    assert "操作过于频繁，请 1 分钟后再试。" in said(page)
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
    assert (wrong["facts"], wrong["integrity"], wrong["reasons"][0]) == (
        None,
        "could_not_check",
        "wrong_code",
    )


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


def test_the_very_file_is_valid_and_shows_its_facts(client, download):
    response = upload(client, download)

    text = said(response)
    assert "的证明由本系统出具，现在有效。" in text
    assert "示例激光雷达" in text
    assert "演示签名，不具有电子签名法规定的可靠电子签名效力" in text
    assert response.headers["Cache-Control"] == "no-store"


def test_an_issued_certificates_signature_is_checked_by_its_number_too(client, download, session):
    number = session.scalars(select(Certificate.number)).one()

    answer = client.get(f"/api/v1/certificates/{number}").json

    assert (answer["integrity"], answer["issuer"]) == ("valid", "valid")
    assert answer["reasons"] == ["demonstration_signature"]


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"\n%PDF-1.7" + b"x" * 1000, b"\xff" * 5000 + b"%%EOF\n"])
def test_any_other_pdf_gets_an_answer(client, content):
    response = upload(client, content)

    assert response.status_code == 200
    assert "不是本系统出具的证明" in said(response)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "证明文件：文件是空的，请重新选择。"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "证明文件：不是 PDF 文件。纸面证明的照片"),
        (b"PK\x03\x04" + b"\0" * 100, "证明文件：不是 PDF 文件。"),
        (b"x" * 5000, "按编号或者二维码核验。"),
    ],
)
def test_what_is_no_pdf_is_told_at_the_field_and_is_no_verdict(client, content, sentence):
    response = upload(client, content)

    assert response.status_code == 422
    assert sentence in BeautifulSoup(response.data, "html.parser").select_one("#file-error").get_text()
    assert "勿采信" not in said(response)


def test_no_file_is_asked_for_and_the_address_leads_to_the_form(client):
    empty = client.post("/verify/file", data={})

    assert empty.status_code == 422
    assert "证明文件：请选择要核验的 PDF 文件。" in said(empty)
    assert client.get("/verify/file").location == "/verify/"


def test_uploads_count_against_the_same_limit(client, download):
    for _ in range(30):
        upload(client, b"%PDF")

    response = upload(client, download)

    assert response.status_code == 429
    assert "操作过于频繁，请 1 分钟后再试。" in said(response)


def test_keys_and_ended_numbers_are_published(client, certificate, session, make):
    services.revoke(session, certificate, make.user(Role.SECRETARIAT_LEAD), reason="示例原因")
    session.commit()

    text = said(client.get("/verify/keys"))
    data = client.get("/verify/keys.json").json

    assert certificate.number in text
    assert all(key["fingerprint"] in text for key in data["keys"])
    assert {key["use"] for key in data["keys"]} == {"document", "qr"}
    assert data["ended"] == [{"number": certificate.number, "status": "revoked", "since": "2026-11-21"}]


def test_a_certificate_whose_listing_fell_is_published_too(client, certificate, session):
    [listing] = certificate.listings
    listing.status, listing.status_on, listing.status_reason = ListingStatus.REVOKED, TODAY, "示例原因。"
    session.commit()

    data = client.get("/verify/keys.json").json
    text = said(client.get("/verify/keys"))
    shown = said(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))

    assert data["ended"] == [
        {"number": certificate.number, "status": "listing_revoked", "since": TODAY.isoformat()}
    ]
    assert f"{certificate.number} 所载列入已被撤销 2026年11月21日" in text
    assert "原因：示例原因。" in shown
    assert "。。" not in shown


def test_the_published_data_are_kept_a_minute_and_asked_for_by_their_tag(client, certificate, session, make):
    first = client.get("/verify/keys.json")
    with clock.standing_at(clock.now() + timedelta(seconds=90)):
        same = client.get("/verify/keys.json", headers={"If-None-Match": first.headers["ETag"]})
    services.revoke(session, certificate, make.user(Role.SECRETARIAT_LEAD), reason="示例原因")
    session.commit()
    other = client.get("/verify/keys.json", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert (same.status_code, same.data) == (304, b"")
    assert (other.status_code, other.json["ended"][0]["number"]) == (200, certificate.number)


def test_the_published_data_count_against_the_same_limit(client):
    for _ in range(30):
        assert client.get("/verify/keys.json").status_code == 200

    assert client.get("/verify/keys.json").status_code == 429


def test_who_holds_the_paper_learns_why_it_was_revoked(client, certificate, session, make):
    services.revoke(session, certificate, make.user(Role.SECRETARIAT_LEAD), reason="示例撤销原因")
    session.commit()

    assert "示例撤销原因" in said(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))
    assert "示例撤销原因" not in said(client.get(f"/verify/{certificate.number}"))


# --- the QR code --------------------------------------------------------------------------------------------------


@pytest.fixture
def scanned(session, settings, certificate) -> str:
    """Return what a telephone reads from the paper."""
    pair = keys.current(session, settings, KeyUse.QR).pair
    token = qr_tokens.sign(pair, CertificatePayload.read(certificate.payload))
    return f"{settings.base_url}/verify/{certificate.number}#{token}"


def test_the_pasted_address_of_a_qr_code_shows_the_facts(client, scanned, certificate):
    response = client.post("/verify/", data={"number": scanned})

    assert "示例激光雷达" in said(response)
    assert certificate.payload_hash in said(response)
    assert "不符" not in said(response)


def test_a_qr_code_of_another_deployment_is_told(client, scanned, certificate):
    foreign = scanned[:-10] + "AAAAAAAAAA"

    response = client.post("/verify/", data={"number": foreign})

    assert response.status_code == 200
    assert "二维码不是本系统签发的，或者已被改动，请勿采信这份证明。" in said(response)
    assert "示例激光雷达" not in said(response)


@pytest.mark.parametrize("foreign", ["http://evil.example", "https://evil.example:8443", "evil.example"])
@pytest.mark.parametrize("has_token", [True, False])
def test_an_address_of_another_site_is_warned_of_beside_the_verdict(
    client, scanned, certificate, settings, foreign, has_token
):
    address = scanned.replace(settings.base_url, foreign).partition("#" if not has_token else "\0")[0]

    answers = [
        client.post("/verify/", data={"number": address}),
        client.get("/verify/", query_string={"number": address}),
    ]

    host = foreign.rpartition("/")[2]
    for text in map(said, answers):
        assert f"二维码指向别的网站 {host}，不是本系统的网址，请勿采信该纸件" in text
        assert f"编号 {certificate.number} 的证明由本系统出具，现在有效。" in text
        assert ("示例激光雷达" in text) is has_token


def test_the_warning_stays_when_the_code_is_given_after_an_address_of_another_site(client, certificate):
    page = client.post("/verify/", data={"number": f"http://evil.example/verify/{certificate.number}"})
    typed = BeautifulSoup(page.data, "html.parser").select_one("form:not([data-token]) input[name=number]")

    shown = client.post("/verify/", data={"number": typed["value"], "code": certificate.short_code})

    assert "示例激光雷达" in said(shown)
    assert "二维码指向别的网站 evil.example" in said(shown)


def test_an_address_of_ours_is_not_warned_of(client, scanned, settings):
    for address in (scanned, scanned.upper().partition("#")[0], scanned.removeprefix(settings.base_url)):
        assert "别的网站" not in said(client.post("/verify/", data={"number": address}))


def test_the_interface_takes_no_address(client, certificate):
    answer = client.get(f"/api/v1/certificates/http%3A%2F%2Fevil.example%2Fverify%2F{certificate.number}")

    assert answer.status_code == 404


def test_a_qr_code_beside_another_number_is_told(client, scanned, certificate):
    response = client.post("/verify/", data={"number": scanned.replace("-000001-", "-000002-")})

    assert "二维码与登记的编号" in said(response)
    assert "示例激光雷达" not in said(response)


def test_the_scanned_page_offers_to_send_the_code(client, certificate):
    page = BeautifulSoup(client.get(f"/verify/{certificate.number}").data, "html.parser")

    form = page.find("form", attrs={"data-token": True})
    assert (form["action"], form.has_attr("hidden")) == ("/verify/", True)
