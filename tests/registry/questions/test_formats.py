"""Numbers and names: the worked examples of the field, and their near misses."""

import pytest

from registry.questions import formats


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("ZL201710601862.3", "invention"),
        ("201710971346.X", "invention"),
        ("zl 201710971346.x", "invention"),
        ("ＺＬ２０１７１０６０１８６２．３", "invention"),
        ("95115608.X", "invention"),
    ],
)
def test_a_patent_number_is_accepted_when_its_check_character_fits(number, kind):
    assert formats.patent(number, kind) is None


@pytest.mark.parametrize(
    ("number", "kind", "rule"),
    [
        ("201710601862.4", "invention", "校验位不符，请核对每一位"),
        ("201710601826.3", "invention", "校验位不符，请核对每一位"),
        ("201710601862.3", "utility", "号码中的专利类型与所选类型不符"),
        ("201710601862", "invention", "应形如 ZL201710601862.3"),
        ("粤ICP备1号", "invention", "应形如 ZL201710601862.3"),
    ],
)
def test_a_patent_number_is_refused_when_a_digit_or_its_type_is_wrong(number, kind, rule):
    assert formats.patent(number, kind) == rule


@pytest.mark.parametrize("number", ["2023SR0123456", "2023sr012345"])
def test_a_software_copyright_is_accepted_by_its_registration_number(number):
    assert formats.software_copyright(number) is None


@pytest.mark.parametrize("number", ["软著登字第1234567号", "2023SR12", "SR0123456"])
def test_a_software_copyright_is_refused_by_the_number_of_its_certificate(number):
    assert formats.software_copyright(number) == "应形如 2023SR0123456，不是证书号"


@pytest.mark.parametrize("number", ["国械注准20263010001", "沪械注准20262010001", "国械注进20262010001"])
def test_a_device_number_is_accepted_when_issuer_and_class_agree(number):
    assert formats.device_registration(number) is None


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("国械注准20262010001", "核发部门与管理类别不符"),
        ("沪械注准20263010001", "核发部门与管理类别不符"),
        ("沪械备20260001", "应形如 沪械注准20262010001"),
    ],
)
def test_a_device_number_is_refused_when_issuer_and_class_differ(number, rule):
    assert formats.device_registration(number) == rule


@pytest.mark.parametrize(
    "number", ["13900000000", "+86 139 0000 0000", "021-00000000", "（021）0000 0000-123"]
)
def test_a_telephone_is_accepted_as_people_write_it(number):
    assert formats.phone(number) is None


@pytest.mark.parametrize("number", ["12345", "办公室", "00000000"])
def test_a_telephone_is_refused_without_its_area(number):
    assert formats.phone(number) == "应为手机号，或者带区号的固定电话"


@pytest.mark.parametrize(
    ("name", "is_plain"), [("等离子体刻蚀机", True), ("SL 系列", False), ("A1、A2等", False)]
)
def test_a_name_stands_for_one_product_only(name, is_plain):
    assert (formats.plain_name(name) is None) is is_plain
