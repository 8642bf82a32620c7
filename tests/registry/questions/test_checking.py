"""From typed text to answers: what each kind takes, and the sentence for what it does not."""

import json
from datetime import date

import pytest

from registry import clock, questions
from registry.canonical import canonical
from registry.models import ListCode
from tests import answers

UNIT = {"name": "示例单位", "credit_code": "91310000MA00000012", "district": "310115", "special_area": None}
FILES = {key: [{"id": 1, "name": "a.pdf", "sha256": "0" * 64}] for key in answers.FILE_QUESTIONS}


@pytest.fixture
def check(session):
    """Return a function that checks the sample draft with changes."""
    classes = questions.classes(session)

    def check(list_code=ListCode.CX, unit=UNIT, **changes):
        with clock.standing_at(date(2026, 11, 21)):
            draft = {**answers.draft(list_code, **changes), **FILES}
            return questions.check(list_code, draft, unit=unit, classes=classes)

    return check


@pytest.mark.parametrize("list_code", ListCode)
def test_a_complete_draft_has_no_problem_and_no_float(check, list_code):
    checked = check(list_code)

    assert checked.problems == []
    assert json.loads(canonical(checked.answers)) == checked.answers


@pytest.mark.parametrize("list_code", ListCode)
def test_every_required_question_is_missed_when_nothing_was_typed(session, list_code):
    checked = questions.check(list_code, {}, unit={}, classes=questions.classes(session))

    wanted = [row.key for row in questions.questions(list_code) if row.required and row.when is None]
    assert [problem.question for problem in checked.problems] == wanted
    assert all(problem.is_missing for problem in checked.problems)


@pytest.mark.parametrize(
    ("key", "typed", "answer"),
    [
        ("employees", " １２０ ", 120),
        ("revenue", "58,000,000.5", 5_800_000_050),
        ("founded_on", "2015年6月1日", "2015-06-01"),
        ("good_credit", "no", False),
        ("carbon_footprint", "12.50", "12.5"),
        ("models", "A\n\n B ", ["A", "B"]),
    ],
)
def test_a_value_is_read_as_people_write_it(check, key, typed, answer):
    checked = check(**{key: typed})

    assert (checked.problems, checked.answers[key]) == ([], answer)


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("employees", "一百", "职工人数：应为数字，不写单位。"),
        ("employees", "1.5", "职工人数：应为整数。"),
        ("employees", "0", "职工人数：不小于 1。"),
        ("employees", "9" * 400, "职工人数：应为数字，不写单位。"),
        ("employees", "1e3", "职工人数：应为数字，不写单位。"),
        ("revenue", "-1", "上年营业收入：应为不小于 0 的金额，单位元。"),
        ("revenue", "1.005", "上年营业收入：最多两位小数。"),
        ("revenue", "1" * 20, "上年营业收入：应为不小于 0 的金额，单位元。"),
        ("founded_on", "2026-02-30", "成立日期：应为日期，形如 2026-03-01。"),
        ("founded_on", "2026-11-22", "成立日期：不得晚于今天。"),
        ("good_credit", "maybe", "三年内无严重失信、重大安全和环境事故：请选择是或否。"),
        ("unit_kind", "other", "单位性质：请从列表中选择。"),
        ("marks", ["best"], "企业资质：请从列表中选择。"),
        ("field", "XX", "产业领域：请从列表中选择。"),
        ("leaf", "IC01", "细分领域：不属于所选的产业领域。"),
        ("summary", "字" * 301, "产品简介：不超过 300 个字，现有 301 个字。"),
        ("product_name", "示例陀螺仪系列", "产品名称：不得使用“系列”“等”，请写具体的名称。"),
        ("innovation_points", "一\n二", "创新点：至少 3 行，现有 2 行。"),
        ("models", "1\n2\n3\n4\n5\n6", "规格型号：至多 5 行，现有 6 行。"),
        ("models", "A\nB等", "规格型号：第 2 行不得使用“系列”“等”，请写具体的名称。"),
    ],
)
def test_a_value_is_refused_with_field_and_rule_when_it_breaks_it(check, key, typed, sentence):
    assert [problem.sentence for problem in check(**{key: typed}).problems] == [sentence]


def test_a_cell_is_named_when_it_is_wrong(check):
    right = {"kind": "invention", "number": "ZL201710601862.4", "title": "示例", "granted_on": "明天"}

    checked = check(rights=[right])

    assert [(problem.name, problem.sentence, problem.is_missing) for problem in checked.problems] == [
        ("rights-0-owner", "知识产权第 1 行“权利人”：必填。", True),
        ("rights-0-granted_on", "知识产权第 1 行“授权公告日或登记日”：应为日期，形如 2026-03-01。", False),
        ("rights-0-number", "知识产权：第 1 行“专利号或登记号”校验位不符，请核对每一位。", False),
    ]


def test_a_device_needs_number_date_class_and_proof(check):
    checked = check(licence_kind="device_registration")

    assert [problem.question for problem in checked.problems] == [
        "licence_number",
        "licence_valid_until",
        "management_class",
        "licence_proofs",
    ]


def test_what_does_not_apply_is_no_answer(check):
    checked = check(licence_number="沪械注准20262010001", licence_kind="none")

    assert checked.problems == []
    assert "licence_number" not in checked.answers


@pytest.mark.parametrize(("until", "is_open"), [("2026-11-20", True), ("2026-11-21", False)])
def test_an_expired_licence_is_no_licence(check, until, is_open):
    checked = check(
        licence_kind="production",
        licence_number="示例许可0001",
        licence_valid_until=until,
        licence_proofs=[{}],
    )

    sentences = [problem.sentence for problem in checked.problems if not problem.is_missing]
    assert sentences == (["许可证照有效期至：许可证照已过期。"] if is_open else [])


def test_software_bears_one_name(check):
    checked = check(ListCode.RJ, copyright_name="另一个软件")

    assert [problem.sentence for problem in checked.problems] == [
        "软著登记的软件名称：须与产品名称一致，否则请更正产品名称。"
    ]


def test_the_unit_s_record_is_asked_for_and_not_the_form(check):
    checked = check(unit={**UNIT, "credit_code": None}, unit_name="冒用的名称")

    assert checked.answers["unit_name"] == "示例单位"
    assert [problem.sentence for problem in checked.problems] == ["统一社会信用代码：请先在单位登记中补全。"]
