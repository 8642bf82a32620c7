"""The registry's pages: log-in and accounts, users and roles, applications, formal review, attachments, rounds, the trail, and the machine's own addresses."""

from flask import Blueprint

bp = Blueprint("registry", __name__)

from registry.views import (  # noqa: E402 - they register their pages on `bp`
    accounts,
    apply,
    attachments,
    bans,
    corrections,
    exceptions,
    formal_review,
    inbox,
    machine,
    policy,
    reconsiderations,
    rounds,
    trail,
    unit_office,
    units,
    users,
)

__all__ = [
    "accounts",
    "apply",
    "attachments",
    "bans",
    "bp",
    "corrections",
    "exceptions",
    "formal_review",
    "inbox",
    "machine",
    "policy",
    "reconsiderations",
    "rounds",
    "trail",
    "unit_office",
    "units",
    "users",
]
