"""Credit codes as GB 32100-2015 writes them."""

import pytest
from stdnum.cn import uscc

from registry.errors import RuleError
from registry.organizations.codes import credit_code, is_credit_code


@pytest.mark.parametrize(
    "typed", ["91350100M000100Y43", "91350100m000100y43", " 9135 0100-M000100Y43 ", "９１350100M000100Y43"]
)
def test_a_code_is_kept_in_one_form_however_it_was_typed(typed):
    assert credit_code(typed) == "91350100M000100Y43"


@pytest.mark.parametrize(
    "head", ["N2310000MC0000001", "Y1310000MC0000001", "A1310000MC0000001", "12310000425000001"]
)
def test_a_code_of_any_registering_authority_is_taken(head):
    assert is_credit_code(head + uscc.calc_check_digit(head))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("91350100M000100Y4Z", "不使用字母 I、O、S、V、Z"),
        ("91350100M000100Y4", "应为 18 位，现为 17 位。"),
        ("91350100M000100Y44", "校验位不符"),
        ("91350100M000100Y34", "校验位不符"),
        ("9135010OM000100Y43", "不使用字母 I、O、S、V、Z"),
        ("", "应为 18 位，现为 0 位。"),
    ],
)
def test_a_code_is_refused_with_what_is_wrong(typed, sentence):
    with pytest.raises(RuleError) as refused:
        credit_code(typed)

    assert refused.value.sentence.startswith("统一社会信用代码：")
    assert sentence in refused.value.sentence
