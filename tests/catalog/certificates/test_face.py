"""What is printed, line by line."""

from datetime import date

import pytest

from catalog.certificates.payload import (
    CertificatePayload,
    FirstOnMarket,
    HospitalFacts,
    NationalList,
    Registration,
)
from catalog.models import BuyerNature


def _cells(rows):
    return {cell.label: cell.value for row in rows for cell in row}


def test_a_listing_certificate_names_product_unit_and_listing(printed):
    face = printed()

    assert face.title == "列入情况证明"
    assert face.addressee is None
    assert (
        face.opening
        == "经查，截至本证明出具之日，下列产品已列入《上海市创新产品推荐目录》。现就其列入情况予以证明。"
    )
    assert _cells(face.facts) == {
        "产品名称": "磁共振成像系统（1.5T，无液氦超导）",
        "规格型号": "SAMPLE-MR 150X",
        "产业领域": "高端装备 / 高端医疗",
        "申报单位": "上海示例澄海医疗科技有限公司",
        "统一社会信用代码": "91310000MA1SAMP01X",
        "产品代码": "P000123",
    }
    assert [(line.number, line.name, line.batch) for line in face.listings] == [
        ("CX-2026-01-0123", "上海市创新产品推荐目录", "2026年第一批")
    ]
    assert face.listings[0].document == "示例〔2026〕12号，2026年5月1日发布"
    assert _cells(face.findings) == {
        "首次投放市场": "列入时认定为首次投放市场产品（认定基准日：2026年3月31日）",
        "国家级目录": "无记载",
    }
    assert face.paragraphs == (
        "本证明仅说明所载产品在出具时的列入情况，不构成强制采购依据，不替代采购人依法应当履行的采购程序，"
        "不对质量、价格、供货作出担保，不得用于限制或者排斥其他供应商；采购人可在线核验，不得要求供应商另行提交。",
    )
    assert face.seal_statement == "本证明由系统依据已发布目录自动生成，未加盖印章"
    assert face.short_code == "ABCD-EFGH-JKMN"
    assert face.verify_at == "http://127.0.0.1:8000/verify/"


def test_every_active_listing_has_its_line(printed):
    face = printed(lists=("CX", "TZ", "PC", "RJ"))

    assert [line.number for line in face.listings] == [
        "CX-2026-01-0123",
        "TZ-2026-01-0123",
        "PC-2026-01-0123",
        "RJ-2026-01-0123",
    ]
    assert "首台（套）装备名单、首批次新材料名单、首版次软件名单" in face.opening


def test_a_procurement_certificate_names_buyer_purpose_and_basis(printed, device):
    face = printed(nature=BuyerNature.PUBLIC_HOSPITAL, device=device)

    assert face.title == "采购用途列入情况证明"
    assert face.addressee == "示例市第九人民医院："
    assert _cells(face.findings)["用途"] == "影像科设备更新项目，2 台"
    assert _cells(face.findings)["引用依据"] == "沪经信技〔2024〕355号（四）"
    assert face.paragraphs[0].startswith(
        "依据沪经信技〔2024〕355号（四），列入目录的医疗器械产品可按规定直接入院使用。"
    )


def test_a_hospital_reads_what_is_recorded_of_a_device_and_what_every_device_must_have(printed, device):
    face = printed(nature=BuyerNature.PRIVATE_HOSPITAL, device=device)

    assert list(_cells(face.facts).items())[6:] == [
        ("注册证编号", "示例械注准20269990000"),
        ("注册证有效期", "2029年5月31日"),
        ("管理类别", "第三类医疗器械"),
        ("配置许可类别", "乙类大型医用设备"),
        ("UDI-DI", "06900000000018"),
        ("注册人", "同申报单位"),
        ("适用范围", "适用于人体影像检查，供医疗机构影像诊断使用。"),
    ]


def test_every_fact_for_hospitals_has_its_line_when_recorded_and_what_must_be_there_says_when_it_is_not(
    printed, device
):
    consumable = HospitalFacts(
        scope=None, registrant=None, entrusted_maker="示例代工有限公司", equipment_permit=None,
        net_listing_number="示例挂网000001", is_chargeable=False,
    )  # fmt: skip
    filed = Registration(number="示例械备20260001", is_device=True, hospital=consumable)

    face = printed(nature=BuyerNature.PUBLIC_HOSPITAL, device=filed)

    assert list(_cells(face.facts).items())[6:] == [
        ("注册证编号", "示例械备20260001"),
        ("注册证有效期", "未设期限"),
        ("UDI-DI", "未提供"),
        ("可另收费", "否"),
        ("挂网编号", "示例挂网000001"),
        ("注册人", "未提供"),
        ("受托生产企业", "示例代工有限公司"),
        ("适用范围", "未提供"),
    ]


