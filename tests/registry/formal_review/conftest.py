"""Applications in formal review, and browsers in which the people concerned are signed in."""

import pytest
from sqlalchemy import select

from registry.models import Application, FormalReviewItem, InboxMessage, MoveProposal, Role, State, TrailLine
from tests.factories import log_in

COLUMNS = [column.key for column in Application.__mapper__.column_attrs]


class Desk:
    """An account's browser at the page of one application."""

    def __init__(self, browser, session, application):
        self.browser, self.session, self.application = browser, session, application
        self.address = f"/office/formal-review/{application.id}"

    def page(self):
        """Return the page's text."""
        return self.browser.get(self.address).get_data(as_text=True)

    def post(self, move, *, version=None, **data):
        """Make a move as the page would, from the version that stands now unless told."""
        self.session.refresh(self.application, COLUMNS)
        sent = {"version": version or self.application.version_id, **data}
        answer = self.browser.post(f"{self.address}/{move}", data=sent)
        self.session.refresh(self.application, COLUMNS)
        return answer

    def judge(self, **faults):
        """Judge every row as passed, but those named, which fail with the words given."""
        keys = self.session.scalars(
            select(FormalReviewItem.key).where(FormalReviewItem.application_id == self.application.id)
        ).all()
        data = {f"verdict-{key}": "passed" for key in keys}
        for key, words in faults.items():
            data |= {f"verdict-{key}": "failed", f"note-{key}": words}
        return self.post("checks", **data)

    def refuse(self, code="product_not_eligible", reason="不符合目录的定义。"):
        """Propose not to accept."""
        return self.post("refusal", code=code, reason=reason)

    def proposal(self):
        """Return the id of the newest proposal."""
        return self.session.scalars(select(MoveProposal.id).order_by(MoveProposal.id.desc()).limit(1)).one()


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
def application(make):
    """Return an application in formal review that nobody opened yet."""
    return make.application(state=State.FORMAL_REVIEW)


@pytest.fixture
def at_desk(make, acting, session, application):
    """Return a function that puts somebody of a role before an application."""

    def at_desk(role, case=None, **values):
        return Desk(acting(make.user(role, **values)), session, case or application)

    return at_desk


@pytest.fixture
def examiner(at_desk):
    """Return the desk of an examiner."""
    return at_desk(Role.FORMAL_REVIEWER, display_name="示例审查员")


@pytest.fixture
def lead(at_desk):
    """Return the desk of the secretariat's lead."""
    return at_desk(Role.SECRETARIAT_LEAD, display_name="示例负责人")


@pytest.fixture
def signatory(make, application):
    """Return the signatory of the application's unit."""
    return make.applicant(application.organization)


@pytest.fixture
def told(session):
    """Return a function that gives the subjects of what an account was told."""
    return lambda user: list(
        session.scalars(
            select(InboxMessage.subject).where(InboxMessage.user_id == user.id).order_by(InboxMessage.id)
        )
    )


@pytest.fixture
def trailed(session, application):
    """Return a function that gives the application's lines in the trail."""
    return lambda: list(
        session.scalars(
            select(TrailLine.action)
            .where(TrailLine.subject == "application", TrailLine.subject_id == str(application.id))
            .order_by(TrailLine.seq)
        )
    )


@pytest.fixture
def fresh(session):
    """Return a function that reads an application as the database has it."""
    return lambda row: session.get_one(Application, row.id, populate_existing=True)
