"""An applicant's unit with its people in their browsers."""

import pytest

from registry.models import Role
from tests.factories import log_in


@pytest.fixture
def signatory(session, make, client):
    """Return the signatory of a verified unit, signed in."""
    user = make.applicant()
    session.commit()
    log_in(client, user)
    return user


@pytest.fixture
def draft(session, make, signatory):
    """Return a complete draft of the signatory's unit."""
    application = make.application(organization=signatory.organization, created_by_id=signatory.id)
    session.commit()
    return application


@pytest.fixture
def colleague(app, session, make, signatory):
    """Return another browser, in which an operator of the same unit is signed in."""
    operator = make.applicant(signatory.organization, Role.APPLICANT_OPERATOR)
    operator.display_name = "示例经办"
    session.commit()
    browser = app.test_client()
    log_in(browser, operator)
    return browser
