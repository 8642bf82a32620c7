"""Form fields that speak Chinese: days, moments in Beijing time, whole numbers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import DateField, DateTimeLocalField, IntegerField, SelectField
from wtforms.validators import StopValidation, ValidationError

from registry import clock


class Day(DateField):  # type: ignore[misc] # WTForms ships no types
    """A calendar day."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the day; what was typed stays in the field when it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(f"{self.label.text}：请写成 2026-03-01 这样的日期。") from None


class Moment(DateTimeLocalField):  # type: ignore[misc] # as above
    """A minute in Beijing time; its data is an aware instant."""

    data: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Accept what browsers send and what people type."""
        super().__init__(*args, format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    def process_data(self, value: datetime | None) -> None:
        """Show an instant in Beijing time."""
        super().process_data(value.astimezone(clock.BEIJING) if value else None)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the minute; what was typed stays in the field when it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(f"{self.label.text}：请写成 2026-03-01 09:00 这样的时间。") from None
        if self.data is not None:
            self.data = self.data.replace(tzinfo=clock.BEIJING)


class Choice(SelectField):  # type: ignore[misc] # as above
    """One of the values on offer."""

    def pre_validate(self, form: Any) -> None:
        """Refuse a value that was not on offer, in the reader's language."""
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError(f"{self.label.text}：请从列表中选择。") from None


class Whole(IntegerField):  # type: ignore[misc] # as above
    """A whole number between two limits, both included."""

    data: Any

    def __init__(self, label: str, validators: Sequence[Any] = (), *, least: int, most: int, **kwargs: Any):
        """Keep the limits."""
        super().__init__(label, validators, **kwargs)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number; an empty field is None."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        text = valuelist[0].strip()
        if (
            not text.isascii()
            or not text.isdigit()
            or len(text) > 9
            or not self.least <= int(text) <= self.most
        ):
            raise ValueError(f"{self.label.text}：应为 {self.least} 至 {self.most} 的整数。")
        self.data = int(text)


class Needed:
    """Ask for a value that was read well; says so in Chinese, and leaves the field's own complaint alone."""

    field_flags = {"required": True}  # noqa: RUF012 - read by WTForms from the class

    def __call__(self, _form: Any, field: Any) -> None:
        """Refuse an empty field."""
        if field.process_errors:
            raise StopValidation
        if field.data in (None, "", []) or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(f"{field.label.text}：必填。")
