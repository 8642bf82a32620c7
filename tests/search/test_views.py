"""The home page and the search page over HTTP."""

import re
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from registry.models import ListCode, PublicationScope, Role
from tests.factories import log_in_as


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def names(soup):
    return [heading.get_text() for heading in soup.select("ol.result-list h2")]


@pytest.fixture
def catalog(session, make):
    first = make.entry(name="示例超声诊断仪", field="LH")
    make.listing(first, recorded_year=2025)
    make.listing(first, list_code=ListCode.TZ)
    make.listing(make.entry(name="示例工业机器人", field="HE"), recorded_year=2026)
    make.listing(make.entry(name="示例超声内部", scope=PublicationScope.VERIFIED_BUYERS), recorded_year=2026)
    session.commit()


def test_the_home_page_counts_products_when_there_are_some(client, catalog):
    soup = page(client, "/")

    assert soup.select_one(".total-main strong").get_text() == "3"  # the official total takes in all scopes
    assert [card.select_one(".card-count strong").get_text() for card in soup.select(".card-link")] == [
        "2",
        "1",
        "0",
        "0",
    ]


def test_the_search_page_marks_and_filters_when_its_links_are_followed(client, catalog):
    found = page(client, "/catalog/?q=超声")
    [link] = found.select("#facet-list + ul a, section[aria-labelledby=facet-list] a")[:1]
    filtered = page(client, link["href"])
    [chip] = filtered.select("a.chip")
    undone = page(client, chip["href"])

    assert names(found) == names(filtered) == names(undone) == ["示例超声诊断仪"]
    assert found.select_one("ol.result-list mark").get_text() == "超声"
    assert filtered.select_one("section[aria-labelledby=facet-list] a.chosen") is not None
    assert undone.select("a.chip") == []


def test_the_page_says_how_many_hold_all_that_was_asked_and_by_which_other_words(
    client, session, make, catalog
):
    make.listing(make.entry(name="示例接触镜护理液"))
    for name in ("涂覆隔膜", "锂电池隔膜", *(f"防护膜{number}" for number in range(8))):
        make.listing(make.entry(name=name))
    session.commit()

    partly = page(client, "/catalog/?q=锂电池隔膜").select_one("#results").get_text()
    otherwise = page(client, "/catalog/?q=隐形眼镜护理液").select_one("#results").get_text()

    assert "其中 1 项与检索词完全相符，其余 1 项部分相符" in partly
    assert "也包括同样意思的说法：接触镜护理液" in otherwise


@pytest.mark.parametrize(
    ("asked", "shown"), [("超声", "“超声” 共"), ('"超声"', '"超声" 共'), ("“超声”", "“超声” 共")]
)
def test_a_phrase_is_not_quoted_twice_when_its_results_are_counted(client, catalog, asked, shown):
    found = page(client, f"/catalog/?q={asked}")

    assert found.select_one(".results-count").get_text().startswith(shown)


def test_the_order_and_the_filters_are_kept_when_a_new_word_is_searched(client, catalog):
    soup = page(client, "/catalog/?year=2025&year=2026&sort=name")

    kept = [(field["name"], field["value"]) for field in soup.select("form.search-box input[type=hidden]")]

    assert names(soup) == ["示例超声诊断仪", "示例工业机器人"]
    assert kept == [("year", "2025"), ("year", "2026"), ("sort", "name")]


def test_restricted_products_show_when_the_asker_may_see_them(client, session, make, catalog):
    assert len(names(page(client, "/catalog/?q=超声"))) == 1

    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    assert sorted(names(page(client, "/catalog/?q=超声"))) == ["示例超声内部", "示例超声诊断仪"]


@pytest.mark.parametrize("query", ["page=0", "year=x", "list=ZZ", f"q={'超' * 600}"])
def test_one_sentence_and_what_was_typed_remain_when_a_parameter_is_wrong(client, query):
    response = client.get(f"/catalog/?{query}")
    soup = BeautifulSoup(response.get_data(as_text=True), "html.parser")

    assert response.status_code == 400
    assert len(soup.select(".notice-error")) == 1
    assert soup.select_one("#q")["value"] == (re.sub("^q=", "", query) if query.startswith("q=") else "")


def test_the_page_answers_when_nothing_is_found_or_the_page_lies_beyond_the_end(
    client, session, make, catalog
):
    for _ in range(20):
        make.listing(make.entry())
    session.commit()

    assert "没有找到" in page(client, "/catalog/?q=qwxzk").get_text()
    assert "第 2 / 2 页" in page(client, "/catalog/?page=2").get_text()
    beyond = page(client, "/catalog/?page=9999")
    assert "结果共 2 页" in beyond.get_text()
    assert "9999" not in beyond.select_one(".results-count").get_text()


def test_the_search_page_answers_when_the_index_was_deleted(client, settings, catalog):
    page(client, "/catalog/")
    shutil.rmtree(settings.index_dir)

    assert len(names(page(client, "/catalog/"))) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_search_page_needs_the_same_queries_when_it_has_one_row_or_three(
    client, session, make, queries, count
):
    for _ in range(count):
        make.listing()
    session.commit()
    page(client, "/catalog/")  # makes the index

    with queries() as sent:
        assert len(names(page(client, "/catalog/"))) == count
    assert len(sent) == 1, sent


@pytest.mark.parametrize(
    "typed", ["ZM-2026-LR-000123-53", "zm 2026 lr 000123 54", "ＺＭ－２０２６－ＬＲ－０００１２３－５３"]
)
def test_a_certificate_number_leads_to_its_check(client, catalog, typed):
    [link] = page(client, f"/catalog/?q={typed}").select("#results .notice a")

    assert "核验" in link.get_text()
    assert parse_qs(urlsplit(link["href"]).query) == {"number": [typed]}
    assert link["href"].startswith("/verify/?")


def test_words_lead_to_no_check(client, catalog):
    assert not page(client, "/catalog/?q=ZM超声").select("#results .notice a[href^='/verify/']")
