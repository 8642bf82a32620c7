"""Examining: open an application, and judge the rows of its checklist."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry import applications, clock, questions, trail, workflow
from registry.errors import RuleError, StaleError
from registry.formal_review import looking
from registry.models import (
    Action,
    Application,
    ApplicationRevision,
    Capacity,
    CheckVerdict,
    FormalReviewItem,
    State,
    User,
)
from registry.participation import take_part
from registry.permissions import require
from registry.terms import label

NOTE_MAX = 1_000
NOTED = (CheckVerdict.FAILED, CheckVerdict.WAIVED)
"""Verdicts that need words: the fault goes into the letter, the waiver among the exceptions."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the examiner says of one row."""

    verdict: CheckVerdict
    note: str = ""


def begin(session: Session, application: Application, actor: User) -> None:
    """Open an application for examination: from now on the unit cannot take it back into the draft.

    Raises:
        StaleError: somebody opened it already, or it is elsewhere.
        RuleError: its round is sealed until the close.
    """
    require(actor, "formal_review:examine", application)
    if application.opened_at is not None:
        raise StaleError("这份申报已有人开始审查，请刷新页面。", parameter="state")
    if application.round.sealed and clock.now() < application.round.closes_at:
        raise RuleError("本批次在申报截止之前任何人不查阅已提交的申报书。", parameter="round")
    if application.state is not State.FORMAL_REVIEW:
        workflow.transition(application, Action.BEGIN_FORMAL_REVIEW)
    take_part(session, application, actor, Capacity.FORMAL_REVIEWER)
    application.opened_at = clock.now()
    lay_out(session, application)
    trail.record(
        session, actor, "formal_review.open", subject="application", subject_id=application.id,
        version=application.revision,
    )  # fmt: skip
    if application.state is State.SUBMITTED:
        workflow.advance(session, application, actor, Action.BEGIN_FORMAL_REVIEW)


def examine(session: Session, application: Application, actor: User) -> None:
    """Make sure that the actor may work on an opened application now, and note that they do.

    Raises:
        StaleError: it is not in formal review, or not opened.
        RuleError: a proposal waits for its confirmation.
    """
    require(actor, "formal_review:examine", application)
    if application.state is not State.FORMAL_REVIEW or application.opened_at is None:
        raise StaleError(
            f"申报现处于“{label(application.state)}”，不能审查；请刷新页面查看最新状态。", parameter="state"
        )
    if workflow.open_proposal(session, application):
        raise RuleError("不予受理的提议正待确认，办结前不能再作判定。", parameter="proposal")
    take_part(session, application, actor, Capacity.FORMAL_REVIEWER)


def judge(
    session: Session, application: Application, actor: User, judgements: Mapping[str, Judgement]
) -> None:
    """Judge rows of the checklist; a question that has no row gets one, so that any fault can be told.

    Raises:
        RuleError: a fault or a waiver without words, or a question that the application does not ask.
    """
    examine(session, application, actor)
    rows = {row.key: row for row in looking.items(session, application)}
    asked = {question.key: question for question in questions.questions(application.list_code)}
    changed: dict[str, str] = {}
    for key, judgement in judgements.items():
        if key not in asked:
            raise RuleError("审查事项：请从列表中选择。", parameter="extra-question")
        note = judgement.note.strip()
        if judgement.verdict in NOTED and not note:
            raise RuleError(
                f"{asked[key].label}：判为“{label(judgement.verdict)}”时，说明必填。", parameter=f"note-{key}"
            )
        if len(note) > NOTE_MAX:
            raise RuleError(f"{asked[key].label}：说明不超过 {NOTE_MAX} 个字。", parameter=f"note-{key}")
        row = rows.get(key)
        if row is None:
            row = rows[key] = FormalReviewItem(
                application_id=application.id, key=key, verdict=CheckVerdict.OPEN, note=None,
                revision=application.revision,
            )  # fmt: skip
            session.add(row)
        if (row.verdict, row.note or "") != (judgement.verdict, note):
            row.verdict, row.note, row.revision = judgement.verdict, note or None, application.revision
            row.judged_by_id, row.judged_at = actor.id, clock.now()
            changed[key] = judgement.verdict.value
    count(application, list(rows.values()))
    if changed:
        waived = {key: rows[key].note for key, verdict in changed.items() if verdict == CheckVerdict.WAIVED}
        trail.record(
            session, actor, "formal_review.waive" if waived else "formal_review.judge", subject="application",
            subject_id=application.id, version=application.revision,
            detail={"verdicts": changed, "waived": waived},
        )  # fmt: skip
    session.flush()  # two examiners at once: the version refuses the second


def lay_out(session: Session, application: Application) -> None:
    """Make the checklist fit the submitted answers: rows for what applies, none for what does not any more."""
    filed = applications.revision(session, application)
    wanted = {
        question.key
        for question in questions.questions(application.list_code)
        if question.examine and _is_examined(question, filed)
    }
    rows = {row.key: row for row in looking.items(session, application)}
    by_key = questions.by_key()
    for key in wanted - rows.keys():
        rows[key] = FormalReviewItem(
            application_id=application.id, key=key, verdict=CheckVerdict.OPEN, revision=filed.number
        )
        session.add(rows[key])
    for key in [key for key in rows if not by_key[key].applies(filed.answers)]:
        session.delete(rows.pop(key))
    count(application, list(rows.values()))


def _is_examined(question: questions.Question, filed: ApplicationRevision) -> bool:
    return question.applies(filed.answers) and (question.required or bool(filed.answers.get(question.key)))


def reopen(session: Session, application: Application, keys: Collection[str]) -> None:
    """Have some rows judged anew, after what they look at changed."""
    for row in looking.items(session, application):
        if row.key in keys:
            row.verdict, row.note, row.judged_by_id, row.judged_at = CheckVerdict.OPEN, None, None, None
    lay_out(session, application)


def count(application: Application, rows: Sequence[FormalReviewItem]) -> None:
    """Write what the lifecycle asks of the checklist into the application's columns."""
    verdicts = [row.verdict for row in rows]
    application.open_checks = verdicts.count(CheckVerdict.OPEN)
    application.failed_checks = verdicts.count(CheckVerdict.FAILED)
