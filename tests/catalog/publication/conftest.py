"""People and products on the way from an approval to the catalog."""

from datetime import date

import pytest

from catalog.publication import notices, objections, publications, publishing
from catalog.publication.models import ObjectionKind
from catalog.publication.notices import Heading
from catalog.publication.objections import Objector
from catalog.publication.publishing import Document
from registry import clock
from registry.files import FileStore
from registry.models import Role, RoundState, State

POSTED = date(2026, 11, 23)  # a Monday
LAST_DAY = date(2026, 11, 27)
OVER = date(2026, 11, 30)
DOCUMENT = Document("示例发布机关", "示例文〔2026〕1号", OVER)
HEADING = Heading(
    title="示例公示", opening="示例正文", department="示例部门", phone="021-00000001", address="示例路1号",
    methods="书面提出，写明真实姓名；匿名的转纪检监督渠道；对异议人保密。",
)  # fmt: skip
OBJECTOR = Objector(name="甲异议", phone="13900001234", address="示例弄2号")


class Room:
    """The people of the room, and the ways through it."""

    def __init__(self, session, make, files):
        self.session, self.make, self.files = session, make, files
        self.publisher = make.user(Role.PUBLISHER)
        self.lead = make.user(Role.SECRETARIAT_LEAD)
        self.chair = make.user(Role.COMMITTEE_CHAIR)

    def round(self, **values):
        return self.make.round(state=RoundState.REVIEWING, **values)

    def approved(self, call, **values):
        return self.make.application(state=State.APPROVED, round=call, **values)

    def noticed(self, *applications, call):
        """Open a notice of applications."""
        with clock.standing_at(POSTED):
            notice = notices.draft(
                self.session, call, self.publisher,
                applications=[application.id for application in applications], heading=HEADING,
            )  # fmt: skip
            notice = notices.find(self.session, notice.id)
            notices.open_notice(self.session, notice, self.publisher)
        return notices.find(self.session, notice.id)

    def object(
        self, item, *, statement="示例事实和理由", objector=OBJECTOR, kind=ObjectionKind.INDIVIDUAL, **more
    ):
        with clock.standing_at(LAST_DAY):
            objection, _ = objections.file(
                self.session,
                item,
                None,
                files=self.files,
                kind=kind,
                objector=objector,
                statement=statement,
                **more,
            )
        return objections.find(self.session, objection.id)

    def signed(self, call):
        """Draft, check and sign a publication of all that can be published."""
        items = [
            item.id
            for item in publications.candidates(self.session, call)
            if publications.hindrance(item.application) is None
        ]
        drafted = publications.draft(
            self.session, call, self.publisher, items=items, title="示例公告", text="示例正文"
        )
        shown = publications.find(self.session, drafted.id)
        publications.check(self.session, shown, self.lead)
        publications.sign(self.session, shown, self.chair)
        return publications.find(self.session, drafted.id)

    def publish(self, call, document=DOCUMENT):
        with clock.standing_at(OVER):
            publication = self.signed(call)
            publishing.publish(self.session, publication, self.publisher, document=document)
        return publications.find(self.session, publication.id)


@pytest.fixture
def room(session, make, tmp_path):
    return Room(session, make, FileStore(tmp_path / "files"))
