"""Formal review: examine what was submitted, ask once for what is missing, accept or not."""

from registry.formal_review import work
from registry.formal_review.concluding import (
    RefusalReason,
    accept,
    confirm_refusal,
    decline_refusal,
    propose_refusal,
    reconsider,
)
from registry.formal_review.correcting import answer, lapse, require_correction, save_answers
from registry.formal_review.deadlines import Due
from registry.formal_review.examining import Judgement, begin, judge
from registry.formal_review.looking import Case, Filters, case, due_days, letters, queue

__all__ = [
    "Case",
    "Due",
    "Filters",
    "Judgement",
    "RefusalReason",
    "accept",
    "answer",
    "begin",
    "case",
    "confirm_refusal",
    "decline_refusal",
    "due_days",
    "judge",
    "lapse",
    "letters",
    "propose_refusal",
    "queue",
    "reconsider",
    "require_correction",
    "save_answers",
    "work",
]
