"""What the products API takes and answers; `/api/v1/openapi.json` is made from this."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, Field

from registry.models import NodeKind
from search.documents import Document
from search.parameters import PER_PAGE, PER_PAGE_MOST, Taxonomy
from search.query import MAX_QUERY_CHARACTERS, Hit, Sort, Value

PRODUCT_FIELDS = (
    "brand", "category", "summary", "registration_number", "green", "digital", "xkqz", "national", "park",
)  # fmt: skip
"""What the answer about one product tells beyond an item of a search."""


class ProductsQuery(BaseModel):
    """The parameters of a search; filters may be repeated, which means or."""

    q: str = Field(
        default="",
        max_length=MAX_QUERY_CHARACTERS,
        description="检索词；空为全部产品；可用“引号”、-排除、单位:等限定",
    )
    list: str = Field(default="", description="名单：CX、TZ、PC、RJ，不分大小写，可重复")
    field: str = Field(default="", description="产业领域代码或 none（未记录），可重复")
    district: str = Field(default="", description="所在区代码或 none，可重复")
    year: str = Field(default="", description="入选年度或 none，可重复")
    first_on_market: str = Field(default="", description="首次投放市场的认定：true、false 或 none，可重复")
    green: str = Field(default="", description="绿色产品：true、false 或 none，可重复")
    digital: str = Field(default="", description="数字化产品：true、false 或 none，可重复")
    xkqz: str = Field(default="", description="“小快轻准”产品：true、false 或 none，可重复")
    national: str = Field(default="", description="列入国家级目录：true 或 none（未载），可重复")
    park: str = Field(default="", description="特色产业园区等重点区域代码或 none，可重复")
    page: int = Field(default=1, ge=1, description="页码")
    per_page: int = Field(default=PER_PAGE, ge=1, le=PER_PAGE_MOST, description="每页条数")
    sort: Sort = Field(default="relevance", description="次序：相关程度、最新列入、产品名称")


class SuggestQuery(BaseModel):
    """The parameters of a suggestion."""

    q: str = Field(default="", max_length=MAX_QUERY_CHARACTERS, description="已输入的文字")
    limit: int = Field(default=10, ge=1, le=PER_PAGE_MOST, description="最多几条")


class ListingAnswer(BaseModel):
    """A listing in force."""

    list: str
    number: str
    valid_until: date | None
    status: str


class ItemAnswer(BaseModel):
    """One product; what is not recorded is null."""

    code: str
    source_ref: str | None
    name: str
    model: str | None
    organization: str | None
    lists: list[ListingAnswer]
    field: str | None
    field_label: str | None
    district: str | None
    district_label: str | None
    year: int | None
    first_on_market: bool | None
    relevance: float | None
    highlights: dict[str, str]

    @classmethod
    def of(cls, hit: Hit, known: Taxonomy) -> Self:
        """Write a hit as the interface shows it."""
        return cls.model_validate(_facts(hit, known))


class ProductAnswer(ItemAnswer):
    """One product with all its texts."""

    brand: str | None
    category: str | None
    summary: str | None
    registration_number: str | None
    green: bool | None
    digital: bool | None
    xkqz: bool | None
    national: bool | None
    park: str | None
    park_label: str | None

    @classmethod
    def of_document(cls, document: Document, known: Taxonomy) -> Self:
        """Write a product as it stands now."""
        more = {name: getattr(document, name) for name in PRODUCT_FIELDS}
        more["park_label"] = known[NodeKind.SPECIAL_AREA].of(document.park)
        return cls.model_validate(_facts(Hit(document, None, {}), known) | more)


class CountAnswer(BaseModel):
    """How many products a facet's value would leave; a null value is what is not recorded."""

    value: Value
    label: str
    count: int


class ProductsAnswer(BaseModel):
    """One page of a search; `nearest` lies outside `items` and `total`."""

    total: int
    page: int
    per_page: int
    took_ms: float
    strictness: Literal["all", "most"]
    corrected: str | None
    items: list[ItemAnswer]
    nearest: list[ItemAnswer]
    facets: dict[str, list[CountAnswer]]


class SuggestionAnswer(BaseModel):
    """A text to search for, or with a code a product to open."""

    text: str
    kind: Literal["product", "organization", "category"]
    code: str | None


class SuggestAnswer(BaseModel):
    """Suggestions, the closest first."""

    suggestions: list[SuggestionAnswer]


def _facts(hit: Hit, known: Taxonomy) -> dict[str, object]:
    document = hit.document
    return {
        "code": document.code,
        "source_ref": document.source_ref,
        "name": document.name,
        "model": document.model,
        "organization": document.organization,
        "lists": [
            ListingAnswer(
                list=listed.list, number=listed.number, valid_until=listed.valid_until, status=listed.status
            )
            for listed in document.lists
        ],
        "field": document.field,
        "field_label": known[NodeKind.FIELD].of(document.field),
        "district": document.district,
        "district_label": known[NodeKind.DISTRICT].of(document.district),
        "year": document.year,
        "first_on_market": document.first_on_market,
        "relevance": hit.relevance,
        "highlights": hit.highlights,
    }
