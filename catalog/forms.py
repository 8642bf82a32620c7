"""Forms of the catalog's office: what holds for an import, and its file."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, Length, ValidationError

from catalog.importing.rows import CellError, parse_batch, parse_date, parse_year
from catalog.importing.services import ImportOptions
from registry.models import ListCode
from registry.terms import label

NAME_MAX = 200  # characters of a file's name


def _reads(name: str, parse: Callable[[str], object]) -> Callable[[Any, Any], None]:
    """Return a validator that says in Chinese why a text is not what `parse` reads; an empty one is none."""

    def check(_form: Any, field: Any) -> None:
        try:
            if field.data and field.data.strip():
                parse(field.data)
        except CellError as problem:
            raise ValidationError(f"{name}：{problem}。") from None

    return check


class OptionsForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """What holds for rows that do not say it themselves."""

    list = SelectField(
        "名单",
        [AnyOf([code.value for code in ListCode], message="名单：请从所列各项中选择一项。")],
        choices=[SelectChoice(code.value, label(code)) for code in ListCode],
        validate_choice=False,
        default=ListCode.CX.value,
    )
    year = StringField(
        "年份", [_reads("年份", parse_year)], description="用于没有“年份”的行的编号；不填为今年"
    )
    batch = StringField(
        "批次", [_reads("批次", parse_batch)], description="用于没有“批次”的行；不填为第 1 批"
    )
    valid_until = StringField(
        "有效期至",
        [_reads("有效期至", parse_date)],
        description="用于没有“有效期至”的行，如 2029-03-31；不填为长期",
    )

    def options(self, **more: Any) -> ImportOptions:
        """Return the options; the form must have been validated."""
        year, batch, valid_until = (
            (field.data or "").strip() for field in (self.year, self.batch, self.valid_until)
        )
        return ImportOptions(
            list_code=ListCode(self.list.data),
            year=parse_year(year) if year else None,
            batch=parse_batch(batch) if batch else 1,
            valid_until=parse_date(valid_until) if valid_until else None,
            **more,
        )


class UploadForm(OptionsForm):
    """A file with the options."""

    file = FileField(
        "目录表格",
        [FileRequired(message="目录表格：请选择要导入的文件。")],
        description=".csv 或 .xlsx，不超过 10 MB",
    )

    def validate_file(self, field: Any) -> None:
        """Refuse a name that is no name."""
        if not PurePath(field.data.filename or "").name[:NAME_MAX]:
            raise ValidationError("目录表格：文件没有名称。")


class CheckedForm(OptionsForm):
    """The options of a file that was uploaded before; they stand in the address."""

    name = StringField("文件名", [Length(min=1, max=NAME_MAX, message="文件名：不超过 200 个字符。")])
