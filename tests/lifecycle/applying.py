"""The moves of the applicant and of formal review."""

from registry import applications, formal_review, questions, reconsideration, workflow
from registry.formal_review import Judgement, RefusalReason, correcting, looking
from registry.models import CheckVerdict, State
from tests.lifecycle.cast import DAY, FAULTY, Cast


class Applying(Cast):
    """The moves of the applicant and of formal review."""

    def submit(self) -> None:
        applications.submit(self.session, self.application, self.signatory, commitment=True)

    def return_to_draft(self) -> None:
        applications.return_to_draft(self.session, self.application, self.signatory)

    def withdraw(self) -> None:
        applications.withdraw(self.session, self.application, self.signatory, reason="示例")

    def begin_formal_review(self) -> None:
        formal_review.begin(self.session, self.application, self.reviewer)

    def ready_accept(self) -> None:
        self._judge()

    def accept(self) -> None:
        formal_review.accept(self.session, self.application, self.reviewer)

    def ready_require_correction(self) -> None:
        self._judge(fault=FAULTY)

    def require_correction(self) -> None:
        formal_review.require_correction(self.session, self.application, self.reviewer)

    def ready_answer_correction(self) -> None:
        applications.save_draft(
            self.session, self.application, self.signatory, typed={FAULTY: f"SL-{next(self.serial)}"},
            remembered=questions.seen(self.application.draft, [questions.by_key()[FAULTY]]),
        )  # fmt: skip
        letter = formal_review.letters(self.session, self.application)[-1]
        formal_review.save_answers(
            self.session, self.application, self.signatory, remembered=correcting.seen(letter),
            typed={item.id: "已更正" for item in letter.items},
        )  # fmt: skip

    def answer_correction(self) -> None:
        formal_review.answer(self.session, self.application, self.signatory, commitment=True)

    def ready_lapse(self) -> None:
        self.on = self.application.correction_due_on + DAY

    def lapse(self) -> None:
        formal_review.lapse(self.session, self.application)

    def ready_refuse(self) -> None:
        self._judge(fault=FAULTY)
        code = RefusalReason.PRODUCT_NOT_ELIGIBLE
        formal_review.propose_refusal(self.session, self.application, self.reviewer, code=code, reason="示例")

    def refuse(self) -> None:
        proposal = workflow.open_proposal(self.session, self.application)
        formal_review.confirm_refusal(self.session, self.application, self.lead, proposal_id=proposal.id)

    def ready_reconsider(self) -> None:
        if self.application.state is not State.NOT_ACCEPTED:
            asked = reconsideration.ask(self.session, self.application, self.signatory, grounds="示例")
            self.records["request"] = asked.id

    def reconsider(self) -> None:
        reconsideration.grant(self.session, self.application, self.lead, reason="示例")

    def _judge(self, *, fault: str | None = None) -> None:
        if self.application.opened_at is None:
            formal_review.begin(self.session, self.application, self.reviewer)
        rows = looking.items(self.session, self.application)
        judgements = {row.key: Judgement(CheckVerdict.PASSED) for row in rows}
        if fault:
            judgements[fault] = Judgement(CheckVerdict.FAILED, "示例")
        formal_review.judge(self.session, self.application, self.reviewer, judgements)
