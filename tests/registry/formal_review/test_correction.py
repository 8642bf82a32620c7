"""Correction over HTTP: one complete list, the unit's answers, the second list, and what comes too late."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from registry.models import CorrectionItem, CorrectionLetter, FormalReviewItem, Role, State


def text(response):
    return response.get_data(as_text=True)


def form_of(page):
    """Return what the page's form would send as it stands."""
    form = BeautifulSoup(page, "html.parser").find("main").find("form")
    fields = form.find_all(["input", "textarea"])
    return {
        field["name"]: field.get("value") or field.text.strip()
        for field in fields
        if field.get("type") != "checkbox"
    }


class Unit:
    """A browser of the unit at its letter."""

    def __init__(self, browser, session, application):
        self.browser, self.session, self.application = browser, session, application
        self.address = f"/apply/applications/{application.id}/correction"

    def page(self):
        """Return the page's text."""
        return text(self.browser.get(self.address))

    def answer(self, *answers, then="save", sent=None, **more):
        """Fill in the answers in the letter's order and press a button."""
        sent = sent or form_of(self.page())
        for name, words in zip([name for name in sent if name.startswith("answer-")], answers, strict=False):
            sent[name] = words
        answer = self.browser.post(self.address, data={**sent, "then": then, **more})
        self.session.refresh(self.application)
        return answer

    def submit(self, *answers):
        """Answer, sign and submit."""
        return self.answer(*answers, then="submit", commitment="yes")

    def change(self, block, **values):
        """Change answers of the application itself."""
        address = f"/apply/applications/{self.application.id}/edit/{block}"
        page = BeautifulSoup(text(self.browser.get(address)), "html.parser")
        seen = page.find("input", attrs={"name": "seen"})["value"]
        kept = {key: value for key, value in self.application.draft.items() if isinstance(value, str)}
        questions = {pair.partition(":")[0] for pair in seen.split()}
        sent = {key: value for key, value in {**kept, **values}.items() if key in questions}
        remembered = " ".join(pair for pair in seen.split() if pair.partition(":")[0] in values)
        assert self.browser.post(address, data={**sent, "seen": remembered}).status_code == 302
        self.session.refresh(self.application)


@pytest.fixture
def asked(examiner, signatory, application):
    """Return the application with two faults told."""
    examiner.post("open")
    examiner.judge(summary="有价格，请删去。", test_reports="报告没有CMA标志。")
    assert examiner.post("correction").status_code == 302
    return application


@pytest.fixture
def unit(asked, acting, session, signatory):
    """Return the signatory's browser at the letter."""
    return Unit(acting(signatory), session, asked)


# --- the list -----------------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_with_a_due_day_in_working_days(session, asked, signatory, told, trailed):
    letter = session.scalars(select(CorrectionLetter)).one()
    items = session.scalars(select(CorrectionItem).order_by(CorrectionItem.id)).all()

    assert asked.state is State.CORRECTION_REQUIRED
    assert [(item.question, item.problem) for item in items] == [
        ("summary", "有价格，请删去。"),
        ("test_reports", "报告没有CMA标志。"),
    ]
    assert letter.due_on == asked.correction_due_on
    assert asked.open_corrections == 2
    assert told(signatory) == [f"一次性补正告知：{asked.product_name}"]
    assert trailed()[-1] == "application.require_correction"


def test_a_list_is_refused_while_rows_are_not_judged(examiner, application):
    examiner.post("open")
    examiner.post("checks", **{"verdict-rights": "failed", "note-rights": "缺证明。"})

    refused = examiner.post("correction")

    assert refused.status_code == 422
    assert "补正事项应当一次列全" in text(refused)


def test_a_list_without_a_fault_is_refused(examiner):
    examiner.post("open")
    examiner.judge()

    assert examiner.post("correction").status_code == 422


def test_a_second_click_on_the_list_is_refused(session, asked, examiner):
    assert examiner.post("correction").status_code == 409
    assert len(session.scalars(select(CorrectionLetter)).all()) == 1


# --- the answer ---------------------------------------------------------------------------------------------------


def test_the_unit_finds_the_list_among_what_waits_and_never_who_made_it(unit):
    home, page = text(unit.browser.get("/home")), unit.page()
    detail = text(unit.browser.get(f"/apply/applications/{unit.application.id}"))

    assert "答复补正事项" in home
    assert "报告没有CMA标志。" in page
    assert all("示例审查员" not in seen for seen in (home, page, detail, text(unit.browser.get("/inbox"))))


def test_an_answer_with_changes_goes_back_and_only_what_it_touches_is_judged_anew(
    session, unit, examiner, signatory, told
):
    unit.change("B", summary="用于示例设备的姿态测量。")
    assert "用于示例设备的姿态测量。" in unit.page()

    answer = unit.submit("已删去。", "已换新报告。")

    assert answer.status_code == 302
    assert (unit.application.state, unit.application.revision) == (State.FORMAL_REVIEW, 2)
    assert unit.application.open_checks == 2
    assert "补正材料接收回执" in told(signatory)[-1]
    page = examiner.page()
    assert "<ins>用于示例设备的姿态测量。</ins>" in page
    assert "答复：已换新报告。" in page


