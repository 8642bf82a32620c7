"""Units with people, and browsers in which these are signed in."""

from io import BytesIO

import pytest
from sqlalchemy import select

from catalog.demo.units import credit_code
from registry import clock
from registry.models import Role, TrailLine, UnitRequest
from tests.factories import log_in

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def unit(make):
    """Return a function that makes a unit with a credit code, verified unless told."""
    serials = iter(range(50_001, 60_000))

    def unit(*, verified=True, **values):
        values.setdefault("credit_code", credit_code(next(serials)))
        return make.organization(verified_at=clock.now() if verified else None, **values)

    return unit


@pytest.fixture
def acting(app, session):
    """Return a function that gives a browser in which an account is signed in."""

    def acting(user):
        session.commit()
        browser = app.test_client()
        log_in(browser, user)
        return browser

    return acting


@pytest.fixture
def office(make, acting):
    """Return a browser of the office."""
    return acting(make.user(Role.FORMAL_REVIEWER, display_name="示例审查员"))


@pytest.fixture
def letter():
    """Return a function that gives a fresh upload, as a form sends it."""
    return lambda name="授权书.pdf", content=PDF: (BytesIO(content), name)


@pytest.fixture
def latest(session):
    """Return a function that gives the newest request as the database has it."""

    def latest():
        newest = select(UnitRequest).order_by(UnitRequest.id.desc()).limit(1)
        return session.scalars(newest.execution_options(populate_existing=True)).one()

    return latest


@pytest.fixture
def answer(latest):
    """Return a function that answers the newest request in a browser, as its page shows it."""

    def answer(browser, says="approve", *, version=None, **values):
        request = latest()
        data = {"version": version or request.version_id, "answer": says, **values}
        return browser.post(f"/office/units/requests/{request.id}", data=data)

    return answer


@pytest.fixture
def trailed(session):
    """Return a function that gives the actions that stand in the trail."""
    return lambda: list(session.scalars(select(TrailLine.action).order_by(TrailLine.seq)))
