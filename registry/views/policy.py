"""Policy: parameters with their basis, the working-day calendar, and changes that one proposes and another confirms."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, hooks, policy, policy_changes, queries, rounds
from registry.errors import NotAllowedError, RuleError
from registry.forms.rounds import CalendarForm, ChangeForm, DeclineForm, ParameterForm, written
from registry.models import CallRound, PolicyParameter, PolicyProposal, RoundState, User
from registry.permissions import may
from registry.policy_checks import CALENDAR
from registry.views import bp
from registry.web import account, db_session, requires, transaction


@bp.route("/office/policy")
@requires("policy:view")
def policy_list() -> ResponseReturnValue:
    """List every parameter in force, by group, with what waits for confirmation."""
    session = db_session()
    groups: dict[str, list[PolicyParameter]] = defaultdict(list)
    for row in policy.in_force(session):
        groups[row.key.partition(".")[0]].append(row)
    return render_template(
        "registry/policy_list.html",
        groups=groups,
        waiting={proposal.key: proposal for proposal in policy_changes.proposals(session)},
        coming=session.scalars(queries.coming_parameters()).all(),
    )


@bp.route("/office/policy/<key>", methods=["GET", "POST"])
@requires("policy:view")
def policy_detail(key: str) -> ResponseReturnValue:
    """Show a parameter with its history and the rounds it does not touch; take a proposal to change it."""
    rows = policy_changes.history(db_session(), key)
    present = _in_force(rows, clock.today())
    form, status = ParameterForm(), 200
    if form.validate_on_submit():
        try:
            _propose(form, key, form.read(present.value))
            return redirect(url_for(".policy_detail", key=key))
        except RuleError as problem:
            status = _shown(form, problem, "value")
    elif form.is_submitted():
        status = 422
    else:
        _prefill(form, present)
    session = db_session()
    return render_template(
        "registry/policy_detail.html",
        key=key,
        rows=rows,
        present=present,
        form=form,
        rounds=_running(session, key),
        **_proposed(session, key, lambda day: _in_force(rows, day).value),
    ), status


@bp.route("/office/policy/calendar", methods=["GET", "POST"])
@requires("policy:view")
def calendar_detail() -> ResponseReturnValue:
    """Show the days that were declared by hand; take a proposal to declare more."""
    form, status = CalendarForm(), 200
    if form.validate_on_submit():
        try:
            _propose(form, CALENDAR, form.read())
            return redirect(url_for(".calendar_detail"))
        except RuleError as problem:
            status = _shown(form, problem, "days")
    elif form.is_submitted():
        status = 422
    else:
        form.effective_from.data = clock.today()
    session = db_session()
    overrides = session.scalars(queries.calendar_overrides()).all()
    declared = [
        {"day": row.day.isoformat(), "is_working": row.is_working, "note": row.note} for row in overrides
    ]
    return render_template(
        "registry/calendar_detail.html",
        overrides=overrides,
        form=form,
        **_proposed(session, CALENDAR, lambda _day: declared),
    ), status


def _propose(form: ChangeForm, key: str, value: Any) -> None:
    with transaction() as session:
        policy_changes.propose(
            session,
            account(),
            key=key,
            value=value,
            effective_from=form.effective_from.data,
            basis_document=form.basis_document.data,
            source_note=form.source_note.data or "",
            is_assumed=form.is_assumed.data,
        )
    flash("变更已提出，由另一人确认后按生效日期生效。", "success")


def _shown(form: ChangeForm, problem: RuleError, value: str) -> int:
    """Put a problem beside its field, or beside the value; return the status of the page."""
    if isinstance(problem, NotAllowedError):
        raise problem
    form[problem.parameter if problem.parameter in ("effective_from", "basis_document") else value].errors = [
        problem.sentence
    ]
    return problem.status


def _prefill(form: ParameterForm, present: PolicyParameter) -> None:
    form.value.data = written(present.value)
    form.effective_from.data = clock.today()
    form.basis_document.data, form.source_note.data = present.basis_document, present.source_note
    form.is_assumed.data = present.is_assumed


def _in_force(rows: Sequence[PolicyParameter], day: date) -> PolicyParameter:
    return next((row for row in rows if row.effective_from <= day), rows[-1])


def _proposed(session: Session, key: str, value_on: Callable[[date], Any]) -> dict[str, Any]:
    """Return the open proposal for a key, who made it, and what it changes of the value then in force."""
    proposal = next(iter(policy_changes.proposals(session, key)), None)
    return {
        "proposal": proposal,
        "proposer": session.get(User, proposal.proposed_by_id) if proposal else None,
        "differences": list(policy_changes.differences(value_on(proposal.effective_from), proposal.value))
        if proposal
        else [],
        "decided": session.execute(queries.decided_proposals(key)).all(),
        "decline_form": DeclineForm(),
    }


def _running(session: Session, key: str) -> Sequence[tuple[CallRound, Any]]:
    """Return the announced rounds that are not archived, each with the value it froze."""
    running = session.scalars(queries.announced_rounds().where(CallRound.state != RoundState.ARCHIVED)).all()
    return [(call, rounds.policy_value(call, key)) for call in running]


@bp.route("/office/policy/proposals/<int:proposal_id>/confirm", methods=["POST"])
@requires("policy:confirm")
def policy_confirm(proposal_id: int) -> ResponseReturnValue:
    """Put a proposed change into force."""
    with transaction() as session:
        proposal = policy_changes.proposal(session, proposal_id)
        policy_changes.confirm(session, proposal, account())
    flash("变更已确认，按生效日期生效；已发布申报通知的批次不受影响。", "success")
    return redirect(_page_of(proposal))


@bp.route("/office/policy/proposals/<int:proposal_id>/decline", methods=["POST"])
@requires("policy:confirm")
def policy_decline(proposal_id: int) -> ResponseReturnValue:
    """Send a proposed change back."""
    with transaction() as session:
        proposal = policy_changes.proposal(session, proposal_id)
        policy_changes.decline(session, proposal, account(), reason=DeclineForm().reason.data or "")
    flash("变更已退回。", "success")
    return redirect(_page_of(proposal))


def _page_of(proposal: PolicyProposal) -> str:
    if proposal.key == CALENDAR:
        return url_for(".calendar_detail")
    return url_for(".policy_detail", key=proposal.key)


def _waiting(session: Session, user: User) -> Iterator[hooks.WorkItem]:
    """Yield the proposed changes that the user may confirm."""
    if may(user, "policy:confirm"):
        others = session.scalars(
            select(PolicyProposal.effective_from)
            .where(policy_changes.WAITING, PolicyProposal.proposed_by_id != user.id)
            .order_by(PolicyProposal.effective_from)
        ).all()
        if others:
            yield hooks.WorkItem("待确认的参数变更", "/office/policy", len(others), others[0])


hooks.work_items.append(_waiting)
