"""What the registry says of answers by itself: domain.md §1, §10 and traps 2 and 3."""

from datetime import date

import pytest

from registry.formal_review.findings import Facts, find
from registry.models import ListCode

RIGHTS = {
    "kinds": {"CX": ["invention"], "TZ": ["invention"], "PC": ["invention"], "RJ": ["software", "invention"]},
    "years": 3, "wider_fields": ["LH"], "wider_years": 5,
}  # fmt: skip


def facts(**values):
    """Return facts of the 2017 round."""
    return Facts(
        **{
            "list_code": ListCode.CX, "unit_name": "示例单位", "verified_on": date(2017, 3, 1), "year": 2017,
            "closes_on": date(2017, 6, 30), "reference_on": date(2017, 6, 30), "rights": RIGHTS, **values,
        }
    )  # fmt: skip


def right(**values):
    """Return a right that fulfils everything."""
    return {
        "kind": "invention", "number": "ZL201710601862.3", "title": "一种示例", "owner": "示例单位",
        "granted_on": "2016-12-31", **values,
    }  # fmt: skip


def tones(question, answers, **values):
    """Return the tones of a question's findings."""
    return [finding.tone for finding in find({question: None, **answers}, facts(**values)).get(question, [])]


@pytest.mark.parametrize(
    ("granted", "field", "tone"),
    [
        ("2014-01-01", "IC", "good"),
        ("2013-12-31", "IC", "bad"),
        ("2016-12-31", "IC", "good"),
        ("2017-01-01", "IC", "bad"),
        ("2012-01-01", "LH", "good"),
        ("2011-12-31", "LH", "bad"),
    ],
)
def test_the_window_of_rights_runs_over_whole_years_and_is_wider_for_some_fields(granted, field, tone):
    assert tones("rights", {"rights": [right(granted_on=granted)], "field": field}) == [tone]


@pytest.mark.parametrize(
    ("kind", "number"),
    [("utility", "ZL201721234567.8"), ("design", "ZL201730123456.7"), ("software", "2016SR012345")],
)
def test_other_rights_do_not_stand_for_an_invention(kind, number):
    found = find({"rights": [right(kind=kind, number=number)]}, facts())["rights"]

    assert found[-1].sentence == "没有本名单认可类型的权利。"


def test_a_software_copyright_is_enough_for_software():
    row = right(kind="software", number="2016SR012345")

    assert tones("rights", {"rights": [row]}, list_code=ListCode.RJ) == ["good"]


def test_a_wrong_number_and_another_owner_are_pointed_out():
    found = find({"rights": [right(number="ZL201710601862.4", owner="示例他人")]}, facts())["rights"]

    assert [finding.sentence for finding in found[:2]] == [
        "第 1 行：校验位不符，请核对每一位。",
        "第 1 行：权利人不是申报单位，请核对许可或者变更证明。",
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("91310000MA1FL0X000", ["bad"]),
        ("91350100M000100Y43", ["good", "warn"]),
        ("91350100M000100Y4Z", ["bad"]),
    ],
)
def test_a_credit_code_is_checked_and_its_first_registration_pointed_out(code, expected):
    assert tones("credit_code", {"credit_code": code}) == expected


@pytest.mark.parametrize(("until", "tone"), [("2017-07-01", "good"), ("2017-06-30", "bad")])
def test_a_licence_must_outlive_the_close(until, tone):
    assert tones("licence_valid_until", {"licence_valid_until": until}) == [tone]


@pytest.mark.parametrize(
    ("number", "tone"), [("沪械注准20172010001", "good"), ("国械注准20172010001", "bad"), ("某证", "bad")]
)
def test_a_device_number_is_checked_for_issuer_and_class(number, tone):
    answers = {"licence_kind": "device_registration", "licence_number": number}

    assert tones("licence_number", answers) == [tone]


@pytest.mark.parametrize(
    ("sold", "months"), [("2017-06-30", 0), ("2016-07-01", 11), ("2016-06-30", 12), ("2015-12-31", 17)]
)
def test_the_time_since_the_first_sale_is_told_in_full_months(sold, months):
    (found,) = find({"first_sale_on": sold}, facts())["first_sale_on"]

    assert found.sentence == f"到认定基准日（2017年6月30日）满 {months} 个月。"


def test_a_contract_before_the_first_sale_and_one_without_any_sale_are_pointed_out():
    contract = {"buyer": "示例", "amount": 1, "signed_on": "2016-01-01"}

    assert tones("first_sale_on", {"first_sale_on": "2016-08-01", "contracts": [contract]}) == [
        "good",
        "warn",
    ]
    assert tones("contracts", {"is_sold": False, "contracts": [contract]}) == ["warn"]
    assert tones("first_sale_on", {"first_sale_on": "2017-07-01"}) == ["warn"]


def test_the_unit_s_own_word_and_its_verification_are_shown():
    assert tones("good_credit", {"good_credit": False}) == ["bad"]
    assert tones("unit_name", {"unit_name": "示例单位"}, verified_on=None) == ["bad"]
    assert tones("unit_name", {"unit_name": "示例单位"}) == ["good"]


def test_like_named_products_are_pointed_out():
    assert tones("product_name", {"product_name": "示例"}, twins=["P000001（示例单位）"]) == ["warn"]
    assert tones("product_name", {"product_name": "示例"}) == ["good"]
