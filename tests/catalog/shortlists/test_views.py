"""The page of a shortlist."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from catalog.shortlists import services
from registry.models import PolicyParameter, Role
from tests.browsing import Browser


@pytest.fixture
def operator(session, make, client):
    """Return the browser of somebody who buys."""
    user = make.user(Role.BUYER_OPERATOR, organization=make.buyer().organization)
    session.commit()
    return Browser(client, user)


@pytest.fixture
def product(session, make):
    """Return a function that lists a product and returns its code."""

    def product(**content):
        entry = make.entry(**content)
        make.listing(entry)
        session.commit()
        return entry.code

    return product


def test_products_come_from_results_and_product_pages_and_go_again(operator, product):
    first, second = product(name="示例甲"), product(name="示例乙")

    operator.open(f"/catalog/shortlist?code={first}&code={first}").send("/catalog/shortlist")
    assert "已加入备选清单 1 个产品" in operator.text
    operator.open(f"/catalog/products/{second}").send("/catalog/shortlist")
    assert operator.values("code") == [first, second]

    operator.client.post("/catalog/shortlist/remove", data={"code": first})
    assert operator.open("/catalog/shortlist").values("code") == [second]


def test_a_page_tells_of_which_products_no_certificate_can_be_issued(operator, product):
    code = product(name="示例甲", organization_name=None)

    operator.client.post("/catalog/shortlist", data={"code": code})

    assert "该产品没有登记申报单位，不能出具证明。" in operator.open("/catalog/shortlist").text


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_product_is_told_on_the_page(operator, method):
    answer = getattr(operator.client, method)(
        "/catalog/shortlist", **{"query_string" if method == "get" else "data": {"code": "P999999"}}
    )

    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert answer.status_code == 404
    assert "没有找到产品“P999999”" in page.select_one("main").get_text()


def test_an_empty_list_says_how_it_is_filled(operator):
    assert "清单里还没有产品" in operator.open("/catalog/shortlist").text


def test_who_ticked_nothing_in_the_results_is_told(operator):
    assert "没有选择产品" not in operator.open("/catalog/shortlist").text
    assert "没有选择产品，清单未变。" in operator.open("/catalog/shortlist?add=1").text


def test_no_token_comes_into_the_address_when_products_are_compared(operator, product):
    operator.client.post("/catalog/shortlist", data={"code": product(name="示例甲")})

    form = operator.open("/catalog/shortlist").page.select_one("form#shortlist")
    buttons = operator.page.select("button[form=shortlist]")

    assert (form["method"], form["action"]) == ("get", "/catalog/compare")
    assert not form.select("[name=csrf_token]")
    assert [(button.get("formmethod"), button.get("name")) for button in buttons] == [
        (None, None),
        (None, None),
        ("post", "csrf_token"),
    ]


def test_a_choice_that_makes_the_list_too_long_is_shown_again_to_take_some_away(operator, product, session):
    session.scalars(select(PolicyParameter).where(PolicyParameter.key == services.MOST)).one().value = 2
    kept, *more = (product(name=f"示例{letter}") for letter in "甲乙丙丁")
    operator.client.post("/catalog/shortlist", data={"code": kept})

    for asked, sentence in ((more, "现选择了 3 个"), (more[:2], "加上所选的共 3 个")):
        answer = operator.client.post("/catalog/shortlist", data={"code": asked})
        page = BeautifulSoup(answer.data, "html.parser")
        boxes = page.select("form[action='/catalog/shortlist'] input[name=code][checked]")
        assert answer.status_code == 422
        assert sentence in page.main.get_text()
        assert [box["value"] for box in boxes] == asked

    remove = page.select_one("button[formmethod=post]")["formaction"]
    operator.open(operator.client.post(remove, data={"code": kept}).location)
    assert operator.values("code") == more[:2]
    assert "加入所选产品" in operator.text
