"""What the applicant's pages share."""

from registry import applications, questions
from registry.applications import Draft
from registry.models import Application
from registry.questions import Block
from registry.web import account, db_session


def own(application_id: int) -> Application:
    """Return an application of the asker's unit, for looking."""
    return applications.own(db_session(), account(), application_id)


def progress(application: Application, draft: Draft) -> list[tuple[Block, int, int]]:
    """Return each block with how many of its questions are unanswered and how many answered wrongly."""
    rows = []
    for block in questions.blocks(application.list_code):
        keys = {question.key for question in block.questions}
        found = [problem for problem in draft.checked.problems if problem.question in keys]
        missing = sum(problem.is_missing for problem in found)
        rows.append((block, missing, len(found) - missing))
    return rows
