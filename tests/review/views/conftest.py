"""Browsers and panels for the tests of the review's pages."""

import pytest

from registry.models import Role
from review.models import PanelState
from tests.factories import log_in, log_in_as


@pytest.fixture
def lead(client, session, make):
    """Return the secretariat's lead, signed in on `client`."""
    return log_in_as(client, session, make, Role.SECRETARIAT_LEAD)


@pytest.fixture
def browser(app):
    """Return a way to get a browser in which an account is signed in."""

    def signed_in(user):
        fresh = app.test_client()
        log_in(fresh, user)
        return fresh

    return signed_in


@pytest.fixture
def formed(make, session):
    """Return a panel whose members were called to declare."""
    panel = make.panel(state=PanelState.FORMED)
    session.commit()
    return panel


@pytest.fixture
def reviewing(make, session):
    """Return a panel under review."""
    panel = make.panel()
    session.commit()
    return panel
