"""Correcting: one complete list, the unit's answer to each item, and what happens when none comes in time."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from registry import applications, calendar, clock, messages, questions, rounds, workflow
from registry.errors import RuleError, StaleError
from registry.formal_review import looking
from registry.formal_review.examining import examine, reopen
from registry.models import (
    Action,
    Application,
    CheckVerdict,
    CorrectionItem,
    CorrectionLetter,
    State,
    User,
)
from registry.permissions import require
from registry.questions import Merged
from registry.terms import label

ANSWER_MAX = 2_000
UNCORRECTED = "uncorrected"
"""The reason code of an application that was not corrected in time."""


def require_correction(session: Session, application: Application, actor: User) -> CorrectionLetter:
    """Tell the unit once everything that it must correct: every row that was judged a fault.

    A further list may only name what changed since the last one, or what nobody could have told before.

    Raises:
        RuleError: rows are not judged yet, there is no fault, the rounds are used up, or a fault is not new.
    """
    examine(session, application, actor)
    rows = looking.items(session, application)
    failed = [row for row in rows if row.verdict is CheckVerdict.FAILED]
    if waiting := sum(row.verdict is CheckVerdict.OPEN for row in rows):
        raise RuleError(f"还有 {waiting} 项没有判定；补正事项应当一次列全，请先逐项判定。", parameter="items")
    if not failed:
        raise RuleError("没有判为“不符合”的事项，不需要补正。", parameter="items")
    sent = looking.letters(session, application)
    answered = looking.answered(application, sent)
    most = rounds.policy_value(application.round, "formal.correction_rounds")
    if len(answered) >= most:
        raise RuleError(f"补正至多 {most} 次，已经用完；仍不符合的，可以提议不予受理。", parameter="items")
    if answered:
        changed = _changed(session, application, since=answered[-1])
        if old := [row.key for row in failed if row.key not in changed]:
            names = "、".join(questions.by_key()[key].label for key in old)
            raise RuleError(
                f"{names}：上次告知以来没有变化，不得再次要求补正；请改判，或者提议不予受理。",
                parameter="items",
            )
    days = rounds.policy_value(application.round, "formal.correction_working_days")
    letter = CorrectionLetter(
        application_id=application.id,
        number=len(sent) + 1,
        revision=application.revision,
        issued_by_id=actor.id,
        issued_at=clock.now(),
        due_on=calendar.load(session).add(clock.today(), days),
        items=[CorrectionItem(question=row.key, problem=row.note or "") for row in failed],
    )
    session.add(letter)
    application.correction_due_on, application.open_corrections = letter.due_on, len(failed)
    application.correction_rounds = len(answered) + 1
    workflow.advance(session, application, actor, Action.REQUIRE_CORRECTION)
    return letter


def _changed(session: Session, application: Application, *, since: CorrectionLetter) -> set[str]:
    """Return the questions that are answered otherwise than when a letter was written."""
    before = applications.revision(session, application, since.revision).answers
    now = applications.revision(session, application).answers
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}


# --- the unit -----------------------------------------------------------------------------------------------------


def _open_letter(session: Session, application: Application) -> CorrectionLetter:
    sent = looking.letters(session, application)
    if application.state is not State.CORRECTION_REQUIRED or not sent:
        raise StaleError(
            f"申报现处于“{label(application.state)}”，不能答复补正事项；您刚填写的内容没有保存。",
            parameter="state",
        )
    return sent[-1]


def seen(letter: CorrectionLetter) -> str:
    """Return what a page remembers of the answers it shows; see `questions.merge`."""
    return questions.remembered({str(item.id): item.answer for item in letter.items})


def save_answers(
    session: Session, application: Application, actor: User, *, typed: Mapping[int, str], remembered: str
) -> Merged:
    """Keep what the unit answers to each item; two who answer at once see each other, as in the draft.

    Raises:
        StaleError: the application waits for no answer.
        RuleError: an answer is too long.
    """
    require(actor, "application:edit", application)
    letter = _open_letter(session, application)
    for number, item in enumerate(letter.items, 1):
        if len(typed.get(item.id, "")) > ANSWER_MAX:
            raise RuleError(
                f"第 {number} 项的答复：不超过 {ANSWER_MAX} 个字。", parameter=f"answer-{item.id}"
            )
    merged = questions.merge(
        {str(item.id): item.answer for item in letter.items},
        {str(key): text.strip() for key, text in typed.items()},
        remembered,
    )
    for item in letter.items:
        if str(item.id) in merged.changed:
            item.answer = merged.draft[str(item.id)] or None
            item.answered_at = clock.now() if item.answer else None
    application.open_corrections = sum(item.answer is None for item in letter.items)
    return merged


def answer(session: Session, application: Application, actor: User, *, commitment: bool) -> None:
    """Submit the corrected application with the answers; what was asked for and what changed is judged anew.

    Raises:
        StaleError: the application waits for no answer.
        RuleError: too late, an item is not answered, the application is not complete, or the commitment not signed.
    """
    letter = _open_letter(session, application)
    if not workflow.in_time.holds(application):
        day = calendar.load(session).label(letter.due_on)
        raise RuleError(f"补正期限（{day}）已过，不能再提交补正材料。", parameter="due")
    for number, item in enumerate(letter.items, 1):
        if item.answer is None:
            raise RuleError(f"第 {number} 项还没有答复。", parameter=f"answer-{item.id}")
    applications.file_revision(session, application, actor, commitment=commitment)
    session.flush()  # the new revision is read back below
    reopen(
        session,
        application,
        {item.question for item in letter.items} | _changed(session, application, since=letter),
    )
    workflow.advance(session, application, actor, Action.ANSWER_CORRECTION)


# --- the clock ----------------------------------------------------------------------------------------------------


def recount(session: Session, application: Application) -> None:
    """Move the due day back where the calendar lost working days since the letter; what was promised stands.

    The unit is told.
    """
    letter = _open_letter(session, application)
    days = rounds.policy_value(application.round, "formal.correction_working_days")
    work = calendar.load(session)
    later = work.add(clock.day_of(letter.issued_at), days)
    if later <= letter.due_on:
        return
    text = rounds.policy_value(application.round, "formal.letter_moved")
    words = {
        "product": application.product_name,
        "before": work.label(letter.due_on),
        "after": work.label(later),
    }
    letter.due_on = application.correction_due_on = later
    messages.tell(
        session,
        messages.members(session, application.organization_id, messages.APPLICANT_ROLES),
        subject=text["subject"].format(**words),
        body=text["body"].format(**words),
        path=f"/apply/applications/{application.id}/correction",
        application=application,
    )


def lapse(session: Session, application: Application) -> None:
    """Do not accept an application whose correction is overdue; any other stays as it is."""
    if application.state is State.CORRECTION_REQUIRED and workflow.overdue.holds(application):
        application.reason_code = UNCORRECTED
        workflow.advance(session, application, workflow.SYSTEM, Action.LAPSE)
