"""What goes wrong with certificates, each with its sentence; nothing here may end in a 500."""

import random
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from catalog.certificates import keys, services
from catalog.models import Certificate, CertificateCheck
from registry import clock
from registry.models import Listing, ListingStatus
from registry.permissions import VISITOR
from tests.catalog.certificates.variants import signed
from tests.catalog.certificates.views.conftest import TODAY, said, upload

NOT_OURS = "上传的文件不是本系统出具的证明，或者已被改动，请勿采信。"
TRIES = 1000


@pytest.mark.parametrize("name", ["listing", "hospital", "soe-national"])
def test_a_certificate_of_another_deployment_is_not_ours(client, name):
    response = upload(client, signed(name))

    assert response.status_code == 200
    assert NOT_OURS in said(response)
    assert "文件上没有本系统的有效签名" in said(response)


@pytest.mark.parametrize("length", [0.01, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(client, download, length):
    response = upload(client, download[: int(len(download) * length)])

    assert response.status_code == 200
    assert NOT_OURS in said(response)


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 50 * 1024 * 1024])
def test_a_file_too_large_is_refused_with_the_limit(client, size):
    response = upload(client, b"%PDF-" + b"x" * size)

    page = BeautifulSoup(response.data, "html.parser")
    assert response.status_code == (422 if size < 2 * 1024 * 1024 else 413)
    assert "证明文件：超过 1 MB，不是本系统出具的证明。" in page.select_one("#file-error").get_text()
    assert page.select_one("form[action='/verify/file'] input[name=csrf_token]")["value"]


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.98])
def test_a_flipped_bit_is_refused(client, download, place):
    flipped = bytearray(download)
    flipped[int(len(flipped) * place)] ^= 1

    response = upload(client, bytes(flipped))

    assert response.status_code == 200
    assert "请勿采信" in said(response)
    assert "现在有效" not in said(response)


@pytest.mark.once
def test_a_thousand_wrong_codes_lead_nowhere(client, certificate, session):
    dice = random.Random(1)  # noqa: S311 - the same codes each time
    seen = set()
    for number in range(TRIES):
        code = "".join(dice.choices("ABCDEFGHJKMNPRSTWXYZ", k=12))
        answer = client.get(f"/api/v1/certificates/{certificate.number}?code={code}")
        seen.add((answer.status_code, tuple(sorted(answer.json))))
        if answer.status_code == 200:
            assert (answer.json["facts"], answer.json["reasons"][0]) == (None, "wrong_code")
            assert number < 30
        else:
            assert answer.json["error"]["message"] == "操作过于频繁，请 1 分钟后再试。"

    shape = ("as_of", "facts", "integrity", "issued_at", "issuer", "number", "reasons", "status")
    assert seen == {(200, shape), (429, ("error",))}
    assert session.scalar(select(func.count(CertificateCheck.id))) == 30
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        right = client.get(f"/api/v1/certificates/{certificate.number}?code={certificate.short_code}").json
    assert right["facts"]["product"]["name"] == "示例激光雷达"


@pytest.mark.parametrize(
    "address",
    [
        "{number}",
        "{number}?code=AAAA",
        "{number}?code={code}",
        "ZM-2026-LR-999999-14",
        "nonsense",
        "{number}?code=%F0",
    ],
)
def test_every_answer_has_the_same_shape(client, certificate, address):
    answer = client.get(
        "/api/v1/certificates/" + address.format(number=certificate.number, code=certificate.short_code)
    )

    assert answer.status_code == 200
    assert sorted(answer.json) == [
        "as_of", "facts", "integrity", "issued_at", "issuer", "number", "reasons", "status",
    ]  # fmt: skip


def test_a_certificate_under_a_revoked_key_does_not_hold(client, download, session):
    for key in keys.published(session):
        if key.kind == "document" and not key.revoked_at:
            keys.revoke(session, key.fingerprint, reason="示例原因")
    session.commit()
    number = session.scalars(select(Certificate.number)).one()

    for text in (said(upload(client, download)), said(client.get(f"/verify/{number}"))):
        assert "签名所用的密钥已被吊销，请向出具单位重新索取。" in text
        assert "现在有效" not in text


def test_without_a_key_a_sentence_says_what_to_do(client, entry, session):
    for key in keys.published(session):
        if key.kind == "document" and not key.revoked_at:
            keys.revoke(session, key.fingerprint, reason="示例原因")
    session.commit()

    response = client.post(f"/catalog/products/{entry.code}/certificate")

    assert response.status_code == 503
    assert "不能出具证明：本机没有签名密钥，请先运行 registry init" in said(response)


def test_a_product_revoked_between_the_page_and_the_click_gets_none(client, entry, session):
    page = client.get(f"/catalog/products/{entry.code}")
    listing = session.scalars(select(Listing)).one()
    listing.status, listing.status_on, listing.status_reason = ListingStatus.REVOKED, TODAY, "示例原因"
    session.commit()

    response = client.post(f"/catalog/products/{entry.code}/certificate")

    assert "出具列入情况证明" in said(page)
    assert response.status_code == 422
    assert "该产品当前没有有效的列入记录（已撤销），不能出具证明。" in said(response)
    assert session.scalar(select(func.count(Certificate.id))) == 0


def test_a_product_revoked_before_the_file_was_made_is_told_by_the_check(client, entry, session):
    certificate = services.issue_listing_certificate(session, entry, VISITOR, issuer="")
    listing = session.scalars(select(Listing)).one()
    listing.status, listing.status_on, listing.status_reason = ListingStatus.REVOKED, TODAY, "示例原因"
    session.commit()

    text = said(client.get(f"/verify/{certificate.number}?code={certificate.short_code}"))

    assert "证明出具时有效，自2026年11月21日起失效。" in text
    assert "原因：示例原因" in text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("示例机器人😀", "“😀”（U+1F600）"), ("示例\u0378产品", "：U+0378"), ("示例𝕏光机", "“𝕏”（U+1D54F）")],
)
def test_a_name_that_no_font_covers_is_told_with_its_character(client, make, session, name, sentence):
    named = make.entry(name=name)
    make.listing(named)
    session.commit()

    response = client.post(f"/catalog/products/{named.code}/certificate")

    assert response.status_code == 422
    assert "以下字符没有可用字形：" in said(response)
    assert sentence in said(response)
