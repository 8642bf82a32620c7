"""Objections: who may file and when, what they hold, who decides, and that nobody learns who objects."""

from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from catalog.publication import notices, objections, publications
from catalog.publication.models import (
    Objection,
    ObjectionFile,
    ObjectionGround,
    ObjectionKind,
    ObjectionState,
    ObjectorIdentity,
)
from catalog.publication.objections import Objector
from registry import clock
from registry.errors import NotAllowedError, RuleError, StaleError, TooManyError
from registry.models import (
    Decision,
    InboxMessage,
    OutboxMessage,
    Role,
    State,
    TrailDetail,
    TrailLine,
)
from tests.catalog.publication.conftest import HEADING, LAST_DAY, OBJECTOR, OVER, POSTED

PDF = ("异议书.pdf", b"%PDF-1.4 example")


@pytest.fixture
def call(room):
    return room.round()


@pytest.fixture
def application(room, call):
    return room.approved(call)


@pytest.fixture
def item(room, call, application):
    return room.noticed(application, call=call).items[0]


def investigated(session, room, item, **more):
    objection = room.object(item, **more)
    objections.admit(session, objection, room.lead, gist="反映该产品指标不实")
    objections.report(session, objection, room.lead, text="经核查，指标与检测报告一致")
    return objection


# --- filing -------------------------------------------------------------------------------------------------------


def test_an_objection_is_open_at_once_and_its_answer_due_in_working_days(session, room, item, application):
    objection = room.object(item)

    assert (objection.state, objection.due_on) == (ObjectionState.FILED, date(2026, 12, 18))
    assert (application.open_objections, application.state) == (1, State.IN_NOTICE)


@pytest.mark.parametrize(("day", "is_taken"), [(POSTED, True), (LAST_DAY, True), (date(2026, 11, 28), False)])
def test_objections_are_taken_from_the_first_to_the_last_day(session, room, item, day, is_taken):
    with clock.standing_at(day):
        assert objections.is_taking(item.notice) is is_taken
        if not is_taken:
            with pytest.raises(RuleError, match="不在公示期内"):
                objections.file(
                    session, item, None, files=room.files, kind=ObjectionKind.INDIVIDUAL, objector=OBJECTOR,
                    statement="示例",
                )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "objector", "parameter"),
    [
        (ObjectionKind.INDIVIDUAL, Objector(phone="13900001234"), "name"),
        (ObjectionKind.INDIVIDUAL, Objector(name="甲异议"), "phone"),
        (ObjectionKind.INDIVIDUAL, Objector(name="甲异议", phone="12"), "phone"),
        (ObjectionKind.UNIT, Objector(name="乙", phone="021-00000002"), "unit_name"),
        (ObjectionKind.UNIT, Objector(name="乙", phone="021-00000002", unit_name="示例单位"), "letter"),
    ],
)
def test_nobody_is_heard_who_does_not_say_who_he_is(room, item, kind, objector, parameter):
    with pytest.raises(RuleError) as refused:
        room.object(item, kind=kind, objector=objector)

    assert refused.value.parameter == parameter


def test_a_unit_is_heard_under_its_seal(session, room, item):
    objector = Objector(name="乙联系", phone="021-00000002", unit_name="示例异议单位")

    objection = room.object(item, kind=ObjectionKind.UNIT, objector=objector, letter=PDF)

    assert [file.name for file in objections.files_of(session, objection)] == ["异议书.pdf"]
    assert session.get(ObjectorIdentity, objection.id).unit_name == "示例异议单位"


def test_a_file_that_lies_about_its_type_is_refused(room, item):
    with pytest.raises(RuleError, match="文件内容不是 pdf 格式"):
        room.object(item, evidence=[("证据.pdf", b"MZ")])


def test_an_anonymous_report_becomes_a_lead_and_holds_nothing(session, room, make, item, application):
    observer = make.user(Role.DISCIPLINE_OBSERVER)

    lead = room.object(item, kind=ObjectionKind.ANONYMOUS, objector=Objector())

    assert (lead.state, application.open_objections) == (ObjectionState.LEAD, 0)
    assert session.get(ObjectorIdentity, lead.id) is None
    told = session.scalars(select(InboxMessage.user_id).where(InboxMessage.path.contains("objections"))).all()
    assert told == [observer.id]


def test_a_second_click_files_nothing_more(session, room, item, application):
    room.object(item)

    with pytest.raises(RuleError, match="已经收到"):
        room.object(item)

    assert application.open_objections == 1


def test_one_address_cannot_file_without_end(session):
    for _ in range(20):
        objections.count_filing(session, "192.0.2.1")

    with pytest.raises(TooManyError):
        objections.count_filing(session, "192.0.2.1")


# --- handling -----------------------------------------------------------------------------------------------------


