"""The inbox: what an account was told."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from registry import clock, messages
from registry.errors import NotFoundError
from registry.models import InboxMessage
from registry.paging import Page, page_number
from registry.views import bp
from registry.web import account, db_session, local_path, requires, transaction

PER_PAGE = 50


@bp.route("/inbox")
@requires("inbox:view")
def inbox() -> ResponseReturnValue:
    """List the account's messages, newest first."""
    session, number = db_session(), page_number()
    query = messages.inbox(account().id)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return render_template(
        "registry/inbox_list.html", page=Page(rows, number=number, per_page=PER_PAGE, total=total)
    )


@bp.route("/inbox/<int:message_id>")
@requires("inbox:view")
def inbox_message(message_id: int) -> ResponseReturnValue:
    """Show a message; from then on it counts as read."""
    with transaction() as session:
        message = session.scalars(
            messages.inbox(account().id).where(InboxMessage.id == message_id)
        ).one_or_none()
        if message is None:
            raise NotFoundError("没有这条消息。", parameter="message")
        message.read_at = message.read_at or clock.now()
    return render_template("registry/inbox_message.html", message=message, path=local_path(message.path))


@bp.route("/inbox/read", methods=["POST"])
@requires("inbox:view")
def inbox_read() -> ResponseReturnValue:
    """Count all of the account's messages as read."""
    with transaction() as session:
        for message in session.scalars(messages.inbox(account().id).where(InboxMessage.read_at.is_(None))):
            message.read_at = clock.now()
    return redirect("/inbox")
