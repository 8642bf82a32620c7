"""The application form as a table of questions: one row makes field, checks, examiner's row, print and publication."""

from registry.questions.checking import Checked, Problem, check
from registry.questions.classes import Classes, classes
from registry.questions.drafts import Conflict, Merged, merge, read, remember, remembered, seen
from registry.questions.showing import Change, difference, public_content, text
from registry.questions.table import Block, Question, blocks, by_key, questions, read_back

__all__ = [
    "Block",
    "Change",
    "Checked",
    "Classes",
    "Conflict",
    "Merged",
    "Problem",
    "Question",
    "blocks",
    "by_key",
    "check",
    "classes",
    "difference",
    "merge",
    "public_content",
    "questions",
    "read",
    "read_back",
    "remember",
    "remembered",
    "seen",
    "text",
]
