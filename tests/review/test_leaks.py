"""Who reviews, and what was scored, appears to nobody whom it does not concern: every page that a role can reach."""

from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from registry.models import InboxMessage, OutboxMessage, Role, TrailDetail
from review import results
from tests.factories import log_in

PAGES_AT_MOST = 40
PUBLIC = ("/catalog", "/lists", "/editions", "/verify", "/api")  # they know no application
REMARK = "指标没有第三方实测数据支持"
TOTAL = "77.50"
POINTS = {
    "innovation": "21.5", "advancement": "16", "ip": "11", "quality": "11.5", "market": "10", "society": "7.5",
}  # fmt: skip


@pytest.fixture
def case(session, make):
    """Return a product under review with every sheet locked and scored, and who sits."""
    panel = make.panel()
    application = panel.items[0].application
    for seat in panel.assignments:
        make.locked_sheet(seat, points=POINTS, comment=REMARK)
    results.aggregate(session, application.id, make.user(Role.SECRETARIAT_LEAD))
    session.commit()
    return panel


def crawl(client):
    """Return the text of every page that links lead to from an account's home, by address."""
    seen, waiting = (
        {},
        deque(["/home", "/review/", "/office/review/", "/office/experts", "/apply/"]),
    )
    while waiting and len(seen) < PAGES_AT_MOST:
        address = waiting.popleft()
        if address in seen:
            continue
        response = client.get(address)
        seen[address] = response.get_data(as_text=True) if response.status_code == 200 else ""
        if "html" not in response.content_type:
            continue
        for link in BeautifulSoup(seen[address], "html.parser").find_all("a", href=True):
            target = urlsplit(urljoin(f"http://localhost{address}", link["href"]))
            if target.netloc == "localhost" and not target.path.startswith(PUBLIC):
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return seen


def found(pages, *tokens):
    return sorted((address, token) for address, text in pages.items() for token in tokens if token in text)


def names(panel, *, but=None):
    return [
        word
        for seat in panel.assignments
        if but is None or seat.expert_id != but.expert_id
        for word in (seat.expert.user.display_name, seat.expert.institution)
    ]


def test_the_total_is_where_the_lead_looks_for_it(app, session, make, case):
    lead = make.user(Role.SECRETARIAT_LEAD)
    session.commit()
    client = app.test_client()
    log_in(client, lead)

    pages = crawl(client)

    assert found(pages, TOTAL)
    assert found(pages, *names(case))


def test_the_applicant_sees_neither_names_nor_scores(app, session, make, case):
    application = case.items[0].application
    signatory = make.applicant(application.organization)
    session.commit()
    client = app.test_client()
    log_in(client, signatory)

    pages = crawl(client)

    assert f"/apply/applications/{application.id}" in pages
    assert found(pages, *names(case), TOTAL, REMARK) == []


def test_a_member_of_the_panel_sees_none_of_the_others(app, case):
    seat = case.assignments[0]
    client = app.test_client()
    log_in(client, seat.expert.user)

    pages = crawl(client)

    assert f"/review/assignments/{seat.id}" in pages
    assert found(pages, *names(case, but=seat)) == []


def test_an_expert_of_another_panel_sees_nothing_of_it(app, session, make, case):
    expert = make.expert()
    session.commit()
    client = app.test_client()
    log_in(client, expert.user)

    assert found(crawl(client), *names(case), TOTAL, REMARK, case.items[0].application.product_name) == []


def test_no_other_role_sees_names_or_scores(app, session, make, case):
    """The security and system administrators know the accounts, and the observer the panel: nobody of them a score."""
    know_names = {Role.SYS_ADMIN, Role.SECURITY_ADMIN, Role.DISCIPLINE_OBSERVER}
    know_products = {Role.DISCIPLINE_OBSERVER, Role.FORMAL_REVIEWER, Role.COMMITTEE_CHAIR, Role.PUBLISHER}
    users = {role: make.user(role) for role in Role if role is not Role.SECRETARIAT_LEAD}
    product = case.items[0].application.product_name
    session.commit()
    told = {}

    for role, user in users.items():
        client = app.test_client()
        log_in(client, user)
        words = [TOTAL, REMARK]
        words += [] if role in know_names else names(case)
        words += [] if role in know_products else [product]
        if leaks := found(crawl(client), *words):
            told[role] = leaks

    assert told == {}


def test_no_message_and_no_line_of_the_trail_tells(session, case):
    told = [f"{message.subject} {message.body}" for message in session.scalars(select(InboxMessage))] + [
        str(payload) for payload in session.scalars(select(OutboxMessage.payload))
    ]
    told += [str(detail) for detail in session.scalars(select(TrailDetail.detail))]

    words = [*names(case), TOTAL, "77500", REMARK]
    assert [
        (text, word) for text in told for word in words if word in text and "user.create" not in text
    ] == []
