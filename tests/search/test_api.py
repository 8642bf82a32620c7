"""The products API over HTTP."""

from datetime import date

import pytest

from catalog.entries import National, enrich
from registry.models import ListCode, ListingStatus, PublicationScope, Role
from search.answers import PRODUCT_FIELDS
from tests.factories import log_in_as

ITEM_KEYS = {
    "code", "source_ref", "name", "model", "organization", "lists", "field", "field_label", "district",
    "district_label", "year", "first_on_market", "relevance", "highlights",
}  # fmt: skip

NOT_RECORDED = [{"value": None, "label": "未记录", "count": 1}]


@pytest.fixture
def ultrasound(session, make):
    entry = make.entry(
        name="示例超声诊断仪", model="X-200", field="LH", district="310115", summary="便携<b>超声</b>"
    )
    make.listing(entry, valid_until=date(2029, 5, 1), recorded_year=2026, first_on_market=True)
    session.commit()
    return entry


def test_a_search_answers_with_every_agreed_key_when_something_is_found(client, ultrasound):
    answer = client.get("/api/v1/products?q=超聲").json

    assert set(answer) == {
        "total", "page", "per_page", "took_ms", "strictness", "corrected", "items", "nearest", "facets",
    }  # fmt: skip
    [item] = answer["items"]
    assert set(item) == ITEM_KEYS
    assert item | {"relevance": None} == {
        "code": ultrasound.code,
        "source_ref": None,
        "name": "示例超声诊断仪",
        "model": "X-200",
        "organization": "示例测试制造有限公司",
        "lists": [
            {"list": "CX", "number": "CX-2026-01-0001", "valid_until": "2029-05-01", "status": "active"}
        ],
        "field": "LH",
        "field_label": "生命健康",
        "district": "310115",
        "district_label": "浦东新区",
        "year": 2026,
        "first_on_market": True,
        "relevance": None,
        "highlights": {
            "name": "示例<mark>超声</mark>诊断仪",
            "summary": "便携&lt;b&gt;<mark>超声</mark>&lt;/b&gt;",
        },
    }
    assert answer["facets"] == {
        "list": [{"value": "CX", "label": "创新产品推荐目录", "count": 1}],
        "field": [{"value": "LH", "label": "生命健康", "count": 1}],
        "district": [{"value": "310115", "label": "浦东新区", "count": 1}],
        "year": [{"value": 2026, "label": "2026", "count": 1}],
        "first_on_market": [{"value": True, "label": "认定为首次投放市场", "count": 1}],
        **dict.fromkeys(("green", "digital", "xkqz", "national", "park"), NOT_RECORDED),
    }
    assert (answer["total"], answer["page"], answer["per_page"], answer["strictness"]) == (1, 1, 20, "all")


def test_what_is_not_recorded_is_null_and_found_by_none_when_it_is_asked_for(
    client, session, make, ultrasound
):
    make.listing(make.entry(name="示例无领域"), recorded_year=None)
    session.commit()

    answer = client.get("/api/v1/products?field=none&year=none&first_on_market=none&district=none").json

    assert [item["name"] for item in answer["items"]] == ["示例无领域"]
    assert (answer["items"][0]["field"], answer["items"][0]["year"]) == (None, None)
    assert {"value": None, "label": "未记录", "count": 1} in answer["facets"]["field"]


def test_products_are_found_by_their_traits_their_area_and_a_national_list(client, session, make):
    green = make.entry(name="示例节能泵", special_area="LINGANG", traits={"green": True, "digital": False})
    make.listing(green)
    make.listing(make.entry(name="示例普通泵", traits={"green": False}))
    make.listing(make.entry(name="示例旧泵"))
    enrich(session, green, None, national=[National("示例国家级目录", 2025, "第1项", None, None)])
    session.commit()

    def found(query):
        return sorted(item["name"] for item in client.get(f"/api/v1/products?{query}").json["items"])

    facets = client.get("/api/v1/products").json["facets"]

    assert found("green=true") == found("digital=false") == found("national=true") == ["示例节能泵"]
    assert found("park=lingang") == ["示例节能泵"]
    assert found("green=false&green=none") == ["示例旧泵", "示例普通泵"]
    assert facets["green"] == [
        {"value": False, "label": "非绿色产品", "count": 1},
        {"value": True, "label": "绿色产品", "count": 1},
        {"value": None, "label": "未记录", "count": 1},
    ]
    assert facets["park"][0] == {"value": "LINGANG", "label": "临港新片区", "count": 1}


