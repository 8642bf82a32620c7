"""The form of a match: lines or a file, and which products."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from search.query import MAX_QUERY_CHARACTERS
from search.requirements.models import RequirementMatch
from search.requirements.tables import PRODUCTS_MAX

NAME_MOST = RequirementMatch.name.type.length


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class MatchForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """What is required, and of which products."""

    lines = TextAreaField("采购要求", description="一行一条，例如“平均无故障时间不低于 2000 小时”。")
    file = FileField("采购要求文件", description=".txt、.csv 或 .xlsx，不超过 1 MB；与上面的文字合并。")
    codes = StringField(
        "产品代码",
        description=f"最多 {PRODUCTS_MAX} 个，用空格隔开，如 P000012 P000047。",
        filters=[_stripped],
    )
    q = StringField(
        "采购标的",
        [Length(max=MAX_QUERY_CHARACTERS, message=f"采购标的：不超过 {MAX_QUERY_CHARACTERS} 个字。")],
        description="没有填产品代码时，按此检索最相符的产品，如“刻蚀设备”。",
        filters=[_stripped],
    )
    name = StringField(
        "名称", [Length(max=NAME_MOST, message=f"名称：不超过 {NAME_MOST} 个字。")], filters=[_stripped]
    )
