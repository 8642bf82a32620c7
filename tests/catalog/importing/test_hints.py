import pytest

from catalog.importing.hints import hints_of, is_credit_code, names_device

CONTENT = {
    "credit_code": None, "registration_number": None, "field_text": None, "field": None, "district_text": None,
    "district": None,
}  # fmt: skip


@pytest.mark.parametrize("code", ["91350100M000100Y43", "914403001922038216", "9144030071526726XG"])
def test_a_credit_code_is_well_formed_when_its_check_character_fits(code):
    assert is_credit_code(code)


def test_a_credit_code_of_an_agricultural_authority_is_well_formed_when_it_begins_with_a_letter():
    from stdnum.cn import uscc

    head = "N2310115MA1ABCDE0"

    assert is_credit_code(head + uscc.calc_check_digit(head))


@pytest.mark.parametrize("code", ["91350100M000100Y4Z", "91350100M000100Y4", "I1350100M000100Y43", "示例"])
def test_a_credit_code_is_malformed_when_check_length_or_letters_are_wrong(code):
    assert not is_credit_code(code)


@pytest.mark.parametrize(
    "number",
    ["国械注准20243060123", "沪械注准20232070045", "沪浦械备20240012号", "国食药监械(准)字2012第3401234号",
     "国药准字H20190001", "H20140023", "国械注准20243060123、沪械注准20232070045"],
)  # fmt: skip
def test_a_registration_gives_no_hint_when_its_form_is_known(number):
    assert hints_of(CONTENT | {"registration_number": number}) is None


def test_every_doubtful_cell_gives_its_hint():
    content = CONTENT | {
        "credit_code": "123", "registration_number": "示例械注准20243060123", "field_text": "其他", "district_text": "苏州",
    }  # fmt: skip

    assert hints_of(content) == ["credit_code", "registration_number", "field", "district"]


@pytest.mark.parametrize(
    ("number", "is_named"),
    [("国械注准20243060123", True), ("沪浦械备20240012号", True), ("20243060123", True), ("国药准字H20190001、H20140023", False),
     ("国药准字H20190001、国械注准20243060123", True), ("", False), (None, False)],
)  # fmt: skip
def test_a_number_names_a_device_unless_it_is_a_drugs(number, is_named):
    assert names_device(number) is is_named
