"""The committee's pages: the office's room, and the departments' own."""

from flask import Blueprint
from flask_wtf import FlaskForm

from registry.errors import RuleError

bp = Blueprint("committee", __name__)
PER_PAGE = 20


def complain(form: FlaskForm, problem: RuleError, otherwise: str) -> int:
    """Write a broken rule beside its field, or beside `otherwise`; return the status to answer with."""
    form[problem.parameter if problem.parameter in form else otherwise].errors = [problem.sentence]
    return problem.status


from review.committee.views import departments, office  # noqa: E402 - they register their pages on `bp`

__all__ = ["bp", "complain", "departments", "office"]
