"""The story of one product over HTTP: its unit registers, it is examined, judged, decided, published and certified."""

from contextlib import contextmanager
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from catalog.models import Certificate
from registry import clock, hooks, outbox, trail
from registry.demo.codes import credit_code
from registry.models import Application, Role, State, User
from review.models import Assignment, Expert
from tests import answers
from tests.browsing import Browser, upload
from tests.factories import PASSWORD

PDF = b"%PDF-1.7\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n"
CALLED = date(2026, 11, 23)  # a Monday
NAME = "示例故事光纤陀螺仪"
LETTER = "示例文〔2027〕1号"
OFFICE = {
    "lead": Role.SECRETARIAT_LEAD,
    "examiner": Role.FORMAL_REVIEWER,
    "publisher": Role.PUBLISHER,
    "chair": Role.COMMITTEE_CHAIR,
}


class Story:
    """The people of the story, each with a browser for a day."""

    def __init__(self, app, session, make, settings, database):
        self.app, self.session, self.make = app, session, make
        self.context = hooks.Context(database, settings, say=lambda _line: None)

    @contextmanager
    def on(self, day, who=None):
        """Give the browser of somebody on a day; what the clocks owe until then is done first."""
        with clock.standing_at(day):
            for each in hooks.clocks:
                if each.name.endswith(".turn"):
                    each.run(self.context)
            yield Browser(self.app.test_client(), who)
        self.session.expire_all()

    @property
    def application(self):
        return self.session.scalars(select(Application).where(Application.product_name == NAME)).one()


@pytest.fixture
def story(app, session, make, settings, database):
    with clock.standing_at(CALLED - timedelta(days=30)):
        for name, role in OFFICE.items():
            make.user(role, username=name)
        make.experts()
        people = make.committee()
        session.commit()
        told = Story(app, session, make, settings, database)
        told.people = {unit: user.username for unit, user in people.items()}
        for hook in hooks.init:
            hook(told.context)
    return told


def test_a_product_goes_from_its_unit_to_a_certificate_that_verifies(story):
    _announce(story)
    _register(story)
    _apply(story)
    _examine(story)
    _review(story)
    _decide(story)
    _publish(story)
    number, code = _certify(story)
    _verify(story, number, code)

    assert trail.first_broken(story.session) is None
    assert [line for check in hooks.checks for line in check(story.context)] == []


def _announce(story):
    with story.on(CALLED, "lead") as lead:
        lead.open("/office/rounds/new").send(
            year="2026", batch="", title="示例故事申报通知", lists=["CX"], text="示例正文",
            opens_at="2026-11-24T09:00", closes_at="2026-12-24T17:00", reference_on="2026-12-31",
        )  # fmt: skip
        lead.send("/announce")
        assert "示例故事申报通知" in lead.open("/rounds/").text


def _register(story):
    code = credit_code(77_001)
    with story.on(date(2026, 11, 25)) as visitor:
        visitor.open("/register").send(
            name="示例故事科技有限公司", credit_code=code, district="310115", legal_representative="示例甲",
            display_name="示例乙", mobile="13800000077", email="", username="story", password=PASSWORD, again=PASSWORD,
        )  # fmt: skip
    with story.on(date(2026, 11, 25), "13800000077") as operator:
        signatory = story.session.scalars(select(User.id).where(User.username == "story")).one()
        operator.open("/unit/requests/verification").send(
            signatory=str(signatory), letter=upload("授权书.pdf", PDF)
        )
    with story.on(date(2026, 11, 26), "examiner") as office:
        assert "单位的申请待办理" in office.open("/home").text
        office.open("/office/units").follow("核验")
        office.send(answer="approve")


def _apply(story):
    with story.on(date(2026, 12, 1), "story") as unit:
        unit.open("/rounds/").follow("示例故事申报通知")
        unit.open(f"/apply{unit.path}").send(list="CX", product_name=NAME)
        home = f"/apply/applications/{story.application.id}"
        draft = answers.draft(product_name=NAME)
        for block in "ABCDFH":
            unit.open(f"{home}/edit/{block}")
            asked = {name.partition("-")[0] for name in unit.names()}
            unit.send(**_typed({key: value for key, value in draft.items() if key in asked}))
        for key in answers.FILE_QUESTIONS:
            name, content = ("照片.png", PNG) if key == "pictures" else ("证明.pdf", PDF)
            unit.open(f"{home}/edit/H").send(f"/files/{key}", file=upload(name, content))
        unit.open(f"{home}/submit").send(commitment="yes")
        assert story.application.state is State.SUBMITTED
        assert NAME in unit.open("/inbox").text


def _typed(draft):
    """Return a draft as a form sends it: rows spread over their columns."""
    sent = {}
    for key, value in draft.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for index, row in enumerate(value):
                sent |= {f"{key}-{index}-{column}": text for column, text in row.items()}
        else:
            sent[key] = value
    return sent


