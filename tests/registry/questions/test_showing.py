"""Answers as text, as differences, and as what is published."""

import pytest

from registry import questions
from registry.models import EntryVersion, ListCode
from tests import answers
from tests.registry.questions.test_checking import FILES, UNIT


@pytest.fixture
def classes(session):
    """Return the taxonomy."""
    return questions.classes(session)


def answered(classes, list_code=ListCode.CX, **changes):
    draft = {**answers.draft(list_code, **changes), **FILES}
    return questions.check(list_code, draft, unit=UNIT, classes=classes).answers


def test_each_kind_of_answer_is_written_for_people(classes):
    given = answered(classes)
    written = {key: questions.text(questions.by_key()[key], value, classes) for key, value in given.items()}

    assert written["revenue"] == "58,000,000.00 元"
    assert written["founded_on"] == "2015年6月1日"
    assert written["marks"] == "高新技术企业"
    assert written["leaf"] == "民用航空航天"
    assert written["employees"] == "120 人"
    assert written["is_green"] == "否"
    assert written["business_licence"] == "a.pdf"
    assert written["contracts"] == "采购方 示例采购单位；金额 1,200,000.00 元；签订日期 2026年2月3日"


def test_a_difference_names_what_changed_with_both_answers(classes):
    old = answered(classes)
    new = {**old, "employees": 121, "business_licence": [{"id": 2, "name": "a.pdf", "sha256": "1" * 64}]}

    changes = questions.difference(old, new, classes)

    assert [(change.question.key, change.old, change.new) for change in changes] == [
        ("employees", "120 人", "121 人"),
        ("business_licence", "a.pdf", "a.pdf"),
    ]
    assert questions.difference(old, old, classes) == []


def test_what_is_published_is_named_in_the_table_and_nothing_else(classes):
    content = questions.public_content(answered(classes), classes)

    assert {key: value for key, value in content.items() if key != "kpis"} == {
        "organization_name": "示例单位",
        "credit_code": "91310000MA00000012",
        "district": "310115",
        "name": "示例光纤陀螺仪",
        "brand": "示例",
        "model": "SL-100、SL-200",
        "field": "HE",
        "category": "民用航空航天",
        "summary": "用于示例设备的姿态测量，闭环光路，温漂小。",
        "device": None,
        "traits": {"green": False, "digital": True},
    }
    assert content.keys() <= set(EntryVersion.__mapper__.columns.keys())


def test_a_device_publishes_its_registration(classes):
    given = answered(
        classes, licence_kind="device_registration", licence_number="沪械注准20262010001",
        licence_valid_until="2029-05-31", management_class="2",
    )  # fmt: skip

    content = questions.public_content(given, classes)

    assert content["registration_number"] == "沪械注准20262010001"
    assert content["device"] == {
        "registration_number": "沪械注准20262010001",
        "valid_until": "2029-05-31",
        "management_class": "第二类医疗器械",
    }


def test_a_device_publishes_what_hospitals_ask_for(classes):
    given = answered(
        classes, licence_kind="device_registration", licence_number="沪械注准20262010001",
        licence_valid_until="2029-05-31", management_class="3", registrant="示例单位", entrusted_maker="示例代工",
        device_scope="供影像诊断使用。", equipment_permit="b", net_listing_number="示例挂网1", is_chargeable="no",
    )  # fmt: skip

    published = questions.public_content(given, classes)["device"]

    assert {key: published[key] for key in list(published)[3:]} == {
        "registrant": "示例单位",
        "entrusted_maker": "示例代工",
        "scope": "供影像诊断使用。",
        "equipment_permit": "乙类大型医用设备",
        "net_listing_number": "示例挂网1",
        "is_chargeable": False,
    }


def test_another_licence_is_no_device_registration(classes):
    given = answered(
        classes, licence_kind="production", licence_number="示例许可0001", licence_valid_until="2029-05-31"
    )

    content = questions.public_content(given, classes)

    assert (content.get("registration_number"), content["device"]) == (None, None)
