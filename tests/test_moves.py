"""Every move of the table over HTTP: on its page, by its role, once; and never by others, twice or from an old page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from registry import clock, hooks, workflow
from registry.files import FileStore
from registry.models import Action, Role, RoleGrant, State
from registry.workflow import TRANSITIONS
from tests import moves
from tests.browsing import Browser
from tests.lifecycle import Life, way_to
from tests.moves import BY_CLOCK

APPLICANT, OFFICE = "/apply/applications/{application}", "/office/formal-review/{application}"
PANEL, CASE = "/office/review/panels/{panel}", "/office/review/applications/{application}"
SITTING, NOTICE = "/office/committee/{sitting}", "/office/notices/{notice}"
OBJECTION, PUBLICATION = "/office/objections/{objection}", "/office/publications/{publication}"


@dataclass(frozen=True)
class Page:
    """Where somebody of a role makes a move: a page, the end of its form's address, a button, what is typed."""

    role: Role
    path: str
    form: str = ""
    button: str = ""
    typed: Mapping[str, str] | Callable[[Life], Mapping[str, Any]] = lambda _life: {}


def decided(decision: str) -> Callable[[Life], Mapping[str, Any]]:
    def typed(life: Life) -> Mapping[str, Any]:
        item = life.records["item"]
        return {
            f"{item}-decision": decision,
            f"{item}-reason": "指标没有实测" if decision != "approved" else "",
        }

    return typed


def ruled(outcome: str) -> Mapping[str, str]:
    return {"outcome": outcome, "reason": "查证情况", "ground": "false_material"}


def agenda(life: Life) -> Mapping[str, Any]:
    due_on = clock.today().replace(year=2027).isoformat()
    return {"kind": "opinion_round", "due_on": due_on, "applications": [str(life.application.id)]}


SIGNATORY, EXAMINER, LEAD = Role.APPLICANT_SIGNATORY, Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD
CHAIR, PUBLISHER = Role.COMMITTEE_CHAIR, Role.PUBLISHER
REASON = {"reason": "示例理由"}
GRANT = Page(LEAD, "/office/reconsiderations/{request}", "/grant", typed=REASON)
PAGES: dict[Action | tuple[State, Action], Page] = {
    Action.SUBMIT: Page(SIGNATORY, f"{APPLICANT}/submit", typed={"commitment": "yes"}),
    Action.RETURN_TO_DRAFT: Page(SIGNATORY, APPLICANT, "/return"),
    Action.BEGIN_FORMAL_REVIEW: Page(EXAMINER, OFFICE, "/open"),
    Action.REQUIRE_CORRECTION: Page(EXAMINER, OFFICE, "/correction"),
    Action.ANSWER_CORRECTION: Page(
        SIGNATORY, f"{APPLICANT}/correction", button="提交补正材料", typed={"commitment": "yes"}
    ),
    Action.ACCEPT: Page(EXAMINER, OFFICE, "/accept"),
    Action.REFUSE: Page(LEAD, OFFICE, "/refusal/confirm"),
    Action.RECONSIDER: Page(LEAD, OFFICE, "/reconsider", typed=REASON),
    (State.NOT_SELECTED, Action.RECONSIDER): GRANT,
    (State.REJECTED, Action.RECONSIDER): GRANT,
    Action.FORM_PANEL: Page(LEAD, PANEL, "/form"),
    Action.BEGIN_REVIEW: Page(LEAD, PANEL, "/begin"),
    Action.AGGREGATE: Page(LEAD, CASE, "/aggregate"),
    Action.REFER: Page(LEAD, CASE, "/refer"),
    Action.NOT_SELECT: Page(LEAD, CASE, "/not-select"),
    Action.RECALL: Page(LEAD, CASE, "/recall"),
    Action.APPROVE: Page(CHAIR, SITTING, "/items/{item}", typed=decided("approved")),
    Action.REJECT: Page(CHAIR, SITTING, "/items/{item}", typed=decided("rejected")),
    Action.DEFER: Page(CHAIR, SITTING, "/items/{item}", typed=decided("deferred")),
    Action.RESUME: Page(LEAD, "/office/committee/rounds/{round}", typed=agenda),
    Action.OPEN_NOTICE: Page(PUBLISHER, NOTICE, "/open"),
    Action.HOLD: Page(LEAD, OBJECTION, "/admit", typed={"gist": "反映指标不符"}),
    Action.RELEASE: Page(CHAIR, OBJECTION, "/decide", typed=ruled("dismiss")),
    Action.REJECT_ON_OBJECTION: Page(CHAIR, OBJECTION, "/decide", typed=ruled("reject")),
    Action.ORDER_NEW_PANEL: Page(CHAIR, OBJECTION, "/decide", typed=ruled("new_panel")),
    Action.LIST: Page(
        PUBLISHER, PUBLICATION, "/publish",
        typed=lambda life: {
            "issuer": "示例发布机关", "document_number": "示例文〔2026〕1号", "published_on": life.on.isoformat(),
        },
    ),
    Action.WITHDRAW: Page(SIGNATORY, f"{APPLICANT}/withdraw", typed=REASON),
}  # fmt: skip
BY_HAND = [row for row in TRANSITIONS if (row.source, row.action) not in BY_CLOCK]


