"""Forms for rounds and policy: input to checked values."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from registry.errors import RuleError
from registry.forms.fields import Day, Moment, Needed, Whole
from registry.models import CallRound, ListCode
from registry.rounds import Plan
from registry.terms import label

YEARS = {"least": 2015, "most": 2100}  # the catalog's first measures are of 2015
WORKING = {"上班": True, "休息": False}


def _at_most(name: str, length: int) -> Length:
    return Length(max=length, message=f"{name}：不超过 {length} 个字符。")


class VersionForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A button on a page: which version of the record it was shown with."""

    version = HiddenField()

    def shown(self) -> int | None:
        """Return the version that the page showed, None where it says none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class RoundForm(VersionForm):
    """What a round is to be."""

    year = Whole("年度", [Needed()], **YEARS)
    batch = Whole("批次", least=1, most=99, description="留空由系统顺次给号")
    title = StringField("标题", [Needed(), _at_most("标题", 200)])
    lists = SelectMultipleField(
        "名单",
        [Needed()],
        choices=[SelectChoice(code.value, label(code)) for code in ListCode],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    opens_at = Moment("开始时间", [Needed()])
    closes_at = Moment(
        "截止时间", [Needed()], description="截止时间一到即不再接收；需要延长时另行办理并通知各单位"
    )
    reference_on = Day("首次投放市场认定基准日", [Needed()])
    is_sealed = BooleanField("截止前任何人不查阅已提交的申报书")
    text = TextAreaField("通知正文", [_at_most("通知正文", 20_000)], description="发布申报通知前必填")

    @classmethod
    def of(cls, call: CallRound) -> "RoundForm":
        """Return the form filled with a round; what was just typed stands above it."""
        form = cls(obj=call)
        if not form.is_submitted():
            form.is_sealed.data, form.version.data = call.sealed, str(call.version_id)
        return form

    def plan(self) -> Plan:
        """Return what was filled in."""
        return Plan(
            year=self.year.data,
            batch=self.batch.data,
            title=self.title.data,
            lists=[ListCode(value) for value in self.lists.data],
            opens_at=self.opens_at.data,
            closes_at=self.closes_at.data,
            reference_on=self.reference_on.data,
            is_sealed=self.is_sealed.data,
            text=self.text.data or "",
        )


class ExtensionForm(VersionForm):
    """A later end and its reason."""

    closes_at = Moment("新的截止时间", [Needed()])
    reason = TextAreaField("理由", [Needed(), _at_most("理由", 2_000)], description="写入给各申报单位的通知")


class ChangeForm(FlaskForm):  # type: ignore[misc] # as above
    """What every change of policy says besides its value."""

    effective_from = Day("生效日期", [Needed()])
    basis_document = StringField(
        "依据文件", [Needed(), _at_most("依据文件", 200)], description="文号或者文件名称；还没有的写“待定”"
    )
    source_note = TextAreaField("说明", [_at_most("说明", 2_000)])
    is_assumed = BooleanField("暂定：未见公开文件，由秘书处推定")


class ParameterForm(ChangeForm):
    """A new value of a parameter, written as the present one is: text as it stands, everything else as JSON."""

    value = TextAreaField("新的取值", [Needed(), _at_most("新的取值", 20_000)])

    def read(self, present: Any) -> Any:
        """Return the value that was typed.

        Raises:
            RuleError: it is no JSON, or a number has a fraction.
        """
        text = self.value.data.strip()
        if isinstance(present, str):
            return text.replace("\r\n", "\n")
        try:
            return json.loads(text, parse_float=_no_fraction, parse_constant=_no_fraction)
        except json.JSONDecodeError as problem:
            raise RuleError(
                f"新的取值：第 {problem.lineno} 行第 {problem.colno} 个字符处不合写法，"
                "请照现行取值的样子写（引号、逗号、括号均用半角）。",
                parameter="value",
            ) from None


def _no_fraction(text: str) -> None:
    raise RuleError(f"新的取值：不写小数（{text}），请用更小的单位或者写成文字。", parameter="value")


def written(value: Any) -> str:
    """Write a value as the form takes it, one row of a table per line."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
        return f"[\n{rows}\n]"
    return json.dumps(value, ensure_ascii=False, indent=2)


class CalendarForm(ChangeForm):
    """Days to declare working or free, one a line, such as 2027-02-06 上班 春节调休."""

    days = TextAreaField(
        "日期",
        [Needed(), _at_most("日期", 20_000)],
        description="每行一天：日期、上班或者休息、说明，中间空一格",
    )

    def read(self) -> list[dict[str, Any]]:
        """Return the days that were typed.

        Raises:
            RuleError: a line is not understood.
        """
        return list(self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(self.days.data.splitlines(), 1):
            if not line.strip():
                continue
            day, _, rest = line.strip().partition(" ")
            kind, _, note = rest.strip().partition(" ")
            try:
                yield {
                    "day": date.fromisoformat(day).isoformat(),
                    "is_working": WORKING[kind],
                    "note": note.strip()[:200],
                }
            except (ValueError, KeyError):
                raise RuleError(
                    f"日期：第 {number} 行应写成“2027-02-06 上班 春节调休”这样。", parameter="days"
                ) from None


class DeclineForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a proposed change is sent back."""

    reason = StringField("退回理由", [Needed(), _at_most("退回理由", 2_000)])
