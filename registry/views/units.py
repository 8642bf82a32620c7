"""A unit's own pages: registration, members, what it asks of the office."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import attachments, clock, taxonomy
from registry.errors import NotFoundError, RuleError, TooManyError
from registry.models import NodeKind, Organization, Role, UnitRequest, UnitRequestKind, UnitRequestState
from registry.organizations import bans, kinds, members, registration, requests
from registry.terms import label
from registry.views import bp
from registry.views.attachments import chosen, file_store
from registry.views.unit_forms import (
    FORMS,
    AnswerForm,
    JoinForm,
    RegisterForm,
    RequestForm,
    UnitForm,
    complain,
)
from registry.web import (
    accepts_files,
    account,
    actor,
    client_address,
    db_session,
    public,
    requires,
    transaction,
)

MANY = 20  # entries offered for a claim at once; any other is named by its code


def own_unit(session: Session) -> Organization:
    """Return the unit of the account that asks.

    Raises:
        NotFoundError: it has none.
    """
    organization_id = account().organization_id
    if organization_id is None:
        raise NotFoundError("您的账号还不属于任何单位，请先申请加入。", parameter="unit")
    return session.get_one(Organization, organization_id)


def _classes(session: Session, form: UnitForm) -> None:
    form.offer(taxonomy.labels(session, NodeKind.DISTRICT), taxonomy.labels(session, NodeKind.SPECIAL_AREA))


# --- coming -------------------------------------------------------------------------------------------------------


@bp.route("/register", methods=["GET", "POST"])
@public
def unit_register() -> ResponseReturnValue:
    """Open an account and its unit, or ask to join the unit where it is registered."""
    if actor().id is not None:
        return redirect(url_for(".unit"))
    form, status = RegisterForm(), 200
    _classes(db_session(), form)
    if form.validate_on_submit():
        try:
            with transaction() as session:  # committed whatever comes: the attempt counts
                registration.count_attempt(session, address=client_address())
            with transaction() as session:
                _, joins = registration.register(session, unit=form.unit(), person=form.person())
        except TooManyError as problem:
            form.mobile.errors, status = [problem.sentence], problem.status
        except RuleError as problem:
            complain(form, problem)
        else:
            flash(
                "账号已开通。该单位已经注册，您的加入申请已送交，同意后即可办理。请登录。"
                if joins
                else "单位和账号已登记，请登录后上传授权书，申请单位核验。",
                "success",
            )
            return redirect(url_for(".log_in", next=url_for(".unit")))
    return render_template("registry/unit_register.html", form=form), status if status != 200 else (
        422 if form.errors else 200
    )


@bp.route("/unit/join", methods=["GET", "POST"])
@requires("unit:view")
def unit_join() -> ResponseReturnValue:
    """Ask to join a registered unit."""
    if account().organization_id is not None:
        return redirect(url_for(".unit"))
    form = JoinForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                registration.join(session, account(), code=form.credit_code.data)
            flash("加入申请已送交，同意后即可办理。", "success")
            return redirect(url_for(".unit_join"))
        except RuleError as problem:
            if problem.parameter == "kind":
                problem.parameter = "credit_code"
            complain(form, problem)
    session = db_session()
    asked = session.execute(
        select(UnitRequest, Organization.name)
        .join(Organization, Organization.id == UnitRequest.organization_id)
        .where(UnitRequest.filed_by_id == account().id, UnitRequest.kind == UnitRequestKind.MEMBERSHIP)
        .order_by(UnitRequest.id.desc())
    ).all()
    return render_template("registry/unit_join.html", form=form, asked=asked), 422 if form.errors else 200


# --- being --------------------------------------------------------------------------------------------------------


@bp.route("/unit")
@requires("unit:view")
def unit() -> ResponseReturnValue:
    """Show the own unit: what it says of itself, who belongs to it and what it asked."""
    if account().organization_id is None:
        return redirect(url_for(".unit_join"))
    session = db_session()
    organization = own_unit(session)
    asked = session.scalars(requests.of_unit(organization.id)).all()
    joining = [
        item
        for item in asked
        if item.kind is UnitRequestKind.MEMBERSHIP and item.state is UnitRequestState.FILED
    ]
    return render_template(
        "registry/unit_detail.html",
        organization=organization,
        former_names=kinds.own_names(session, organization)[1:],
        members=session.scalars(members.of(organization.id)).all(),
        given=members.GIVEN_BY_SIGNATORY,
        joining=joining,
        asked=[item for item in asked if item not in joining],
        is_verifying=any(
            item.kind is UnitRequestKind.VERIFICATION and item.state is UnitRequestState.FILED
            for item in asked
        ),
        kinds=list(FORMS),
        bans=session.scalars(bans.told(organization.id)).all(),
        ban=bans.in_force(session, organization.id),
        today=clock.today(),
        districts=taxonomy.labels(session, NodeKind.DISTRICT),
        special_areas=taxonomy.labels(session, NodeKind.SPECIAL_AREA),
    )


@bp.route("/unit/edit", methods=["GET", "POST"])
@requires("unit:correct")
def unit_edit() -> ResponseReturnValue:
    """Correct what the unit says of itself."""
    session = db_session()
    organization = own_unit(session)
    form = UnitForm(obj=organization)
    _classes(session, form)
    form.fix(organization)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                registration.correct(session, own_unit(session), account(), unit=form.unit())
            flash("单位资料已保存。", "success")
            return redirect(url_for(".unit"))
        except RuleError as problem:
            complain(form, problem)
    return render_template(
        "registry/unit_edit.html", form=form, organization=organization
    ), 422 if form.errors else 200


@bp.route("/unit/members/<int:user_id>/roles", methods=["POST"])
@requires("member:manage")
def member_roles(user_id: int) -> ResponseReturnValue:
    """Set what a member is."""
    sent = request.form.getlist("roles")
    if set(sent) - set(Role):
        raise RuleError("角色：请从列表中选择。", parameter="roles")
    with transaction() as session:
        organization = own_unit(session)
        user = members.member(session, organization.id, user_id)
        members.set_roles(session, organization, account(), user=user, roles=[Role(value) for value in sent])
    flash(f"{user.display_name}的角色已更新。", "success")
    return redirect(url_for(".unit"))


@bp.route("/unit/members/<int:user_id>/remove", methods=["POST"])
@requires("member:manage")
def member_remove(user_id: int) -> ResponseReturnValue:
    """Let a member go."""
    with transaction() as session:
        organization = own_unit(session)
        user = members.member(session, organization.id, user_id)
        members.remove(session, organization, account(), user=user)
    flash(f"{user.display_name}已移出本单位，其登录均已失效。", "success")
    return redirect(url_for(".unit"))


# --- asking -------------------------------------------------------------------------------------------------------


@bp.route("/unit/requests/<kind>", methods=["GET", "POST"])
@requires("unit:request")
@accepts_files
def unit_request(kind: str) -> ResponseReturnValue:
    """Ask something of the office, with the letter or proof that it takes."""
    if kind not in set(FORMS):
        raise NotFoundError("没有这种申请。", parameter="kind")
    asked, session = UnitRequestKind(kind), db_session()
    organization = own_unit(session)
    form = FORMS[asked](data={"code": request.args.get("code", "")[:20]})
    form.offer(session.scalars(members.of(organization.id)).all())
    if form.validate_on_submit():
        try:
            _file(asked, form)
            flash(f"申请已提交：{label(asked)}。办理结果会送到您的消息。", "success")
            return redirect(url_for(".unit"))
        except RuleError as problem:
            if problem.parameter == "kind":
                problem.parameter = "letter"
            complain(form, problem)
    return render_template(
        "registry/unit_request.html",
        form=form,
        kind=asked,
        rules=kinds.KINDS[asked],
        organization=organization,
        accept=attachments.ACCEPT,
        types=list(attachments.TYPES),
        warning=attachments.WARNING,
        entries=db_session().scalars(kinds.claimable(db_session(), organization).limit(MANY)).all()
        if asked is UnitRequestKind.CLAIM
        else [],
    ), 422 if form.errors else 200


def _file(kind: UnitRequestKind, form: RequestForm) -> None:
    upload = chosen(form.letter.data)
    with transaction() as session:
        organization, letter = own_unit(session), None
        if upload is not None:
            letter = attachments.store(
                session, file_store(), account(), organization_id=organization.id, kind=f"unit_{kind}",
                name=upload[0], content=upload[1],
            )  # fmt: skip
        requests.file(session, organization, account(), kind=kind, letter=letter, **form.values())


@bp.route("/unit/requests/<int:request_id>/withdraw", methods=["POST"])
@requires("unit:view")
def unit_request_withdraw(request_id: int) -> ResponseReturnValue:
    """Take a request back."""
    form = AnswerForm()
    with transaction() as session:
        requests.withdraw(session, asked_of(session, request_id), account(), version=form.shown())
    flash("申请已撤回。", "success")
    return redirect(url_for(".unit"))


@bp.route("/unit/requests/<int:request_id>/answer", methods=["POST"])
@requires("member:manage")
def member_answer(request_id: int) -> ResponseReturnValue:
    """Let a person into the unit, or not."""
    answer(request_id)
    return redirect(url_for(".unit"))


def asked_of(session: Session, request_id: int) -> UnitRequest:
    """Return a request; services ask whether it is the actor's to act on.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(UnitRequest, request_id)
    if found is None:
        raise NotFoundError("没有这项申请。", parameter="request")
    return found


def answer(request_id: int) -> None:
    """Decide a request as the form says; both the unit's page and the office's send it."""
    form = AnswerForm()
    if not form.validate():
        raise RuleError("；".join(error for errors in form.errors.values() for error in errors))
    with transaction() as session:
        found, who = asked_of(session, request_id), account()
        if form.answer.data == "approve":
            requests.approve(session, found, who, version=form.shown())
        else:
            requests.refuse(session, found, who, reason=form.reason.data or "", version=form.shown())
    flash(
        "申请已同意，结果已生效。" if form.answer.data == "approve" else "已告知申请人不予同意。", "success"
    )
