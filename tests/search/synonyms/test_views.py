"""The office's pages for synonyms, over HTTP, and what a visitor finds through them."""

import pytest

from registry.models import Role
from search.synonyms import table
from search.synonyms.models import SynonymKind
from tests.browsing import Browser
from tests.factories import log_in_as


@pytest.fixture
def browsers(app, make, session):
    """Return the browsers of who proposes and who confirms."""
    first, second = make.user(Role.FORMAL_REVIEWER), make.user(Role.SECRETARIAT_LEAD)
    session.commit()
    return Browser(app.test_client(), first), Browser(app.test_client(), second)


def propose(browser, *words, reason="登记名称不同"):
    return browser.open("/office/synonyms/propose").send(expressions="\n".join(words), reason=reason)


def test_a_group_goes_from_proposal_to_search_through_two_persons(app, session, make, browsers, monkeypatch):
    monkeypatch.setattr(table, "LOOK_SECONDS", 0.0)
    make.listing(make.entry(name="示例寰宇测定器"), recorded_year=2026)
    session.commit()
    first, second = browsers

    def found():
        return app.test_client().get("/api/v1/products", query_string={"q": "示例寰宝仪"}).get_json()["total"]

    before = found()
    propose(first, "示例寰宝仪", "示例寰宇测定器")
    assert "由另一名工作人员确认" in first.text
    second.waits("同义词变更待确认").follow("增加同义词").send("confirm")

    assert (before, found()) == (0, 1)
    assert "示例寰宝仪、示例寰宇测定器" in second.text
    second.open("/office/synonyms?q=寰宝").follow("提议停用").send(reason="误导检索")
    first.waits("同义词变更待确认").follow("停用同义词").send("confirm")
    assert found() == 0


def test_what_was_typed_stays_when_a_proposal_is_refused(client, session, make):
    log_in_as(client, session, make, Role.PUBLISHER)

    page = client.post(
        "/office/synonyms/propose", data={"kind": "same", "expressions": "示例仪", "reason": "理由甲"}
    )

    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert "词语：请填写 2 至 12 个，每行一个。" in text
    assert "理由甲" in text


def test_a_proposal_is_sent_back_with_a_reason(browsers):
    first, second = browsers
    propose(first, "示例甲", "示例乙")
    second.waits("同义词变更待确认").follow("增加同义词").send("decline", reason="不是一回事")

    second.open("/office/synonyms").follow("增加同义词")
    assert "已退回" in second.text
    assert "不是一回事" in second.text


def test_an_observer_reads_and_a_visitor_does_not(client, session, make):
    assert client.get("/office/synonyms").status_code in (302, 401, 403)
    log_in_as(client, session, make, Role.DISCIPLINE_OBSERVER)

    page = client.get("/office/synonyms?q=接触镜")

    assert page.status_code == 200
    assert "隐形眼镜" in page.get_data(as_text=True)
    assert "提议停用" not in page.get_data(as_text=True)
    assert client.get("/office/synonyms/propose").status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/office/synonyms?page=9999", "/office/synonyms?q=%00%ff'\"<b>", "/office/synonyms?q=" + "长" * 5000],
)
def test_a_strange_address_is_answered(client, session, make, path):
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    assert client.get(path).status_code in (200, 400, 404)


@pytest.mark.parametrize("path", ["/office/synonyms/changes/999", "/office/synonyms/groups/ffff/retire"])
def test_what_does_not_exist_is_not_found(client, session, make, path):
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    assert client.get(path).status_code == 404


def test_the_list_costs_the_same_queries_with_one_change_and_with_three(client, session, make, queries):
    people = [make.user(Role.FORMAL_REVIEWER) for _ in range(3)]
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    def counted(person):
        table.propose(
            session,
            person,
            kind=SynonymKind.SAME,
            expressions=(f"示例甲{person.id}", "示例乙"),
            reason="登记名称不同",
        )
        session.commit()
        with queries() as asked:
            assert client.get("/office/synonyms").status_code == 200
        return len(asked)

    first, _, third = map(counted, people)

    assert first == third
