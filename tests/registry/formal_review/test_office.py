"""The office's side over HTTP: queue, opening, checklist, acceptance, refusal by two, reconsidering."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry import clock, formal_review
from registry.canonical import digest
from registry.errors import RuleError
from registry.models import (
    ApplicationRevision,
    Capacity,
    FormalReviewItem,
    Participation,
    Role,
    State,
)
from registry.participation import take_part
from tests.registry.formal_review.conftest import Desk


def text(response):
    return response.get_data(as_text=True)


# --- the queue ----------------------------------------------------------------------------------------------------


def test_the_queue_lists_what_waits_with_its_due_day(examiner, application):
    page = text(examiner.browser.get("/office/formal-review"))

    assert application.product_name in page
    assert "个工作日" in page
    assert "形式审查</a><span" in text(examiner.browser.get("/home")).replace("\n", "")


def test_a_sealed_round_stays_out_of_sight_until_its_close(make, session, at_desk):
    sealed = make.application(
        state=State.SUBMITTED, round=make.round(sealed=True), answers={"product_name": "示例密封产品"}
    )
    desk = at_desk(Role.FORMAL_REVIEWER, sealed)

    assert "示例密封产品" not in text(desk.browser.get("/office/formal-review"))
    assert desk.browser.get(desk.address).status_code == 404
    assert desk.post("open").status_code == 404
    with pytest.raises(RuleError, match="截止之前任何人不查阅"):
        formal_review.begin(session, sealed, make.user(Role.FORMAL_REVIEWER))

    sealed.round.closes_at = clock.now() - timedelta(minutes=1)
    session.commit()
    assert "示例密封产品" in text(desk.browser.get("/office/formal-review"))
    assert "示例密封产品" in desk.page()


@pytest.mark.parametrize("query", ["shown=all", "round=x", "list=XX", "page=0"])
def test_the_queue_refuses_a_filter_that_does_not_exist(examiner, query):
    assert examiner.browser.get(f"/office/formal-review?{query}").status_code == 422


@pytest.mark.parametrize("shown", ["waiting", "correction", "proposed", "accepted", "refused"])
def test_each_part_of_the_queue_needs_as_many_queries_for_three_as_for_one(
    make, session, examiner, queries, shown
):
    state = {
        "correction": State.CORRECTION_REQUIRED,
        "accepted": State.ACCEPTED,
        "refused": State.NOT_ACCEPTED,
    }
    counts = []
    for number in (1, 2):
        for _ in range(number):
            make.application(state=state.get(shown, State.FORMAL_REVIEW))
        session.commit()
        with queries() as sent:
            examiner.browser.get(f"/office/formal-review?shown={shown}")
        counts.append(len(sent))

    assert counts[0] == counts[1]


# --- opening ------------------------------------------------------------------------------------------------------


def test_nothing_of_the_content_is_shown_before_it_is_opened(examiner, application):
    page = examiner.page()

    assert application.draft["summary"] not in page
    assert "开始形式审查" in page


def test_opening_notes_who_and_when_and_lays_out_the_checklist(session, examiner, application, trailed):
    answer = examiner.post("open")

    assert answer.status_code == 302
    assert application.opened_at is not None
    assert application.open_checks > 10
    part = session.scalars(select(Participation).where(Participation.application_id == application.id)).one()
    assert part.capacity is Capacity.FORMAL_REVIEWER
    assert trailed() == ["formal_review.open"]
    page = examiner.page()
    assert application.draft["summary"] in page
    assert "格式和校验位相符。" in page


def test_opening_a_submitted_application_begins_its_formal_review(make, at_desk, session):
    submitted = make.application(state=State.SUBMITTED)

    at_desk(Role.FORMAL_REVIEWER, submitted).post("open")

    assert submitted.state is State.FORMAL_REVIEW


def test_a_second_click_on_opening_is_refused(examiner, application):
    version = application.version_id
    examiner.post("open")

    assert examiner.post("open", version=version).status_code == 409
    assert examiner.post("open").status_code == 409


def test_an_examiner_of_the_same_unit_does_not_examine(at_desk, application):
    desk = at_desk(Role.FORMAL_REVIEWER, organization=application.organization)

    assert desk.post("open").status_code == 403


def test_who_reviewed_it_as_an_expert_does_not_examine(session, make, acting, application):
    user = make.user(Role.FORMAL_REVIEWER)
    take_part(session, application, user, Capacity.EXPERT)

    refused = Desk(acting(user), session, application).post("open")

    assert refused.status_code == 403
    assert "您已作为评审专家参与过这项申报" in text(refused)


# --- the checklist ------------------------------------------------------------------------------------------------


def test_verdicts_are_saved_and_counted(examiner, application, trailed):
    examiner.post("open")

    examiner.post(
        "checks", **{"verdict-unit_name": "passed", "verdict-rights": "failed", "note-rights": "缺证明。"}
    )

    assert application.failed_checks == 1
    assert "缺证明。" in examiner.page()
    assert trailed() == ["formal_review.open", "formal_review.judge"]


@pytest.mark.parametrize("verdict", ["failed", "waived"])
def test_a_fault_and_a_waiver_need_words_and_keep_what_was_typed(examiner, application, verdict):
    examiner.post("open")

    refused = examiner.post(
        "checks",
        **{"verdict-rights": verdict, "verdict-unit_name": "failed", "note-unit_name": "与执照不符。"},
    )

    assert refused.status_code == 422
    assert "知识产权：判为" in text(refused)
    assert "与执照不符。" in text(refused)
    assert application.failed_checks == 0


def test_a_stale_page_is_refused_and_keeps_what_was_typed(examiner, application):
    examiner.post("open")
    version = application.version_id
    examiner.post("checks", **{"verdict-models": "failed", "note-models": "型号不一致。"})

    refused = examiner.post(
        "checks", version=version, **{"verdict-rights": "failed", "note-rights": "刚写的说明。"}
    )

    assert refused.status_code == 409
    assert "刚写的说明。" in text(refused)
    assert application.failed_checks == 1


def test_a_fault_can_be_told_of_any_question(session, examiner, application):
    examiner.post("open")

    examiner.post("checks", **{"extra-question": "readiness", "extra-note": "等级没有依据。"})

    row = session.scalars(select(FormalReviewItem).where(FormalReviewItem.key == "readiness")).one()
    assert (row.verdict, row.note) == ("failed", "等级没有依据。")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"extra-question": "no_such", "extra-note": "某事。"}, "审查事项：请从列表中选择。"),
        ({"extra-question": "tier", "extra-note": "某事。"}, "审查事项：请从列表中选择。"),
        ({"extra-note": "某事。"}, "请选择是哪一项内容。"),
        ({"verdict-rights": "open"}, "判定：请选择符合、不符合或者免于此项。"),
        ({"verdict-rights": "failed", "note-rights": "长" * 1001}, "知识产权：说明不超过 1000 个字。"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused_with_its_rule(examiner, data, sentence):
    examiner.post("open")

    refused = examiner.post("checks", **data)

    assert refused.status_code == 422
    assert sentence in text(refused)


# --- accepting ----------------------------------------------------------------------------------------------------


def test_accepting_freezes_the_content_under_its_hash(session, examiner, application, signatory, told):
    examiner.post("open")
    examiner.judge()

    answer = examiner.post("accept")

    filed = session.scalars(
        select(ApplicationRevision).where(ApplicationRevision.application_id == application.id)
    ).one()
    assert answer.status_code == 302
    assert application.state is State.ACCEPTED
    assert (application.frozen_hash, application.frozen_revision) == (digest(filed.answers), 1)
    assert application.accepted_on == clock.today()
    assert told(signatory) == [f"受理通知：{application.product_name}"]


def test_nothing_is_accepted_before_every_row_is_judged(examiner, application):
    examiner.post("open")

    refused = examiner.post("accept")

    assert refused.status_code == 422
    assert "还有未判定或不符合的事项" in text(refused)
    assert (application.state, application.frozen_hash) == (State.FORMAL_REVIEW, None)


def test_nothing_is_accepted_with_a_fault(examiner, application):
    examiner.post("open")
    examiner.judge(rights="缺证明。")

    assert examiner.post("accept").status_code == 422


def test_a_waived_row_does_not_hinder_and_stands_among_the_exceptions(examiner, application, trailed):
    examiner.post("open")
    examiner.judge()
    examiner.post("checks", **{"verdict-rights": "waived", "note-rights": "另有规定。"})

    examiner.post("accept")

    assert application.state is State.ACCEPTED
    assert "formal_review.waive" in trailed()


def test_a_second_click_on_accepting_is_refused(examiner, application):
    examiner.post("open")
    examiner.judge()
    version = application.version_id
    examiner.post("accept")

    assert examiner.post("accept", version=version).status_code == 409
    assert examiner.post("accept").status_code == 409


# --- not accepting ------------------------------------------------------------------------------------------------


def test_two_persons_do_not_accept_and_the_unit_is_told_why(examiner, lead, application, signatory, told):
    examiner.post("open")
    examiner.judge(field="不属于支持的领域。")
    assert examiner.refuse().status_code == 302
    assert application.state is State.FORMAL_REVIEW
    assert "待确认的不予受理" in text(lead.browser.get("/home"))
    assert "不符合目录的定义。" in lead.page()

    answer = lead.post("refusal/confirm", proposal=lead.proposal())

    assert answer.status_code == 302
    assert (application.state, application.reason_code) == (State.NOT_ACCEPTED, "product_not_eligible")
    assert told(signatory) == [f"不予受理告知：{application.product_name}"]


def test_who_proposes_does_not_confirm(session, make, acting, application, examiner):
    both = Desk(acting(make.user(Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD)), session, application)
    both.post("open")
    both.judge(field="不属于支持的领域。")
    both.refuse()

    assert both.post("refusal/confirm", proposal=both.proposal()).status_code == 403
    assert both.post("refusal/decline", proposal=both.proposal(), reason="改主意。").status_code == 403


def test_a_refusal_needs_a_fault(examiner, application):
    examiner.post("open")
    examiner.judge()

    refused = examiner.refuse()

    assert refused.status_code == 422
    assert "没有判为“不符合”的事项" in text(refused)


@pytest.mark.parametrize(
    ("code", "reason", "sentence"),
    [
        ("", "有理由。", "理由代码：请选择。"),
        ("nonsense", "有理由。", "理由代码：请选择。"),
        ("duplicate", "  ", "理由：必填。"),
        ("duplicate", "长" * 2001, "理由：不超过 2000 个字。"),
        ("uncorrected", "有理由。", "还没有要求过补正"),
    ],
)
def test_a_proposal_needs_its_reason_and_keeps_what_was_typed(examiner, code, reason, sentence):
    examiner.post("open")
    examiner.judge(rights="缺证明。")

    refused = examiner.refuse(code, reason)

    assert refused.status_code == 422
    assert sentence in text(refused)
    assert reason.strip() in text(refused)


def test_nothing_else_is_done_while_a_proposal_waits(examiner, application):
    examiner.post("open")
    examiner.judge(rights="缺证明。")
    examiner.refuse()

    for move in ("accept", "correction", "checks"):
        refused = examiner.post(move)
        assert refused.status_code == 422
        assert "提议正待确认" in text(refused)
    assert examiner.refuse().status_code == 422


def test_a_declined_proposal_goes_back_with_its_reason(session, examiner, lead, application):
    examiner.post("open")
    examiner.judge(rights="缺证明。")
    examiner.refuse()
    proposal = lead.proposal()
    assert lead.post("refusal/decline", proposal=proposal, reason=" ").status_code == 422

    assert lead.post("refusal/decline", proposal=proposal, reason="应先要求补正。").status_code == 302

    assert application.state is State.FORMAL_REVIEW
    assert "不予受理的提议已退回" in text(examiner.browser.get("/inbox"))
    assert lead.post("refusal/decline", proposal=proposal, reason="再来。").status_code == 409
    assert lead.post("refusal/confirm", proposal=proposal).status_code == 409
    assert examiner.post("correction").status_code == 302


# --- reconsidering ------------------------------------------------------------------------------------------------


@pytest.fixture
def refused(examiner, lead, application):
    """Return the application, not accepted."""
    examiner.post("open")
    examiner.judge(rights="缺证明。")
    examiner.refuse()
    lead.post("refusal/confirm", proposal=lead.proposal())
    return application


def test_a_reconsidered_application_is_examined_anew(refused, examiner, lead, signatory, told):
    answer = lead.post("reconsider", reason="原判遗漏了附件。")

    assert answer.status_code == 302
    assert (refused.state, refused.reason_code) == (State.FORMAL_REVIEW, None)
    assert (refused.open_checks, refused.failed_checks) == (1, 0)
    assert told(signatory)[-1] == f"复核结果：{refused.product_name}"
    examiner.judge()
    examiner.post("accept")
    assert refused.state is State.ACCEPTED


def test_reconsidering_needs_a_reason_and_is_done_once(refused, lead):
    assert lead.post("reconsider", reason=" ").status_code == 422
    lead.post("reconsider", reason="原判遗漏了附件。")

    assert lead.post("reconsider", reason="再来。").status_code == 409


# --- roles --------------------------------------------------------------------------------------------------------

MOVES = {
    "open": Role.FORMAL_REVIEWER,
    "checks": Role.FORMAL_REVIEWER,
    "correction": Role.FORMAL_REVIEWER,
    "accept": Role.FORMAL_REVIEWER,
    "refusal": Role.FORMAL_REVIEWER,
    "refusal/confirm": Role.SECRETARIAT_LEAD,
    "refusal/decline": Role.SECRETARIAT_LEAD,
    "reconsider": Role.SECRETARIAT_LEAD,
}


@pytest.mark.parametrize(
    "role",
    [
        Role.FORMAL_REVIEWER,
        Role.SECRETARIAT_LEAD,
        Role.DISCIPLINE_OBSERVER,
        Role.PUBLISHER,
        Role.APPLICANT_SIGNATORY,
    ],
)
def test_each_move_is_one_role_s(at_desk, role):
    desk = at_desk(role)

    refused = {move for move in MOVES if desk.post(move).status_code == 403}

    assert refused == {move for move, owner in MOVES.items() if owner is not role}


def test_the_observer_reads_and_has_no_button(examiner, at_desk):
    examiner.post("open")
    observer = at_desk(Role.DISCIPLINE_OBSERVER)

    page = observer.page()

    assert "审查事项" in page
    assert "保存判定" not in page


@pytest.mark.parametrize("role", [Role.APPLICANT_SIGNATORY, Role.EXPERT, Role.SYS_ADMIN])
def test_others_do_not_see_formal_review(at_desk, role):
    desk = at_desk(role)

    assert desk.browser.get("/office/formal-review").status_code == 403
    assert desk.browser.get(desk.address).status_code == 403


def test_a_draft_is_no_case(make, at_desk):
    desk = at_desk(Role.FORMAL_REVIEWER, make.application())

    assert desk.browser.get(desk.address).status_code == 404
