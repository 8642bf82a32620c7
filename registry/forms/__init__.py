"""Forms of the registry; here those for accounts, roles and the trail: input to checked values."""

from datetime import date

from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, Optional

from registry.forms.fields import Choice
from registry.models import Role
from registry.terms import label


def _required(name: str) -> DataRequired:
    return DataRequired(message=f"{name}：必填。")


def _at_most(name: str, length: int) -> Length:
    return Length(max=length, message=f"{name}：不超过 {length} 个字符。")


ROLE_CHOICES = [SelectChoice(role.value, label(role)) for role in Role]


class LoginForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Name and password."""

    login = StringField("用户名、邮箱或手机号", [_required("用户名"), _at_most("用户名", 254)])
    password = PasswordField("密码", [_required("密码"), _at_most("密码", 200)])


class ResetRequestForm(FlaskForm):  # type: ignore[misc] # as above
    """Whose password to reset."""

    login = StringField("用户名、邮箱或手机号", [_required("用户名"), _at_most("用户名", 254)])


class NewPasswordForm(FlaskForm):  # type: ignore[misc] # as above
    """A new password, twice."""

    password = PasswordField("新密码", [_required("新密码"), _at_most("新密码", 200)])
    again = PasswordField("再输入一次", [EqualTo("password", message="再输入一次：两次输入的密码不一致。")])


class ChangePasswordForm(NewPasswordForm):
    """The current password and a new one."""

    current = PasswordField("当前密码", [_required("当前密码"), _at_most("当前密码", 200)])


class InvitationForm(NewPasswordForm):
    """A user name and a password for a new account."""

    username = StringField("用户名", [_required("用户名"), _at_most("用户名", 60)])


class InviteForm(FlaskForm):  # type: ignore[misc] # as above
    """Whom to invite, and for which role."""

    display_name = StringField("姓名", [_required("姓名"), _at_most("姓名", 60)])
    email = StringField("电子邮箱", [_required("电子邮箱"), _at_most("电子邮箱", 254)])
    proposed_role = Choice("拟任角色", choices=[SelectChoice("", "暂不指定"), *ROLE_CHOICES])


class RoleForm(FlaskForm):  # type: ignore[misc] # as above
    """One role to give or to take back."""

    role = Choice("角色", choices=ROLE_CHOICES)


class IssueResetForm(FlaskForm):  # type: ignore[misc] # as above
    """How the office made sure who asks for a new password."""

    reason = StringField(
        "理由", [_required("理由"), _at_most("理由", 500)], description="写明怎样核实了本人身份，记入留痕"
    )


class TrailFilterForm(FlaskForm):  # type: ignore[misc] # as above
    """What to show of the trail; sent by GET."""

    class Meta:
        """A filter changes nothing and needs no token."""

        csrf = False

    action = StringField("事项", [_at_most("事项", 80)])
    subject_id = StringField("对象编号", [_at_most("对象编号", 60)])
    since = DateField("起", [Optional()])
    until = DateField("止", [Optional()])

    def day(self, name: str) -> date | None:
        """Return a day of the filter, None where it is empty or no day."""
        field = self[name]
        return field.data if not field.errors and isinstance(field.data, date) else None