def test_an_admitted_objection_holds_its_product_and_no_other(session, room):
    call = room.round()
    held, free = room.approved(call), room.approved(call, answers={"product_name": "示例另一产品"})
    notice = room.noticed(held, free, call=call)
    objection = room.object(next(item for item in notice.items if item.application_id == held.id))

    objections.admit(session, objection, room.lead, gist="反映指标不实")

    assert (held.state, free.state) == (State.OBJECTION_HOLD, State.IN_NOTICE)
    with clock.standing_at(OVER):
        offered = publications.candidates(session, call)
        assert {item.application_id: publications.hindrance(item.application) for item in offered} == {
            held.id: "现处于“异议核查”。", free.id: None,
        }  # fmt: skip


def test_an_inadmissible_objection_lets_its_product_go_on(session, room, item, application):
    objection = room.object(item)

    objections.reject(session, objection, room.lead, reason="没有事实依据")

    assert (objection.state, application.open_objections) == (ObjectionState.INADMISSIBLE, 0)
    assert application.state is State.IN_NOTICE


def test_the_chair_dismisses_and_the_product_goes_on_with_the_last_objection(
    session, room, item, application
):
    first = investigated(session, room, item)
    second = investigated(session, room, item, statement="另一事实")

    objections.dismiss(session, first, room.chair, reason="不成立")
    assert (application.state, application.open_objections) == (State.OBJECTION_HOLD, 1)
    objections.dismiss(session, second, room.chair, reason="不成立")

    assert (application.state, application.open_objections) == (State.IN_NOTICE, 0)


def test_an_upheld_objection_keeps_the_product_out(session, room, item, application):
    objection = investigated(session, room, item)

    objections.uphold(
        session, objection, room.chair, reason="指标不实", ground=ObjectionGround.FALSE_MATERIAL
    )

    assert (application.state, application.reason_code) == (State.REJECTED, "false_material")


def test_a_second_objection_to_a_product_that_is_out_is_still_decided(session, room, item, application):
    first = investigated(session, room, item)
    second = investigated(session, room, item, statement="另一事实")
    objections.uphold(session, first, room.chair, reason="指标不实", ground=ObjectionGround.FALSE_MATERIAL)

    objections.uphold(session, second, room.chair, reason="同样成立", ground=ObjectionGround.OTHER)

    assert (application.reason_code, application.open_objections) == ("false_material", 0)


def test_a_new_panel_begins_review_anew(session, room, item, application):
    objection = investigated(session, room, item)

    objections.order_new_panel(session, objection, room.chair, reason="须重新评审")

    assert application.state is State.ACCEPTED
    assert (
        application.official_score, application.decision, application.notice_closes_on, application.panel_size,
        application.is_on_agenda, application.open_objections, application.frozen_revision,
    ) == (None, None, None, 0, False, 0, 1)  # fmt: skip


def test_a_new_panel_waits_for_the_other_objections(session, room, item):
    objection = investigated(session, room, item)
    room.object(item, statement="另一事实")

    with pytest.raises(RuleError, match="其他没有办结的异议"):
        objections.order_new_panel(session, objection, room.chair, reason="须重新评审")


@pytest.mark.guards("objection.dismiss", "objection.uphold")
@pytest.mark.parametrize(
    "act", [objections.dismiss, partial(objections.uphold, ground=ObjectionGround.OTHER)]
)
def test_nothing_is_decided_before_the_report(session, room, item, act):
    objection = room.object(item)
    objections.admit(session, objection, room.lead, gist="反映指标不实")

    with pytest.raises(RuleError, match="秘书处还没有提交"):
        act(session, objection, room.chair, reason="示例")


@pytest.mark.guards("objection.answer")
def test_nothing_is_answered_before_the_decision(session, room, item):
    objection = investigated(session, room, item)

    with pytest.raises(StaleError, match="不能再答复"):
        objections.answer(session, objection, room.lead, text="已书面答复")


@pytest.mark.guards("objection.dismiss", "objection.uphold")
def test_who_investigated_does_not_decide(session, room, make, item):
    both = make.user(Role.SECRETARIAT_LEAD, Role.COMMITTEE_CHAIR)
    objection = room.object(item)
    objections.admit(session, objection, both, gist="反映指标不实")
    objections.report(session, objection, both, text="属实")

    with pytest.raises(RuleError, match="核查人不得决定"):
        objections.dismiss(session, objection, both, reason="不成立")


@pytest.mark.parametrize("act", ["admit", "reject", "report", "dismiss", "answer"])
def test_a_second_click_on_every_act_is_refused(session, room, item, act):
    objection = investigated(session, room, item)
    objections.dismiss(session, objection, room.chair, reason="不成立")
    objections.answer(session, objection, room.lead, text="已书面答复")
    again = {
        "admit": lambda: objections.admit(session, objection, room.lead, gist="示例"),
        "reject": lambda: objections.reject(session, objection, room.lead, reason="示例"),
        "report": lambda: objections.report(session, objection, room.lead, text="示例"),
        "dismiss": lambda: objections.dismiss(session, objection, room.chair, reason="示例"),
        "answer": lambda: objections.answer(session, objection, room.lead, text="示例"),
    }

    with pytest.raises(StaleError):
        again[act]()


