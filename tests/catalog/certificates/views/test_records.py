"""The record of certificates: who may see it, what was checked, and how one is revoked."""

import pytest
from sqlalchemy import select

from catalog.certificates import services
from catalog.certificates.services import Purchase
from catalog.models import BuyerNature, Certificate, CertificateCheck
from registry.models import InboxMessage, Role
from tests.catalog.certificates.views.conftest import said
from tests.factories import log_in


@pytest.fixture
def buyer(session, make):
    """Return a verified buyer."""
    buyer = make.buyer(nature=BuyerNature.CITY_SOE)
    session.commit()
    return buyer


@pytest.fixture
def bought(session, entry, buyer) -> Certificate:
    """Return a certificate for that buyer."""
    certificate = services.issue_procurement_certificate(
        session, entry, None, buyer=buyer, purchase=Purchase(text="更新项目，2 台"), issuer=""
    )
    session.commit()
    return certificate


@pytest.fixture
def enter(session, make, client):
    """Return a function that logs somebody with a role in."""

    def enter(role, **values):
        user = make.user(role, **values)
        session.commit()
        log_in(client, user)
        return user

    return enter


@pytest.mark.parametrize("role", [Role.BUYER_OPERATOR, Role.BUYER_APPROVER])
def test_the_buyers_people_see_their_units_certificate_and_its_checks(client, enter, buyer, bought, role):
    client.get(f"/verify/{bought.number}")
    client.post("/verify/", data={"number": bought.number, "code": "AAAA-AAAA-AAAA"})
    client.get(f"/api/v1/certificates/{bought.number}")
    enter(role, organization=buyer.organization)

    listed = said(client.get("/certificates/"))
    shown = said(client.get(f"/certificates/{bought.number}"))

    assert f"{bought.number} 示例激光雷达" in listed
    assert "更新项目，2 台" in listed
    assert "3 次" in listed
    assert "2026年11月21日 12:00 开放接口 证明有效" in shown
    assert "2026年11月21日 12:00 核验页面 核验码不符" in shown
    assert "共 3 次" in shown


def test_looking_at_the_record_is_no_check(client, enter, buyer, bought, session):
    enter(Role.BUYER_OPERATOR, organization=buyer.organization)

    client.get(f"/certificates/{bought.number}")

    assert session.scalars(select(CertificateCheck)).all() == []


def test_nothing_is_kept_of_who_checked(client, enter, buyer, bought):
    client.get(
        f"/verify/{bought.number}", environ_base={"REMOTE_ADDR": "192.0.2.77"}, headers={"User-Agent": "Spy"}
    )
    enter(Role.BUYER_OPERATOR, organization=buyer.organization)

    page = client.get(f"/certificates/{bought.number}").get_data(as_text=True)

    assert "192.0.2.77" not in page
    assert "Spy" not in page


@pytest.mark.parametrize(
    "role", [Role.SECRETARIAT_LEAD, Role.FORMAL_REVIEWER, Role.PUBLISHER, Role.DISCIPLINE_OBSERVER]
)
def test_the_issuer_and_the_observer_see_every_certificate(client, enter, certificate, bought, role):
    enter(role)

    listed = said(client.get("/certificates/"))

    assert certificate.number in listed
    assert bought.number in listed
    assert client.get(f"/certificates/{certificate.number}").status_code == 200


@pytest.mark.parametrize("role", [Role.BUYER_OPERATOR, Role.APPLICANT_SIGNATORY, Role.EXPERT, Role.SYS_ADMIN])
def test_another_unit_and_other_roles_see_none_of_it(client, enter, make, certificate, bought, role):
    enter(role, organization=make.buyer().organization if role is Role.BUYER_OPERATOR else None)

    listed = said(client.get("/certificates/"))
    shown = client.get(f"/certificates/{bought.number}")
    absent = client.get("/certificates/ZM-2026-GQ-999999-00")

    assert "还没有证明" in listed
    assert (shown.status_code, said(shown)) == (absent.status_code, said(absent))
    assert shown.status_code == 404
    assert client.get(f"/certificates/{bought.number}/file").status_code == 404
    assert client.post(f"/certificates/{bought.number}", data={"reason": "示例"}).status_code == 404


