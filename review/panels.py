"""Panels: a pool is frozen, a panel drawn from it, its members called, and the review begun."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from registry import clock, rounds, trail, workflow
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Action, Application, CallRound, RoundState, State, User
from registry.permissions import require
from registry.statements import stated
from registry.terms import label
from review import draw, pool, seats
from review.models import Assignment, AssignmentState, Expert, Panel, PanelItem, PanelState

PUBLIC_VALUE_MAX = 80


def whole(session: Session, panel_id: int, *, lock: bool = False) -> Panel:
    """Return a panel with its products, seats and persons; with `lock`, others wait until the commit.

    Raises:
        NotFoundError: there is no such panel.
    """
    if lock:
        session.execute(select(Panel.id).where(Panel.id == panel_id).with_for_update())
    panel = session.scalars(
        select(Panel)
        .where(Panel.id == panel_id)
        .options(
            selectinload(Panel.round),
            selectinload(Panel.items).joinedload(PanelItem.application).joinedload(Application.organization),
            selectinload(Panel.assignments).joinedload(Assignment.expert).joinedload(Expert.user),
        )
    ).one_or_none()
    if panel is None:
        raise NotFoundError("没有这个专家组。", parameter="panel")
    return panel


def under_way(panel: Panel) -> list[Application]:
    """Return the products whose review is not over and that were not withdrawn."""
    return [
        item.application
        for item in panel.items
        if item.ended_at is None and item.application.state is not State.WITHDRAWN
    ]


# --- the draw -----------------------------------------------------------------------------------------------------


def prepare(
    session: Session,
    actor: User,
    applications: Sequence[Application],
    *,
    secret: str | None = None,
    salt: str | None = None,
) -> Panel:
    """Freeze the pool for a group of accepted products and commit to a secret; from now on the lot cannot be chosen.

    Secret and salt are drawn at random; only a rehearsal that must come out the same every time hands them over.

    Raises:
        RuleError: nothing chosen, too many, or of several rounds or fields.
        StaleError: one is not accepted, or before a panel already.
    """
    require(actor, "panel:manage")
    if not applications:
        raise RuleError("产品：请至少选择一个。", parameter="applications")
    call = session.get_one(CallRound, applications[0].round_id)
    rule = rounds.policy_value(call, "review.panel")
    if len(applications) > rule["group_at_most"]:
        raise RuleError(f"产品：一组不超过 {rule['group_at_most']} 个。", parameter="applications")
    if len({(one.round_id, one.field) for one in applications}) > 1:
        raise RuleError("产品：一组只评同一批次、同一产业领域的产品。", parameter="applications")
    ids = [one.id for one in applications]
    taken = select(PanelItem.panel_id).where(PanelItem.application_id.in_(ids), PanelItem.ended_at.is_(None))
    if any(one.state is not State.ACCEPTED for one in applications) or session.scalars(taken).first():
        raise StaleError(
            "所选产品有的不在待评审状态，或者已编入专家组，请刷新页面后再选。", parameter="applications"
        )
    salt, secret = salt or secrets.token_hex(32), secret or secrets.token_hex(32)
    lines = pool.freeze(session, call, applications, salt=salt)
    panel = Panel(
        round_id=call.id, field=applications[0].field, state=PanelState.PREPARED, pool=lines,
        pool_hash=draw.pool_hash([draw.candidate_of(line) for line in lines]), salt=salt, secret=secret,
        commitment=draw.commitment(secret), public_source=rounds.policy_value(call, "review.public_source"),
        rule=rule, steps=[], prepared_by_id=actor.id, prepared_at=clock.now(),
        items=[PanelItem(application_id=key) for key in ids],
    )  # fmt: skip
    session.add(panel)
    session.flush()  # the unique index refuses a second panel for the same product
    for application in applications:
        _forget_review(application)
        seats.refresh(session, application, panel)
    _record(
        session, actor, panel, "prepare",
        {"pool_hash": panel.pool_hash, "commitment": panel.commitment, "public_source": panel.public_source,
         "applications": ids},
    )  # fmt: skip
    rounds.advance_round(session, call, actor, RoundState.REVIEWING)
    return panel


def _forget_review(application: Application) -> None:
    """Empty what an earlier panel left in the evidence; its sheets and results are kept."""
    application.official_score = application.recommend_share = application.is_above_line = None
    application.motion_at = None


def cancel(session: Session, panel: Panel, actor: User, *, reason: str) -> None:
    """Give up a panel whose lot was not drawn yet; a drawn one stays, so that nobody draws until it suits.

    Raises:
        StaleError: it was drawn, or cancelled already.
        RuleError: no reason.
    """
    require(actor, "panel:manage")
    _expect(panel, "取消", PanelState.PREPARED)
    reason = stated(reason, "理由", "reason")
    panel.state, panel.cancelled_at, panel.reason = PanelState.CANCELLED, clock.now(), reason
    for item in panel.items:
        item.ended_at = clock.now()
    _record(session, actor, panel, "cancel", {"reason": panel.reason})


def draw_lot(session: Session, panel: Panel, actor: User, *, public_value: str) -> None:
    """Draw the panel with the public value that was named in advance, and seat it for every product of the group.

    Raises:
        StaleError: it was drawn already.
        RuleError: no public value, or the pool cannot fill the least panel.
    """
    require(actor, "panel:manage")
    _expect(panel, "抽取", PanelState.PREPARED)
    value, products = public_value.strip(), under_way(panel)
    if not 0 < len(value) <= PUBLIC_VALUE_MAX:
        raise RuleError(f"公开随机数：必填，不超过 {PUBLIC_VALUE_MAX} 个字符。", parameter="public_value")
    if not (value.isascii() and value.isdigit()):  # a slip would be drawn with and could not be taken back
        raise RuleError("公开随机数：只填数字，不加空格和其他字符。", parameter="public_value")
    if not products:
        raise RuleError("这一组的产品都已撤回，请取消这个专家组。", parameter="applications")
    panel.public_value = value
    panel.seed = draw.seed(panel.secret, pool=panel.pool_hash, public_value=value)
    picked = pool.step(session, panel, products)
    if picked is None:
        raise RuleError(
            "专家库中可以参加的专家不足，请补充专家库，取消后重新准备。", parameter="public_value"
        )
    panel.state, panel.drawn_at = PanelState.DRAWN, clock.now()
    for application in products:
        for expert in picked:
            seats.seat(session, panel, application, expert)
        seats.refresh(session, application, panel)
    _record(
        session, actor, panel, "draw",
        {"public_value": value, "picked": panel.steps[0]["picked"], "relaxed": panel.steps[0]["relaxed"]},
    )  # fmt: skip


def proof(panel: Panel) -> dict[str, Any]:
    """Return what anybody needs to draw the panel again, without a name in it."""
    names = (
        "pool", "pool_hash", "secret", "commitment", "public_source", "public_value", "rule", "steps",
    )  # fmt: skip
    return {name: getattr(panel, name) for name in names}


# --- forming and beginning ----------------------------------------------------------------------------------------


def form(session: Session, panel: Panel, actor: User) -> None:
    """Confirm the panel for its products and call its members to declare their conflicts.

    Raises:
        StaleError: it is not drawn, or formed already.
        RuleError: a product's panel is not full, or a conflict is open.
    """
    require(actor, "panel:manage")
    _expect(panel, "组成", PanelState.DRAWN)
    panel.state, panel.formed_at = PanelState.FORMED, clock.now()
    for application in under_way(panel):
        workflow.advance(session, application, actor, Action.FORM_PANEL)
    seats.call_to_declare(session, panel, _standing(panel))
    _record(session, actor, panel, "form", {})


def begin(session: Session, panel: Panel, actor: User) -> None:
    """Begin the review of all products of the group: the sheets open, their working days run.

    Raises:
        StaleError: it is not formed, or begun already.
        RuleError: a member has not declared yet, a product's panel is not full, or a conflict is open.
    """
    require(actor, "panel:manage")
    _expect(panel, "开始评审", PanelState.FORMED)
    taken = _standing(panel)
    if silent := {seat.expert_id for seat in taken if seat.state is not AssignmentState.DECLARED}:
        raise RuleError(f"还有 {len(silent)} 位专家没有作出回避声明，不能开始评审。", parameter="assignments")
    panel.state, panel.began_at = PanelState.REVIEWING, clock.now()
    for application in under_way(panel):
        workflow.advance(session, application, actor, Action.BEGIN_REVIEW)
    due_on = seats.due(session, panel.round, "review.scoring_days")
    for seat in taken:
        seat.due_on = due_on
    seats.tell(session, panel.round, "review.letter_score", taken, due_on=due_on)
    _record(session, actor, panel, "begin", {"due_on": due_on.isoformat()})


def _standing(panel: Panel) -> list[Assignment]:
    products = {application.id for application in under_way(panel)}
    return [seat for seat in panel.assignments if seat.is_standing and seat.application_id in products]


def _expect(panel: Panel, act: str, *states: PanelState) -> None:
    if panel.state not in states:
        raise StaleError(
            f"专家组现处于“{label(panel.state)}”，不能{act}；请刷新页面查看最新状态。", parameter="state"
        )


def _record(session: Session, actor: User, panel: Panel, act: str, detail: dict[str, Any]) -> None:
    session.flush()  # the version refuses a second click here, before its line is written
    trail.record(session, actor, f"panel.{act}", subject="panel", subject_id=panel.id, detail=detail)
