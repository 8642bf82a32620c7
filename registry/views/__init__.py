"""The registry's pages: log-in and accounts, users and roles, attachments, rounds, the trail, and the machine's own addresses."""

from flask import Blueprint

bp = Blueprint("registry", __name__)

from registry.views import accounts, attachments, machine, rounds, trail, users  # noqa: E402 - they register their pages on `bp`

__all__ = ["accounts", "attachments", "bp", "machine", "rounds", "trail", "users"]
