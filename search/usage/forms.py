"""Forms for keeping a search."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from search.usage.models import SavedSearch

NAME_MOST = SavedSearch.name.type.length
ADDRESS_MOST = 6_000  # characters of a query string; 500 letters of a search take nine each


class SaveForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A name for the search at an address, and whether to be told of news."""

    name = StringField(
        "名称",
        [
            InputRequired(message="名称：必填，例如“手术机器人”。"),
            Length(max=NAME_MOST, message=f"名称：不超过 {NAME_MOST} 个字。"),
        ],
        filters=[lambda value: value.strip() if value else value],
    )
    address = HiddenField(
        "检索条件", [Length(max=ADDRESS_MOST, message="检索条件：过长，请减少检索词或筛选条件。")]
    )
    is_told = BooleanField("有新列入的产品时告知我")
