"""Races by processes: two people register one unit, two officers answer one request."""

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.exc import StaleDataError

from catalog.demo.units import credit_code
from registry import clock
from registry.errors import RuleError
from registry.models import (
    CatalogEntry,
    InboxMessage,
    Organization,
    Role,
    UnitRequest,
    UnitRequestKind,
    UnitRequestState,
    User,
)
from registry.organizations import registration, requests
from registry.organizations.registration import PersonFacts, UnitFacts
from tests.factories import PASSWORD, Make
from tests.processes import RACERS, race


def by_number(database, gate, number, target, *arguments):
    gate.wait()
    try:
        with database.transaction() as session:
            target(session, number, *arguments)
        return "done"
    except (RuleError, StaleDataError) as problem:
        return getattr(problem, "sentence", "stale")


def register(session, number, code):
    registration.register(
        session,
        unit=UnitFacts(name="示例竞争有限公司", credit_code=code),
        person=PersonFacts(f"racer{number}", PASSWORD, f"示例{number}", f"1380000000{number}"),
    )


def test_a_unit_registered_twice_at_once_is_one_unit_with_one_operator(fresh_database):
    said = race(fresh_database.engine.url, by_number, register, credit_code(80_001))

    with fresh_database.reading() as session:
        units = session.scalar(select(func.count()).select_from(Organization))
        members = session.scalar(select(func.count()).where(User.organization_id.is_not(None)))
    assert (units, members) == (1, 1)
    assert "done" in said
    assert set(said) <= {"done", "统一社会信用代码：刚刚有人以此代码注册，请重新提交。"}


def approve(session, number, request_id, officers):
    actor = session.scalars(
        select(User).where(User.id == officers[number]).options(selectinload(User.grants))
    ).one()
    request = session.get_one(UnitRequest, request_id)
    requests.approve(session, request, actor, version=1)


def test_a_request_answered_by_two_at_once_is_answered_once(fresh_database):
    with fresh_database.transaction() as session:
        make = Make(session)
        unit = make.organization(verified_at=clock.now())
        member = make.user(Role.APPLICANT_OPERATOR, organization=unit)
        code = make.entry().code
        request = requests.file(session, unit, member, kind=UnitRequestKind.CLAIM, code=code)
        ids = request.id, [make.user(Role.FORMAL_REVIEWER).id for _ in range(RACERS)]

    said = race(fresh_database.engine.url, by_number, approve, *ids)

    with fresh_database.reading() as session:
        assert session.get_one(UnitRequest, ids[0]).state is UnitRequestState.APPROVED
        assert session.scalar(select(CatalogEntry.organization_id)) == unit.id
        assert session.scalar(select(func.count()).select_from(InboxMessage)) == 1
    assert said.count("done") == 1