def test_repeated_filters_mean_or_and_lists_are_read_in_any_case_when_given(
    client, session, make, ultrasound
):
    make.listing(make.entry(name="示例软件"), list_code=ListCode.RJ)
    make.listing(make.entry(name="示例材料"), list_code=ListCode.PC)
    session.commit()

    answer = client.get("/api/v1/products?list=cx&list=Rj&sort=name").json

    assert [item["name"] for item in answer["items"]] == ["示例超声诊断仪", "示例软件"]
    assert {count["value"]: count["count"] for count in answer["facets"]["list"]} == {
        "CX": 1,
        "RJ": 1,
        "PC": 1,
    }


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("list=ZZ", "list"),
        ("field=XX", "field"),
        ("district=999999", "district"),
        ("year=20x5", "year"),
        ("year=²⁰²⁵", "year"),
        ("first_on_market=yes", "first_on_market"),
        ("green=1", "green"),
        ("national=yes", "national"),
        ("park=XX", "park"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=99999999999999999999", "page"),
        ("per_page=101", "per_page"),
        ("sort=random", "sort"),
        (f"q={'超' * 5000}", "q"),
    ],
)
def test_a_wrong_parameter_is_named_in_one_sentence_when_it_is_given(client, query, parameter):
    response = client.get(f"/api/v1/products?{query}")

    assert response.status_code == 400
    assert response.json["error"]["parameter"] == parameter
    assert response.json["error"]["message"].endswith("。")


@pytest.mark.parametrize("query", ["%ED%A0%80", "%00", "'%20OR%201=1--", "%22((", "%3Cscript%3E", "%FF%FE"])
def test_a_search_answers_when_the_query_is_hostile(client, ultrasound, query):
    assert client.get(f"/api/v1/products?q={query}").status_code == 200


def test_nothing_but_public_listings_in_force_shows_when_staff_ask(client, session, make, ultrasound):
    for scope in (PublicationScope.VERIFIED_BUYERS, PublicationScope.NOT_PUBLISHED):
        make.listing(make.entry(name="示例超声内部", scope=scope))
    lapsed = make.listing(make.entry(name="示例超声过期"), status=ListingStatus.EXPIRED).entry_id
    session.commit()
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    assert client.get("/api/v1/products?q=超声").json["total"] == 1
    assert [each["code"] for each in client.get("/api/v1/suggest?q=超声").json["suggestions"]] == [
        ultrasound.code
    ]
    assert lapsed


def test_one_product_is_answered_by_its_code_when_it_is_public_and_in_force(
    client, session, make, ultrasound
):
    hidden = make.entry(scope=PublicationScope.VERIFIED_BUYERS)
    make.listing(hidden)
    lapsed = make.entry()
    make.listing(lapsed, status=ListingStatus.EXPIRED)
    session.commit()

    found = client.get(f"/api/v1/products/{ultrasound.code.lower()}")
    refused = [client.get(f"/api/v1/products/{code}") for code in (hidden.code, lapsed.code, "P999999", "x")]

    assert set(found.json) == ITEM_KEYS | set(PRODUCT_FIELDS) | {"park_label"}
    assert found.json["summary"] == "便携<b>超声</b>"
    assert [(each.status_code, each.json["error"]["parameter"]) for each in refused] == [(404, "code")] * 4


def test_the_description_of_the_interface_holds_the_search_when_it_is_asked_for(client):
    paths = client.get("/api/v1/openapi.json").json["paths"]

    assert {"/api/v1/products", "/api/v1/products/{code}", "/api/v1/suggest"} <= set(paths)
