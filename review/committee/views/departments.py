"""The departments' own pages: what they are asked, the products, and their answer."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import questions
from registry.errors import NotFoundError, RuleError
from registry.paging import Page, page_number
from registry.views.attachments import chosen, file_store
from registry.web import accepts_files, account, db_session, requires, transaction
from review.committee import ballots, queries, representatives, sittings
from review.committee.ballots import VOTES, Answer, BallotError, Voice
from review.committee.forms import ReplyForm, typed
from review.committee.models import Sitting, SittingState
from review.committee.views import PER_PAGE, bp


@bp.route("/review/committee/")
@requires("ballot:list")
def ballot_list() -> ResponseReturnValue:
    """List the sittings that the actor's department was called to."""
    session, number = db_session(), page_number()
    speaker = representatives.of_user(session, account().id)
    query = queries.sittings_of(speaker.unit if speaker else "")
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.execute(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "review/committee_ballots.html",
        speaker=speaker,
        sittings=Page(rows, number=number, per_page=PER_PAGE, total=total),
    )


@bp.route("/review/committee/<int:sitting_id>")
@requires("ballot:list")
def ballot_edit(sitting_id: int) -> ResponseReturnValue:
    """Show the department what it is asked and what it said; the others' votes once the voting is over."""
    return _page(sitting_id, {}, {})


def _voice(session: Session, sitting: Sitting, unit_id: int | None) -> Voice:
    """Return the actor's own voice, or that of the department whose paper the office enters."""
    if unit_id is None:
        return ballots.voice(session, account(), sitting)
    return ballots.paper(session, account(), sitting, unit_id)


def _page(
    sitting_id: int,
    answers: Mapping[int, Answer],
    errors: Mapping[str, str],
    status: int = 200,
    *,
    unit_id: int | None = None,
) -> ResponseReturnValue:
    session = db_session()
    sitting = sittings.whole(session, sitting_id)
    voice = _voice(session, sitting, unit_id)
    form = ReplyForm(formdata=None)
    if "reply" in errors:
        form.reply.errors = [errors["reply"]]
    return render_template(
        "review/committee_ballot.html",
        sitting=sitting,
        voice=voice,
        cast=ballots.cast_by(session, voice.unit),
        is_open=ballots.is_open(voice),
        barring=ballots.barring(session, voice),
        votes=VOTES[sitting.kind],
        answers=answers,
        errors=errors,
        form=form,
        reason_max=ballots.REASON_MAX,
        is_over=sitting.state in (SittingState.CLOSED, SittingState.SEALED),
    ), status


@bp.route("/review/committee/<int:sitting_id>", methods=["POST"])
@requires("ballot:cast")
@accepts_files
def ballot_cast(sitting_id: int) -> ResponseReturnValue:
    """Cast the department's ballots."""
    return _cast(sitting_id, None, "已记录贵单位的意见。", url_for(".ballot_edit", sitting_id=sitting_id))


@bp.route("/office/committee/<int:sitting_id>/units/<int:unit_id>")
@requires("ballot:register")
def paper_edit(sitting_id: int, unit_id: int) -> ResponseReturnValue:
    """Show the form for a department's reply that came on paper."""
    return _page(sitting_id, {}, {}, unit_id=unit_id)


@bp.route("/office/committee/<int:sitting_id>/units/<int:unit_id>", methods=["POST"])
@requires("ballot:register")
@accepts_files
def paper_register(sitting_id: int, unit_id: int) -> ResponseReturnValue:
    """Enter a department's reply that came on paper."""
    back = url_for(".sitting_detail", sitting_id=sitting_id)
    return _cast(sitting_id, unit_id, "已代录该单位的书面回函。", back)


def _cast(sitting_id: int, unit_id: int | None, done: str, then: str) -> ResponseReturnValue:
    answers: Mapping[int, Answer] = {}
    try:
        with transaction() as session:
            sitting = sittings.locked(session, sitting_id, shared=True)
            voice = _voice(session, sitting, unit_id)
            answers = typed(request.form, sitting.items)
            ballots.cast(
                session, voice, account(), answers=answers, reply=chosen(request.files.get("reply")),
                files=file_store(),
            )  # fmt: skip
        flash(done, "success")
        return redirect(then)
    except NotFoundError:
        raise
    except RuleError as problem:
        each = problem.each if isinstance(problem, BallotError) else [problem]
        names = {"file": "reply"}
        errors = {names.get(one.parameter or "", one.parameter or "vote"): one.sentence for one in each}
        return _page(sitting_id, answers, errors, problem.status, unit_id=unit_id)


@bp.route("/review/committee/<int:sitting_id>/products/<int:item_id>")
@requires("ballot:list")
def ballot_product(sitting_id: int, item_id: int) -> ResponseReturnValue:
    """Show a department the application it is asked about, as it was accepted."""
    sitting = sittings.whole(db_session(), sitting_id)
    ballots.voice(db_session(), account(), sitting)
    return _product(sitting_id, item_id, url_for(".ballot_edit", sitting_id=sitting_id))


@bp.route("/office/committee/<int:sitting_id>/products/<int:item_id>")
@requires("committee:view")
def item_product(sitting_id: int, item_id: int) -> ResponseReturnValue:
    """Show the office the application on an agenda, as it was accepted."""
    return _product(sitting_id, item_id, url_for(".sitting_detail", sitting_id=sitting_id))


def _product(sitting_id: int, item_id: int, back: str) -> ResponseReturnValue:
    session = db_session()
    sitting = sittings.whole(session, sitting_id)
    item = next((one for one in sitting.items if one.id == item_id), None)
    if item is None:
        raise NotFoundError("议程中没有这个产品。", parameter="item")
    return render_template(
        "review/committee_product.html",
        sitting=sitting,
        item=item,
        blocks=questions.blocks(item.application.list_code),
        given=ballots.frozen(session, item.application).answers,
        classes=questions.classes(session),
        motion=session.scalars(queries.motion(item.application_id)).first(),
        back=back,
    )
