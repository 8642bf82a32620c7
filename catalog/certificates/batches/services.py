"""Ask for a batch, approve or refuse it. Approval puts each product into the outbox; `issuing` does the rest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

import catalog.certificates.batches.permissions  # noqa: F401 - its rows are asked for below
from catalog import buyers, visibility
from catalog.certificates.batches import queries
from catalog.certificates.batches.models import BatchLine, BatchState, CertificateBatch
from catalog.certificates.services import USUAL_FUNDS, Purchase, checked_purpose
from catalog.models import BuyerStatus
from catalog.shortlists.queries import shortlisted
from catalog.shortlists.services import MOST
from registry import clock, messages, outbox, policy, trail
from registry.canonical import digest
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Role, User
from registry.permissions import require
from registry.statements import stated

ANSWER_MAX = 500  # characters


@dataclass(frozen=True, slots=True)
class LineApproved:
    """A product of a batch shall get its certificate."""

    line_id: int


def request(
    session: Session, actor: User, *, purchase: Purchase, codes: Collection[str] | None = None
) -> tuple[CertificateBatch, bool]:
    """Ask for a certificate of each product on the actor's shortlist, or of those with these codes.

    Return the batch, and whether it is a new one. The same again while it is open is the same.

    Raises:
        RuleError: the unit is no verified buyer or has no other person who approves, the purpose is refused, the
            shortlist is empty or too long, or nothing on it or something else was chosen.
        StaleError: the same was asked for and decided again and again in this moment.
    """
    require(actor, "certificate_batch:request")
    buyer = buyers.of_unit(session, actor.organization_id)
    if buyer is None or buyer.status is not BuyerStatus.VERIFIED:
        raise RuleError("采购方尚未通过核验，不能申请出具证明。", parameter="buyer")
    text = checked_purpose(purchase.text)
    entries = session.scalars(shortlisted(actor.id, visibility.scopes(session, actor))).all()
    most = policy.value(session, MOST)
    if not 0 < len(entries) <= most:
        raise RuleError(f"备选清单：应有 1 至 {most} 个产品，现有 {len(entries)} 个。", parameter="shortlist")
    if codes is not None:
        if left := sorted(set(codes) - {entry.code for entry in entries}):
            raise RuleError(f"产品：{'、'.join(left)} 已不在备选清单中，请重新选择。", parameter="code")
        entries = [entry for entry in entries if entry.code in codes]
        if not entries:
            raise RuleError("产品：请至少选择一个产品。", parameter="code")
    approvers = [
        user
        for user in messages.members(session, buyer.organization_id, (Role.BUYER_APPROVER,))
        if user.id != actor.id
    ]
    if not approvers:
        raise RuleError("单位没有另一位采购方审批人，请先由签署人在“本单位”指定。", parameter="approver")
    batch = CertificateBatch(
        buyer_id=buyer.id, state=BatchState.REQUESTED, purpose=text, funds=purchase.funds or USUAL_FUNDS[buyer.nature],
        object=purchase.object, project=purchase.project, requested_by_id=actor.id, requested_at=clock.now(),
        lines=[BatchLine(position=position, entry_id=entry.id) for position, entry in enumerate(entries, 1)],
    )  # fmt: skip
    batch.request_hash = digest(
        [buyer.id, text, batch.funds, batch.object, batch.project, *sorted(entry.id for entry in entries)]
    )
    opened = _open(session, batch)
    if opened is not batch:
        return opened, False
    _record(session, actor, "request", batch, products=len(entries), purpose=text)
    messages.tell(
        session, approvers, subject="有批量证明的申请等您审批",
        body=f"{actor.display_name}申请为 {len(entries)} 个产品出具采购用途列入情况证明，用途：{text}。",
        path=path_of(batch),
    )  # fmt: skip
    return batch, True


def find(session: Session, batch_id: int, actor: User) -> CertificateBatch:
    """Return a batch of the actor's unit with its lines.

    Raises:
        NotFoundError: the unit has no such batch.
    """
    query = queries.with_lines(queries.batches(actor)).where(CertificateBatch.id == batch_id)
    batch = session.scalars(query).one_or_none()
    if batch is None:
        raise NotFoundError("没有找到这项批量申请，或者它不属于您的单位。", parameter="batch")
    require(actor, "certificate_batch:view", batch)
    return batch


def withdraw(session: Session, batch: CertificateBatch, actor: User) -> None:
    """Take a request back; the same can then be asked for anew.

    Raises:
        NotAllowedError: another asked for it.
        StaleError: it was decided or taken back before.
    """
    require(actor, "certificate_batch:withdraw", batch)
    _leave(session, batch, BatchState.WITHDRAWN)
    _record(session, actor, "withdraw", batch)


def approve(session: Session, batch: CertificateBatch, actor: User) -> None:
    """Have the certificates issued; what holds is looked at again for each of them then.

    Raises:
        NotAllowedError: the actor does not approve for that buyer, or asked himself.
        StaleError: it was decided before.
    """
    _decide(session, batch, actor, BatchState.ISSUING)
    for line in batch.lines:
        outbox.emit(session, LineApproved(line.id))
    _record(session, actor, "approve", batch)


def refuse(session: Session, batch: CertificateBatch, actor: User, *, answer: str) -> None:
    """Refuse a request and tell who asked why.

    Raises:
        NotAllowedError: the actor does not approve for that buyer, or asked himself.
        RuleError: no reason is given, or too long a one.
        StaleError: it was decided before.
    """
    batch.answer = answer = stated(answer, "不同意的理由", "answer", most=ANSWER_MAX)
    _decide(session, batch, actor, BatchState.REFUSED)
    _record(session, actor, "refuse", batch, reason=answer)
    tell(
        session, (batch.requested_by_id,), batch, subject="批量证明的申请未获同意",
        body=f"用途为“{batch.purpose}”的批量申请未获同意。理由：{answer}",
    )  # fmt: skip


def tell(
    session: Session, user_ids: Sequence[int | None], batch: CertificateBatch, *, subject: str, body: str
) -> None:
    """Tell those of some accounts that are still in use of a batch."""
    users = session.scalars(select(User).where(User.id.in_(filter(None, user_ids)), User.is_active)).all()
    messages.tell(session, users, subject=subject, body=body, path=path_of(batch))


def path_of(batch: CertificateBatch) -> str:
    """Return the address of a batch's page."""
    return f"/buyer/batches/{batch.id}"


