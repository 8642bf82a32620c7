"""Matching requirements over HTTP: ask, take along, keep; and what nobody may see."""

import csv
import io
from datetime import date

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook

from catalog.entries import enrich
from registry import clock
from registry.models import ListCode, PublicationScope, Role
from search.requirements.models import RequirementMatch
from tests.factories import log_in

URL = "/catalog/requirements"
KPIS = [
    {"indicator": "产能", "unit": "片/小时", "ours": "45", "source": "示例检测报告"},
    {"indicator": "说明", "unit": "", "ours": "=1+1"},
]
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def today():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def machine(session, make):
    entry = make.entry(name="示例刻蚀设备", model="EX-1", organization_name="上海示例装备有限公司", kpis=KPIS)
    make.listing(entry)
    session.commit()
    return entry


@pytest.fixture
def buyer(session, make):
    user = make.user(Role.BUYER_OPERATOR, organization=make.buyer().organization)
    session.commit()
    return user


def ask(client, status=200, **data):
    response = client.post(URL, data=data)
    assert response.status_code == status, response.get_data(as_text=True)
    return BeautifulSoup(response.data, "html.parser")


def verdicts(soup):
    return [cell.get_text() for cell in soup.select(".requirement-table .state")]


def test_anybody_matches_lines_with_products_by_their_codes(client, machine):
    soup = ask(client, lines="每小时产能不低于40片\n具备远程诊断功能", codes=machine.code)

    assert verdicts(soup) == ["优于要求", "无法判断"]
    assert soup.select_one(".finding q").get_text() == "产能 45 片/小时"
    assert "主要技术指标第 1 行，依据：示例检测报告" in soup.select_one(".finding").get_text()
    assert "2026年11月21日比对" in soup.get_text()


def test_a_heading_is_shown_counted_and_exported_as_none_of_the_requirements(client, buyer, machine):
    log_in(client, buyer)
    data = {"lines": "一、技术参数\n产能≥40片/小时\n二、售后要求", "codes": machine.code}

    soup = ask(client, **data)
    answer = client.post(URL, data={**data, "keep": "yes", "name": "示例采购"}, follow_redirects=True)
    kept = BeautifulSoup(answer.data, "html.parser")
    text = client.post(URL, data={**data, "export": "csv"}).get_data().decode("utf-8-sig")

    for shown in (soup, kept):
        assert verdicts(shown) == ["优于要求"]
        assert [cell.get_text(" ", strip=True) for cell in shown.select("th[colspan]")] == [
            "第 1 行 一、技术参数",
            "第 3 行 二、售后要求",
        ]
        assert "1 行要求，1 个产品" in shown.get_text()
        assert "1 行" in shown.select_one("[data-label=优于要求]").get_text()
        assert "0 行" in shown.select_one("[data-label=无法判断]").get_text()
    assert ["1", "一、技术参数"] in list(csv.reader(io.StringIO(text)))


def test_the_products_best_found_are_taken_when_no_code_is_given(client, machine):
    assert verdicts(ask(client, lines="产能≥45片/h", q="刻蚀设备")) == ["满足"]


def test_an_uploaded_table_is_matched_together_with_what_was_typed(client, machine):
    file = (io.BytesIO("指标,要求,单位\n产能,≥50,片/小时\n".encode()), "要求.csv")

    soup = ask(client, lines="产能≥40片/小时", codes=machine.code, file=file)

    assert verdicts(soup) == ["优于要求", "不满足"]
    assert soup.select_one("textarea").get_text().split() == ["产能≥40片/小时", "产能：≥50片/小时"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"lines": "", "codes": "P000001"}, "采购要求：必填，一行一条。"),
        ({"lines": "产能≥1"}, "产品代码：请填写产品代码，或者填写采购标的。"),
        ({"lines": "产能≥1", "codes": "P999999"}, "产品代码：没有找到产品“P999999”，请检查后再填。"),
        ({"lines": "产能≥1", "codes": "a b c d e f"}, "产品代码：一次最多 5 个产品，现有 6 个，请去掉一些。"),
        ({"lines": "产能≥1", "q": "qwxzk"}, "采购标的：没有检索到相符的产品，请换一种说法，或者填写产品代码。"),
        ({"lines": "长" * 5000, "codes": "P000001"}, "采购要求：第 1 行有 5,000 个字，每行最多 500 个字，请拆成几行。"),
        ({"lines": "产能≥1", "q": "长" * 501}, "采购标的：不超过 500 个字。"),
    ],
)  # fmt: skip
def test_bad_input_is_told_at_its_field_and_nothing_typed_is_lost(client, machine, data, sentence):
    soup = ask(client, status=422, **data)

    assert soup.select_one(".error-summary").get_text().strip().endswith(sentence)
    assert soup.select_one("textarea").get_text().strip() == data["lines"]
    assert soup.select_one("#codes")["value"] == data.get("codes", "")


def test_a_bad_file_is_told_at_its_field(client, machine):
    soup = ask(
        client, status=422, lines="产能≥1", codes=machine.code, file=(io.BytesIO(b"%PDF-1.7"), "a.pdf")
    )

    assert "只能上传 .txt、.csv 或 .xlsx" in soup.select_one("#file-error").get_text()


