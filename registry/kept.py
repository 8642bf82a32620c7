"""What was typed is given back: the page for a form that could not be taken because the session had ended."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from registry import questions
from registry.presentation import named

SECRET_FIELDS = frozenset({"csrf_token", "password", "again", "current", "code"})
TECHNICAL_FIELDS = frozenset({"seen", "version", "then"})
"""Sent again with the rest, but nothing that anybody typed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A field of a form that was not taken: name, value, what people call it, and whether it was typed at all."""

    name: str
    value: str
    label: str
    is_technical: bool


def _typed() -> list[Typed]:
    return [
        Typed(name, value, questions.input_label(name) or named("input.", name), name in TECHNICAL_FIELDS)
        for name, value in request.form.items(multi=True)
        if name not in SECRET_FIELDS and not name.startswith("again-")
    ]


def give_back(
    sentence: str, status: int, *, path: str | None = None, form: FlaskForm | None = None
) -> ResponseReturnValue:
    """Show what was typed, with a button that sends it again to `path`, so that an ended session loses nothing.

    With a log-in form, the button logs in first and comes back here.
    """
    path = path or (request.full_path if request.query_string else request.path)
    return render_template(
        "errors/resubmit.html", sentence=sentence, fields=_typed(), path=path, form=form
    ), status
