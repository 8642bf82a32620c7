"""Notices: drafted from approved applications, cleared of leaks, opened for a count of working days, closed by the clock.

A notice prints only whitelisted fields of what acceptance froze. The posting day is day 1. An objection holds its own
product; the others go on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalog.publication.content import (
    NEVER_WITHHELD,
    asked_scope,
    fields,
    frozen_answers,
    hold,
    scanned,
)
from catalog.publication.models import NoticeItem, NoticeState, PublicNotice
from catalog.publication.queries import is_to_notice
from registry import calendar, clock, messages, rounds, trail, workflow
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Action, Application, CallRound, PublicationScope, RoundState, State, User
from registry.permissions import require
from registry.statements import stated
from registry.terms import label


@dataclass(frozen=True, slots=True)
class Heading:
    """What a notice says beside its products; all of it must be printed (`wording.md`)."""

    title: str
    opening: str
    department: str
    phone: str
    address: str
    methods: str


MUST_PRINT = {
    "title": "标题",
    "opening": "正文",
    "department": "受理部门",
    "phone": "电话",
    "address": "地址",
    "methods": "异议方式",
}
REASON_MAX = 2_000
LONGEST = {"title": 200, "department": 100, "phone": 60, "address": 200}


# --- looking ------------------------------------------------------------------------------------------------------


def find(session: Session, notice_id: int, *, lock: bool = False, version: int | None = None) -> PublicNotice:
    """Return a notice with its round, items and their applications.

    Raises:
        NotFoundError: there is none.
        StaleError: it was changed since the page with `version` was shown.
    """
    query = select(PublicNotice).where(PublicNotice.id == notice_id)
    if lock:
        session.execute(query.with_for_update().execution_options(populate_existing=True))
    notice = session.scalars(
        query.options(
            selectinload(PublicNotice.round),
            selectinload(PublicNotice.items).options(
                joinedload(NoticeItem.application).joinedload(Application.entry),
                joinedload(NoticeItem.notice),
            ),
        )
    ).one_or_none()
    if notice is None:
        raise NotFoundError("没有这份公示。", parameter="notice")
    if version is not None and notice.version_id != version:
        raise StaleError("这份公示刚刚被别人修改，请刷新页面查看后再办理。", parameter="version")
    return notice


def waiting(session: Session, call: CallRound) -> Sequence[Application]:
    """Return the approved applications of a round that stand in no draft of a notice, in printed order."""
    return session.scalars(
        select(Application)
        .where(Application.round_id == call.id, is_to_notice())
        .options(joinedload(Application.organization))
        .order_by(Application.list_code, Application.number)
    ).all()


def default_heading(session: Session, call: CallRound) -> Heading:
    """Return the heading as the round's policy words it; contacts may be empty and must then be typed."""
    wording, contact = (
        rounds.policy_value(call, "notice.wording"),
        rounds.policy_value(call, "notice.contact"),
    )
    return Heading(
        title=wording["title"].format(round=call.name),
        opening=wording["opening"].format(round=call.name),
        methods=wording["methods"].format(round=call.name),
        **contact,
    )


# --- drafting -----------------------------------------------------------------------------------------------------


def draft(
    session: Session,
    call: CallRound,
    actor: User,
    *,
    applications: Collection[int],
    heading: Heading | None = None,
) -> PublicNotice:
    """Draft a notice of some approved applications of a round; their content is scanned at once.

    Raises:
        RuleError: none was chosen, or a content is not what was frozen.
        StaleError: one of them is not approved, or in another draft.
    """
    require(actor, "notice:manage")
    if not applications:
        raise RuleError("产品：至少选择一项列入公示。", parameter="applications")
    chosen = [application for application in waiting(session, call) if application.id in applications]
    if len(chosen) < len(set(applications)):
        raise StaleError("所选产品中有的已不在待公示之列，请刷新页面重新选择。", parameter="applications")
    fields(call)  # a whitelist that names an unknown field stops here
    notice = PublicNotice(
        round=call,
        state=NoticeState.DRAFT,
        working_days=rounds.policy_value(call, "notice.working_days"),
        created_by_id=actor.id,
        created_at=clock.now(),
        **_printed(heading or default_heading(session, call), whole=False),
    )
    notice.items = [
        NoticeItem(
            application=application, position=position, withheld=[], cleared={}, scanned_at=clock.now(),
            **scanned(session, application, call),
        )
        for position, application in enumerate(chosen, 1)
    ]  # fmt: skip
    session.add(notice)
    session.flush()  # the trail names it by its id
    _record(session, actor, notice, "draft", {"applications": [item.application_id for item in notice.items]})
    return notice


