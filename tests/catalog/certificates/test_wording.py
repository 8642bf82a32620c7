"""The rule table, and the words that no certificate may carry."""

import itertools
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from catalog.certificates import wording
from catalog.certificates.payload import NationalList
from catalog.certificates.wording import Funds, Project, PurchaseObject, Situation, Wording
from catalog.models import BuyerNature, CertificateKind
from registry.models import ListCode, PolicyParameter

WORDS = wording.shipped()
FORBIDDEN = ("红头", "抄送", "印发", "应当采购", "必须采购", "首购", "订购")
NATIONAL = (
    NationalList(
        name="示例国家级目录", year=2024, item="第12项", is_proven=True, effect_document="示例〔2023〕1号"
    ),
)


def _situation(buyer: BuyerNature | None, **given: Any) -> Situation:
    facts: dict[str, Any] = {
        "funds": Funds.SELF_RAISED,
        "object": PurchaseObject.GOODS,
        "project": Project.NONE,
        "lists": frozenset({ListCode.CX}),
        "national": (),
        "registered_device": False,
    }
    return Situation(buyer=buyer, **(facts | given))


def _rules(situation: Situation) -> list[str]:
    return [paragraph.rule for paragraph in WORDS.conclude(situation).paragraphs]


WITHOUT_EFFECT = (NATIONAL[0].model_copy(update={"effect_document": None}),)
EVERY_SET_OF_LISTS = [
    frozenset(chosen)
    for size in range(1, len(ListCode) + 1)
    for chosen in itertools.combinations(ListCode, size)
]
HOSPITALS = {BuyerNature.PUBLIC_HOSPITAL, BuyerNature.PRIVATE_HOSPITAL}
EVERY_SITUATION = [
    Situation(buyer, funds, obj, project, lists, national, device)
    for buyer, funds, obj, project, lists, national, device in itertools.product(
        (None, *BuyerNature),
        Funds,
        PurchaseObject,
        Project,
        EVERY_SET_OF_LISTS,
        ((), NATIONAL, WITHOUT_EFFECT),
        (False, True),
    )
]


def test_no_variant_says_a_forbidden_word(printed, device):
    # What is printed depends on the conclusion, on the national lists and on the device; one situation stands for all
    # that agree in these.
    variants: dict[Any, Situation] = {}
    for situation in EVERY_SITUATION:
        key = WORDS.conclude(situation), situation.national, situation.registered_device
        assert variants.setdefault(key, situation).buyer in HOSPITALS or situation.buyer not in HOSPITALS

    assert len(variants) > 60
    for (conclusion, national, is_device), situation in variants.items():
        face = printed(
            nature=situation.buyer, lists=sorted(situation.lists), national=national,
            device=device if is_device else None, conclusion=conclusion,
        )  # fmt: skip
        said = repr(face)

        assert "证书" not in face.title
        assert [word for word in FORBIDDEN if word in said] == []
        assert said.count("优先采购") == said.count("或者优先采购的依据。")
        assert ("入院" in said) == (
            situation.buyer in HOSPITALS and is_device and ListCode.CX in situation.lists
        )


def test_the_conclusion_for_a_hospitals_device_depends_on_the_catalog_alone():
    for situation in EVERY_SITUATION:
        rules = _rules(situation)
        is_state_funded = situation.project is not Project.NONE or (
            situation.funds in {Funds.FISCAL, Funds.STATE_OWNED}
            and situation.object in {PurchaseObject.WORKS, PurchaseObject.WORKS_RELATED}
        )
        is_state_owned = situation.buyer in {BuyerNature.CITY_SOE, BuyerNature.CENTRAL_SOE}

        assert ("hospital_device" in rules) == (
            situation.buyer in HOSPITALS and situation.registered_device and ListCode.CX in situation.lists
        )
        assert ("government" in rules) == (
            situation.buyer in {BuyerNature.GOVERNMENT, BuyerNature.PUBLIC_INSTITUTION}
            or (
                situation.buyer in {BuyerNature.PUBLIC_HOSPITAL, BuyerNature.UNIVERSITY}
                and situation.funds is Funds.FISCAL
            )
        )
        promoted = [rule for rule in rules if rule in {"national_list", "promotion", "city_listing_only"}]
        expected = (
            "national_list" if situation.national
            else "promotion" if ListCode.CX in situation.lists
            else "city_listing_only"
        )  # fmt: skip
        assert promoted == ([expected] if situation.buyer and (is_state_owned or is_state_funded) else [])


@pytest.mark.parametrize(
    ("buyer", "kind"),
    [
        (None, CertificateKind.LISTING),
        (BuyerNature.PUBLIC_HOSPITAL, CertificateKind.HOSPITAL),
        (BuyerNature.PRIVATE_HOSPITAL, CertificateKind.HOSPITAL),
        (BuyerNature.CITY_SOE, CertificateKind.SOE),
        (BuyerNature.CENTRAL_SOE, CertificateKind.SOE),
        (BuyerNature.UNIVERSITY, CertificateKind.UNIVERSITY),
        (BuyerNature.GOVERNMENT, CertificateKind.GOVERNMENT),
        (BuyerNature.PUBLIC_INSTITUTION, CertificateKind.GOVERNMENT),
        (BuyerNature.PRIVATE_ENTERPRISE, CertificateKind.ENTERPRISE),
    ],
)
def test_the_kind_follows_from_the_nature_of_the_buyer(buyer, kind):
    assert WORDS.conclude(_situation(buyer)).kind == kind


