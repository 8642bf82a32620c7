"""Applications from the applicant's side: draft, files, submission, return, withdrawal."""

from registry.applications import invariants, work
from registry.applications.drafting import EDITABLE, attach, create, detach, save_draft
from registry.applications.filing import file_revision, return_to_draft, submit, withdraw
from registry.applications.looking import Draft, draft, held, locked, own, quota_left, revision, unit_facts

__all__ = [
    "EDITABLE",
    "Draft",
    "attach",
    "create",
    "detach",
    "draft",
    "file_revision",
    "held",
    "invariants",
    "locked",
    "own",
    "quota_left",
    "return_to_draft",
    "revision",
    "save_draft",
    "submit",
    "unit_facts",
    "withdraw",
    "work",
]