@pytest.mark.parametrize("role", [Role.PUBLISHER, Role.FORMAL_REVIEWER, Role.COMMITTEE_CHAIR, Role.SYS_ADMIN])
def test_nobody_but_the_lead_handles_and_identifies(session, room, make, item, role):
    objection, other = room.object(item), make.user(role)

    for act in (
        lambda: objections.admit(session, objection, other, gist="示例"),
        lambda: objections.reject(session, objection, other, reason="示例"),
        lambda: objections.identity(session, objection, other, reason="示例"),
    ):
        with pytest.raises(NotAllowedError):
            act()


# --- who objects --------------------------------------------------------------------------------------------------


@pytest.mark.guards("objection.admit")
@pytest.mark.parametrize("told", ["甲异议称", "请电 139-0000-1234", "住示例弄2号"])
def test_a_gist_that_tells_of_the_objector_is_refused(session, room, item, told):
    objection = room.object(item)

    with pytest.raises(RuleError, match="含有异议人的信息"):
        objections.admit(session, objection, room.lead, gist=f"反映指标不实，{told}")


@pytest.mark.guards("objection.report")
def test_a_report_that_tells_of_the_objector_is_refused(session, room, item):
    objection = room.object(item)
    objections.admit(session, objection, room.lead, gist="反映指标不实")

    with pytest.raises(RuleError, match="含有异议人的信息"):
        objections.report(session, objection, room.lead, text="经与甲异议核实")


def test_every_look_at_the_objector_needs_a_reason_and_leaves_a_line(session, room, item):
    objection = room.object(item)

    with pytest.raises(RuleError, match="理由"):
        objections.identity(session, objection, room.lead, reason=" ")
    known = objections.identity(session, objection, room.lead, reason="电话核实")

    line = session.scalars(select(TrailLine).where(TrailLine.action == "objection.identify")).one()
    assert (known.name, line.actor_id) == ("甲异议", room.lead.id)
    assert session.get(TrailDetail, line.seq).detail == {"reason": "电话核实"}


def test_a_file_opens_to_the_lead_alone_and_a_lead_s_to_the_observer_too(session, room, make, item):
    observer = make.user(Role.DISCIPLINE_OBSERVER)
    objection = room.object(item, evidence=[PDF])
    lead = room.object(
        item, kind=ObjectionKind.ANONYMOUS, objector=Objector(), statement="线索", evidence=[PDF]
    )
    (file,), (evidence,) = (objections.files_of(session, one) for one in (objection, lead))

    assert objections.opened_file(session, objection.id, file.id, room.lead) is file
    assert objections.opened_file(session, lead.id, evidence.id, observer) is evidence
    for reader in (observer, room.publisher, room.chair):
        with pytest.raises(NotAllowedError):
            objections.opened_file(session, objection.id, file.id, reader)


def test_no_message_trail_line_or_event_names_the_objector(session, room, make):
    call, unit = room.round(), make.unit()
    maker = make.applicant(unit)
    application = room.approved(call, organization=unit)
    item = room.noticed(application, call=call).items[0]
    objection = investigated(session, room, item)
    objections.identity(session, objection, room.lead, reason="核实")
    objections.dismiss(session, objection, room.chair, reason="不成立")
    objections.answer(session, objection, room.lead, text="已答复")

    written = [
        *(f"{one.subject}{one.body}" for one in session.scalars(select(InboxMessage))),
        *(str(one.detail) for one in session.scalars(select(TrailDetail))),
        *(str(one.payload) for one in session.scalars(select(OutboxMessage))),
        *(str(vars(one)) for one in session.scalars(select(Objection))),
        *(str(vars(one)) for one in session.scalars(select(ObjectionFile))),
    ]
    assert session.scalars(select(InboxMessage).where(InboxMessage.user_id == maker.id)).all() != []
    assert [text for text in written if OBJECTOR.name in text or OBJECTOR.phone in text] == []


def test_a_product_in_an_earlier_notice_is_published_from_the_latest(session, room, call, item, application):
    objection = investigated(session, room, item)
    objections.order_new_panel(session, objection, room.chair, reason="须重新评审")
    application.official_score, application.recommend_share = 80_000, 700
    application.decision, application.state = Decision.APPROVED, State.APPROVED
    with clock.standing_at(date(2027, 3, 1)):
        again = notices.draft(session, call, room.publisher, applications=[application.id], heading=HEADING)
        notices.open_notice(session, notices.find(session, again.id), room.publisher)

    (offered,) = publications.candidates(session, call)

    assert (offered.notice_id, application.open_objections) == (again.id, 0)