def test_anyone_gets_a_listing_certificate_without_further_paragraphs():
    conclusion = WORDS.conclude(_situation(None, registered_device=True, national=NATIONAL))

    assert conclusion.title == "列入情况证明"
    assert conclusion.paragraphs == ()


@pytest.mark.parametrize(
    ("situation", "rules"),
    [
        (_situation(BuyerNature.PRIVATE_HOSPITAL), []),
        (_situation(BuyerNature.PRIVATE_HOSPITAL, registered_device=True), ["hospital_device"]),
        (
            _situation(BuyerNature.PUBLIC_HOSPITAL, registered_device=True, funds=Funds.FISCAL),
            ["hospital_device", "government"],
        ),
        (
            _situation(BuyerNature.PUBLIC_HOSPITAL, registered_device=True, lists=frozenset({ListCode.TZ})),
            [],
        ),
        (_situation(BuyerNature.GOVERNMENT), ["government"]),
        (_situation(BuyerNature.UNIVERSITY), []),
        (_situation(BuyerNature.UNIVERSITY, funds=Funds.FISCAL), ["government"]),
        (_situation(BuyerNature.CITY_SOE), ["promotion"]),
        (_situation(BuyerNature.CITY_SOE, lists=frozenset({ListCode.TZ})), ["city_listing_only"]),
        (_situation(BuyerNature.CENTRAL_SOE, national=NATIONAL), ["national_list"]),
        (_situation(BuyerNature.PRIVATE_ENTERPRISE), []),
        (_situation(BuyerNature.PRIVATE_ENTERPRISE, project=Project.STATE_INVESTMENT), ["promotion"]),
        (
            _situation(
                BuyerNature.PRIVATE_ENTERPRISE, funds=Funds.STATE_OWNED, object=PurchaseObject.WORKS_RELATED
            ),
            ["promotion"],
        ),
        (_situation(BuyerNature.GOVERNMENT, project=Project.MAJOR), ["government", "promotion"]),
        (
            _situation(BuyerNature.UNIVERSITY, funds=Funds.FISCAL, object=PurchaseObject.WORKS),
            ["government", "promotion"],
        ),
    ],
)
def test_the_paragraphs_follow_from_the_situation(situation, rules):
    assert _rules(situation) == rules


def test_a_national_list_is_cited_with_the_document_that_gives_it_effect():
    paragraph = WORDS.conclude(_situation(BuyerNature.CENTRAL_SOE, national=NATIONAL)).paragraphs[0]

    assert (
        paragraph.text
        == "该产品已列入国家级目录：示例国家级目录（2024年，第12项）。国家级目录的效力依据：示例〔2023〕1号。"
    )
    assert paragraph.basis == "示例〔2023〕1号"


def test_the_basis_is_pending_when_the_national_list_has_no_document():
    national = (NATIONAL[0].model_copy(update={"effect_document": None}),)

    paragraph = WORDS.conclude(_situation(BuyerNature.CENTRAL_SOE, national=national)).paragraphs[0]

    assert paragraph.basis == "待定"


def _shipped_tables() -> dict[str, Any]:
    data = tomllib.loads(wording.SHIPPED.read_text(encoding="utf-8"))
    return {part: data[f"certificate.{part}"]["value"] for part in Wording.model_fields}


@pytest.mark.parametrize(
    ("table", "row", "key", "text"),
    [
        ("kinds", 0, "title", "创新产品证书"),
        ("kinds", 0, "opening", "贵单位应当采购{lists}内的产品。"),
        ("paragraphs", 1, "text", "列入产品可直接入院。"),
        ("paragraphs", 0, "text", "列入产品予以优先采购。"),
        ("paragraphs", 3, "text", "抄送有关单位。"),
        ("kinds", 0, "opening", "列入{list}。"),
        ("kinds", 3, "opening", "列入{lists}，可以首购。"),
        ("paragraphs", 4, "text", "可以订购。"),
        ("kinds", 0, "code", "ZZ"),
    ],
)
def test_a_wording_is_refused_when_a_text_may_not_say_that(table, row, key, text):
    tables = _shipped_tables()
    tables[table][row][key] = text

    with pytest.raises(ValidationError):
        Wording.read(tables)


def test_first_purchase_is_named_only_with_the_document_that_provides_for_it():
    tables = _shipped_tables()
    tables["paragraphs"][4] |= {"text": "按示例首购办法办理。", "basis": "示例〔2026〕3号"}

    assert Wording.read(tables).paragraphs[4].basis == "示例〔2026〕3号"


def test_a_wording_of_earlier_takes_later_sentences_as_shipped(session):
    row = session.scalars(select(PolicyParameter).where(PolicyParameter.key == "certificate.sentences")).one()
    row.value = {key: text for key, text in row.value.items() if key != "scope_elsewhere"} | {"missing": "无"}
    session.flush()

    words = wording.current(session)

    assert (words.sentences.missing, words.sentences.scope_elsewhere) == ("无", "以注册证载明的适用范围为准")


def test_a_wording_is_refused_when_a_nature_of_buyer_has_no_kind():
    tables = _shipped_tables()
    del tables["kinds"][0]

    with pytest.raises(ValidationError, match="采购方性质"):
        Wording.read(tables)