def page_of(source: State, action: Action) -> Page:
    """Return where a move is made."""
    return PAGES.get((source, action)) or PAGES[action]


@pytest.fixture
def life(session, settings):
    return Life(session, FileStore(settings.files_dir))


@pytest.fixture
def reached(session, life):
    """Return a function that brings an application to where nothing but a move is left to be made."""

    def reached(source, action):
        way = way_to(source, action)
        life.begin(is_good=Action.NOT_SELECT not in way)
        for step in way[:-1]:
            life.take(step)
        life.ready(action)
        session.commit()
        return life

    return reached


def outsider(session, make, *roles, unit=None):
    """Return an account that holds every role but some, which no office would ever grant."""
    user = make.user(organization=unit)
    user.grants += [RoleGrant(role=role, granted_at=clock.now()) for role in Role if role not in roles]
    session.commit()
    return user


@pytest.mark.parametrize("row", BY_HAND, ids=lambda row: f"{row.source}-{row.action}")
def test_a_move_is_made_once_by_its_role_on_its_page(app, session, make, reached, row):
    life, page = reached(row.source, row.action), page_of(row.source, row.action)
    is_of_unit = page.role is SIGNATORY
    with life.standing():
        path, form = page.path.format_map(life.ids()), page.form.format_map(life.ids())
        typed = page.typed if isinstance(page.typed, Mapping) else page.typed(life)
        unit = life.unit if is_of_unit else None
        slow, quick = (make.user(page.role, organization=unit) for _ in range(2))
        barred = {SIGNATORY, Role.APPLICANT_OPERATOR} if row.action is Action.RETURN_TO_DRAFT else {page.role}
        stranger = outsider(session, make, *barred, unit=unit)

        behind = Browser(app.test_client(), slow).open(path)
        target, sent = behind.filled(form, button=page.button, **typed)
        assert Browser(app.test_client(), stranger).client.post(target, data=sent).status_code in (403, 404)
        if is_of_unit:
            elsewhere = Browser(app.test_client(), make.applicant())
            assert elsewhere.client.post(target, data=sent).status_code == 404
        if "version" in sent:
            older = {**sent, "version": str(int(sent["version"]) + 1)}
            assert behind.client.post(target, data=older).status_code == 409
        assert life.read_again().state is row.source

        ahead = Browser(app.test_client(), quick)
        first, again = (ahead.client.post(target, data=sent) for _ in range(2))
        late = behind.client.post(target, data=sent)

        assert life.read_again().state is row.target, first.get_data(as_text=True)
        assert (first.status_code, again.status_code, late.status_code) == (302, 409, 409)


@pytest.mark.parametrize(("source", "action"), sorted(BY_CLOCK))
def test_a_move_of_the_clock_is_made_once_by_it_and_by_nobody_else(
    session, settings, database, make, reached, source, action
):
    life = reached(source, action)
    turn = next(one for one in hooks.clocks if one.name == "formal_review.turn")
    with life.standing():
        everybody = outsider(session, make, unit=life.unit)
        assert action not in {row.action for row, _missing in workflow.actions(life.application, everybody)}
        for _ in range(2):
            turn.run(hooks.Context(database, settings, say=lambda _line: None))

    assert life.read_again().state is State.NOT_ACCEPTED


# --- the page of moves --------------------------------------------------------------------------------------------


def test_every_move_has_its_page_and_no_other():
    made = {(row.source, row.action) for row in BY_HAND}

    assert PAGES.keys() - made <= set(Action)
    assert {action for _source, action in made} <= PAGES.keys()


@pytest.mark.parametrize(("step", "needs"), moves.steps().items())
def test_every_agreed_step_is_driven_and_what_it_needs_is_shown_to_be_asked(step, needs):
    assert moves.marked("drives").get(step)
    assert not needs or moves.marked("guards").get(step)


def test_no_test_is_marked_for_a_step_that_was_not_agreed():
    assert {*moves.marked("drives"), *moves.marked("guards")} <= moves.steps().keys()


def test_the_page_of_moves_is_the_one_that_the_tests_write():
    assert moves.PAGE.read_text("utf-8") == moves.text(), "run `python -m tests.moves`"
