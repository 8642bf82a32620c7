"""Publication's part of the demonstration: notices, objections, sign-off, editions and support."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.publication import notices, objections, publications, publishing, support
from catalog.publication.models import (
    NoticeItem,
    NoticeState,
    Objection,
    ObjectionGround,
    ObjectionKind,
    ObjectionState,
    Publication,
    PublicationItem,
    PublicationState,
    PublicNotice,
)
from catalog.publication.notices import Heading
from catalog.publication.objections import Objector
from catalog.publication.publishing import Document
from registry import hooks
from registry.demo import plan
from registry.demo.plan import Fate, Round
from registry.demo.stage import Stage, call_of, ids, person
from registry.hooks import Context, DemoRequest, Step
from registry.models import Application, Listing
from registry.types import Fen

STATEMENT = "该产品的检测报告与公示的型号不一致，请核实（示例）。"
GIST = "有反映认为检测报告与公示的型号不一致。"
OBJECTED = (Fate.CLEARED, Fate.HELD, Fate.UPHELD)
CONTRACTS, AMOUNT = Fen(500_000_000), Fen(50_000_000)
SUPPORTED_MOST = 3


def steps(context: Context, request: DemoRequest) -> Iterator[Step]:
    """Yield publication's part."""
    play = _Play(Stage(context, request))
    yield from play.stage.steps(
        (plan.NOTICED, play.notice),
        (plan.OBJECTED, play.object),
        (plan.ADMITTED, play.admit),
        (plan.REPORTED, play.report),
        (plan.RULED, play.rule),
        (plan.DRAFTED, play.draft),
        (plan.CHECKED, play.check),
        (plan.SIGNED, play.sign),
        (plan.PUBLISHED, play.publish),
        (plan.SUPPORTED, play.support),
    )


