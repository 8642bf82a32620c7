"""What was typed is given back: the page for a form that could not be taken because the session had ended."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from registry import questions
from registry.terms import TERMS

SECRET_FIELDS = frozenset({"csrf_token", "password", "again", "current", "code"})


@dataclass(frozen=True, slots=True)
class Typed:
    """A field of a form that was not taken: how it is sent again, and how it reads.

    Without a label it is nothing that anybody typed.
    """

    name: str
    value: str
    label: str | None
    words: str


def label_of(name: str) -> str | None:
    """Return what people call an input, by its name or, where that is made of parts, by the first part with a word."""
    words = (TERMS.get(f"input.{part}") for part in (name, *name.split("-")))
    return next((word.label for word in words if word), None)


def typed() -> list[Typed]:
    """Return what the form of this request holds, without secrets."""
    return [
        _field(name, value)
        for name, value in request.form.items(multi=True)
        if name not in SECRET_FIELDS and not name.startswith("again-")
    ]


def _field(name: str, value: str) -> Typed:
    is_draft = "seen" in request.form  # only there an input may have the name of a question
    if is_draft and (read := questions.read_back(name, value)):
        return Typed(name, value, *read)
    return Typed(name, value, label_of(name), value)


def give_back(
    sentence: str, status: int, *, path: str | None = None, form: FlaskForm | None = None
) -> ResponseReturnValue:
    """Show what was typed, with a button that sends it again to `path`, so that an ended session loses nothing.

    With a log-in form, the button logs in first and comes back here.
    """
    path = path or (request.full_path if request.query_string else request.path)
    return render_template(
        "errors/resubmit.html", sentence=sentence, fields=typed(), path=path, form=form
    ), status
