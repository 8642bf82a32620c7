"""Forms of the review: input to checked values."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from registry.forms.fields import Day, Needed
from registry.terms import label
from review.models import ExpertKind, Relation, ScoreSheet
from review.panels import PUBLIC_VALUE_MAX
from review.scoring import Criterion, from_points
from review.sheets import Typed

REASON_MAX = 2_000
YES, NO = "yes", "no"


def _at_most(name: str, length: int) -> Length:
    return Length(max=length, message=f"{name}：不超过 {length} 个字符。")


def _one_of(name: str, members: type[StrEnum]) -> SelectField:
    return SelectField(
        name,
        [AnyOf([member.value for member in members], message=f"{name}：请从列表中选择。")],
        choices=[SelectChoice(member.value, label(member)) for member in members],
        validate_choice=False,  # the validator above does it, in our words
    )


class VersionForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Which version of the record the page was shown with."""

    version = HiddenField()

    def shown(self) -> int | None:
        """Return the version that the page showed, None where it showed none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class ReasonForm(FlaskForm):  # type: ignore[misc] # as above
    """Why something is done."""

    reason = TextAreaField("理由", [_at_most("理由", REASON_MAX)])


# --- the pool -----------------------------------------------------------------------------------------------------


class ExpertForm(VersionForm):
    """What the pool says of an expert; `fields` gets its choices from the scheme."""

    login = StringField(
        "账号", [_at_most("账号", 254)], description="用户名、邮箱或者手机号；须已被授予评审专家角色"
    )
    kind = _one_of("类别", ExpertKind)
    institution = StringField("工作单位", [Needed(), _at_most("工作单位", 200)])
    title = StringField("职称", [_at_most("职称", 60)])
    fields = SelectMultipleField(
        "评审领域",
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    is_available = BooleanField("参加抽取", default=True)

    def offer(self, labels: Mapping[str, str]) -> None:
        """Offer the fields of the industry scheme."""
        self.fields.choices = [SelectChoice(code, text) for code, text in labels.items()]


class AffiliationForm(FlaskForm):  # type: ignore[misc] # as above
    """A tie between an expert and a unit."""

    name = StringField("单位", [Needed(), _at_most("单位", 200)], description="按营业执照上的全称填写")
    relation = _one_of("关系", Relation)
    from_on = Day("起", [Optional()], description="不记得可以不填")
    until_on = Day("止", [Optional()], description="仍在持续的不填")


class EndForm(FlaskForm):  # type: ignore[misc] # as above
    """The day on which a tie ended."""

    until_on = Day("止", [Needed()])


# --- panels -------------------------------------------------------------------------------------------------------


class DrawForm(FlaskForm):  # type: ignore[misc] # as above
    """The public value that was named in advance."""

    public_value = StringField("公开随机数", [Needed(), _at_most("公开随机数", PUBLIC_VALUE_MAX)])


class RecuseForm(ReasonForm):
    """A conflict that the secretariat learnt of."""

    relation = _one_of("利害关系", Relation)


class LeaveForm(FlaskForm):  # type: ignore[misc] # as above
    """Why an expert gives up a seat."""

    answer = RadioField(
        "情形",
        [AnyOf(["recuse", "decline"], message="情形：请选择一项。")],
        choices=[
            SelectChoice("recuse", "与申报单位有利害关系，回避"),
            SelectChoice("decline", "因其他原因不能参加"),
        ],
        validate_choice=False,
    )
    relation = _one_of("利害关系", Relation)
    reason = TextAreaField("说明", [Needed(), _at_most("说明", REASON_MAX)])


class SettleForm(ReasonForm):
    """What follows a recusal that came after the review began."""

    refilling = RadioField(
        "处理",
        [AnyOf([YES, NO], message="处理：请选择一项。")],
        choices=[SelectChoice(YES, "按原抽取序列补抽"), SelectChoice(NO, "按余下的专家继续")],
        validate_choice=False,
    )


class AppointForm(ReasonForm):
    """Somebody who is seated by hand."""

    login = StringField("专家账号", [Needed(), _at_most("专家账号", 254)])


class CommentsForm(FlaskForm):  # type: ignore[misc] # as above
    """The remarks that the applicant may read."""

    comments = TextAreaField("告知申报单位的意见", description="已隐去姓名和单位，请核对后告知")


# --- sheets -------------------------------------------------------------------------------------------------------


def sheet_form(rubric: Sequence[Criterion], vetoes: Mapping[str, str], sheet: ScoreSheet | None) -> Any:
    """Return the form of a sheet, filled with what was saved; what was just typed stands above it."""
    fields: dict[str, Any] = {
        "version": HiddenField(default=str(sheet.version_id) if sheet else ""),
        "recommends": RadioField(
            "是否推荐",
            choices=[SelectChoice(YES, "推荐"), SelectChoice(NO, "不推荐")],
            validate_choice=False,
            default={True: YES, False: NO}.get(sheet.recommends)
            if sheet and sheet.recommends is not None
            else None,
        ),
        "comment": TextAreaField("总体意见", default=sheet.comment if sheet else ""),
    }
    saved = {item.criterion: item for item in sheet.items} if sheet else {}
    for criterion in rubric:
        item = saved.get(criterion.key)
        points = "" if item is None or item.points is None else f"{from_points(item.points).normalize():f}"
        fields[f"points-{criterion.key}"] = StringField(
            f"{criterion.label}（满分 {criterion.weight}）", default=points
        )
        fields[f"reason-{criterion.key}"] = TextAreaField(
            f"{criterion.label}：理由", default=item.reason if item else ""
        )
    for key, text in vetoes.items():
        fields[f"veto-{key}"] = BooleanField(text, default=bool(sheet and key in sheet.vetoes))
    return type("SheetForm", (VersionForm,), fields)()


def typed(form: Any, rubric: Sequence[Criterion], vetoes: Mapping[str, str]) -> Typed:
    """Return what was typed into a sheet's form."""
    return Typed(
        points={criterion.key: form[f"points-{criterion.key}"].data or "" for criterion in rubric},
        reasons={criterion.key: form[f"reason-{criterion.key}"].data or "" for criterion in rubric},
        vetoes=frozenset(key for key in vetoes if form[f"veto-{key}"].data),
        recommends={YES: True, NO: False}.get(form.recommends.data or ""),
        comment=form.comment.data or "",
    )
