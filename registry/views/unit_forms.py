"""Forms of units: registration, what a unit asks, what the office answers."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, Length, StopValidation

from registry.accounts import checked_address, checked_mobile, checked_username
from registry.errors import RuleError
from registry.forms.fields import Day, Needed
from registry.models import Organization, UnitRequestKind, User
from registry.organizations.codes import credit_code
from registry.organizations.registration import PersonFacts, UnitFacts
from registry.taxonomy import Labels
from registry.terms import TERMS


def _at_most(name: str, length: int) -> Length:
    return Length(max=length, message=f"{name}：不超过 {length} 个字符。")


def complain(form: FlaskForm, problem: RuleError) -> None:
    """Show a rule's sentence at the field it names; a rule of no field of this form is raised on."""
    name = {"file": "letter"}.get(problem.parameter or "", problem.parameter)
    if name not in form:
        raise problem
    form[name].errors = [problem.sentence]


class Kept:
    """Ask that a value, where there is one, keeps a rule, so that every fault of a form is told at once."""

    def __init__(self, rule: Callable[[str], object]) -> None:
        """Keep the rule, which raises `RuleError`."""
        self.rule = rule

    def __call__(self, _form: Any, field: Any) -> None:
        """Refuse what breaks the rule, in its own words."""
        try:
            if field.data:
                self.rule(field.data)
        except RuleError as problem:
            raise StopValidation(problem.sentence) from None


class UnitForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """What a unit says of itself."""

    name = StringField("单位名称", [Needed(), _at_most("单位名称", 200)])
    credit_code = StringField("统一社会信用代码", [Needed(), Kept(credit_code)])
    district = SelectField("所在区")
    special_area = SelectField("特殊区域")
    legal_representative = StringField("法定代表人", [_at_most("法定代表人", 60)])
    short_name = StringField("单位简称", [_at_most("单位简称", 80)])

    def offer(self, districts: Labels, special_areas: Labels) -> None:
        """Fill the lists with the classes in force."""
        self.district.choices = _classes(districts, "不在本市")
        self.special_area.choices = _classes(special_areas, "无")

    def unit(self) -> UnitFacts:
        """Return what was typed of the unit."""
        return UnitFacts(
            name=self.name.data or "",
            credit_code=self.credit_code.data or "",
            district=self.district.data or "",
            special_area=self.special_area.data or "",
            legal_representative=self.legal_representative.data or "",
            short_name=self.short_name.data or "",
        )

    def fix(self, organization: Organization) -> None:
        """Keep name and code of a verified unit, whatever was sent."""
        if organization.verified_at is not None:
            self.name.data, self.credit_code.data = organization.name, organization.credit_code


class RegisterForm(UnitForm):
    """A unit and the account of the person who registers it."""

    display_name = StringField("您的姓名", [Needed(), _at_most("您的姓名", 60)])
    mobile = StringField("手机号", [Needed(), Kept(checked_mobile)])
    email = StringField("电子邮箱", [_at_most("电子邮箱", 254), Kept(checked_address)])
    username = StringField("用户名", [Needed(), Kept(checked_username)])
    password = PasswordField("密码", [Needed(), _at_most("密码", 200)])
    again = PasswordField("再输入一次", [EqualTo("password", message="再输入一次：两次输入的密码不一致。")])

    def person(self) -> PersonFacts:
        """Return what was typed of the person."""
        return PersonFacts(
            username=self.username.data or "",
            password=self.password.data or "",
            display_name=self.display_name.data or "",
            mobile=(self.mobile.data or "").strip(),
            email=(self.email.data or "").strip(),
        )


class JoinForm(FlaskForm):  # type: ignore[misc] # as above
    """Which unit to join."""

    credit_code = StringField("统一社会信用代码", [Needed(), Kept(credit_code)])


class RequestForm(FlaskForm):  # type: ignore[misc] # as above
    """What every request of a unit carries: its letter or proof."""

    letter = FileField("证明文件")

    def offer(self, members: Iterable[User]) -> None:
        """Fill the lists that depend on the unit."""

    def values(self) -> dict[str, Any]:
        """Return what the kind of request asks for, by name."""
        return {
            name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "letter")
        }


def _people(members: Iterable[User]) -> list[SelectChoice]:
    return [SelectChoice(str(user.id), f"{user.display_name}（{user.username}）") for user in members]


def _classes(labels: Labels, none: str) -> list[SelectChoice]:
    return [SelectChoice("", none), *(SelectChoice(code, text) for code, text in labels.by_code.items())]


class SignatoryForm(RequestForm):
    """Who shall sign for the unit."""

    signatory = SelectField("签署人", [Needed()])

    def offer(self, members: Iterable[User]) -> None:
        """Offer the unit's members."""
        self.signatory.choices = _people(members)


class RenameForm(RequestForm):
    """The unit's new name."""

    name = StringField("新名称", [Needed(), _at_most("新名称", 200)])
    changed_on = Day("变更日期", [Needed()])


class MergeForm(RequestForm):
    """Which other record is the same unit."""

    other = StringField("重复单位的统一社会信用代码或者全称", [Needed(), _at_most("重复单位", 200)])


class ClaimForm(RequestForm):
    """Which published product is the unit's."""

    code = StringField("产品代码", [Needed(), _at_most("产品代码", 20)])


class BuyerForm(RequestForm):
    """As what the unit buys, and who approves."""

    nature = SelectField("采购方性质", [Needed()])
    approver = SelectField("采购方审批人", [Needed()])

    def offer(self, members: Iterable[User]) -> None:
        """Offer the natures of buyers and the unit's members."""
        natures = [(key, term) for key, term in TERMS.items() if key.startswith("buyer_nature.")]
        self.nature.choices = [SelectChoice(key.partition(".")[2], term.label) for key, term in natures]
        self.approver.choices = _people(members)


FORMS: dict[UnitRequestKind, type[RequestForm]] = {
    UnitRequestKind.VERIFICATION: SignatoryForm,
    UnitRequestKind.SIGNATORY: SignatoryForm,
    UnitRequestKind.RENAME: RenameForm,
    UnitRequestKind.MERGE: MergeForm,
    UnitRequestKind.CLAIM: ClaimForm,
    UnitRequestKind.BUYER: BuyerForm,
}
"""The form of each kind that a unit files; joining one has a page of its own."""


class AnswerForm(FlaskForm):  # type: ignore[misc] # as above
    """Yes or no to a request, as the page showed it."""

    version = HiddenField()
    answer = HiddenField()
    reason = TextAreaField("不同意的理由", [_at_most("不同意的理由", 500)])

    def shown(self) -> int:
        """Return the version that the page showed, -1 where it says none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
