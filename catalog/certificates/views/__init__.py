"""Pages that issue certificates, keep their records, and on which anyone checks one."""

from flask import Blueprint

bp = Blueprint("certificates", __name__)

from catalog.certificates.views import issuing, records, verify  # noqa: E402 - they register their pages on `bp`

__all__ = ["bp", "issuing", "records", "verify"]