def test_the_exports_hold_the_day_the_versions_and_no_formula(client, machine):
    data = {"lines": "=cmd|' /C calc'!A0\n产能≥40片/小时", "codes": machine.code}

    text = client.post(URL, data={**data, "export": "csv"}).get_data().decode("utf-8-sig")
    book = load_workbook(io.BytesIO(client.post(URL, data={**data, "export": "xlsx"}).data))

    rows = list(csv.reader(io.StringIO(text)))
    assert ["比对日期", "2026-11-21"] in rows
    assert ["示例刻蚀设备", machine.code, "1", "EX-1", "上海示例装备有限公司", "CX-2026-01-0001"] in rows
    assert rows[-1][:8] == ["2", "产能≥40片/小时", "示例刻蚀设备", machine.code, "1", "优于要求", "主要技术指标第 1 行", "产能 45 片/小时"]  # fmt: skip
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert "'=cmd|' /C calc'!A0" in {cell.value for cell in cells}
    assert client.post(URL, data={**data, "export": "exe"}).status_code == 404


def test_a_buyer_keeps_a_table_that_later_versions_do_not_change(client, session, machine, buyer):
    log_in(client, buyer)
    data = {"lines": "产能≥40片/小时", "codes": machine.code, "keep": "yes"}

    ask(client, status=422, **data)
    shown = client.post(URL, data={**data, "name": "刻蚀"}, follow_redirects=True)
    again = ask(client, status=422, **data, name="刻蚀")

    [kept] = session.query(RequirementMatch).all()
    enrich(session, machine, None, kpis=[])
    session.commit()
    address = f"{URL}/kept/{kept.id}"
    assert verdicts(BeautifulSoup(shown.data, "html.parser")) == ["优于要求"]
    assert "您已有名为“刻蚀”的比对" in again.get_text()
    assert verdicts(BeautifulSoup(client.get(address).data, "html.parser")) == ["优于要求"]
    assert "刻蚀" in client.get(f"{URL}/kept").get_data(as_text=True)
    assert client.get(f"{address}.csv").status_code == client.get(f"{address}.xlsx").status_code == 200
    assert client.post(f"{address}/delete").status_code == 302
    assert client.get(address).status_code == 404


def test_nobody_else_keeps_a_table_or_sees_one(client, session, make, machine, buyer):
    log_in(client, buyer)
    client.post(URL, data={"lines": "产能≥1片/小时", "codes": machine.code, "keep": "yes", "name": "刻蚀"})
    [kept] = session.query(RequirementMatch).all()
    other = make.user(Role.BUYER_OPERATOR, organization=make.buyer().organization)
    staff = make.user(Role.PUBLISHER)
    session.commit()

    log_in(client, other)
    assert client.get(f"{URL}/kept/{kept.id}").status_code == 404
    log_in(client, staff)
    assert client.get(f"{URL}/kept").status_code == 403
    assert (
        client.post(
            URL, data={"lines": "产能≥1", "codes": machine.code, "keep": "y", "name": "a"}
        ).status_code
        == 403
    )


def test_a_restricted_product_is_matched_only_by_who_may_see_it(client, session, make, machine, buyer):
    hidden = make.entry(name="示例刻蚀密机", scope=PublicationScope.VERIFIED_BUYERS, kpis=KPIS)
    unpublished = make.entry(name="示例刻蚀密件", scope=PublicationScope.NOT_PUBLISHED)
    for entry in (hidden, unpublished):
        make.listing(entry, list_code=ListCode.TZ)
    session.commit()

    for entry in (hidden, unpublished):
        refused = ask(client, status=422, lines="产能≥1片/小时", codes=entry.code)
        unknown = ask(client, status=422, lines="产能≥1片/小时", codes="P999999")
        for page in (refused, unknown):
            for token in page.select("[name=csrf_token]"):
                token.decompose()  # it tells the second in which it was made
        assert str(refused).replace(entry.code, "P999999") == str(unknown)
    assert "密" not in ask(client, lines="产能≥1片/小时", q="刻蚀").get_text()

    log_in(client, buyer)
    assert verdicts(ask(client, lines="产能≥1片/小时", codes=hidden.code)) == ["优于要求"]
    ask(client, status=422, lines="产能≥1", codes=unpublished.code)


def test_three_products_need_as_many_queries_as_one(client, session, make, machine, queries):
    others = [make.entry(name=f"示例设备{number}") for number in range(2)]
    for other in others:
        make.listing(other)
    session.commit()

    with queries() as one:
        ask(client, lines="产能≥1", codes=machine.code)
    with queries() as three:
        ask(
            client,
            lines="产能≥1\n产能≥2\n产能≥3",
            codes=" ".join([machine.code, *(other.code for other in others)]),
        )

    assert len(one) == len(three)


def test_a_robot_that_asks_without_end_must_wait_and_keeps_what_it_typed(client, machine):
    data = {"lines": "产能≥40片/小时", "codes": machine.code}
    for _ in range(20):
        ask(client, **data)

    refused = ask(client, status=429, **data)

    assert "操作过于频繁，请 1 分钟后再试。" in refused.get_text()
    assert refused.select_one("textarea[name=lines]").text.strip() == data["lines"]
