"""The registry's pages: log-in and accounts, users and roles, attachments, the trail, and the machine's own addresses."""

from flask import Blueprint

bp = Blueprint("registry", __name__)

from registry.views import accounts, attachments, machine, trail, users  # noqa: E402 - they register their pages on `bp`

__all__ = ["accounts", "attachments", "bp", "machine", "trail", "users"]
