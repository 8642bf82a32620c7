"""Forms of the committee: input to checked values."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from registry.attachments import WARNING
from registry.forms.fields import Day, Moment, Needed
from registry.forms.rounds import VersionForm
from registry.models import Decision
from registry.terms import label
from review.committee.ballots import Answer
from review.committee.models import AgendaItem, SittingKind, Vote
from review.committee.sittings import Plan


def _at_most(name: str, length: int) -> Length:
    return Length(max=length, message=f"{name}：不超过 {length} 个字。")


def _boxes(name: str) -> SelectMultipleField:
    return SelectMultipleField(
        name,
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


class AppointForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Who is to speak for which department."""

    unit = SelectField("委员单位", [Needed()], validate_choice=False)
    user = SelectField("代表", [Needed()], coerce=int, validate_choice=False)
    from_on = Day("起始日期", [Needed()])


class EndForm(FlaskForm):  # type: ignore[misc] # as above
    """From when somebody speaks no more."""

    until_on = Day("终止日期", [Needed()], description="自这一天起不再代表该单位")


class PlanForm(FlaskForm):  # type: ignore[misc] # as above
    """How the committee is asked, and about what."""

    kind = RadioField(
        "方式", [Needed()], choices=[SelectChoice(kind.value, label(kind)) for kind in SittingKind]
    )
    due_on = Day("反馈截止日", [Optional()], description="书面征求意见填写；逾期为未反馈，不视为同意")
    held_at = Moment("会议时间", [Optional()], description="会议表决填写")
    place = StringField("会议地点", [_at_most("会议地点", 200)], description="会议表决填写")
    applications = _boxes("产品")

    def plan(self) -> Plan:
        """Return what was filled in, as far as the way of asking needs it."""
        kind = SittingKind(self.kind.data)
        if kind is SittingKind.OPINION_ROUND:
            return Plan(kind, due_on=self.due_on.data)
        return Plan(kind, held_at=self.held_at.data, place=self.place.data or "")


class PresentForm(VersionForm):
    """Which departments attend a meeting."""

    present = _boxes("到会单位")


class ReasonForm(VersionForm):
    """Why a sitting is given up."""

    reason = TextAreaField("取消的理由", [Needed(), _at_most("取消的理由", 1_000)])


class DecisionForm(FlaskForm):  # type: ignore[misc] # as above
    """What the chair decides on a product."""

    decision = RadioField("决定", [Needed()], validate_choice=False)
    reason = TextAreaField(
        "理由",
        description="不予通过或者缓议时必填；不予通过的理由告知申报单位，不写委员单位的名称",
    )

    def offer(self, choices: Sequence[Decision]) -> None:
        """Offer the decisions that the ballots allow."""
        self.decision.choices = [SelectChoice(one.value, label(one)) for one in choices]


class MinutesForm(VersionForm):
    """The minutes of a sitting."""

    minutes = TextAreaField("纪要", [Needed()])


class ReplyForm(FlaskForm):  # type: ignore[misc] # as above
    """The scanned reply; the answers by product are read by `typed`."""

    reply = FileField("回函扫描件", description=f"盖章的回函，PDF 或者图片。{WARNING}")


def typed(form: MultiDict[str, Any], items: Sequence[AgendaItem]) -> Mapping[int, Answer]:
    """Return what was typed for each product; a vote that does not exist counts as none."""
    return {
        item.id: Answer(
            vote=Vote(vote) if (vote := form.get(f"vote-{item.id}", "")) in list(Vote) else None,
            reason=form.get(f"reason-{item.id}", ""),
            is_veto=f"veto-{item.id}" in form,
        )
        for item in items
    }
