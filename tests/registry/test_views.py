"""Log-in, passwords, invitations, users and roles over HTTP."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from registry import accounts, clock, passwords
from registry.models import OutboxMessage, Role, User
from tests.factories import PASSWORD, log_in, log_in_as


def text(response):
    return response.get_data(as_text=True)


def test_logging_in_leads_to_where_one_wanted_to_go(client, session, make):
    user = make.user(Role.SYS_ADMIN)
    session.commit()

    asked = client.get("/office/users?q=x")
    assert asked.status_code == 302
    assert asked.location == "/login?next=/office/users?q%3Dx"
    answer = client.post(asked.location, data={"login": user.username, "password": PASSWORD})

    assert answer.location == "/office/users?q=x"


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"]
)
def test_logging_in_never_leads_elsewhere(client, session, make, target):
    user = make.user()
    session.commit()

    answer = client.post(
        "/login", query_string={"next": target}, data={"login": user.username, "password": PASSWORD}
    )

    assert answer.location == "/home"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, session, make):
    user = make.user()
    session.commit()

    known = client.post("/login", data={"login": user.username, "password": "wrong"})
    unknown = client.post("/login", data={"login": user.username + "x", "password": "wrong"})

    assert known.status_code == unknown.status_code == 401
    assert "用户名或密码不正确。" in text(known)
    same = [
        re.sub(r'(?<=name="csrf_token" value=")[^"]+', "", text(answer)).replace(
            name, ""
        )  # it tells the second
        for answer, name in ((known, user.username), (unknown, user.username + "x"))
    ]
    assert same[0] == same[1]


def test_the_sixth_attempt_is_held_off_even_with_the_right_password(client, session, make):
    user = make.user()
    session.commit()
    for _ in range(5):
        client.post("/login", data={"login": user.username, "password": "wrong"})

    answer = client.post("/login", data={"login": user.username, "password": PASSWORD})

    assert answer.status_code == 429
    assert "操作过于频繁" in text(answer)


def test_a_session_ends_by_itself_after_a_working_day(client, session, make):
    log_in_as(client, session, make, Role.SYS_ADMIN)

    with clock.standing_at(clock.now() + timedelta(hours=9)):
        assert client.get("/office/users").status_code == 302


def test_a_changed_password_ends_the_other_sessions_and_keeps_one_s_own(app, client, session, make):
    user = log_in_as(client, session, make)
    other = app.test_client()
    log_in(other, user)

    answer = client.post(
        "/account/password",
        data={"current": PASSWORD, "password": "Another-Horse-8", "again": "Another-Horse-8"},
    )

    assert answer.status_code == 302
    assert client.get("/home").status_code == 200
    assert other.get("/home").status_code == 302


def test_a_form_sent_after_the_session_ended_comes_back_with_what_was_typed(client):
    answer = client.post(
        "/office/users/invite", data={"display_name": "示例<甲>", "email": "a@example.org", "password": "x"}
    )

    assert answer.status_code == 401
    assert "示例&lt;甲&gt;" in text(answer)
    assert "a@example.org" in text(answer)
    assert 'name="password"' not in text(answer)


def test_a_form_without_its_token_comes_back_with_what_was_typed(app, client, session, make):
    log_in_as(client, session, make, Role.SYS_ADMIN)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post("/office/users/invite", data={"display_name": "示例甲", "email": "a@example.org"})

    assert answer.status_code == 400
    assert "示例甲" in text(answer)


def test_a_person_is_invited_opens_the_account_and_gets_the_role_from_another(app, client, session, make):
    log_in_as(client, session, make, Role.SYS_ADMIN)
    page = client.post(
        "/office/users/invite",
        data={"display_name": "示例乙", "email": "b@example.org", "proposed_role": "publisher"},
    )
    link = re.search(r"/invitations/[\w-]+", text(page)).group()

    newcomer = app.test_client()
    assert newcomer.get(link).status_code == 200
    wrong = newcomer.post(link, data={"username": "newcomer", "password": "short", "again": "short"})
    assert wrong.status_code == 422
    assert "密码：长度应为 12 至 200 个字符。" in text(wrong)
    newcomer.post(link, data={"username": "newcomer", "password": PASSWORD, "again": PASSWORD})
    user = session.scalars(select(User).where(User.username == "newcomer")).one()

    security = app.test_client()
    log_in_as(security, session, make, Role.SECURITY_ADMIN)
    assert "公示发布岗" in text(security.get(f"/office/users/{user.id}"))
    for _ in range(2):  # the second click changes nothing
        assert security.post(f"/office/users/{user.id}/roles", data={"role": "publisher"}).status_code == 302
    session.expire_all()

    assert accounts.find(session, user.id).roles == {Role.PUBLISHER}


def test_nobody_is_offered_a_role_for_himself(client, session, make):
    user = log_in_as(client, session, make, Role.SECURITY_ADMIN)

    page = text(client.get(f"/office/users/{user.id}"))
    answer = client.post(f"/office/users/{user.id}/roles", data={"role": "publisher"})

    assert "任何人不得给自己授予或收回角色" in page
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/office/users/999999", None, 404),
        ("/office/users?page=0", None, 422),
        ("/office/users?page=x", None, 422),
        ("/office/users/999999/roles", {"role": "publisher"}, 404),
        ("/office/users/999999/roles", {"role": "emperor"}, 422),
        ("/office/users?q=" + "x" * 5000, None, 200),
    ],
)
def test_bad_input_gets_a_status_and_a_sentence(client, session, make, path, data, status):
    log_in_as(client, session, make, Role.SECURITY_ADMIN)

    answer = client.post(path, data=data) if data else client.get(path)

    assert answer.status_code == status


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_need_the_same_number_of_queries_with_1_and_3_rows(client, session, make, queries, rows):
    for _ in range(rows):
        make.user(Role.PUBLISHER)
    session.commit()
    log_in_as(client, session, make, Role.SECURITY_ADMIN)

    with queries() as users:
        client.get("/office/users")
    client.post("/logout")
    log_in_as(client, session, make, Role.AUDIT_ADMIN)
    with queries() as trail:
        client.get("/office/trail")

    assert (len(users), len(trail)) == (6, 6)


def test_a_forgotten_password_is_reset_by_the_link_that_was_written(client, session, make):
    user = make.user(email="li@example.org")
    session.commit()

    known = client.post("/password", data={"login": "li@example.org"})
    unknown = client.post("/password", data={"login": "nobody@example.org"})
    letters = session.scalars(
        select(OutboxMessage).where(OutboxMessage.event == "PasswordResetRequested")
    ).all()

    assert text(known) == text(unknown)
    assert [letter.payload["email"] for letter in letters] == ["li@example.org"]
    answer = client.post(
        letters[0].payload["path"], data={"password": "Another-Horse-8", "again": "Another-Horse-8"}
    )
    assert answer.location == "/login"
    session.expire_all()
    assert passwords.matches(accounts.named(session, user.username), "Another-Horse-8") is True


def test_the_security_administrator_hands_a_reset_link_over(client, session, make):
    user = make.user(mobile="13800000001")
    log_in_as(client, session, make, Role.SECURITY_ADMIN)
    at = f"/office/users/{user.id}"

    refused = client.post(f"{at}/reset", data={"reason": ""})
    issued = client.post(f"{at}/reset", data={"reason": "当面核对了证件"})

    assert (refused.status_code, "理由：必填。" in text(refused)) == (422, True)
    link = re.search(r"/password/[\w-]+", text(issued))
    assert link is not None
    again = client.post(link[0], data={"password": "Another-Horse-8", "again": "Another-Horse-8"})
    assert again.location == "/login"
    assert at in text(client.get("/office/users?q=13800000001"))


def test_the_machine_s_addresses_answer(client):
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert set(ready.json["parts"]) >= {"database", "outbox", "disk"}
    assert b"registry_part_ready" in client.get("/metrics").data


def test_an_unknown_page_says_so_in_chinese_with_404(client):
    answer = client.get("/no/such/page")

    assert answer.status_code == 404
    assert "没有找到这个页面" in text(answer)


def test_pages_carry_the_security_headers(client):
    headers = client.get("/login").headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_foreign_host_is_refused(client):
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "127.0.0.1:8123"}).status_code == 200


def test_a_defect_has_its_page_even_when_the_account_cannot_be_read(app, client, session, make, monkeypatch):
    log_in_as(client, session, make, Role.SYS_ADMIN)
    app.testing = False

    def broken(*_args, **_keywords):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(accounts, "find", broken)
    answer = client.get("/office/users")

    assert answer.status_code == 500
    assert re.search(r"请告知编号 [0-9a-f]{8}。", text(answer))
    assert "登录" in text(answer)


def test_a_busy_database_is_answered_with_a_sentence_and_not_with_a_defect(client, database, monkeypatch):
    def busy():
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(database, "transaction", busy)

    answer = client.post("/login", data={"login": "somebody", "password": PASSWORD})

    assert answer.status_code == 503
    assert "系统正忙，您的操作没有生效，请稍后重试。" in text(answer)
