"""Pages that issue certificates, keep their records, and on which anyone checks one."""

from datetime import timedelta

from flask import Blueprint

from registry import policy, throttle
from registry.web import client_address, transaction

bp = Blueprint("certificates", __name__)
MINUTE = timedelta(minutes=1)


def count(limit: str) -> None:
    """Count one act of the asker's network address against the policy's limit a minute; committed at once."""
    with transaction() as session:
        throttle.count(session, limit, client_address(), limit=policy.value(session, limit), window=MINUTE)


from catalog.certificates.views import issuing, records, verify  # noqa: E402 - they register their pages on `bp`

__all__ = ["bp", "count", "issuing", "records", "verify"]