class _Play:
    """Publication's part, act by act."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def notice(self, call: Round) -> None:
        """Post a notice of what was approved; the working days begin today."""
        with self.stage.session() as session:
            publisher, record = person(session, "publisher"), call_of(session, call)
            later = {product.name for product in call.of(Fate.NEXT_NOTICE)}
            chosen = [one.id for one in notices.waiting(session, record) if one.product_name not in later]
            if not chosen:
                return
            words = notices.default_heading(session, record)
            made = notices.draft(
                session, record, publisher, applications=chosen,
                heading=Heading(
                    words.title, words.opening, "示例受理处（虚构）", "021-00000000", "示例路1号（虚构）", words.methods
                ),
            )  # fmt: skip
            session.flush()
            notices.open_notice(session, notices.find(session, made.id, lock=True), publisher)

    def object(self, call: Round) -> None:
        """Let a person object to a few products; each holds nothing but its own."""
        with self.stage.session() as session:
            wanted = ids(session, call.of(*OBJECTED))
            for notice in _notices(session, call, NoticeState.OPEN):
                for item in [item for item in notice.items if item.application_id in wanted]:
                    objections.file(
                        session, item, None, files=self.stage.files, kind=ObjectionKind.INDIVIDUAL,
                        objector=Objector(name="示例异议人", phone="13900000000"), statement=STATEMENT,
                    )  # fmt: skip

    def admit(self, call: Round) -> None:
        """Take the objections up."""
        with self.stage.session() as session:
            for objection in _objections(session, call, ObjectionState.FILED):
                objections.admit(session, objection, person(session, "lead"), gist=GIST)

    def report(self, call: Round) -> None:
        """Report what the investigation found."""
        with self.stage.session() as session:
            for objection in _objections(session, call, ObjectionState.INVESTIGATING):
                objections.report(
                    session, objection, person(session, "lead"), text="已核对检测报告原件和公示内容。"
                )

    def rule(self, call: Round) -> None:
        """Let the chair decide, and answer the objectors."""
        with self.stage.session() as session:
            chair, lead = person(session, "chair"), person(session, "lead")
            upheld = ids(session, call.of(Fate.UPHELD))
            for objection in _objections(session, call, ObjectionState.INVESTIGATING):
                if objection.item.application_id in upheld:
                    objections.uphold(
                        session, objection, chair, reason="检测报告所载型号与公示不一致，查证属实。",
                        ground=ObjectionGround.FALSE_MATERIAL,
                    )  # fmt: skip
                else:
                    objections.dismiss(
                        session, objection, chair, reason="检测报告附页载有公示的型号，异议不成立。"
                    )
                objections.answer(session, objection, lead, text="已按程序核查并作出决定，感谢监督。")

    def draft(self, call: Round) -> None:
        """Draft the publication of what may be published."""
        with self.stage.session() as session:
            notices.turn(session)
            record = call_of(session, call)
            items = [
                item.id
                for item in publications.candidates(session, record)
                if publications.hindrance(item.application) is None
            ]
            if items:
                publications.draft(
                    session, record, person(session, "publisher"), items=items, title=f"{record.name}目录发布公告（示例）",
                    text="经专家评审、编审委员会审议和公示，现予发布。本公告为演示内容。",
                )  # fmt: skip

    def check(self, call: Round) -> None:
        """Check it."""
        with self.stage.session() as session:
            for publication in _publications(session, call, PublicationState.DRAFTED):
                publications.check(session, publication, person(session, "lead"))

    def sign(self, call: Round) -> None:
        """Sign it."""
        with self.stage.session() as session:
            for publication in _publications(session, call, PublicationState.CHECKED):
                publications.sign(session, publication, person(session, "chair"))

    def publish(self, call: Round) -> None:
        """Publish it under a document that does not exist."""
        with self.stage.session() as session:
            for publication in _publications(session, call, PublicationState.SIGNED):
                on = call.on(plan.PUBLISHED)
                document = Document("示例发布机关（虚构）", f"示例文〔{on.year}〕{publication.id}号", on)
                publishing.publish(session, publication, person(session, "publisher"), document=document)

    def support(self, call: Round) -> None:
        """Record the support of a few three-firsts products, apart from their listing."""
        with self.stage.session() as session:
            listed = session.scalars(
                select(Listing)
                .join(PublicationItem, PublicationItem.listing_id == Listing.id)
                .join(Application, Application.id == PublicationItem.application_id)
                .where(
                    Application.round_id == call_of(session, call).id,
                    Listing.list_code.in_(support.THREE_FIRSTS),
                )
                .order_by(Listing.id)
                .limit(SUPPORTED_MOST)
            ).all()
            for listing in listed:
                support.record(
                    session, listing, person(session, "lead"), decided_on=call.on(plan.SUPPORTED), contracts=CONTRACTS,
                    amount=AMOUNT, document=f"示例支持文件〔{call.on(plan.SUPPORTED).year}〕（虚构）",
                )  # fmt: skip


def _notices(session: Session, call: Round, state: NoticeState) -> list[PublicNotice]:
    found = session.scalars(
        select(PublicNotice.id).where(
            PublicNotice.round_id == call_of(session, call).id, PublicNotice.state == state
        )
    ).all()
    return [notices.find(session, notice_id, lock=True) for notice_id in found]


def _objections(session: Session, call: Round, state: ObjectionState) -> list[Objection]:
    found = session.scalars(
        select(Objection.id)
        .join(NoticeItem, NoticeItem.id == Objection.item_id)
        .join(PublicNotice, PublicNotice.id == NoticeItem.notice_id)
        .where(PublicNotice.round_id == call_of(session, call).id, Objection.state == state)
        .order_by(Objection.id)
    ).all()
    return [objections.find(session, objection_id) for objection_id in found]


def _publications(session: Session, call: Round, state: PublicationState) -> list[Publication]:
    found = session.scalars(
        select(Publication.id).where(
            Publication.round_id == call_of(session, call).id, Publication.state == state
        )
    ).all()
    return [publications.find(session, publication_id, lock=True) for publication_id in found]


hooks.demo_steps.append(steps)