def _examine(story):
    with story.on(date(2026, 12, 25), "examiner") as examiner:
        assert story.application.state is State.FORMAL_REVIEW
        examiner.open("/office/formal-review").follow(NAME)
        examiner.send("/open")
        examiner.send("/checks", **dict.fromkeys(examiner.names("/checks", "radio"), "passed"))
        examiner.send("/accept")
        assert story.application.state is State.ACCEPTED


def _review(story):
    with story.on(date(2026, 12, 28), "lead") as lead:
        lead.open("/office/review/").send("/panels", application=str(story.application.id))
        lead.send("/draw", public_value="271828").send("/form")
        panel = lead.path
    seats = story.session.scalars(select(Assignment).order_by(Assignment.id)).all()
    names = {
        seat.id: story.session.get_one(User, story.session.get_one(Expert, seat.expert_id).user_id).username
        for seat in seats
    }
    for seat, name in names.items():
        with story.on(date(2026, 12, 29), name) as expert:
            assert NAME in expert.open("/review/").text
            expert.send("/review/declarations", assignment=str(seat), promise="yes")
    with story.on(date(2026, 12, 30), "lead") as lead:
        lead.open(panel).send("/begin")
    for seat, name in names.items():
        with story.on(date(2027, 1, 4), name) as expert:
            expert.open(f"/review/assignments/{seat}")
            maxima = {
                "innovation": 25,
                "advancement": 20,
                "ip": 15,
                "quality": 15,
                "market": 15,
                "society": 10,
            }
            points = {f"points-{key}": str(most * 0.8) for key, most in maxima.items()}
            expert.send(f"/assignments/{seat}", button="锁定", recommends="yes", comment="建议列入", **points)
    with story.on(date(2027, 1, 5), "lead") as lead:
        assert story.application.state is State.SCORED
        lead.open(f"/office/review/applications/{story.application.id}").send("/refer")


def _decide(story):
    with story.on(date(2027, 1, 6), "lead") as lead:
        round_id = story.application.round_id
        lead.open(f"/office/committee/rounds/{round_id}").send(
            kind="opinion_round", due_on="2027-01-20", applications=str(story.application.id)
        )
        sitting = lead.send("/call").path
    desk = sitting.replace("/office/committee", "/review/committee")
    for name in story.people.values():
        with story.on(date(2027, 1, 8), name) as member:
            member.open(desk)
            member.send(**dict.fromkeys(member.names(kind="radio"), "agree"), reply=upload("回函.pdf", PDF))
    with story.on(date(2027, 1, 11), "lead") as lead:
        lead.open(sitting).send("/close")
    with story.on(date(2027, 1, 11), "chair") as chair:
        item = chair.open(sitting).find(NAME).rpartition("/")[2]
        chair.open(sitting).send(f"/items/{item}", decision="approved")
    with story.on(date(2027, 1, 12), "lead") as lead:
        lead.open(sitting).send("/minutes")
    with story.on(date(2027, 1, 12), "chair") as chair:
        chair.open(sitting).send("/seal")
        assert story.application.state is State.APPROVED


def _publish(story):
    with story.on(date(2027, 1, 13), "publisher") as publisher:
        publisher.open("/office/notices").follow("拟公示稿")
        publisher.send(items=str(story.application.id))
        publisher.send(department="示例受理处", phone="021-00000000", address="示例路1号").send("/open")
        assert story.application.state is State.IN_NOTICE
    with story.on(date(2027, 1, 14)) as visitor:
        visitor.open("/notices/")
        assert NAME in visitor.follow("拟列入产品公示").text
    over = date(2027, 1, 25)
    with story.on(over, "publisher") as publisher:
        publisher.open("/office/publications").follow("拟发布公告")
        items = [box["value"] for box in publisher.page.select("input[name=items]")]
        publication = publisher.send(items=items, title="示例故事发布公告", text="示例正文").path
    with story.on(over, "lead") as lead:
        lead.open(publication).send("/check")
    with story.on(over, "chair") as chair:
        chair.open(publication).send("/sign")
    with story.on(over, "publisher") as publisher:
        publisher.open(publication).send(
            "/publish", issuer="示例发布机关", document_number=LETTER, published_on=over.isoformat()
        )
        assert story.application.state is State.LISTED


def _certify(story):
    with story.on(date(2027, 1, 26), "story") as unit:
        for catch_up in hooks.catch_up:
            catch_up(story.context)
        outbox.deliver(story.context)
        assert "已入目" in unit.open(f"/apply/applications/{story.application.id}").text
        unit.open(f"/catalog/?q={quote(NAME)}").follow(NAME)
        answer = unit.client.post(f"{unit.path.partition('?')[0]}/certificate")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    certificate = story.session.scalars(select(Certificate)).one()
    return certificate.number, certificate.short_code


def _verify(story, number, code):
    with story.on(date(2027, 1, 27)) as anyone:
        shown = anyone.open("/verify/").send(number=number, code=code).text
        assert NAME in shown
        assert "有效" in shown
