"""Ballots: a department answers a letter once and whole, with its scanned reply; in a meeting it votes as it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import attachments, clock, questions, trail
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.files import FileStore
from registry.models import Application, ApplicationRevision, Attachment, Capacity, ListCode, State, User
from registry.participation import take_part
from registry.permissions import Actor, may, require
from registry.terms import label
from review.committee import queries, representatives
from review.committee.models import (
    AgendaItem,
    Ballot,
    Representative,
    Sitting,
    SittingKind,
    SittingState,
    SittingUnit,
    Vote,
)
from review.committee.tally import AGAINST

REPLY = "committee_reply"
"""The kind of attachment that a scanned reply is."""
REASON_MAX = 1_000
LETTER = SittingKind.OPINION_ROUND
VOTES: Mapping[SittingKind, Sequence[Vote]] = {
    SittingKind.OPINION_ROUND: (Vote.AGREE, Vote.OBJECT, Vote.RECUSE),
    SittingKind.MEETING: (Vote.AGREE, Vote.DISAGREE, Vote.DEFER, Vote.ABSTAIN, Vote.RECUSE),
}
"""What a department may say, by how it is asked."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks for a department in a sitting; nobody where the office enters a reply that came on paper."""

    representative: Representative | None
    unit: SittingUnit
    sitting: Sitting


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed for a product; without a vote nothing is said of it yet."""

    vote: Vote | None
    reason: str = ""
    is_veto: bool = False


class BallotError(RuleError):
    """A ballot cannot be cast as it is: everything that is wrong, each with its field, such as `reason-12`."""

    def __init__(self, each: Sequence[RuleError]) -> None:
        super().__init__(each[0].sentence, parameter=each[0].parameter)
        self.each = each


# --- looking ------------------------------------------------------------------------------------------------------


def voice(session: Session, actor: User, sitting: Sitting) -> Voice:
    """Return the actor's voice in a sitting that its department was called to.

    Raises:
        NotFoundError: the actor speaks for none of its departments, or it was not called yet.
    """
    representative = representatives.of_user(session, actor.id)
    unit = next((one for one in sitting.units if representative and one.unit == representative.unit), None)
    if representative is None or unit is None or sitting.state not in queries.SHOWN_TO_MEMBERS:
        raise NotFoundError("没有找到这次征求意见或者会议。", parameter="sitting")
    found = Voice(representative, unit, sitting)
    require(actor, "ballot:cast", found)
    return found


def paper(session: Session, actor: User, sitting: Sitting, unit_id: int) -> Voice:
    """Return the voice of a department whose reply to a letter came on paper.

    Raises:
        NotFoundError: no such department, or it is not asked by letter, or not yet.
    """
    unit = next((one for one in sitting.units if one.id == unit_id), None)
    if unit is None or sitting.kind is not LETTER or sitting.state not in queries.SHOWN_TO_MEMBERS:
        raise NotFoundError("没有找到这个单位的征求意见。", parameter="unit")
    require(actor, "ballot:register")
    return Voice(None, unit, sitting)


def cast_by(session: Session, unit: SittingUnit) -> dict[int, Ballot]:
    """Return what a department has cast, by agenda item."""
    return {ballot.item_id: ballot for ballot in session.scalars(queries.ballots_of(unit.id))}


def frozen(session: Session, application: Application) -> ApplicationRevision:
    """Return the revision of a product that was accepted, reviewed and is decided on."""
    return session.scalars(
        select(ApplicationRevision).where(
            ApplicationRevision.application_id == application.id,
            ApplicationRevision.number == application.frozen_revision,
        )
    ).one()


def barring(session: Session, voice: Voice) -> set[int]:
    """Return the agenda items that the department's written veto would bar: products within its remit.

    Quality and patents concern every product, copyright software, devices what is registered or filed as one.
    """
    remit, items = voice.unit.remit, voice.sitting.items
    match remit:
        case "":
            return set()
        case "copyright":
            return {item.id for item in items if item.application.list_code is ListCode.RJ}
        case "device":
            classes = questions.classes(session)
            answers = session.execute(queries.frozen_answers(voice.sitting.id)).all()
            return {
                item_id for item_id, given in answers if questions.public_content(given, classes)["device"]
            }
    return {item.id for item in items}


def is_open(voice: Voice) -> bool:
    """Return whether the department may still say something: until a letter's last day, in a meeting when it attends."""
    sitting = voice.sitting
    if sitting.state is not SittingState.VOTING:
        return False
    if sitting.kind is SittingKind.MEETING:
        return voice.unit.is_present
    return voice.unit.answered_at is None and sitting.due_on is not None and clock.today() <= sitting.due_on


