"""Forms for checking a certificate and for asking for one."""

from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, FileSize
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from catalog.certificates.numbers import INPUT_LIMIT
from catalog.certificates.services import PURPOSE_MAX, Purchase
from catalog.certificates.wording import Funds, Project, PurchaseObject
from registry.errors import RuleError
from registry.terms import label

NUMBER_MAX = 1000  # characters; an address with the token of a QR code has about 300
REASON_MAX = 500  # characters
FILE_MAX = 1024 * 1024  # bytes; ours have about a hundred thousand
TOO_LARGE = "证明文件：超过 1 MB，不是本系统出具的证明。"
PAPER = "纸面证明的照片、扫描件请按编号或者二维码核验。"
PDF_ENDS = 1024  # bytes at either end of a PDF in which readers look for its marks


class CheckForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """The number and the short code as they stand on the paper."""

    number = StringField(
        "证明编号",
        [
            InputRequired(message="证明编号：必填，例如 ZM-2026-LR-000123-53。"),
            Length(max=NUMBER_MAX, message=f"证明编号：不超过 {NUMBER_MAX} 个字符。"),
        ],
        description="例如 ZM-2026-LR-000123-53，见证明右上角；也可以粘贴扫描二维码得到的网址",
    )
    code = StringField(
        "核验码",
        [Length(max=INPUT_LIMIT, message=f"核验码：不超过 {INPUT_LIMIT} 个字符。")],
        description="12 个字母，见证明左下角；不填时只显示状态，不显示内容",
    )


def _is_pdf(form: FlaskForm, field: FileField) -> None:
    """Refuse what is no PDF at all, which says nothing about a paper; a PDF cut off or altered at one end passes."""
    content = field.data.read(FILE_MAX)
    field.data.seek(0)
    if not content:
        raise ValidationError(f"证明文件：文件是空的，请重新选择。{PAPER}")
    if b"%PDF" not in content[:PDF_ENDS] and b"%%EOF" not in content[-PDF_ENDS:]:
        raise ValidationError(f"证明文件：不是 PDF 文件。{PAPER}")


class FileForm(FlaskForm):  # type: ignore[misc] # as above
    """The PDF file itself; it is looked at and not kept."""

    file = FileField(
        "证明文件",
        [
            FileRequired(message="证明文件：请选择要核验的 PDF 文件。"),
            FileSize(FILE_MAX, message=TOO_LARGE),
            _is_pdf,
        ],
        description="出具时下载的 PDF 文件，只用于比对，不保存",
    )


def _one_of(kind: type[Any], name: str, members: type[StrEnum], **options: Any) -> Any:
    """Return a field that takes one member of an enumeration and says so in Chinese."""
    return kind(
        name,
        [AnyOf([member.value for member in members], message=f"{name}：请从所列各项中选择一项。")],
        choices=[SelectChoice(member.value, label(member)) for member in members],
        validate_choice=False,  # the validator above does it, in our words
        **options,
    )


class RevokeForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a certificate does not hold any more."""

    reason = TextAreaField(
        "撤销原因",
        [
            InputRequired(message="撤销原因：必填。"),
            Length(max=REASON_MAX, message=f"撤销原因：不超过 {REASON_MAX} 个字。"),
        ],
        description="写给采购方和持有证明的人，核验时显示",
    )


class PurchaseForm(FlaskForm):  # type: ignore[misc] # as above
    """What the buyer wants the certificate for."""

    purpose = StringField(
        "用途",
        [
            InputRequired(message="用途：必填，例如“影像科设备更新项目，2 台”。"),
            Length(max=PURPOSE_MAX, message=f"用途：不超过 {PURPOSE_MAX} 个字。"),
        ],
        description="采购项目和数量，将印在证明上",
    )
    funds = _one_of(SelectField, "资金来源", Funds)
    object = _one_of(SelectField, "采购对象", PurchaseObject, default=PurchaseObject.GOODS)
    project = _one_of(RadioField, "所属项目", Project, default=Project.NONE)

    def tell(self, problem: RuleError) -> RuleError | None:
        """Put a refusal at its field; return one that is about no field, for the head of the page."""
        if problem.parameter not in self:
            return problem
        self[problem.parameter].errors = [problem.sentence]
        return None

    def purchase(self) -> Purchase:
        """Return what was asked for, once it was found valid."""
        return Purchase(
            text=self.purpose.data,
            funds=Funds(self.funds.data),
            object=PurchaseObject(self.object.data),
            project=Project(self.project.data),
        )
