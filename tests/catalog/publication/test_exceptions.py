"""What of notices and objections stands among the exceptions; who objects never does."""

from datetime import timedelta

from catalog.publication import notices, objections
from registry import clock, exceptions
from registry.exceptions import Filters
from registry.models import Role
from tests.catalog.publication.conftest import HEADING, LAST_DAY, OBJECTOR


def listed(session, viewer):
    return exceptions.shown(session, viewer, session.execute(exceptions.found(Filters())).all())


def test_a_look_at_who_objects_is_listed_without_who_it_is(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), call=call)
    objection = room.object(notice.items[0])
    objections.identity(session, objection, room.lead, reason="核对联系方式")

    for role in (Role.SECRETARIAT_LEAD, Role.DISCIPLINE_OBSERVER, Role.AUDIT_ADMIN):
        (row,) = listed(session, room.make.user(role))
        assert (row.kind, row.act, row.reason) == ("confidential", "objection.identify", "核对联系方式")
        assert OBJECTOR.name not in str(row)
        assert OBJECTOR.phone not in str(row)


def test_an_objection_answered_after_its_day_is_late(session, room):
    call = room.round()
    notice = room.noticed(room.approved(call), room.approved(call), call=call)
    for item, days in zip(notice.items, (0, 1), strict=True):
        objection = room.object(item, statement=f"示例{item.id}")
        with clock.standing_at(LAST_DAY):
            objections.reject(session, objection, room.lead, reason="没有事实")
        with clock.standing_at(objection.due_on + timedelta(days=days)):
            objections.answer(session, objection, room.lead, text="示例答复")

    (row,) = listed(session, room.lead)

    assert (row.kind, row.act, row.path) == ("late", "objection.answer", f"/office/objections/{objection.id}")


def test_a_finding_that_was_cleared_says_why(session, room):
    call = room.round()
    application = room.approved(call, answers={"summary": "联系电话 13900001111。"})
    drafted = notices.draft(session, call, room.publisher, applications=[application.id], heading=HEADING)
    notice = notices.find(session, drafted.id)
    finding = notice.items[0].findings[0]
    notices.clear(
        session, notice.items[0], room.publisher, fingerprint=finding["fingerprint"], reason="示例号码"
    )

    (row,) = listed(session, room.lead)

    assert (row.kind, row.reason, row.round) == ("waiver", "示例号码", call.name)
