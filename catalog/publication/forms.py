"""Forms for notices, objections, publications and support: input to checked values."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, Length
from wtforms.widgets import CheckboxInput, ListWidget

from catalog.publication.models import NoticeItem, ObjectionGround, ObjectionKind
from catalog.publication.notices import LONGEST, MUST_PRINT, Heading
from catalog.publication.objections import FILES_MAX, STATEMENT_MAX, Objector, faults
from catalog.publication.publications import TEXT_MAX, TITLE_MAX
from catalog.publication.publishing import Document
from catalog.publication.reckoning import FEN_PER_YUAN
from registry.errors import RuleError
from registry.forms.fields import Day, Needed
from registry.forms.rounds import VersionForm
from registry.terms import label
from registry.types import Fen

YUAN_MAX = 10**11  # far above any support; beyond it somebody typed 分


def whole(text: Any) -> int:
    """Return a record's number as a form sends it, 0 for anything that is none."""
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 10 else 0


def _at_most(name: str, length: int) -> Length:
    return Length(max=length, message=f"{name}：不超过 {length} 个字。")


def _one_of(kind: type[Any], name: str, members: type[StrEnum], **options: Any) -> Any:
    """Return a field that takes one member of an enumeration and says so in Chinese."""
    return kind(
        name,
        [AnyOf([member.value for member in members], message=f"{name}：请从所列各项中选择一项。")],
        choices=[SelectChoice(member.value, label(member)) for member in members],
        validate_choice=False,  # the validator above does it, in our words
        **options,
    )


def complain(form: FlaskForm, problem: RuleError, otherwise: str) -> int:
    """Write a broken rule beside its field, or beside `otherwise`; return the status to answer with."""
    form[problem.parameter if problem.parameter in form else otherwise].errors = [problem.sentence]
    return problem.status


# --- notices ------------------------------------------------------------------------------------------------------


class ItemsForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Which products to take; the page lays out the boxes."""

    items = SelectMultipleField(
        "产品",
        coerce=whole,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


class HeadingForm(VersionForm):
    """What a notice says beside its products."""

    title = StringField(MUST_PRINT["title"])
    opening = TextAreaField(MUST_PRINT["opening"])
    department = StringField(MUST_PRINT["department"])
    phone = StringField(MUST_PRINT["phone"], description="受理部门对外公布的电话")
    address = StringField(MUST_PRINT["address"])
    methods = TextAreaField(
        MUST_PRINT["methods"], description="写明实名要求、匿名反映的处理和对异议人信息的保密"
    )

    def heading(self) -> Heading:
        """Return what was filled in."""
        return Heading(**{name: self[name].data or "" for name in MUST_PRINT})


class ClearForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a finding of the scan is harmless."""

    fingerprint = HiddenField()
    reason = StringField("不属于泄露的理由", [Needed(), _at_most("理由", LONGEST["title"])])


# --- objections ---------------------------------------------------------------------------------------------------


