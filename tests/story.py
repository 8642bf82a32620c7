"""The story of one product, told once and played over HTTP (tests/test_story.py) and in Chromium (tests/browser/).

Its unit registers, it is examined and corrected, judged, decided, noticed, published, found, certified and verified.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote

from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from catalog.models import BuyerNature, Certificate
from registry import clock, hooks, outbox
from registry.demo.codes import credit_code
from registry.models import Application, Role, State, User
from review.models import Assignment, Expert
from tests import answers
from tests.browsing import Browser, upload
from tests.factories import PASSWORD, Make

PDF = b"%PDF-1.7\n%%EOF\n"
PNG = BytesIO()
Image.new("RGB", (4, 3)).save(PNG, "PNG")
CALLED = date(2026, 11, 23)  # a Monday
NAME = "示例故事光纤陀螺仪"
LETTER = "示例文〔2027〕1号"
OFFICE = {
    "lead": Role.SECRETARIAT_LEAD,
    "examiner": Role.FORMAL_REVIEWER,
    "publisher": Role.PUBLISHER,
    "chair": Role.COMMITTEE_CHAIR,
}
MOST = {"innovation": 25, "advancement": 20, "ip": 15, "quality": 15, "market": 15, "society": 10}


class Story:
    """The people of the story; `open_browser` gives somebody, or nobody known, a browser for a day.

    It is told whether somebody else has just done the same: the second expert does what the first did.
    """

    def __init__(
        self,
        context: hooks.Context,
        open_browser: Callable[[date, str | None, bool], AbstractContextManager[Browser]],
    ) -> None:
        """Engage everybody who does not register in the story itself."""
        self.context, self.open_browser = context, open_browser
        before = CALLED - timedelta(days=30)
        with clock.standing_at(before), context.database.transaction() as session:
            make = Make(session)
            for name, role in OFFICE.items():
                make.user(role, username=name)
            make.experts()
            self.members = [user.username for user in make.committee().values()]
            buyer = make.buyer(nature=BuyerNature.CITY_SOE)
            make.user(Role.BUYER_APPROVER, username="buyer", organization=buyer.organization)
        with clock.standing_at(before):
            for begin in hooks.init:
                begin(context)

    @contextmanager
    def on(self, day: date, who: str | None = None, *, again: bool = False) -> Iterator[Browser]:
        """Give the browser of somebody on a day; what the clocks owe until then is done first."""
        with clock.standing_at(day):
            for each in hooks.clocks:
                if each.name.endswith(".turn"):
                    each.run(self.context)
            with self.open_browser(day, who, again) as browser:
                yield browser

    def one(self, question: Any) -> Any:
        """Return the one record that a query finds now."""
        with self.context.database.reading() as session:
            return session.scalars(question).one()

    @property
    def application(self) -> Application:
        """Return the application as it stands now."""
        return self.one(select(Application).where(Application.product_name == NAME))

    @property
    def seats(self) -> dict[str, int]:
        """Return the place of each expert on the panel, by login."""
        asked = select(User.username, Assignment.id).join(Expert, Expert.user_id == User.id)
        with self.context.database.reading() as session:
            return dict(session.execute(asked.join(Assignment, Assignment.expert_id == Expert.id)).all())


def announce(story: Story) -> None:
    """The lead prepares a round and announces it; anybody can read the call."""
    with story.on(CALLED, "lead") as lead:
        lead.open("/office/rounds/new").send(
            year="2026", batch="", title="示例故事申报通知", lists=["CX"], text="示例正文",
            opens_at="2026-11-24T09:00", closes_at="2026-12-24T17:00", reference_on="2026-12-31",
        )  # fmt: skip
        lead.send("/announce")
    with story.on(CALLED) as visitor:
        assert "示例故事申报通知" in visitor.open("/rounds/").text


def register(story: Story) -> None:
    """A unit registers, asks to be verified, and is."""
    with story.on(date(2026, 11, 25)) as visitor:
        visitor.open("/register").send(
            name="示例故事科技有限公司", credit_code=credit_code(77_001), district="310115",
            legal_representative="示例甲", display_name="示例乙", mobile="13800000077", email="",
            username="story", password=PASSWORD, again=PASSWORD,
        )  # fmt: skip
    signatory = story.one(select(User.id).where(User.username == "story"))
    with story.on(date(2026, 11, 25), "13800000077") as operator:
        operator.waits("上传授权书，申请单位核验").send(
            signatory=str(signatory), letter=upload("授权书.pdf", PDF)
        )
    with story.on(date(2026, 11, 26), "examiner") as office:
        office.waits("单位的申请待办理").follow("核验")
        office.send(button="同意")


def begin(story: Story) -> None:
    """The unit begins an application from the call."""
    with story.on(date(2026, 12, 1), "story") as unit:
        unit.open("/rounds/").follow("示例故事申报通知")
        unit.open(f"/apply{unit.path}").send(list="CX", product_name=NAME)


def fill(story: Story) -> None:
    """The unit fills every block, adds its files, and its signatory submits."""
    with story.on(date(2026, 12, 1), "story") as unit:
        home = f"/apply/applications/{story.application.id}"
        draft = answers.draft(product_name=NAME)
        for block in "ABCDFH":
            unit.open(f"{home}/edit/{block}")
            asked = {name.partition("-")[0] for name in unit.names()}
            unit.send(**_typed({key: value for key, value in draft.items() if key in asked}))
        for key in answers.FILE_QUESTIONS:
            name, content = ("照片.png", PNG.getvalue()) if key == "pictures" else ("证明.pdf", PDF)
            unit.open(f"{home}/edit/H").send(f"/files/{key}", file=upload(name, content))
        unit.open(f"{home}/submit").send(commitment="yes")
        assert story.application.state is State.SUBMITTED
        assert NAME in unit.open("/inbox").text


def _typed(draft: dict[str, Any]) -> dict[str, Any]:
    """Return a draft as a form sends it: rows spread over their columns."""
    sent = {}
    for key, value in draft.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for index, row in enumerate(value):
                sent |= {f"{key}-{index}-{column}": text for column, text in row.items()}
        else:
            sent[key] = value
    return sent


def examine(story: Story) -> None:
    """The examiner asks for one correction, the unit answers it, and the application is accepted."""
    with story.on(date(2026, 12, 25), "examiner") as examiner:
        assert story.application.state is State.FORMAL_REVIEW
        examiner.open("/office/formal-review").follow(NAME)
        examiner.send("/open")
        verdicts = examiner.names("/checks", "radio")
        wrong = verdicts[-1].removeprefix("verdict-")
        judged = dict.fromkeys(verdicts, "passed") | {f"verdict-{wrong}": "failed", f"note-{wrong}": "请说明"}
        examiner.send("/checks", **judged)
        examiner.send("/correction")
        assert story.application.state is State.CORRECTION_REQUIRED
    with story.on(date(2026, 12, 28), "story") as unit:
        unit.waits("答复补正事项")
        unit.open(f"/apply/applications/{story.application.id}").follow("逐项答复补正事项")
        replies = {name: "已核对，说明如上" for name in unit.names() if name.startswith("answer-")}
        unit.send(button="签署承诺", commitment="yes", **replies)
    with story.on(date(2026, 12, 29), "examiner") as examiner:
        examiner.open("/office/formal-review").follow(NAME)
        examiner.send("/checks", **dict.fromkeys(examiner.names("/checks", "radio"), "passed"))
        examiner.send("/accept")
        assert story.application.state is State.ACCEPTED


def review(story: Story) -> None:
    """A panel is drawn, declares, scores and locks; the totals are gathered and the product referred."""
    with story.on(date(2026, 12, 29), "lead") as lead:
        lead.open("/office/review/").send("/panels", application=str(story.application.id))
        lead.send("/draw", public_value="271828").send("/form")
        panel = lead.path
    for place, (name, seat) in enumerate(story.seats.items()):
        with story.on(date(2026, 12, 30), name, again=place > 0) as expert:
            assert NAME in expert.open("/review/").text
            expert.send("/review/declarations", assignment=str(seat), promise="yes")
    with story.on(date(2026, 12, 31), "lead") as lead:
        lead.open(panel).send("/begin")
    for place, (name, seat) in enumerate(story.seats.items()):
        with story.on(date(2027, 1, 4), name, again=place > 0) as expert:
            expert.open("/review/").follow(NAME)
            points = {f"points-{key}": str(most * 0.8) for key, most in MOST.items()}
            expert.send(f"/assignments/{seat}", button="锁定", recommends="yes", comment="建议列入", **points)
    with story.on(date(2027, 1, 5), "lead") as lead:
        assert story.application.state is State.SCORED
        lead.open(f"/office/review/applications/{story.application.id}").send("/refer")


def decide(story: Story) -> None:
    """The departments answer a letter; the chair decides what they agreed on."""
    with story.on(date(2027, 1, 6), "lead") as lead:
        lead.waits("产品待列入编审委员会议程")
        lead.open(f"/office/committee/rounds/{story.application.round_id}").send(
            kind="opinion_round", due_on="2027-01-20", applications=str(story.application.id)
        )
        sitting = lead.send("/call").path
    desk = sitting.replace("/office/committee", "/review/committee")
    for place, name in enumerate(story.members):
        with story.on(date(2027, 1, 8), name, again=place > 0) as member:
            member.open(desk)
            member.send(**dict.fromkeys(member.names(kind="radio"), "agree"), reply=upload("回函.pdf", PDF))
    with story.on(date(2027, 1, 11), "lead") as lead:
        lead.open(sitting).send("/close")
    with story.on(date(2027, 1, 11), "chair") as chair:
        chair.waits("表决结束、待作出决定的产品")
        item = chair.open(sitting).find(NAME).rpartition("/")[2]
        chair.send(f"/items/{item}", **{f"{item}-decision": "approved"})
    with story.on(date(2027, 1, 12), "lead") as lead:
        lead.open(sitting).send("/minutes")
    with story.on(date(2027, 1, 12), "chair") as chair:
        chair.open(sitting).send("/seal")
        assert story.application.state is State.APPROVED


def publish(story: Story) -> None:
    """The product stands in a notice over its days and is published by three persons."""
    with story.on(date(2027, 1, 13), "publisher") as publisher:
        publisher.waits("审议通过、待列入公示的产品").follow("拟公示稿")
        publisher.send(items=str(story.application.id))
        publisher.send(department="示例受理处", phone="021-00000000", address="示例路1号").send("/open")
        assert story.application.state is State.IN_NOTICE
    with story.on(date(2027, 1, 14)) as visitor:
        visitor.open("/notices/")
        assert NAME in visitor.follow("拟列入产品公示").text
    over = date(2027, 1, 25)
    with story.on(over, "publisher") as publisher:
        publisher.waits("公示期满、待拟稿发布的产品").follow("拟发布公告")
        items = publisher.values("items")
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
    with story.on(date(2027, 1, 26), "story") as unit:
        for catch_up in hooks.catch_up:
            catch_up(story.context)
        outbox.deliver(story.context)
        assert "已入目" in unit.open(f"/apply/applications/{story.application.id}").text


def certify(story: Story) -> None:
    """A buyer finds the product, has a certificate for its purchase made, and anybody verifies it."""
    with story.on(date(2027, 1, 26), "buyer") as buyer:
        buyer.open(f"/catalog/?q={quote(NAME)}").follow(NAME)
        paper = buyer.follow("出具采购用途列入情况证明").download(purpose="示例设备更新项目，2 台")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)
    certificate = story.one(select(Certificate))
    assert certificate.number in text
    with story.on(date(2027, 1, 27)) as anyone:
        shown = anyone.open("/verify/").send(number=certificate.number, code=certificate.short_code).text
        assert NAME in shown
        assert "证明有效" in shown


STEPS = (announce, register, begin, fill, examine, review, decide, publish, certify)
