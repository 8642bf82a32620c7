"""Keep secrets out of every log: short codes in queries, tokens in the paths of links, tokens of QR codes anywhere.

A request is rewritten once it has been answered, because gunicorn's access log reads the same environment
afterwards; log records made by anybody else go through a filter.
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

MASK = "***"
_SECRETS = re.compile(
    r"(?P<query>(?<=[?&;])(?:code|token|password)=[^&;\s\"]*)|(?P<path>(?<=/)(?P<room>invitations|password)/[\w%.~-]+)"
    r"|eyJ[\w-]{1,100}\.[\w-]{1,400}\.[\w-]+",  # bounded: an address may be long, and begin a token again and again
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return the text with codes and tokens of addresses masked."""

    def mask(match: re.Match[str]) -> str:
        secret = match.group()
        if match["path"]:
            return f"{match['room']}/{MASK}"
        return f"{secret.partition('=')[0]}={MASK}" if match["query"] else MASK

    return _SECRETS.sub(mask, text)


class Redaction:
    """Mask the address in the environment as soon as the application has begun its answer."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        """Wrap an application."""
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, then leave nothing in the environment for a log to keep."""
        try:
            return self.app(environ, start_response)
        finally:
            if query := environ.get("QUERY_STRING"):
                environ["QUERY_STRING"] = redact("?" + query)[1:]
            for key in ("RAW_URI", "REQUEST_URI", "PATH_INFO", "HTTP_REFERER"):
                if key in environ:
                    environ[key] = redact(environ[key])


class RedactingFilter(logging.Filter):
    """Mask addresses in a log record's message and its arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is always kept."""
        if isinstance(record.msg, str):
            record.msg = redact(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(redact(value) if isinstance(value, str) else value for value in record.args)
        return True


def register(app: Flask) -> None:
    """Put the middleware around the application and the filter on the development server's log."""
    app.wsgi_app = Redaction(app.wsgi_app)  # type: ignore[method-assign] # Flask's documented way to add middleware
    for name in ("werkzeug", "gunicorn.error", app.logger.name, "registry.web"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, RedactingFilter) for known in logger.filters):
            logger.addFilter(RedactingFilter())
