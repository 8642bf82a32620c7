"""Forms for the table of synonyms."""

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from registry.forms.fields import Needed
from registry.terms import label
from search.synonyms.models import SynonymKind


class GroupForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A group of expressions, and why it is wanted."""

    kind = RadioField(
        "关系",
        choices=[SelectChoice(kind.value, label(kind)) for kind in SynonymKind],
        default=SynonymKind.SAME.value,
    )
    expressions = TextAreaField("词语", [Needed()])
    reason = TextAreaField("理由", [Needed()])

    def lines(self) -> list[str]:
        """Return the expressions, one a line."""
        return (self.expressions.data or "").splitlines()


class RetireForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a group is to be taken out of use."""

    reason = TextAreaField("理由", [Needed()])
