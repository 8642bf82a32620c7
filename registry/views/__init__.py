"""The registry's pages: log-in and accounts, users and roles, the trail, and the machine's own addresses."""

from flask import Blueprint

bp = Blueprint("registry", __name__)

from registry.views import accounts, machine, trail, users  # noqa: E402 - they register their pages on `bp`

__all__ = ["accounts", "bp", "machine", "trail", "users"]