def test_who_asked_for_a_certificate_holds_it_and_a_visitor_must_log_in(
    client, enter, session, entry, certificate
):
    assert client.get(f"/certificates/{certificate.number}").location.startswith("/login")
    user = enter(Role.APPLICANT_OPERATOR)
    own = services.issue_listing_certificate(session, entry, user, issuer="", only=None)
    own.issued_by_id = user.id
    session.commit()

    assert client.get(f"/certificates/{own.number}").status_code == 200


def test_the_record_gives_the_very_file(client, enter, buyer, bought):
    enter(Role.BUYER_OPERATOR, organization=buyer.organization)

    first = client.get(f"/certificates/{bought.number}/file")

    assert (first.status_code, first.content_type) == (200, "application/pdf")
    assert client.get(f"/certificates/{bought.number}/file").data == first.data


@pytest.mark.parametrize(
    ("asked", "found"), [("GQ", True), ("{code}", True), ("lr", False), ("%", False), ("\ud800x", False)]
)
def test_certificates_are_found_by_a_part_of_the_number_or_the_products_code(
    client, enter, bought, entry, asked, found
):
    enter(Role.PUBLISHER)

    response = client.get(
        "/certificates/", query_string={"q": asked.format(code=entry.code).encode("utf-8", "replace")}
    )

    assert response.status_code == 200
    assert (bought.number in said(response)) is found


def test_the_lead_revokes_with_a_reason_and_the_buyer_is_told(client, enter, make, session, buyer, bought):
    operator = make.user(Role.BUYER_OPERATOR, organization=buyer.organization)
    enter(Role.SECRETARIAT_LEAD)

    silent = client.post(f"/certificates/{bought.number}", data={"reason": " "})
    done = client.post(
        f"/certificates/{bought.number}", data={"reason": "示例撤销原因"}, follow_redirects=True
    )
    again = client.post(f"/certificates/{bought.number}", data={"reason": "又一次"})

    assert (silent.status_code, again.status_code) == (422, 409)
    assert "撤销原因：必填。" in said(silent)
    assert "证明已失效" in said(done)
    assert "示例撤销原因" in said(done)
    assert "该证明已不是有效状态" in said(again)
    told = session.scalars(select(InboxMessage).where(InboxMessage.user_id == operator.id)).one()
    assert told.subject == f"证明 {bought.number} 已被撤销"
    assert "示例撤销原因" in told.body


@pytest.mark.parametrize("role", [Role.PUBLISHER, Role.DISCIPLINE_OBSERVER])
def test_nobody_else_revokes(client, enter, bought, session, role):
    enter(role)

    response = client.post(f"/certificates/{bought.number}", data={"reason": "示例"})

    assert response.status_code == 403
    assert "您没有办理此事项的权限。" in said(response)
    assert "撤销这份证明" not in said(response)


def test_a_list_needs_as_many_queries_for_three_rows_as_for_one(
    client, enter, session, entry, buyer, bought, queries
):
    enter(Role.PUBLISHER)
    with queries() as one:
        client.get("/certificates/")
    for text in ("甲", "乙"):
        services.issue_procurement_certificate(
            session, entry, None, buyer=buyer, purchase=Purchase(text=text), issuer=""
        )
    session.commit()
    with queries() as three:
        client.get("/certificates/")

    assert len(three) == len(one)


@pytest.mark.parametrize(
    "altered", ['{"half', '{"format":1}', None], ids=["no JSON", "no payload", "another name"]
)
def test_an_altered_record_is_told_and_hides_no_other(
    client, enter, session, entry, certificate, bought, altered
):
    certificate.payload = altered or certificate.payload.replace("示例激光雷达", "示例冒名雷达")
    session.commit()
    enter(Role.SECRETARIAT_LEAD)

    listed = said(client.get("/certificates/"))
    shown = said(client.get(f"/certificates/{certificate.number}"))

    assert f"{certificate.number} {entry.code} 登记内容与出具时的摘要不符" in listed
    assert f"{bought.number} 示例激光雷达" in listed
    assert "与登记内容不符" in shown
    assert "冒名" not in listed + shown