# --- casting ------------------------------------------------------------------------------------------------------


def cast(
    session: Session,
    voice: Voice,
    actor: User,
    *,
    answers: Mapping[int, Answer],
    reply: tuple[str, bytes] | None = None,
    files: FileStore | None = None,
) -> None:
    """Cast the department's ballots, by agenda item; what was cast stays. The sitting is held with `shared`.

    A letter is answered once for all its products, with the scanned `reply` kept in `files`. What the office enters
    from paper is the department's, and makes nobody a member of the committee.

    Raises:
        BallotError: an answer is missing or has no reason, with every other fault.
        StaleError: the voting is over, or somebody of the department was faster.
        NotAllowedError: the person acted on a product in another capacity.
    """
    require(actor, "ballot:cast" if voice.representative else "ballot:register", voice)
    sitting = voice.sitting
    unit = session.scalars(
        select(SittingUnit)
        .where(SittingUnit.id == voice.unit.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    _expect_open(voice)
    before = cast_by(session, unit)
    said = {key: answer for key, answer in answers.items() if answer.vote is not None}
    if again := before.keys() & said.keys():
        raise StaleError(
            f"贵单位对“{_item(sitting, min(again)).application.product_name}”已经表决，一个单位一票，不能再次表决。",
            parameter=f"vote-{min(again)}",
        )
    pending = [item for item in sitting.items if item.ended_at is None and item.id not in before]
    _check(session, voice, pending, answers, reply)
    for item in pending:
        if item.id in said:
            _cast(session, unit, item, actor, said[item.id], takes_part=voice.representative is not None)
    if sitting.kind is LETTER and reply is not None and files is not None:
        name, content = reply
        unit.attachment_id = attachments.store(
            session, files, actor, organization_id=None, kind=REPLY, name=name, content=content
        ).id
    if all(item.id in said for item in pending):
        unit.answered_at, unit.answered_by_id = clock.now(), actor.id
        unit.is_on_paper = voice.representative is None
    act = "ballot.cast" if voice.representative else "ballot.register"
    trail.record(
        session, actor, act, subject="sitting", subject_id=sitting.id,
        detail={"unit": unit.unit, "items": sorted(said)},
    )  # fmt: skip


def _expect_open(voice: Voice) -> None:
    sitting = voice.sitting
    if is_open(voice):
        return
    if sitting.state is SittingState.VOTING and voice.unit.answered_at is not None:
        raise StaleError("贵单位已经反馈，一个单位一票，不能再次反馈。", parameter="vote")
    if sitting.state is SittingState.VOTING and sitting.kind is SittingKind.MEETING:
        raise NotAllowedError("贵单位没有登记到会，不能表决；请与会议工作人员核对。", parameter="vote")
    if sitting.state is SittingState.VOTING:
        raise StaleError("反馈期限已过，逾期为未反馈，不视为同意。", parameter="vote")
    raise StaleError(f"{sitting.name}现为“{label(sitting.state)}”，不能表决。", parameter="vote")


def _check(
    session: Session,
    voice: Voice,
    pending: Sequence[AgendaItem],
    answers: Mapping[int, Answer],
    reply: tuple[str, bytes] | None,
) -> None:
    is_letter = voice.sitting.kind is LETTER
    each = []
    barrable = barring(session, voice)
    for item in pending:
        answer, name = answers.get(item.id, Answer(None)), item.application.product_name
        if answer.vote is None:
            if is_letter:
                each.append(RuleError(f"“{name}”：请选择意见。", parameter=f"vote-{item.id}"))
            continue
        if answer.vote not in VOTES[voice.sitting.kind]:
            each.append(RuleError(f"“{name}”：请从所列意见中选择。", parameter=f"vote-{item.id}"))
        if answer.vote is not Vote.AGREE and not answer.reason.strip():
            each.append(
                RuleError(f"“{name}”：{label(answer.vote)}须写明理由。", parameter=f"reason-{item.id}")
            )
        if len(answer.reason) > REASON_MAX:
            each.append(RuleError(f"“{name}”：理由不超过 {REASON_MAX} 个字。", parameter=f"reason-{item.id}"))
        if answer.is_veto and (answer.vote not in AGAINST or item.id not in barrable):
            each.append(
                RuleError(
                    f"“{name}”：书面否决只能在本单位主管事项内、意见为不同意或者有异议时提出。",
                    parameter=f"veto-{item.id}",
                )
            )
    if is_letter and reply is None:
        each.append(RuleError("回函扫描件：必填，请上传盖章的回函。", parameter="reply"))
    if not is_letter and not any(answer.vote for answer in answers.values()):
        each.append(RuleError("请至少对一个产品选择意见。", parameter="vote"))
    if each:
        raise BallotError(each)


def _cast(
    session: Session, unit: SittingUnit, item: AgendaItem, actor: User, answer: Answer, *, takes_part: bool
) -> None:
    application = item.application
    if application.state is not State.COMMITTEE_PENDING:
        raise StaleError(
            f"“{application.product_name}”已不在审议中（{label(application.state)}），请刷新页面。",
            parameter=f"vote-{item.id}",
        )
    try:
        if takes_part:
            take_part(session, application, actor, Capacity.COMMITTEE_MEMBER)
    except NotAllowedError as refused:
        raise NotAllowedError(
            f"“{application.product_name}”：{refused.sentence}请由贵单位的其他代表办理。",
            parameter=f"vote-{item.id}",
        ) from None
    session.add(
        Ballot(
            item_id=item.id, unit_id=unit.id, vote=answer.vote, is_veto=answer.is_veto,
            reason=answer.reason.strip(), cast_by_id=actor.id, cast_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()  # the key refuses the department's second vote


def _item(sitting: Sitting, item_id: int) -> AgendaItem:
    return next(item for item in sitting.items if item.id == item_id)


# --- who may open files -------------------------------------------------------------------------------------------


def _reads_reply(session: Session, actor: Actor, attachment: Attachment) -> bool:
    """Open a department's reply to the committee's office and to the department's own people."""
    if may(actor, "committee:view"):
        return True
    speaker = representatives.of_user(session, actor.id) if actor.id is not None else None
    return speaker is not None and bool(
        session.scalar(
            select(SittingUnit.id).where(
                SittingUnit.attachment_id == attachment.id, SittingUnit.unit == speaker.unit
            )
        )
    )


def _reads_application(session: Session, actor: Actor, attachment: Attachment) -> bool:
    """Open a product's files to the chair and to the departments that were called to decide on it."""
    if attachment.application_id is None or actor.id is None:
        return False
    on_agenda = (
        select(AgendaItem.id)
        .join(Sitting)
        .where(
            AgendaItem.application_id == attachment.application_id,
            Sitting.state.in_(queries.SHOWN_TO_MEMBERS),
        )
    )
    if may(actor, "committee:decide"):
        return bool(session.scalar(on_agenda.limit(1)))
    speaker = representatives.of_user(session, actor.id)
    if speaker is None or not may(actor, "ballot:list"):
        return False
    return bool(
        session.scalar(
            on_agenda.join(SittingUnit, SittingUnit.sitting_id == Sitting.id)
            .where(SittingUnit.unit == speaker.unit)
            .limit(1)
        )
    )


attachments.own_readers[REPLY] = _reads_reply
attachments.readers.append(_reads_application)
