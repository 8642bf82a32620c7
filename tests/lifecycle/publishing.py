"""The moves of notice, objections and publication."""

from sqlalchemy import select

from catalog.publication import notices, objections, publications, publishing
from catalog.publication.models import NoticeItem, Objection, ObjectionGround, ObjectionKind, Publication
from catalog.publication.notices import Heading
from catalog.publication.objections import Objector
from catalog.publication.publishing import Document
from tests.lifecycle.cast import DAY, Cast


class Publishing(Cast):
    """The moves of notice, objections and publication."""

    def ready_open_notice(self) -> None:
        call = self.application.round
        words = notices.default_heading(self.session, call)
        heading = Heading(
            words.title, words.opening, "示例受理处", "021-00000000", "示例路1号", words.methods
        )
        self.records["notice"] = notices.draft(
            self.session, call, self.publisher, applications=[self.application.id], heading=heading
        ).id

    def open_notice(self) -> None:
        notices.open_notice(
            self.session, notices.find(self.session, self.records["notice"], lock=True), self.publisher
        )

    def ready_hold(self) -> None:
        """Let somebody object."""
        made, _receipt = objections.file(
            self.session, self._item(), None, files=self.files, kind=ObjectionKind.INDIVIDUAL,
            objector=Objector(name="示例异议人", phone="13900000000"), statement=f"示例事实{next(self.serial)}",
        )  # fmt: skip
        self.records["objection"] = made.id

    def hold(self) -> None:
        objections.admit(self.session, self._objection(), self.lead, gist="反映指标不符")

    def ready_release(self) -> None:
        """Report what was found; three decisions may follow."""
        objections.report(self.session, self._objection(), self.lead, text="已核对原件")

    ready_reject_on_objection = ready_order_new_panel = ready_release

    def release(self) -> None:
        objections.dismiss(self.session, self._objection(), self.chair, reason="查证不成立")

    def reject_on_objection(self) -> None:
        ground = ObjectionGround.FALSE_MATERIAL
        objections.uphold(self.session, self._objection(), self.chair, reason="查证属实", ground=ground)

    def order_new_panel(self) -> None:
        objections.order_new_panel(self.session, self._objection(), self.chair, reason="须重新评审")

    def ready_list(self) -> None:
        """Draft, check and sign by three persons, on the day after the notice's last."""
        with self.standing(self.application.notice_closes_on + DAY):
            self.records["publication"] = publications.draft(
                self.session, self.application.round, self.publisher, items=[self._item().id], title="示例公告",
                text="示例正文",
            ).id  # fmt: skip
            publications.check(self.session, self._publication(), self.lead)
            publications.sign(self.session, self._publication(), self.chair)

    def list(self) -> None:
        document = Document("示例发布机关", f"示例文〔2026〕{next(self.serial)}号", self.on)
        publishing.publish(self.session, self._publication(), self.publisher, document=document)

    def _publication(self) -> Publication:
        return publications.find(self.session, self.records["publication"], lock=True)

    def _objection(self) -> Objection:
        return objections.find(self.session, self.records["objection"], lock=True)

    def _item(self) -> NoticeItem:
        found = self.session.scalars(
            select(NoticeItem)
            .where(NoticeItem.application_id == self.application.id)
            .order_by(NoticeItem.id.desc())
        ).first()
        notice = notices.find(self.session, found.notice_id)
        return next(item for item in notice.items if item.id == found.id)
