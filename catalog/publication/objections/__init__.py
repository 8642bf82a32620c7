"""Objections to one product of a notice: filed in the period, judged, investigated, decided by another person, answered.

Who objects is kept apart and leaves through `identity` alone, with a line in the trail, and through the letter with the
answer; no other service, page, export or log reads it (`domain.md` (e), trap 16). The maker is told a gist in the office's words, which is refused when
it contains what is known of the objector.
"""

from catalog.publication.objections.base import STATEMENT_MAX, files_of, find, is_taking, receipt
from catalog.publication.objections.filing import FILES_MAX, Objector, count_filing, faults, file
from catalog.publication.objections.handling import (
    admit,
    answer,
    dismiss,
    order_new_panel,
    reject,
    report,
    tell,
    uphold,
)
from catalog.publication.objections.secrecy import AnswerChannel, channel, identity, opened_file, to_tell

__all__ = [
    "FILES_MAX",
    "STATEMENT_MAX",
    "AnswerChannel",
    "Objector",
    "admit",
    "answer",
    "channel",
    "count_filing",
    "dismiss",
    "faults",
    "file",
    "files_of",
    "find",
    "identity",
    "is_taking",
    "opened_file",
    "order_new_panel",
    "receipt",
    "reject",
    "report",
    "tell",
    "to_tell",
    "uphold",
]