def test_answers_are_saved_by_an_operator_and_submitted_by_the_signatory(
    make, acting, session, asked, signatory
):
    operator = Unit(
        acting(make.applicant(signatory.organization, Role.APPLICANT_OPERATOR)),
        session,
        asked,
    )

    assert operator.answer("已删去。").status_code == 302
    assert asked.open_corrections == 1
    assert operator.submit("已删去。", "已换新报告。").status_code == 403

    assert (asked.state, asked.open_corrections) == (State.CORRECTION_REQUIRED, 0)
    signed = Unit(acting(signatory), session, asked)
    assert "已换新报告。" in signed.page()
    assert signed.submit().status_code == 302


def test_two_who_answer_at_once_see_each_other(make, acting, session, unit, signatory):
    other = Unit(
        acting(make.applicant(signatory.organization, Role.APPLICANT_OPERATOR)), session, unit.application
    )
    mine, theirs = form_of(unit.page()), form_of(other.page())
    other.answer("对方的答复。", "对方的第二项。", sent=theirs)

    page = unit.answer("我的答复。", sent=mine)

    assert page.status_code == 409
    assert "我的答复。" in text(page)
    assert "对方的答复。" in text(page)
    assert "对方的第二项。" in unit.page()


@pytest.mark.parametrize(
    ("answers", "more", "sentence"),
    [
        (("已删去。", ""), {"commitment": "yes"}, "第 2 项还没有答复。"),
        (("已删去。", "已换。"), {}, "申报承诺：请阅读后勾选。"),
        (("长" * 2001, "已换。"), {"commitment": "yes"}, "第 1 项的答复：不超过 2000 个字。"),
    ],
)
def test_a_refused_submission_keeps_what_was_typed(unit, answers, more, sentence):
    refused = unit.answer(*answers, then="submit", **more)

    assert refused.status_code == 422
    assert sentence in text(refused)
    assert answers[0] in text(refused)
    assert unit.application.state is State.CORRECTION_REQUIRED


def test_an_incomplete_application_is_not_submitted(unit):
    unit.change("B", summary="")

    refused = unit.submit("已删去。", "已换新报告。")

    assert refused.status_code == 422
    assert "申报书还不完整。产品简介：必填。" in text(refused)


def test_a_second_click_on_the_answer_is_refused_and_gives_back_what_was_typed(unit):
    sent = form_of(unit.page())
    unit.submit("已删去。", "已换新报告。")

    refused = unit.answer("晚到的答复。", "", then="submit", sent=sent, commitment="yes")

    assert refused.status_code == 409
    assert "晚到的答复。" in text(refused)


def test_another_unit_does_not_see_the_list(make, acting, session, asked):
    stranger = Unit(acting(make.applicant()), session, asked)

    assert stranger.browser.get(stranger.address).status_code == 404
    assert stranger.browser.post(stranger.address, data={"then": "submit"}).status_code == 404


def test_without_a_letter_there_is_no_page(make, acting, session, signatory, application):
    browser = acting(signatory)

    assert browser.get(f"/apply/applications/{application.id}/correction").status_code == 404


# --- again --------------------------------------------------------------------------------------------------------


def test_a_second_list_names_what_changed(session, unit, examiner):
    unit.change("B", summary="仍有价格。")
    unit.submit("已删去。", "报告无误，说明如下。")
    examiner.judge(summary="还有一处价格。")

    assert examiner.post("correction").status_code == 302

    letters = session.scalars(select(CorrectionLetter).order_by(CorrectionLetter.number)).all()
    assert [(letter.number, letter.revision) for letter in letters] == [(1, 1), (2, 2)]


@pytest.mark.parametrize("fault", ["test_reports", "unit_name"])
def test_a_second_list_may_not_name_what_did_not_change(unit, examiner, fault):
    unit.change("B", summary="没有价格了。")
    unit.submit("已删去。", "报告无误，说明如下。")
    examiner.judge(**{fault: "第一次没有说。"})

    refused = examiner.post("correction")

    assert refused.status_code == 422
    assert "上次告知以来没有变化" in text(refused)


def test_no_third_list_is_sent(unit, examiner, lead, application):
    unit.change("B", summary="仍有价格。")
    unit.submit("已删去。", "报告无误。")
    examiner.judge(summary="还有一处价格。")
    examiner.post("correction")
    unit.change("B", summary="还是有价格。")
    unit.submit("这次删去了。")
    examiner.judge(summary="仍未删去。")

    refused = examiner.post("correction")

    assert refused.status_code == 422
    assert "补正至多 2 次，已经用完" in text(refused)
    assert examiner.refuse("uncorrected", "两次补正后仍不符合。").status_code == 302
    assert lead.post("refusal/confirm", proposal=lead.proposal()).status_code == 302
    assert application.reason_code == "uncorrected"


def test_a_row_that_applies_no_more_leaves_the_checklist(session, examiner, acting, application, signatory):
    examiner.post("open")
    examiner.judge(first_sale_on="没有销售的证明。")
    examiner.post("correction")
    unit = Unit(acting(signatory), session, application)
    unit.change("F", is_sold="no", first_sale_on="")

    assert unit.submit("尚未销售，已更正。").status_code == 302

    assert "first_sale_on" not in set(session.scalars(select(FormalReviewItem.key)))
    assert application.open_checks == 0
    assert "填写了合同，但“已有销售”填写为“否”。" in examiner.page()