def _open(session: Session, batch: CertificateBatch) -> CertificateBatch:
    """Write a batch, or return the open one that asks for the same."""
    for _attempt in range(2):  # the other may be closed between the conflict and the look at it
        try:
            with session.begin_nested():
                session.add(batch)
        except IntegrityError:
            query = select(CertificateBatch).where(
                CertificateBatch.request_hash == batch.request_hash,
                CertificateBatch.state.in_((BatchState.REQUESTED, BatchState.ISSUING)),
            )
            if other := session.scalars(query).one_or_none():
                return other
        else:
            return batch
    raise StaleError("同样的申请刚刚办结，请重新提交。")


def _decide(session: Session, batch: CertificateBatch, actor: User, state: BatchState) -> None:
    require(actor, "certificate_batch:decide", batch)
    _leave(session, batch, state, decided_by_id=actor.id)


def _leave(
    session: Session, batch: CertificateBatch, state: BatchState, *, decided_by_id: int | None = None
) -> None:
    left = StaleError("这项申请已经办理或撤回，请刷新页面查看结果。")
    if batch.state is not BatchState.REQUESTED:
        raise left
    batch.state, batch.decided_by_id, batch.decided_at = state, decided_by_id, clock.now()
    try:
        session.flush()
    except StaleDataError:  # of two who act at once the version refuses the second
        raise left from None


def _record(session: Session, actor: User, act: str, batch: CertificateBatch, **detail: str | int) -> None:
    trail.record(
        session, actor, f"certificate_batch.{act}", subject="certificate_batch", subject_id=batch.id, detail=detail
    )  # fmt: skip
