"""Issuing and revoking: who may, what stands in the way, and that nothing is issued twice."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from catalog.certificates import fonts, services
from catalog.certificates.numbers import parse
from catalog.certificates.payload import CertificatePayload, HospitalFacts
from catalog.certificates.services import Purchase
from catalog.certificates.wording import Funds
from catalog.models import BuyerNature, BuyerStatus, Certificate, CertificateKind, CertificateStatus
from registry import clock
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import (
    ListCode,
    ListingStatus,
    NationalListing,
    OutboxMessage,
    PublicationScope,
    Role,
    TrailLine,
)
from registry.permissions import VISITOR

TODAY = date(2026, 11, 21)
DEVICE = {
    "registration_number": "示例械注准20269990000",
    "management_class": "第三类医疗器械",
    "valid_until": "2029-05-31",
    "udi_di": "06900000000018",
    "insurance_code": "CDEMO0000000000000000000001",
}


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def issue(session):
    """Return a function that issues a 列入情况证明 to a visitor."""

    def issue(entry, actor=VISITOR, **given):
        return services.issue_listing_certificate(session, entry, actor, issuer="", **given)

    return issue


@pytest.fixture
def issue_for(session):
    """Return a function that issues a 采购用途列入情况证明 by the system."""

    def issue_for(entry, buyer, actor=None, purpose="更新项目，2 台", **given):
        return services.issue_procurement_certificate(
            session, entry, actor, buyer=buyer, purchase=Purchase(text=purpose), issuer="", **given
        )

    return issue_for


def _payload(certificate) -> CertificatePayload:
    return CertificatePayload.read(certificate.payload)


def test_a_listing_certificate_freezes_what_is_recorded(make, issue, session):
    entry = make.entry(
        name="示例磁共振系统", model="X-1", organization_name="示例医疗有限公司", device=DEVICE
    )
    make.listing(
        entry,
        document="示例〔2026〕12号",
        published_on=date(2026, 5, 1),
        recognised_on=date(2026, 4, 30),
        valid_until=date(2029, 4, 30),
        first_on_market=True,
        first_on_market_as_of=date(2026, 3, 31),
    )
    session.add(
        NationalListing(entry_id=entry.id, name="示例国家级目录", year=2024, item="第12项", proof="附件1")
    )
    session.flush()

    certificate = issue(entry)

    stated = _payload(certificate)
    assert certificate.kind == CertificateKind.LISTING
    assert stated.number == certificate.number == "ZM-2026-LR-000001-31"
    assert stated.product.name == "示例磁共振系统"
    assert stated.product.unit.name == "示例医疗有限公司"
    assert stated.product.registration.insurance_code == "CDEMO0000000000000000000001"
    assert stated.product.registration.hospital is None
    assert stated.listings[0].document == "示例〔2026〕12号"
    assert stated.first_on_market.as_of == date(2026, 3, 31)
    assert [item.is_proven for item in stated.national] == [True]
    assert stated.issuer.is_demonstration
    assert stated.valid_until == date(2027, 2, 19)
    assert certificate.payload_hash == stated.digest()
    assert len(certificate.short_code) == 12


def test_it_names_every_active_listing_and_no_other(make, issue):
    entry = make.entry()
    make.listing(entry, list_code=ListCode.CX)
    make.listing(entry, list_code=ListCode.TZ)
    make.listing(entry, list_code=ListCode.PC, status=ListingStatus.REVOKED, status_reason="示例原因")
    make.listing(entry, list_code=ListCode.RJ, valid_until=TODAY - timedelta(days=1))

    certificate = issue(entry)

    assert [listing.list for listing in _payload(certificate).listings] == [ListCode.CX, ListCode.TZ]
    assert [listing.list_code for listing in certificate.listings] == [ListCode.CX, ListCode.TZ]


def test_it_names_one_listing_when_asked_for_that(make, issue):
    entry = make.entry()
    make.listing(entry, list_code=ListCode.CX)
    chosen = make.listing(entry, list_code=ListCode.TZ)

    assert [listing.number for listing in _payload(issue(entry, only=chosen)).listings] == [chosen.number]


def test_year_and_batch_are_not_claimed_when_the_source_gave_no_year(make, issue):
    entry = make.entry()
    make.listing(entry, recorded_year=None)

    stated = _payload(issue(entry)).listings[0]

    assert (stated.year, stated.batch) == (None, None)


def test_a_certificate_ends_with_the_listing_when_that_is_sooner(make, issue):
    entry = make.entry()
    make.listing(entry, valid_until=TODAY + timedelta(days=10))

    assert issue(entry).valid_until == TODAY + timedelta(days=10)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"status": ListingStatus.SUSPENDED, "status_reason": "示例"}, "（暂停）"),
        ({"status": ListingStatus.REVOKED, "status_reason": "示例"}, "（已撤销）"),
        ({"status": ListingStatus.EXPIRED}, "（已到期）"),
        ({"valid_until": TODAY - timedelta(days=1)}, "（已到期）"),
    ],
)
def test_nothing_is_issued_when_no_listing_is_active(make, issue, values, sentence):
    entry = make.entry()
    make.listing(entry, **values)

    with pytest.raises(RuleError) as refused:
        issue(entry)

    assert refused.value.sentence == f"该产品当前没有有效的列入记录{sentence}，不能出具证明。"


def test_the_last_day_of_a_listing_still_counts(make, issue):
    entry = make.entry()
    make.listing(entry, valid_until=TODAY)

    assert issue(entry).valid_until == TODAY


def test_nothing_is_issued_when_no_unit_is_named(make, issue):
    entry = make.entry(organization_name=None)
    make.listing(entry)

    with pytest.raises(RuleError, match="没有登记申报单位"):
        issue(entry)


@pytest.mark.parametrize("scope", [PublicationScope.VERIFIED_BUYERS, PublicationScope.NOT_PUBLISHED])
def test_a_visitor_learns_nothing_of_an_entry_that_is_not_public(make, issue, scope):
    entry = make.entry(scope=scope)
    make.listing(entry)

    with pytest.raises(NotFoundError):
        issue(entry)


def test_nothing_is_issued_of_a_product_that_is_not_published(make, issue):
    entry = make.entry(scope=PublicationScope.NOT_PUBLISHED)
    make.listing(entry)

    with pytest.raises(RuleError, match="该产品不公开"):
        issue(entry, make.user(Role.SECRETARIAT_LEAD))


def test_a_verified_buyer_may_have_a_certificate_of_an_entry_shown_to_buyers(make, issue):
    buyer = make.buyer()
    user = make.user(Role.BUYER_OPERATOR, organization=buyer.organization)
    entry = make.entry(scope=PublicationScope.VERIFIED_BUYERS)
    make.listing(entry)

    assert issue(entry, user).issued_by_id == user.id


def test_nothing_is_issued_when_a_character_cannot_be_printed(make, issue, session):
    entry = make.entry(name="机器人😀")
    make.listing(entry)

    with pytest.raises(fonts.NoGlyphError):
        issue(entry)
    assert session.scalar(select(func.count(Certificate.id))) == 0


def test_a_second_click_finds_the_first_ones_certificate(make, issue):
    entry = make.entry()
    make.listing(entry)

    assert issue(entry) is issue(entry)


def test_another_certificate_is_issued_when_facts_day_or_product_differ(make, issue, session):
    entry, other = make.entry(), make.entry()
    listing = make.listing(entry)
    make.listing(other)
    numbers = [issue(entry).number, issue(other).number]

    listing.document = "示例〔2026〕13号"
    session.flush()
    numbers.append(issue(entry).number)
    with clock.standing_at(TODAY + timedelta(days=1)):
        numbers.append(issue(entry).number)

    assert [parse(number).serial for number in numbers] == [1, 2, 3, 4]


def test_issuing_leaves_one_line_and_one_message(make, issue, session):
    entry = make.entry()
    make.listing(entry)
    certificate = issue(entry)
    issue(entry)

    lines = session.scalars(select(TrailLine).where(TrailLine.action == "certificate.issue")).all()
    messages = session.scalars(select(OutboxMessage).where(OutboxMessage.event == "CertificateIssued")).all()
    assert [line.subject_id for line in lines] == [str(certificate.id)]
    assert [message.payload["number"] for message in messages] == [certificate.number]


@pytest.mark.parametrize(
    ("nature", "kind"),
    [
        (BuyerNature.PUBLIC_HOSPITAL, "YL"),
        (BuyerNature.CITY_SOE, "GQ"),
        (BuyerNature.UNIVERSITY, "GX"),
        (BuyerNature.GOVERNMENT, "ZF"),
        (BuyerNature.PRIVATE_ENTERPRISE, "QY"),
    ],
)
def test_a_buyer_gets_the_kind_of_its_nature(make, issue_for, nature, kind):
    entry = make.entry(device=DEVICE)
    make.listing(entry)
    buyer = make.buyer(nature=nature)

    certificate = issue_for(entry, buyer)

    assert certificate.number.startswith(f"ZM-2026-{kind}-000001-")
    assert certificate.buyer_id == buyer.id
    assert _payload(certificate).purpose.buyer.name == buyer.organization.name


def test_a_hospital_gets_frozen_what_is_recorded_of_a_device_for_hospitals(make, issue_for):
    entry = make.entry(
        device=DEVICE
        | {"scope": "供影像诊断使用。", "entrusted_maker": "示例代工有限公司", "is_chargeable": True}
    )
    make.listing(entry)

    stated = _payload(issue_for(entry, make.buyer(nature=BuyerNature.PRIVATE_HOSPITAL)))

    assert stated.product.registration.hospital == HospitalFacts(
        scope="供影像诊断使用。", registrant=None, entrusted_maker="示例代工有限公司", equipment_permit=None,
        net_listing_number=None, is_chargeable=True,
    )  # fmt: skip


def test_a_hospital_gets_none_of_it_when_the_product_is_no_device(make, issue_for):
    entry = make.entry(registration_number="示例许可0001")
    make.listing(entry)

    stated = _payload(issue_for(entry, make.buyer(nature=BuyerNature.PUBLIC_HOSPITAL)))

    assert stated.product.registration.hospital is None


def test_the_usual_funds_of_a_buyer_are_taken_when_none_are_named(make, issue_for):
    entry = make.entry()
    make.listing(entry)

    stated = _payload(issue_for(entry, make.buyer(nature=BuyerNature.UNIVERSITY)))

    assert stated.purpose.funds == Funds.FISCAL
    assert [paragraph.rule for paragraph in stated.paragraphs] == ["government"]


@pytest.mark.parametrize("status", [BuyerStatus.APPLIED, BuyerStatus.DISABLED])
def test_a_buyer_that_is_not_verified_gets_nothing(make, issue_for, status):
    entry = make.entry()
    make.listing(entry)

    with pytest.raises(RuleError, match="采购方尚未通过核验"):
        issue_for(entry, make.buyer(status=status))


@pytest.mark.parametrize("purpose", ["", "   ", "长" * 201])
def test_a_purpose_is_required_and_bounded(make, issue_for, purpose):
    entry = make.entry()
    make.listing(entry)

    with pytest.raises(RuleError, match="用途：应为 1 至 200 个字"):
        issue_for(entry, make.buyer(), purpose=purpose)


def test_half_a_character_in_the_purpose_is_named(make, issue_for):
    entry = make.entry()
    make.listing(entry)

    with pytest.raises(fonts.NoGlyphError, match="U\\+DCFF"):
        issue_for(entry, make.buyer(), purpose="用途\udcff")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"device": DEVICE | {"registration_number": None}}, "没有登记注册证编号"),
        ({"device": DEVICE | {"valid_until": None}}, "没有登记注册证有效期"),
        ({"registration_number": "示例械注准20269990000"}, "没有登记注册证有效期"),
        ({"device": DEVICE | {"valid_until": "2026-11-20"}}, "注册证已过有效期"),
    ],
)
def test_a_device_needs_a_valid_registration_for_a_purchase(make, issue, issue_for, content, sentence):
    entry = make.entry(**content)
    make.listing(entry)

    with pytest.raises(RuleError, match=sentence):
        issue_for(entry, make.buyer())
    assert issue(entry).kind == CertificateKind.LISTING


@pytest.mark.parametrize("number", ["示例械备20260001号", "示例药准字H20260001"])
def test_a_filing_or_another_licence_needs_no_end(make, issue_for, number):
    entry = make.entry(registration_number=number)
    make.listing(entry)

    stated = _payload(issue_for(entry, make.buyer()))

    assert stated.product.registration.number == number
    assert ("hospital_device" in {paragraph.rule for paragraph in stated.paragraphs}) == ("械" in number)


def test_only_the_approver_of_the_buyers_own_unit_may_issue(make, issue_for):
    buyer = make.buyer()
    entry = make.entry()
    make.listing(entry)

    with pytest.raises(NotAllowedError):
        issue_for(entry, buyer, make.user(Role.BUYER_OPERATOR, organization=buyer.organization))
    with pytest.raises(NotAllowedError):
        issue_for(entry, buyer, make.user(Role.BUYER_APPROVER, organization=make.organization()))
    approver = make.user(Role.BUYER_APPROVER, organization=buyer.organization)
    assert issue_for(entry, buyer, approver).issued_by_id == approver.id


def test_a_revoked_certificate_gives_way_to_a_new_one(make, issue, session):
    entry = make.entry()
    make.listing(entry)
    first = issue(entry)

    services.revoke(session, first, make.user(Role.SECRETARIAT_LEAD), reason="示例原因")
    second = issue(entry)

    assert (first.status, first.status_reason) == (CertificateStatus.REVOKED, "示例原因")
    assert second.number != first.number
    assert issue(entry) is second


def test_revoking_needs_the_right_a_reason_and_a_certificate_in_force(make, issue, session):
    entry = make.entry()
    make.listing(entry)
    certificate, lead = issue(entry), make.user(Role.SECRETARIAT_LEAD)

    with pytest.raises(NotAllowedError):
        services.revoke(session, certificate, make.user(Role.PUBLISHER), reason="示例原因")
    with pytest.raises(RuleError, match="撤销原因：必填"):
        services.revoke(session, certificate, lead, reason=" ")
    services.revoke(session, certificate, lead, reason="示例原因")
    with pytest.raises(StaleError):
        services.revoke(session, certificate, lead, reason="示例原因")


@pytest.mark.parametrize("word", ["优先采购", "应当采购", "必须采购", "入院"])
def test_a_purpose_cannot_put_forbidden_words_onto_a_certificate(make, issue_for, word):
    entry = make.entry()
    make.listing(entry)

    with pytest.raises(RuleError, match=f"用途：不得出现“{word}”") as caught:
        issue_for(entry, make.buyer(nature=BuyerNature.GOVERNMENT), purpose=f"更新项目，{word}")

    assert caught.value.parameter == "purpose"


def test_a_new_certificate_for_the_same_purpose_takes_the_earlier_ones_place(make, issue_for, session):
    buyer = make.buyer()
    entry = make.entry()
    make.listing(entry)
    first = issue_for(entry, buyer, purpose="影像科设备更新")
    other = issue_for(entry, buyer, purpose="另一项目")
    another_buyers = issue_for(entry, make.buyer(), purpose="影像科设备更新")

    with clock.standing_at(TODAY + timedelta(days=1)):
        second = issue_for(entry, buyer, purpose="影像科设备更新")

        assert (first.status, clock.day_of(first.status_at)) == (CertificateStatus.SUPERSEDED, clock.today())
    assert first.status_reason == f"已重新出具，新的证明编号为 {second.number}"
    assert [item.status for item in (second, other, another_buyers)] == [CertificateStatus.ISSUED] * 3
    assert session.scalars(
        select(TrailLine.subject_id).where(TrailLine.action == "certificate.supersede")
    ).all() == [str(first.id)]


def test_a_listing_certificate_never_undoes_what_another_visitor_has_on_file(make, issue):
    entry = make.entry()
    make.listing(entry)
    first = issue(entry)

    with clock.standing_at(TODAY + timedelta(days=1)):
        issue(entry)

    assert first.status is CertificateStatus.ISSUED