class ObjectionForm(FlaskForm):  # type: ignore[misc] # as above
    """An objection to a product; who objects is kept confidential."""

    item = SelectField("异议的产品", [Needed()], coerce=whole, validate_choice=False)
    kind = _one_of(RadioField, "以什么身份提出", ObjectionKind, default=ObjectionKind.INDIVIDUAL.value)
    name = StringField("姓名（单位填联系人）", description="匿名反映的不填")
    phone = StringField("联系电话", description="供核实和答复，匿名反映的不填")
    unit_name = StringField("单位名称", description="单位提出异议的填写")
    email = StringField("电子邮箱", description="可以不填；填写的，答复以电子邮件告知")
    address = StringField("通信地址", description="可以不填；没有邮箱的，答复按此邮寄")
    statement = TextAreaField(
        "异议内容",
        [Needed(), _at_most("异议内容", STATEMENT_MAX)],
        description="写明事实和理由，不要写自己的姓名和电话",
    )
    letter = FileField("异议书", description="个人署名、单位盖章的原件扫描件；单位提出异议的必须上传")
    evidence = MultipleFileField("证据材料", description=f"至多 {FILES_MAX} 件")

    def offer(self, items: Iterable[NoticeItem]) -> None:
        """Offer the products of the notice."""
        self.item.choices = [SelectChoice(0, "请选择")] + [
            SelectChoice(item.id, f"{item.content['name']}（{item.content['organization_name']}）")
            for item in items
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything at once: files are chosen anew after every refusal."""
        complete = super().validate(extra_validators)
        if not self.kind.errors:
            has_letter = bool(self.letter.data and self.letter.data.filename)
            wrong = faults(ObjectionKind(self.kind.data), self.objector(), has_letter=has_letter)
            if not self.item.data:
                wrong["item"] = "异议的产品：请从公示的产品中选择。"
            for name, sentence in wrong.items():
                self[name].errors = [*self[name].errors, sentence]
            complete = complete and not wrong
        return bool(complete)

    def objector(self) -> Objector:
        """Return who objects, as filled in."""
        return Objector(
            name=self.name.data or "",
            phone=self.phone.data or "",
            unit_name=self.unit_name.data or "",
            email=self.email.data or "",
            address=self.address.data or "",
        )


class JudgeForm(VersionForm):
    """Take an objection up with a gist for the maker, or find it inadmissible with a reason."""

    gist = TextAreaField(
        "异议要点",
        [_at_most("异议要点", STATEMENT_MAX)],
        description="受理时填写，用自己的话转述，将告知申报单位",
    )
    reason = TextAreaField("不予受理的理由", [_at_most("理由", STATEMENT_MAX)], description="不予受理时填写")


class ReportForm(VersionForm):
    """What the investigation found."""

    report = TextAreaField(
        "核查情况",
        [Needed(), _at_most("核查情况", STATEMENT_MAX)],
        description="供主任决定，不写异议人的信息",
    )


class ObjectionOutcome(StrEnum):
    """How the chair decides an objection."""

    DISMISS = "dismiss"
    REJECT = "reject"
    NEW_PANEL = "new_panel"


class DecisionForm(VersionForm):
    """The chair's decision with its reason."""

    outcome = _one_of(RadioField, "决定", ObjectionOutcome)
    ground = _one_of(SelectField, "不予入选的原因", ObjectionGround, description="异议成立、不予入选时选择")
    reason = TextAreaField(
        "理由", [Needed(), _at_most("理由", STATEMENT_MAX)], description="产品不予入选时将告知申报单位"
    )


class AnswerForm(VersionForm):
    """What the objector was answered."""

    answer = TextAreaField(
        "答复", [Needed(), _at_most("答复", STATEMENT_MAX)], description="写明答复的日期、方式和内容"
    )


class IdentifyForm(FlaskForm):  # type: ignore[misc] # as above
    """Why somebody looks at who objects."""

    why = StringField("查看理由", [Needed(), _at_most("查看理由", 200)], description="每次查看都会留痕")


# --- publications and support -------------------------------------------------------------------------------------


class PublicationForm(VersionForm, ItemsForm):
    """A draft of a publication."""

    title = StringField("标题", [Needed(), _at_most("标题", TITLE_MAX)])
    text = TextAreaField("正文", [_at_most("正文", TEXT_MAX)])


class SendBackForm(VersionForm):
    """Why a draft is sent back."""

    reason = StringField("退回理由", [Needed(), _at_most("退回理由", 2_000)])


class DocumentForm(VersionForm):
    """The signed document, typed by hand."""

    issuer = StringField("发布机关", [Needed()], description="按签发的文件填写")
    document_number = StringField("文号", [Needed()], description="按签发的文件填写，系统不生成文号")
    published_on = Day("发布日期", [Needed()])

    def document(self) -> Document:
        """Return what was filled in."""
        return Document(self.issuer.data, self.document_number.data, self.published_on.data)


class Yuan(StringField):  # type: ignore[misc] # WTForms ships no types
    """An amount in 元 with at most two decimals; its data is `Fen`, the text stays when it is none."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount."""
        text = (valuelist[0] if valuelist else "").replace(",", "").replace("，", "").strip()
        self.typed, self.data = text, None
        if not text:
            return
        try:
            amount = Decimal(text) * FEN_PER_YUAN
            if not 0 <= amount <= YUAN_MAX * FEN_PER_YUAN or amount != amount.to_integral_value():
                raise InvalidOperation
        except InvalidOperation:
            raise ValueError(f"{self.label.text}：应为不小于 0、至多两位小数的金额，单位元。") from None
        self.data = Fen(int(amount))

    def _value(self) -> str:
        return getattr(self, "typed", "")


class SupportForm(FlaskForm):  # type: ignore[misc] # as above
    """A support decision."""

    number = StringField("目录编号", [Needed()], description="如 TZ-2026-01-0001")
    decided_on = Day("决定日期", [Needed()])
    contracts = Yuan("合同金额（元）", [Needed()])
    amount = Yuan("支持金额（元）", [Needed()])
    document = StringField("依据文件", [Needed()], description="按决定文件填写")
