"""Answers to objectors: by mail to who left an address, else told by the office; the address stands in no queue and no log."""

import logging
import socketserver
import threading
from dataclasses import dataclass, field, replace
from email import message_from_string, policy

import pytest
from sqlalchemy import select

from catalog.publication import objections
from catalog.publication.models import ObjectorIdentity
from catalog.publication.objections import AnswerChannel
from registry import clock, outbox
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.hooks import Context
from registry.models import OutboxMessage, Role, TrailDetail
from tests.browsing import Browser
from tests.catalog.publication.conftest import LAST_DAY, OBJECTOR
from tests.conftest import settings_for, url_of

ADDRESS = "jia.yiyi@example.org"


@dataclass
class Post:
    """A mail server on this machine: what it took, and whether it takes anything."""

    takes: bool = True
    letters: list[str] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def post():
    known = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 ready")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (text := self.rfile.readline().decode()) != ".\r\n":
                        lines.append(text)
                    known.letters.append("".join(lines))
                    self.say("250 taken")
                elif verb == "RCPT" and not known.takes:
                    self.say(f"550 no such box: {line}")
                else:
                    self.say("221 bye" if verb == "QUIT" else "250 ok")

        def say(self, text):
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        known.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield known
        server.shutdown()


@pytest.fixture
def deliver(database, tmp_path, post):
    """Return a function that delivers the letters to objectors, with a mail server unless told."""

    def deliver(*, with_server=True):
        more = {"mail_url": f"smtp://127.0.0.1:{post.port}"} if with_server else {}
        settings = settings_for(tmp_path, url_of(database), **more)
        with clock.standing_at(LAST_DAY + clock.ONE_DAY):
            return outbox.deliver(Context(database, settings, say=lambda _line: None), limit=1_000)

    return deliver


@pytest.fixture
def answered(session, room):
    """Return a function that objects and answers, so that who objects left certain means."""

    def answered(**left):
        call = room.round()
        notice = room.noticed(room.approved(call), call=call)
        objection = room.object(notice.items[0], objector=replace(OBJECTOR, **left))
        with clock.standing_at(LAST_DAY):
            objections.reject(session, objection, room.lead, reason="没有事实")
            objections.answer(session, objection, room.lead, text="经核对，\n理由不成立。")
        session.commit()
        return objection

    return answered


def waiting(session):
    """Return the letters to objectors that stand in the outbox."""
    return session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.event == "ObjectionAnswered", OutboxMessage.delivered_at.is_(None))
        .execution_options(populate_existing=True)
    ).all()


def test_who_left_an_address_gets_the_answer_by_mail(session, answered, deliver, post):
    objection = answered(email=ADDRESS)

    deliver()

    (letter,) = [
        parsed
        for text in post.letters
        if (parsed := message_from_string(text, policy=policy.default))["To"] == ADDRESS
    ]
    session.refresh(objection)
    assert letter["Subject"] == "关于公示产品异议的答复"
    assert "经核对，\n理由不成立。" in letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert objection.told_at is not None
    assert waiting(session) == []


def test_an_answer_is_sent_once_however_often_it_is_delivered(session, answered, deliver, post):
    objection = answered(email=ADDRESS)
    deliver()
    sent = len(post.letters)
    outbox.emit(session, objections.secrecy.ObjectionAnswered(objection.id))
    session.commit()

    deliver()

    assert len(post.letters) == sent


def test_a_letter_that_is_refused_names_nobody_in_the_queue_and_in_the_log(
    session, answered, deliver, post, caplog
):
    objection = answered(email=ADDRESS)
    post.takes = False

    with caplog.at_level(logging.DEBUG):
        deliver()

    (message,) = waiting(session)
    session.refresh(objection)
    assert objection.told_at is None
    assert message.last_error == "LetterError: the mail server did not take it"
    assert message.payload == {"objection_id": objection.id}
    for secret in (ADDRESS, OBJECTOR.name, OBJECTOR.phone):
        assert secret not in caplog.text
    assert [row for row in session.scalars(select(TrailDetail.detail)) if ADDRESS in str(row)] == []


def test_a_letter_waits_where_there_is_no_server(session, answered, deliver):
    answered(email=ADDRESS)

    deliver(with_server=False)

    (message,) = waiting(session)
    assert message.last_error is None


@pytest.mark.drives("objection.tell")
@pytest.mark.parametrize(
    ("left", "channel", "words"),
    [
        ({}, AnswerChannel.POST, "请邮寄答复"),
        ({"address": ""}, AnswerChannel.PHONE, "请电话告知"),
    ],
)
def test_who_left_no_mail_address_is_told_by_the_office(session, room, app, answered, left, channel, words):
    objection = answered(**left)
    assert objections.channel(session, objection) is channel
    assert waiting(session) == []

    browser = Browser(app.test_client(), room.lead).open("/home")
    assert "异议答复待邮寄或者电话告知" in browser.text
    browser.open(f"/office/objections/{objection.id}")
    assert words in browser.text
    assert OBJECTOR.name not in browser.text
    browser.send("/tell")

    session.refresh(objection)
    assert objection.told_at is not None
    assert "异议答复待邮寄或者电话告知" not in browser.open("/home").text
    with pytest.raises(StaleError, match="已经送达"):
        objections.tell(session, objection, room.lead)


@pytest.mark.guards("objection.tell")
def test_nothing_is_told_before_it_is_answered_and_by_nobody_else(session, room, make, answered):
    call = room.round()
    objection = room.object(room.noticed(room.approved(call), call=call).items[0])

    with pytest.raises(StaleError, match="还没有答复"):
        objections.tell(session, objection, room.lead)
    with pytest.raises(NotAllowedError):
        objections.tell(session, answered(), make.user(Role.PUBLISHER))


def test_an_address_that_is_none_is_refused_and_one_that_is_kept_apart(session, room):
    call = room.round()
    item = room.noticed(room.approved(call), call=call).items[0]

    with pytest.raises(RuleError, match="电子邮箱：格式不正确"):
        room.object(item, objector=replace(OBJECTOR, email="甲 at example"))
    objection = room.object(item, objector=replace(OBJECTOR, email=f" {ADDRESS.upper()} "))

    assert session.get(ObjectorIdentity, objection.id).email == ADDRESS
    with pytest.raises(RuleError, match="含有异议人的信息"):
        objections.admit(session, objection, room.lead, gist=f"来信 {ADDRESS} 反映")
