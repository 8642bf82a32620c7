"""The words of certificates and the table that chooses them: nature of the buyer × funds × object × project × lists.

The texts are data (`catalog/data/certificates.toml`, then policy); what a text may never say is code, because no
policy may change it.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from sqlalchemy.orm import Session

from catalog.certificates.payload import NationalList, Paragraph
from catalog.models import BuyerNature, CertificateKind
from registry import policy, policy_checks
from registry.errors import RuleError
from registry.models import ListCode

SHIPPED = Path(__file__).parents[1] / "data" / "certificates.toml"
policy.SHIPPED.append(SHIPPED)

NEVER_IN_A_TITLE = ("证书",)
NEVER = ("红头", "抄送", "印发", "应当采购", "必须采购")
NEVER_WITHOUT_BASIS = ("首购", "订购")
"""Modes of purchase that only a paragraph resting on a loaded document may name."""

ONLY_IN = {"入院": "hospital_device", "优先采购": "government"}
"""A word and the one rule whose paragraph may say it: 入院 for hospitals buying a registered device, 优先采购 in the
sentence that denies it."""

NOT_FROM_ELSEWHERE = (*NEVER, *NEVER_WITHOUT_BASIS, *ONLY_IN)


class Funds(StrEnum):
    """Where the money of a purchase comes from."""

    FISCAL = "fiscal"
    STATE_OWNED = "state_owned"
    SELF_RAISED = "self_raised"


class PurchaseObject(StrEnum):
    """What is bought, in the sense of the tendering law."""

    WORKS = "works"
    WORKS_RELATED = "works_related"
    GOODS = "goods"
    SERVICES = "services"


class Project(StrEnum):
    """Whether the purchase belongs to a 重大工程 or a 国有投资项目."""

    NONE = "none"
    MAJOR = "major"
    STATE_INVESTMENT = "state_investment"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rule table looks at. `lists` are those with an active listing; `national` only the proven ones."""

    buyer: BuyerNature | None
    funds: Funds | None
    object: PurchaseObject | None
    project: Project | None
    lists: frozenset[ListCode]
    national: tuple[NationalList, ...]
    registered_device: bool


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the table answers: the letters of the number, the title, the opening with `{lists}`, the paragraphs."""

    kind: CertificateKind
    title: str
    opening: str
    paragraphs: tuple[Paragraph, ...]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentences(_Data):
    """The fixed sentences and fillers of the face."""

    heading: str
    demonstration_heading: str
    demonstration_issuer: str
    demonstration_note: str
    watermark: str
    unsealed: str
    first_on_market: str
    not_first_on_market: str
    limits: str
    missing: str
    pending: str
    open_ended: str
    no_national_list: str
    # Tables that were set before there was this sentence go without.
    unproven_national_list: str = "有记载，尚未登记证明材料，不作引用"
    yes: str
    no: str
    same_unit: str
    scope_elsewhere: str


class SignatureWords(_Data):
    """What is printed of a file's signature: one made with the demonstration's key, and one that a lawful authority backs."""

    demonstration: str
    certified: str


class KindRow(_Data):
    """Which kind of certificate a buyer of some nature gets."""

    code: CertificateKind
    buyers: tuple[BuyerNature, ...] = ()
    title: str
    opening: str


class Condition(_Data):
    """Keys that must all hold; an absent one does not matter."""

    buyers: tuple[BuyerNature, ...] = ()
    funds: tuple[Funds, ...] = ()
    objects: tuple[PurchaseObject, ...] = ()
    projects: tuple[Project, ...] = ()
    lists: tuple[ListCode, ...] = ()
    national: bool | None = None
    registered_device: bool | None = None

    def holds(self, situation: Situation) -> bool:
        """Return whether every named key holds in the situation."""
        return (
            (not self.buyers or situation.buyer in self.buyers)
            and (not self.funds or situation.funds in self.funds)
            and (not self.objects or situation.object in self.objects)
            and (not self.projects or situation.project in self.projects)
            and (not self.lists or not situation.lists.isdisjoint(self.lists))
            and self.national in (None, bool(situation.national))
            and self.registered_device in (None, situation.registered_device)
        )


class ParagraphRow(_Data):
    """A paragraph, the document it rests on, and when it is printed."""

    rule: str
    group: str
    text: str
    basis: str | None = None
    when: tuple[Condition, ...]


class Wording(_Data):
    """All words of certificates with the rules that choose among them; refuses forbidden words when it is read."""

    lists: dict[ListCode, str]
    sentences: Sentences
    signature: SignatureWords
    kinds: tuple[KindRow, ...]
    paragraphs: tuple[ParagraphRow, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Check the tables and return them.

        Raises:
            pydantic.ValidationError: a key, value or placeholder is unknown, or a text says what it must not.
        """
        return cls.model_validate(data)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if missing := [code for code in ListCode if code not in self.lists]:
            raise ValueError(f"没有名单 {'、'.join(missing)} 的名称")
        answered = {buyer for row in self.kinds for buyer in row.buyers}
        if missing_buyers := [buyer for buyer in BuyerNature if buyer not in answered]:
            raise ValueError(f"没有采购方性质 {'、'.join(missing_buyers)} 的证明种类")
        if not any(not row.buyers for row in self.kinds):
            raise ValueError("没有面向任何人的证明种类")
        for name, text in self.sentences:
            fillers = {"as_of"} if name.endswith("first_on_market") else set()
            _check_text(name, text, fillers=fillers, forbidden=NEVER_WITHOUT_BASIS)
        for name, text in self.signature:
            _check_text(name, text, forbidden=NEVER_WITHOUT_BASIS)
        for row in self.kinds:
            _check_text(row.code, row.title, forbidden=(*NEVER_IN_A_TITLE, *NEVER_WITHOUT_BASIS))
            _check_text(row.code, row.opening, fillers={"lists"}, forbidden=NEVER_WITHOUT_BASIS)
        for paragraph in self.paragraphs:
            for text in (paragraph.text, paragraph.basis or ""):
                _check_text(
                    paragraph.rule, text, fillers={"national", "effects"},
                    forbidden=() if paragraph.basis else NEVER_WITHOUT_BASIS,
                )  # fmt: skip
        return self

    def conclude(self, situation: Situation) -> Conclusion:
        """Choose kind, title, opening and paragraphs for a situation; without a buyer the kind is for anyone."""
        kind = next(
            row for row in self.kinds if situation.buyer in row.buyers or not (situation.buyer or row.buyers)
        )
        chosen: dict[str, ParagraphRow] = {}
        for row in self.paragraphs if situation.buyer else ():
            if row.group not in chosen and any(condition.holds(situation) for condition in row.when):
                chosen[row.group] = row
        fillers = {
            "national": "、".join(national_line(item) for item in situation.national),
            "effects": "、".join(self._effects(situation.national)) or self.sentences.pending,
        }
        return Conclusion(
            kind=kind.code,
            title=kind.title,
            opening=kind.opening,
            paragraphs=tuple(
                Paragraph(
                    rule=row.rule,
                    text=row.text.format_map(fillers),
                    basis=row.basis.format_map(fillers) if row.basis else None,
                )
                for row in chosen.values()
            ),
        )

    def _effects(self, national: Iterable[NationalList]) -> dict[str, None]:
        """Return the documents once each, in order; a list without one counts as 待定."""
        return dict.fromkeys(item.effect_document or self.sentences.pending for item in national)


