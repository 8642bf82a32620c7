"""Letters by e-mail: rendered from `templates/mail/<name>/`, sent by the worker; kept where no server is set."""

import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from registry import outbox
from registry.hooks import Context
from registry.invitations import InvitationSent, PasswordResetRequested
from registry.messages import LetterWritten
from registry.models import InboxMessage, User
from registry.settings import Settings

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent.parent / "templates" / "mail"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
)
TIMEOUT_SECONDS = 30


def compose(letter: str, *, to: str, settings: Settings, **values: Any) -> EmailMessage:
    """Return the letter of that name, as text and HTML."""
    message = EmailMessage()
    subject, body, html = (
        _templates.get_template(f"{letter}/{part}").render(**values)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    message["Subject"] = subject.strip()
    message["From"], message["To"] = settings.mail_from, to
    message.set_content(body)
    message.add_alternative(html, subtype="html")
    return message


def send(message: EmailMessage, settings: Settings) -> None:
    """Send a letter.

    Raises:
        outbox.KeptError: no mail server is set; the letter stays in the outbox.
    """
    if settings.mail_url is None:
        raise outbox.KeptError("no mail server is set")
    address = urlsplit(settings.mail_url)
    port = address.port or (465 if address.scheme == "smtps" else 587)
    secure = ssl.create_default_context()
    server: smtplib.SMTP
    if address.scheme == "smtps":
        server = smtplib.SMTP_SSL(address.hostname or "", port, timeout=TIMEOUT_SECONDS, context=secure)
    else:
        server = smtplib.SMTP(address.hostname or "", port, timeout=TIMEOUT_SECONDS)
    with server:
        if address.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=secure)
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)


def _letter(name: str, context: Context, event: InvitationSent | PasswordResetRequested) -> None:
    settings = context.settings
    link = settings.base_url + event.path
    send(compose(name, to=event.email, settings=settings, name=event.display_name, link=link), settings)


@outbox.on(InvitationSent)
def send_invitation(context: Context, event: InvitationSent) -> None:
    """Send the invitation's link."""
    _letter("invitation", context, event)


@outbox.on(PasswordResetRequested)
def send_reset(context: Context, event: PasswordResetRequested) -> None:
    """Send the link that sets a new password."""
    _letter("password_reset", context, event)


@outbox.on(LetterWritten)
def send_message(context: Context, event: LetterWritten) -> None:
    """Send the words of an inbox message to an account that has an address."""
    with context.database.reading() as session:
        message = session.get_one(InboxMessage, event.message_id)
        user = session.get_one(User, message.user_id)
    if user.email and user.is_active:
        settings = context.settings
        link = settings.base_url + (message.path or "/inbox")
        letter = compose(
            "message", to=user.email, settings=settings, name=user.display_name, link=link, message=message
        )
        send(letter, settings)
