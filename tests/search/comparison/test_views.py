"""The comparison page, and similar products on a product's page."""

import pytest
from bs4 import BeautifulSoup

from registry.hooks import Context
from registry.models import PublicationScope, Role
from search import sync
from tests.factories import log_in, log_in_as


@pytest.fixture
def machines(session, make):
    made = []
    for number, (capacity, unit) in enumerate([("45", "片/小时"), ("60", "片/小时"), ("60", "片/h")]):
        entry = make.entry(
            name=f"示例刻蚀设备{'甲乙丙'[number]}", model=f"EX-{number}", field="IC", category="装备",
            kpis=[{"indicator": "产能" if number else "每小时产能", "unit": unit, "ours": capacity}],
        )  # fmt: skip
        make.listing(entry)
        made.append(entry)
    session.commit()
    return made


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)
    return BeautifulSoup(response.data, "html.parser")


def compared(client, *entries, more="", status=200):
    query = "&".join(f"code={entry.code}" for entry in entries)
    return page(client, f"/catalog/compare?{query}{more}", status)


def row(soup, name):
    [line] = [line for line in soup.select(".compare-table tbody tr") if line.th.contents[0].strip() == name]
    return [cell.get_text() for cell in line.select("td")], "不同" in line.th.get_text()


def test_products_stand_field_by_field_with_differences_in_words(client, machines):
    soup = compared(client, *machines[:2])

    assert row(soup, "型号") == (["EX-0", "EX-1"], True)
    assert row(soup, "产业领域") == (["集成电路", "集成电路"], False)
    assert row(soup, "每小时产能") == (["45 片/小时", "60 片/小时"], True)


def test_devices_stand_beside_each_other_with_what_hospitals_ask_for(client, session, make):
    devices = [
        make.entry(name=f"示例支架{number}", device={"is_chargeable": answer, "registrant": "示例注册人"})
        for number, answer in enumerate((True, False, None))
    ]
    for device in devices:
        make.listing(device)
    session.commit()

    soup = compared(client, *devices)

    assert row(soup, "可另收费") == (["是", "否", "未载"], True)
    assert row(soup, "注册人") == (["示例注册人"] * 3, False)


def test_only_the_differences_are_shown_when_asked(client, machines):
    soup = compared(client, *machines[:2], more="&show=different")

    assert all("不同" in line.th.get_text() for line in soup.select(".compare-table tbody tr"))


def test_what_is_wrong_with_the_choice_is_said(client, machines):
    assert "还没有选择产品" in page(client, "/catalog/compare").get_text()
    assert "请再选择一个" in compared(client, machines[0]).get_text()
    six = "&".join(f"code=P{number:06}" for number in range(6))
    assert "一次最多 5 个产品，现有 6 个" in page(client, f"/catalog/compare?{six}", 422).get_text()
    assert "没有找到产品“P999999”" in page(client, "/catalog/compare?code=p999999", 422).get_text()
    assert page(client, "/catalog/compare?code=%00%ff" + "x" * 300, 422)


def test_a_choice_of_too_many_is_shown_again_to_take_some_away(client, session, make):
    entries = [make.entry(name=f"示例产品{letter}") for letter in "甲乙丙丁戊己"]
    for entry in entries:
        make.listing(entry)
    session.commit()

    soup = compared(client, *entries, status=422)

    assert "还没有选择产品" not in soup.get_text()
    boxes = soup.select("form[method=get][action='/catalog/compare'] input[name=code][checked]")
    assert [box["value"] for box in boxes] == [entry.code for entry in entries]
    assert "一次最多 5 个产品，现有 6 个" in soup.get_text()
    assert not compared(client, *entries[:5]).select("#refused")


def test_what_there_is_of_a_choice_is_shown_again_beside_an_unknown_product(client, machines):
    soup = page(client, f"/catalog/compare?code={machines[0].code}&code=P999999", 422)

    assert [box["value"] for box in soup.select("main input[name=code]")] == [machines[0].code]


def test_products_are_chosen_without_scripts_on_the_pages_that_list_them(client, machines):
    boxes = page(client, "/catalog/?q=刻蚀").select("input[type=checkbox][form=compare]")
    form = page(client, "/catalog/?q=刻蚀").select_one("form#compare")

    assert {box["value"] for box in boxes} == {entry.code for entry in machines}
    assert (form["method"], form["action"]) == ("get", "/catalog/compare")


def test_a_products_page_names_others_like_it_and_not_itself(client, machines):
    soup = page(client, f"/catalog/products/{machines[0].code}")

    named = {link["href"] for link in soup.select(".related a")}
    assert named == {f"/catalog/products/{entry.code}" for entry in machines[1:]}


def test_restricted_products_are_neither_compared_nor_named_beside_others(client, session, make, machines):
    hidden = [
        make.entry(name=f"示例刻蚀设备密{scope.value}", scope=scope, field="IC", category="装备")
        for scope in (PublicationScope.VERIFIED_BUYERS, PublicationScope.NOT_PUBLISHED)
    ]
    for entry in hidden:
        make.listing(entry)
    buyer = make.user(Role.BUYER_OPERATOR, organization=make.buyer().organization)
    session.commit()
    product = f"/catalog/products/{machines[0].code}"

    for entry in hidden:
        assert "密" not in compared(client, machines[0], entry, status=422).get_text()
    assert "密" not in page(client, product).get_text()

    log_in(client, buyer)
    assert "密verified" in page(client, product).get_text()
    assert "密not_published" not in page(client, product).get_text()
    assert "密verified" in compared(client, machines[0], hidden[0]).get_text()
    compared(client, hidden[1], status=422)

    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)
    assert "密not_published" in compared(client, hidden[1], machines[0]).get_text()


def test_three_products_need_as_many_queries_as_one(client, machines, queries):
    compared(client, machines[0])
    with queries() as one:
        compared(client, machines[0])
    with queries() as three:
        compared(client, *machines)

    assert len(one) == len(three)


def test_a_products_page_needs_as_many_queries_with_two_neighbours_as_with_one(
    client, database, settings, session, make, queries
):
    first, second = (make.entry(name=f"示例清洗机{letter}", field="HE") for letter in "甲乙")
    make.listing(first), make.listing(second)
    session.commit()
    address = f"/catalog/products/{first.code}"

    def asked_for():
        sync.catch_up(Context(database, settings))
        page(client, address)
        with queries() as sent:
            named = page(client, address).select(".related a")
        return len(named), len(sent)

    one = asked_for()
    make.listing(make.entry(name="示例清洗机丙", field="HE"))
    session.commit()
    two = asked_for()

    assert (one[0], two[0]) == (1, 2)
    assert one[1] == two[1]