def national_line(item: NationalList) -> str:
    """Write a national listing as one phrase: name, year and item."""
    year = f"{item.year}年" if item.year else None
    details = "，".join(part for part in (year, item.item) if part)
    return f"{item.name}（{details}）" if details else item.name


@cache
def _shipped_tables() -> dict[str, Any]:
    parameters = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {part: parameters[f"certificate.{part}"]["value"] for part in Wording.model_fields}


def _tables(session: Session, *, on: date | None = None) -> dict[str, Any]:
    """Return the tables in force; sentences that came later than the last change are taken as shipped."""
    tables = {part: policy.value(session, f"certificate.{part}", on=on) for part in Wording.model_fields}
    return tables | {"sentences": _shipped_tables()["sentences"] | tables["sentences"]}


def shipped() -> Wording:
    """Return the wording this version ships."""
    return Wording.read(_shipped_tables())


def current(session: Session, *, on: date | None = None) -> Wording:
    """Return the wording in force on a day, today unless told."""
    return Wording.read(_tables(session, on=on))


def _check_change(session: Session, key: str, value: Any) -> None:
    """Refuse a change of the words or the rule table with which certificates could not be written."""
    changed = key.removeprefix("certificate.")
    if changed not in Wording.model_fields:
        return
    try:
        Wording.read({**_tables(session), changed: value})
    except ValidationError as problem:
        first = problem.errors()[0]
        place = " ".join(str(step + 1) if isinstance(step, int) else step for step in first["loc"][1:])
        said = first.get("ctx", {}).get("error")
        raise ValueError(f"{said}。" if said else f"{place} 不是证明可以使用的写法。") from None


policy_checks.CHECKS["certificate."] = _check_change


def is_sayable(text: str) -> bool:
    """Return whether a text from elsewhere has no word in it that certificates keep for themselves, or never say."""
    return not any(word in text for word in NOT_FROM_ELSEWHERE)


def check_purpose(text: str) -> None:
    """Refuse a purpose that would put words onto a certificate which `wording.md` keeps off it.

    Raises:
        RuleError: such a word stands in it.
    """
    for word in NOT_FROM_ELSEWHERE:
        if word in text:
            raise RuleError(f"用途：不得出现“{word}”，证明不作这种表述。", parameter="purpose")


def _check_text(place: str, text: str, *, fillers: Iterable[str] = (), forbidden: Iterable[str] = ()) -> None:
    for word in (*NEVER, *forbidden):
        if word in text:
            raise ValueError(f"“{place}”不得出现“{word}”")
    for word, rule in ONLY_IN.items():
        if word in text and place != rule:
            raise ValueError(f"“{place}”不得出现“{word}”")
    used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    if unknown := used.difference(fillers):
        raise ValueError(f"“{place}”用了未知的填充项 {'、'.join(sorted(unknown))}")