def revise(session: Session, notice: PublicNotice, actor: User, *, heading: Heading) -> None:
    """Change what a draft says beside its products.

    Raises:
        StaleError: it is open already.
        RuleError: a text is too long.
    """
    require(actor, "notice:manage")
    _expect_draft(notice, "修改")
    for name, value in _printed(heading, whole=False).items():
        setattr(notice, name, value)
    _record(session, actor, notice, "revise")


def withhold(session: Session, item: NoticeItem, actor: User, *, field: str) -> None:
    """Leave a field of a product out of the notice and of the publication.

    Raises:
        RuleError: the field cannot be left out, or the product has none such.
        StaleError: the notice is open already.
    """
    require(actor, "notice:manage")
    _expect_draft(item.notice, "修改")
    if field in NEVER_WITHHELD or field not in item.content:
        raise RuleError("产品名称和申报单位必须公开，请退回核实后再公示。", parameter="field")
    if field not in item.withheld:
        item.withheld = [*item.withheld, field]
        _record(session, actor, item.notice, "withhold", {"item": item.id, "field": field})


def set_scope(
    session: Session, item: NoticeItem, actor: User, *, scope: PublicationScope, reason: str
) -> None:
    """Decide who may see a product in the notice and in the catalog; otherwise than asked only with a reason.

    Raises:
        RuleError: no reason.
        StaleError: the notice is open already.
    """
    require(actor, "notice:manage")
    _expect_draft(item.notice, "修改")
    asked = asked_scope(frozen_answers(session, item.application))
    if scope is not asked and not reason.strip():
        raise RuleError(
            f"理由：申报单位申请的公开范围是“{label(asked)}”，改变的必填。", parameter="scope_reason"
        )
    if len(reason) > REASON_MAX:
        raise RuleError(f"理由：不超过 {REASON_MAX} 个字。", parameter="scope_reason")
    item.scope, item.scope_reason = scope, reason.strip() or None
    _record(
        session, actor, item.notice, "scope",
        {"item": item.id, "scope": scope, "reason": item.scope_reason},
    )  # fmt: skip


def clear(session: Session, item: NoticeItem, actor: User, *, fingerprint: str, reason: str) -> None:
    """Say why a finding is harmless; it is kept with the name of who said so.

    Raises:
        RuleError: no reason, or no such finding.
        StaleError: the notice is open already.
    """
    require(actor, "notice:manage")
    _expect_draft(item.notice, "修改")
    reason = stated(reason, "理由", "reason", why="，说明为什么不属于泄露")
    if fingerprint not in {finding["fingerprint"] for finding in item.findings}:
        raise RuleError("没有这项检查发现，请刷新页面。", parameter="fingerprint")
    item.cleared = {
        **item.cleared,
        fingerprint: {"reason": reason, "by": actor.id, "at": clock.now().isoformat()},
    }
    _record(
        session, actor, item.notice, "clear",
        {"item": item.id, "finding": fingerprint, "reason": reason},
    )  # fmt: skip


def discard(session: Session, notice: PublicNotice, actor: User) -> None:
    """Throw a draft away; its products wait for another notice.

    Raises:
        StaleError: it is open already.
    """
    require(actor, "notice:manage")
    _expect_draft(notice, "作废")
    _record(session, actor, notice, "discard")
    for item in notice.items:
        session.delete(item)
    session.flush()  # the items point at the notice
    session.delete(notice)


# --- opening and closing ------------------------------------------------------------------------------------------


