"""The inbox over HTTP, and the letters that carry the same words."""

import pytest

from registry import messages, outbox
from registry.hooks import Context
from registry.mail import compose
from registry.models import InboxMessage
from tests.factories import log_in


def text(response):
    return response.get_data(as_text=True)


@pytest.fixture
def told(session, make, client):
    """Return an account that is signed in and was told something."""
    user = make.user()
    messages.tell(session, [user], subject="示例告知", body="第一行\n第二行", path="/unit")
    session.commit()
    log_in(client, user)
    return user


def test_a_message_waits_until_it_is_read(client, session, told):
    assert "未读消息" in text(client.get("/home"))
    message = session.query(InboxMessage).one()

    page = client.get(f"/inbox/{message.id}")

    assert "第二行" in text(page)
    assert 'href="/unit"' in text(page)
    assert "未读消息" not in text(client.get("/home"))


def test_all_messages_are_read_at_once(client, told):
    assert client.post("/inbox/read").location == "/inbox"

    assert "未读</span>" not in text(client.get("/inbox"))


def test_a_message_to_somebody_else_is_not_found(app, session, make, told):
    other = app.test_client()
    stranger = make.user()
    session.commit()
    log_in(other, stranger)
    message = session.query(InboxMessage).one()

    assert other.get(f"/inbox/{message.id}").status_code == 404
    assert "示例告知" not in text(other.get("/inbox"))


def test_the_inbox_needs_as_many_queries_for_three_messages_as_for_one(client, session, told, queries):
    with queries() as one:
        client.get("/inbox")
    for _ in range(2):
        messages.tell(session, [told], subject="示例告知", body="正文")
    session.commit()
    with queries() as three:
        assert text(client.get("/inbox")).count("示例告知") == 3

    assert len(three) == len(one)


def test_the_letter_says_what_the_inbox_says(session, settings, told):
    message = session.query(InboxMessage).one()

    letter = compose(
        "message", to="a@example.org", settings=settings, name="示例甲", link="http://x/unit", message=message
    )

    assert letter["Subject"] == "示例告知"
    body = letter.get_body(("plain",))
    assert "第一行\n第二行" in body.get_content()


def test_a_letter_to_an_account_without_an_address_is_simply_delivered(database, settings, told):
    assert outbox.deliver(Context(database, settings)) == 1


def test_a_letter_without_a_server_stays_in_the_outbox(database, session, settings, told):
    told.email = "a@example.org"
    session.commit()

    assert outbox.deliver(Context(database, settings)) == 0
