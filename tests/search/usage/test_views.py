"""Searches kept, results taken along and the office's report, over HTTP."""

import csv
import io
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from registry import clock, hooks
from registry.models import InboxMessage, ListCode, PublicationScope, Role, TrailLine
from search.usage import saved
from search.usage.models import SavedSearch, SearchTally
from tests.factories import log_in, log_in_as


@pytest.fixture
def catalog(session, make):
    first = make.entry(name="示例超声诊断仪", field="LH")
    make.listing(first, recorded_year=2025)
    make.listing(first, list_code=ListCode.TZ)
    make.listing(make.entry(name="示例工业机器人", field="HE"), recorded_year=2026)
    make.listing(make.entry(name="示例超声内部", scope=PublicationScope.VERIFIED_BUYERS), recorded_year=2026)
    session.commit()


def keep(client, address, name, **more):
    return client.post("/catalog/saved", data={"address": address, "name": name, **more})


def soup_of(response):
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def test_a_search_is_kept_run_again_and_deleted_by_its_owner(client, session, make, catalog):
    log_in_as(client, session, make, Role.BUYER_OPERATOR)
    offered = soup_of(client.get("/catalog/?q=超声&list=CX")).select_one(".results-tools a")
    form = soup_of(client.get(offered["href"])).select_one("form input[name=address]")

    assert keep(client, form["value"], "影像").status_code == 302
    listed = soup_of(client.get("/catalog/saved"))
    [link] = listed.select("ul.lines a")
    again = client.get(link["href"], follow_redirects=True)
    deleted = client.post(f"{link['href']}/delete", follow_redirects=True)

    assert "“超声” · 创新产品推荐目录" in listed.get_text() or "“超声” · 推荐目录" in listed.get_text()
    assert [each.get_text() for each in soup_of(again).select("ol.result-list h2")] == ["示例超声诊断仪"]
    assert "检索“影像”已删除。" in deleted.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(SavedSearch)) == 0


@pytest.mark.parametrize(
    ("address", "name", "sentence"),
    [
        ("q=超声", "", "名称：必填"),
        ("q=超声", "名" * 61, "名称：不超过 60 个字。"),
        ("q=超声", "旧名", "名称：您已有名为“旧名”的检索"),
        ("", "空", "保存检索：请先输入检索词"),
    ],
)
def test_a_search_is_refused_in_one_sentence_that_keeps_what_was_typed(
    client, session, make, address, name, sentence
):
    log_in_as(client, session, make, Role.BUYER_OPERATOR)
    keep(client, "q=机器人", "旧名")

    response = keep(client, address, name)

    assert response.status_code == 422
    assert sentence in response.get_data(as_text=True)
    if address:
        assert soup_of(response).select_one("input[name=name]")["value"] == name


def test_no_more_searches_are_kept_than_policy_allows(client, session, make):
    user = log_in_as(client, session, make, Role.BUYER_OPERATOR)
    now = clock.now()
    for number in range(50):
        session.add(
            SavedSearch(
                user_id=user.id,
                name=str(number),
                address="q=1",
                is_told=False,
                checked_at=now,
                created_at=now,
            )
        )
    session.commit()

    assert "每个账号最多保存 50 个" in keep(client, "q=超声", "多一个").get_data(as_text=True)


def test_a_search_of_another_account_is_not_found(client, session, make):
    log_in_as(client, session, make, Role.BUYER_OPERATOR)
    keep(client, "q=超声", "我的")
    number = session.scalars(select(SavedSearch.id)).one()
    client.post("/logout")
    log_in(client, make.user(Role.BUYER_OPERATOR))

    assert client.get(f"/catalog/saved/{number}").status_code == 404
    assert client.post(f"/catalog/saved/{number}/delete").status_code == 404


def test_the_owner_is_told_once_when_something_new_is_listed(
    client, session, make, catalog, database, settings
):
    context = hooks.Context(database, settings, lambda _line: None)
    user = log_in_as(client, session, make, Role.BUYER_OPERATOR)
    keep(client, "q=超声", "影像", is_told="y")
    keep(client, "q=超声", "不告知")
    saved.tell_news(context)
    with clock.standing_at(clock.now() + timedelta(days=1)):
        make.listing(make.entry(name="示例新超声"))
        make.listing(make.entry(name="示例新机器人"))
        make.listing(make.entry(name="示例内部超声", scope=PublicationScope.VERIFIED_BUYERS))
        session.commit()
        client.get("/catalog/")  # the index catches up
        for catch_up in hooks.catch_up:
            catch_up(context)
        saved.tell_news(context)
        saved.tell_news(context)

    [message] = session.scalars(select(InboxMessage).where(InboxMessage.user_id == user.id))
    assert message.subject == "检索“影像”新增 1 项产品"
    assert client.get(message.path).status_code == 302


def test_a_buyer_takes_the_results_along_in_their_order_and_a_line_remains(client, session, make, catalog):
    log_in_as(client, session, make, Role.BUYER_OPERATOR)

    response = client.get("/catalog/export.csv?q=超声")
    rows = list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    line = session.scalars(select(TrailLine).order_by(TrailLine.seq.desc()).limit(1)).one()

    assert [row["产品名称"] for row in rows] == ["示例超声诊断仪"] * 2  # once for each listing
    assert line.action == "search.export"


def test_results_are_taken_along_only_by_buyers_and_the_office(client, session, make, catalog):
    assert client.get("/catalog/export.csv?q=超声").status_code == 302
    assert "登录" in client.get("/catalog/export.csv?q=超声", follow_redirects=True).get_data(as_text=True)

    log_in_as(client, session, make, Role.EXPERT)

    assert client.get("/catalog/export.csv?q=超声").status_code == 403
    assert client.get("/catalog/export.exe?q=超声").status_code in (403, 404)


def test_an_export_beyond_the_limit_is_refused_in_one_sentence(client, session, make, catalog, monkeypatch):
    log_in_as(client, session, make, Role.BUYER_OPERATOR)
    monkeypatch.setattr("search.usage.views.policy.value", lambda *_: 1)

    response = client.get("/catalog/export.csv")

    assert response.status_code == 400
    assert "检索结果共 2 项，一次最多导出 1 项" in response.get_data(as_text=True)


def test_the_report_shows_what_found_nothing(client, session, make):
    session.add(SearchTally(on=clock.today(), text="无此物", searches=3, without_result=3))
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    shown = soup_of(client.get("/office/searches?days=7"))

    assert [cell.get_text() for cell in shown.select("tbody tr")[0].select("th, td")] == ["无此物", "3", "3"]
    assert shown.select_one("a.chip[aria-current]").get_text() == "近 7 天"


def test_a_search_is_counted_when_its_first_page_is_shown_unfiltered(client, settings, catalog):
    client.get("/catalog/?q=超声")
    client.get("/catalog/?q=超声&page=2")
    client.get("/catalog/?q=超声&list=CX")

    [path] = settings.data_dir.glob("searches/*.jsonl")
    assert len(path.read_text("utf-8").splitlines()) == 1


def test_common_words_stand_on_the_home_page_when_there_are_some(client, session, catalog):
    for days in (0, 1):
        on = date.fromordinal(clock.today().toordinal() - days)
        session.add(SearchTally(on=on, text="碳化硅外延", searches=5, without_result=0))
    session.commit()

    assert [link.get_text() for link in soup_of(client.get("/")).select(".hero-examples a")] == [
        "碳化硅外延",
        "浏览全部产品",
    ]
