from sqlalchemy import select

from registry.models import InboxMessage, State
from review.models import Assignment
from tests.review.views.reading import REASON, account_of, filled, refusals, state_of, text

OFFICE = "/office/review/"


# --- the way of a product ---------------------------------------------------------------------------------------------


def test_a_product_goes_from_acceptance_to_the_committee(client, lead, session, make, browser):
    make.experts()
    application = make.application(state=State.ACCEPTED, panel_size=0)
    rubric = application.round.policy["rubric.CX"]["value"]
    session.commit()

    at = client.post(f"{OFFICE}panels", data={"application": [application.id]}).location
    assert client.post(f"{at}/draw", data={"public_value": "271828"}).location == at
    assert client.post(f"{at}/form").location == at
    assert state_of(session, application) is State.PANEL_READY

    seats = session.scalars(select(Assignment)).all()
    experts = [(seat.id, browser(account_of(session, seat))) for seat in seats]
    for seat_id, expert in experts:
        done = expert.post("/review/declarations", data={"assignment": [seat_id], "promise": "yes"})
        assert done.location == "/review/"
    assert client.post(f"{at}/begin").location == at
    assert state_of(session, application) is State.UNDER_REVIEW

    for seat_id, expert in experts:
        assert REASON not in text(expert.get(f"/review/assignments/{seat_id}"))
        locked = expert.post(f"/review/assignments/{seat_id}", data=filled(rubric))
        assert locked.status_code == 302, refusals(locked)
    case = f"{OFFICE}applications/{application.id}"
    assert client.post(f"{case}/aggregate").location == case
    assert client.post(f"{case}/refer").location == case
    assert state_of(session, application) is State.COMMITTEE_PENDING


def test_a_product_below_the_line_is_turned_away_and_its_unit_reads_why(client, lead, session, make, browser):
    panel = make.panel()
    application = panel.items[0].application
    names = [(seat.expert.user.display_name, seat.expert.institution) for seat in panel.assignments]
    for seat in panel.assignments:
        make.locked_sheet(seat, share="0.6", comment=f"{names[0][0]}认为指标没有实测")
    applicant = make.applicant(application.organization)
    other = make.applicant()
    session.commit()
    case = f"{OFFICE}applications/{application.id}"
    client.post(f"{case}/aggregate")

    shown = text(client.get(case))
    assert "××认为指标没有实测" in shown
    done = client.post(f"{case}/not-select", data={"comments": "总体意见：××认为指标没有实测"})

    assert (done.location, state_of(session, application)) == (case, State.NOT_SELECTED)
    address = f"/apply/applications/{application.id}/review-result"
    result = text(browser(applicant).get(address))
    assert "指标没有实测" in result
    assert "15.00" in result
    assert [name for pair in names for name in pair if name in result] == []
    assert browser(other).get(address).status_code == 404
    letter = session.scalars(
        select(InboxMessage.body).where(
            InboxMessage.user_id == applicant.id, InboxMessage.subject.startswith("未入选告知")
        )
    ).one()
    assert "平均分未达分数线" in letter
