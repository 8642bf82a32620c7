"""What of the review stands among the exceptions, and who reads the experts' names there."""

import pytest

from registry import clock, exceptions
from registry.exceptions import Filters
from registry.models import Role, State
from review import outcomes, panels, results, seats, sheets
from review.models import PanelState, Relation

DAY = clock.ONE_DAY


@pytest.fixture
def lead(make):
    return make.user(Role.SECRETARIAT_LEAD, display_name="示例负责人")


@pytest.fixture
def panel(make):
    return make.panel()


@pytest.fixture
def application(panel):
    return panel.items[0].application


@pytest.fixture
def listed(session, lead):
    def listed(viewer=None):
        rows = session.execute(exceptions.found(Filters())).all()
        return exceptions.shown(session, viewer or lead, rows)

    return listed


def test_a_sheet_looked_at_before_the_score_is_an_early_look_and_later_none(
    session, make, lead, panel, application, listed
):
    locked = [make.locked_sheet(seat) for seat in panel.assignments]
    sheets.looked_at(session, lead, locked[0].id)
    results.aggregate(session, application.id, lead)
    sheets.looked_at(session, lead, locked[1].id)

    (row,) = listed()

    assert (row.kind, row.act, row.who) == ("early_look", "sheet.look", "示例负责人")
    assert row.path == f"/office/review/applications/{application.id}"


def test_an_unlocked_sheet_and_a_motion_say_why(session, make, lead, panel, application, listed):
    for seat in panel.assignments:
        make.locked_sheet(seat, share="0.5")
    seat = seats.own(session, panel.assignments[0].expert.user, panel.assignments[0].id)
    sheets.unlock(session, seat, lead, reason="误按锁定")
    make.locked_sheet(panel.assignments[0], share="0.5")
    results.aggregate(session, application.id, lead)
    outcomes.move_below_line(session, application.id, lead, reason="产业急需")

    assert {(row.kind, row.reason) for row in listed()} == {("unlock", "误按锁定"), ("motion", "产业急需")}


def test_a_late_sheet_names_its_expert_only_to_who_may_see_the_panel(session, make, panel, listed):
    seat = panel.assignments[0]
    with clock.standing_at(seat.due_on + DAY):
        make.locked_sheet(seat)
    with clock.standing_at(panel.assignments[1].due_on):
        make.locked_sheet(panel.assignments[1])

    for role, name in (
        (Role.SECRETARIAT_LEAD, seat.expert.user.display_name),
        (Role.DISCIPLINE_OBSERVER, seat.expert.user.display_name),
        (Role.AUDIT_ADMIN, "评审专家"),
    ):
        (row,) = listed(make.user(role))
        assert (row.kind, row.act, row.who) == ("late", "sheet.late", name)


def test_a_recusal_that_was_settled_says_how(session, make, lead, panel, application, listed):
    seat = seats.own(session, panel.assignments[0].expert.user, panel.assignments[0].id)
    seats.recuse(session, seat, seat.expert.user, relation=Relation.KIN, reason="亲属在该单位任职")
    seats.settle(session, seat, lead, refilling=False, reason="余下专家足够")

    assert [(row.kind, row.reason, row.who) for row in listed()] == [
        ("conflict", "余下专家足够", "示例负责人")
    ]


def test_a_panel_cancelled_before_its_draw_is_a_change_of_the_draw(session, make, lead, listed):
    panel = make.panel(make.application(state=State.ACCEPTED), state=PanelState.PREPARED)
    panels.cancel(session, panel, lead, reason="编组有误")

    (row,) = listed()

    assert (row.kind, row.reason, row.path) == ("draw", "编组有误", f"/office/review/panels/{panel.id}")
    assert row.round == panel.round.name