def open_notice(session: Session, notice: PublicNotice, actor: User) -> None:
    """Post the notice today: today is day 1, the period ends with the last of its working days.

    Raises:
        StaleError: it is open already, or one of its products is no longer approved.
        RuleError: something that must be printed is missing, or a finding of the leak scan is not dealt with.
    """
    require(actor, "notice:manage")
    _expect_draft(notice, "发布")
    hold(session, notice.round_id, (item.application_id for item in notice.items))
    _printed(Heading(**{name: getattr(notice, name) for name in MUST_PRINT}), whole=True)
    if gone := [item for item in notice.items if item.application.state is not State.APPROVED]:
        raise StaleError(
            f"{_names(gone)}已不在待公示之列，请作废此稿后重新选择产品。", parameter="applications"
        )
    if suspect := [item for item in notice.items if item.open_findings]:
        count = sum(len(item.open_findings) for item in suspect)
        raise RuleError(
            f"泄露检查：{_names(suspect)}还有 {count} 处发现没有处理，请逐项选择不公开或者说明理由。",
            parameter="findings",
        )
    notice.opens_on = clock.today()
    notice.closes_on = calendar.load(session).last_of(notice.opens_on, notice.working_days)
    notice.state, notice.opened_by_id, notice.opened_at = NoticeState.OPEN, actor.id, clock.now()
    session.flush()  # the second of two clicks is refused here
    for item in notice.items:
        application = item.application
        frozen_answers(session, application)  # still what was frozen
        application.notice_closes_on, application.leak_scan_at = notice.closes_on, item.scanned_at
        workflow.advance(session, application, actor, Action.OPEN_NOTICE)
    rounds.advance_round(session, notice.round, actor, RoundState.NOTICED)
    _record(
        session, actor, notice, "open",
        {"opens_on": notice.opens_on.isoformat(), "closes_on": notice.closes_on.isoformat()},
    )  # fmt: skip


def turn(session: Session) -> int:
    """Close the notices whose period is over; return how many.

    Where a day was declared free meanwhile the period grows, and the units are told; it never shrinks, since people rely
    on the day they read.
    """
    days = calendar.load(session)
    closed = 0
    for notice_id in session.scalars(
        select(PublicNotice.id).where(PublicNotice.state == NoticeState.OPEN).order_by(PublicNotice.id)
    ).all():
        notice = find(session, notice_id, lock=True)
        if notice.state is not NoticeState.OPEN or notice.opens_on is None or notice.closes_on is None:
            continue
        if (last := days.last_of(notice.opens_on, notice.working_days)) > notice.closes_on:
            _grow(session, notice, days.label(last))
            for application in [item.application for item in notice.items]:
                is_of_this = application.notice_closes_on == notice.closes_on  # not of a later one
                if is_of_this and application.state in (State.IN_NOTICE, State.OBJECTION_HOLD):
                    application.notice_closes_on = last
            notice.closes_on = last
        if notice.closes_on < clock.today():
            notice.state = NoticeState.CLOSED
            _record(session, None, notice, "close")
            closed += 1
    return closed


def _grow(session: Session, notice: PublicNotice, until: str) -> None:
    _record(session, None, notice, "extend", {"closes_on": until})
    for unit in sorted({item.application.organization_id for item in notice.items}):
        messages.tell(
            session,
            messages.members(session, unit, messages.APPLICANT_ROLES),
            subject=f"公示期顺延：{notice.title}",
            body=f"因工作日安排调整，公示期顺延至{until}。",
            path=f"/notices/{notice.id}",
        )


def _names(items: Sequence[NoticeItem], most: int = 3) -> str:
    names = "、".join(f"“{item.application.product_name}”" for item in items[:most])
    return f"{names}等 {len(items)} 项产品" if len(items) > most else names


def _printed(heading: Heading, *, whole: bool) -> dict[str, str]:
    """Return the heading's texts; with `whole` all of them must be there."""
    texts = {name: getattr(heading, name).strip() for name in MUST_PRINT}
    for name, text in texts.items():
        if whole and not text:
            raise RuleError(f"{MUST_PRINT[name]}：必填，公示须写明。", parameter=name)
        if len(text) > (most := LONGEST.get(name, 5_000)):
            raise RuleError(f"{MUST_PRINT[name]}：不超过 {most} 个字符。", parameter=name)
    return texts


def _expect_draft(notice: PublicNotice, act: str) -> None:
    if notice.state is not NoticeState.DRAFT:
        raise StaleError(f"公示已经发布，不能{act}；请刷新页面查看最新状态。", parameter="state")


def _record(
    session: Session,
    actor: User | None,
    notice: PublicNotice,
    act: str,
    detail: dict[str, object] | None = None,
) -> None:
    trail.record(session, actor, f"notice.{act}", subject="notice", subject_id=notice.id, detail=detail)