def test_other_buyers_read_the_registration_alone(printed, device):
    face = printed(nature=BuyerNature.UNIVERSITY, device=device)

    assert list(_cells(face.facts))[6:] == ["注册证编号", "注册证有效期", "管理类别", "UDI-DI"]


@pytest.mark.parametrize("scope", ["用于" + "某种检查，" * 40, "用于入院患者的筛查。"])
def test_a_scope_that_is_too_long_or_says_a_kept_word_is_left_to_the_registration(printed, device, scope):
    known = device.hospital.model_copy(update={"scope": scope})

    face = printed(
        nature=BuyerNature.PUBLIC_HOSPITAL,
        device=device.model_copy(update={"hospital": known}),
        lists=("TZ",),
    )

    assert _cells(face.facts)["适用范围"] == "以注册证载明的适用范围为准"


def test_what_cites_nothing_names_no_basis(printed):
    face = printed(nature=BuyerNature.PRIVATE_ENTERPRISE, purpose="自用")

    assert _cells(face.findings)["用途"] == "自用"
    assert "引用依据" not in _cells(face.findings)


def test_empty_fields_say_so(printed, listing):
    bare = listing("CX", document=None, published_on=None, recognised_on=None, valid_until=None, year=None)

    face = printed(listings=(bare,), first_on_market=None, product={"model": None, "field": None})

    assert _cells(face.facts)["规格型号"] == "未提供"
    assert _cells(face.findings)["首次投放市场"] == "未提供"
    line = face.listings[0]
    assert (line.document, line.recognised_on, line.valid_until, line.batch) == (
        "未提供",
        "未提供",
        "未设期限",
        "批次未提供",
    )


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (FirstOnMarket(found=True, as_of=None), "列入时认定为首次投放市场产品（认定基准日：未提供）"),
        (
            FirstOnMarket(found=False, as_of=date(2026, 3, 1)),
            "列入时未认定为首次投放市场产品（认定基准日：2026年3月1日）",
        ),
    ],
)
def test_first_on_market_is_a_finding_never_a_bare_yes(printed, finding, sentence):
    assert _cells(printed(first_on_market=finding).findings)["首次投放市场"] == sentence


def test_a_national_list_is_printed_only_when_it_is_proven(printed):
    proven = NationalList(
        name="示例国家级目录", year=2024, item="第12项", is_proven=True, effect_document=None
    )
    claimed = NationalList(name="另一目录", year=None, item=None, is_proven=False, effect_document=None)

    face = printed(national=(proven, claimed))

    assert _cells(face.findings)["国家级目录"] == "示例国家级目录（2024年，第12项）"


def test_a_national_list_without_proof_is_neither_cited_nor_denied(printed):
    claimed = NationalList(name="另一目录", year=None, item=None, is_proven=False, effect_document=None)

    assert _cells(printed(national=(claimed,)).findings)["国家级目录"] == "有记载，尚未登记证明材料，不作引用"


def test_a_demonstration_is_marked_and_a_real_deployment_is_not(printed):
    assert printed().watermark == "样张"
    assert printed().heading == "上海市创新产品推荐目录登记系统（示例部署）"
    assert printed(demonstration=False).watermark is None
    assert printed(demonstration=False).note is None


def test_long_values_take_the_whole_row(printed):
    face = printed(product={"model": "X" * 30})

    assert [len(row) for row in face.facts] == [1, 1, 1, 1, 2]


def test_a_payload_is_read_back_unchanged_with_the_same_hash(payload, device):
    frozen = payload(nature=BuyerNature.PUBLIC_HOSPITAL, device=device, lists=("CX", "TZ"))

    again = CertificatePayload.read(frozen.canonical())

    assert again == frozen
    assert again.digest() == frozen.digest()


def test_an_earlier_payload_keeps_its_hash_though_later_ones_say_more(payload, device):
    earlier = payload(nature=BuyerNature.UNIVERSITY, device=device)

    assert "hospital" not in earlier.model_dump(mode="json")["product"]["registration"]
