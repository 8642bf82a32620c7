"""Buttons that issue a certificate and give its file."""

import io

import pypdf
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from catalog.models import BuyerNature, BuyerStatus, Certificate
from registry.models import CatalogEntry, ListingStatus, PublicationScope, Role
from tests.catalog.certificates.views.conftest import said
from tests.factories import log_in

PURCHASE = {"purpose": "影像科设备更新项目，2 台", "funds": "fiscal", "object": "goods", "project": "none"}


def test_the_button_gives_a_certificate_and_a_second_click_the_same(client, entry, session):
    first = client.post(f"/catalog/products/{entry.code}/certificate")
    second = client.post(f"/catalog/products/{entry.code}/certificate")

    assert (first.status_code, first.content_type) == (200, "application/pdf")
    assert first.data == second.data
    assert "Link" not in first.headers  # a visitor sees no record
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

    assert (shown.status_code, said(shown)) == (absent.status_code, said(absent))
    assert shown.status_code == 404


def test_a_sentence_says_why_when_nothing_can_be_issued(client, session, make):
    listing = make.listing(status=ListingStatus.SUSPENDED, status_reason="示例")
    code = session.get_one(CatalogEntry, listing.entry_id).code
    session.commit()

    response = client.post(f"/catalog/products/{code}/certificate")

    assert response.status_code == 422
    assert "该产品当前没有有效的列入记录（暂停），不能出具证明。" in said(response)


def test_the_approver_of_a_buyer_gets_a_procurement_certificate(client, session, make, entry):
    buyer = make.buyer(nature=BuyerNature.PUBLIC_HOSPITAL)
    approver = make.user(Role.BUYER_APPROVER, organization=buyer.organization)
    session.commit()
    log_in(client, approver)

    form = client.get(f"/catalog/products/{entry.code}/procurement-certificate")
    response = client.post(f"/catalog/products/{entry.code}/procurement-certificate", data=PURCHASE)

    assert buyer.organization.name in said(form)
    assert (response.status_code, response.content_type) == (200, "application/pdf")
    text = pypdf.PdfReader(io.BytesIO(response.data)).pages[0].extract_text()
    assert f"{buyer.organization.name}：" in text
    issued = session.scalars(select(Certificate)).one()
    assert issued.kind == "YL"
    assert response.headers["Link"] == f'</certificates/{issued.number}>; rel="describedby"'


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

    assert "采购方尚未通过核验，现在不能出具。" in said(page)
    assert "出具证明并下载" not in said(page)


def test_what_stands_against_a_product_is_told_above_the_form_and_nothing_typed_is_lost(
    client, session, make
):
    device = make.entry(registration_number="示例械注准20269990000", device={"management_class": "第二类"})
    make.listing(device)
    address = f"/catalog/products/{device.code}/procurement-certificate"
    approver = make.user(Role.BUYER_APPROVER, organization=make.buyer().organization)
    session.commit()
    log_in(client, approver)

    before = client.get(address)
    after = client.post(
        address, data={"purpose": "更新项目", "funds": "fiscal", "object": "goods", "project": "none"}
    )

    assert (before.status_code, "没有登记注册证有效期" in said(before)) == (200, True)
    assert "出具证明并下载" not in said(before)
    assert (after.status_code, "没有登记注册证有效期" in said(after)) == (422, True)
    assert 'value="更新项目"' in after.text
    assert "field-error" not in after.text
