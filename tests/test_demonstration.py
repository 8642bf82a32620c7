"""What `registry demo` plays: every round phase and state of an application, after which everything holds."""

from datetime import date

import pytest
from sqlalchemy import func, select

from catalog.demo.people import PASSWORD
from registry import hooks, trail
from registry.demo import plan
from registry.models import (
    Application,
    CallRound,
    CatalogEntry,
    ListCode,
    Listing,
    ListingStatus,
    PublicationScope,
    Role,
    RoleGrant,
    RoundState,
    State,
    TrailDetail,
    TrailLine,
)
from registry.terms import TERMS
from review.models import Expert
from tests.conftest import application, settings_for, url_of

TODAY = date(2026, 11, 21)
PRODUCTS = 20


@pytest.fixture(scope="module")
def played(prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("played")
    database = prepared(folder)
    settings = settings_for(folder, url_of(database))
    runner = application(settings, database).test_cli_runner()
    result = runner.invoke(
        args=["registry", "demo", "--products", str(PRODUCTS), "--today", TODAY.isoformat()]
    )
    assert result.exit_code == 0, result.output
    yield hooks.Context(database, settings), result.output
    database.dispose()


@pytest.fixture
def session(played):
    with played[0].database.reading() as session:
        yield session


def test_the_command_prints_the_log_ins_and_what_the_check_answers_and_plays_once(played):
    context, output = played
    again = (
        application(context.settings, context.database).test_cli_runner().invoke(args=["registry", "demo"])
    )

    assert "演示数据已装入。" in output
    assert PASSWORD in output
    assert "ZM-2026-LR-000001" in output
    assert (again.exit_code, again.output.splitlines()[0]) == (0, "演示数据此前已装入，未作改动。")


def test_there_is_a_round_in_every_phase_and_an_application_in_every_state(session):
    assert set(session.scalars(select(CallRound.state))) == set(RoundState)
    assert set(session.scalars(select(Application.state))) == set(State)


def test_there_are_as_many_active_public_products_in_the_catalog_as_were_asked_for(session):
    active = (
        select(func.count(Listing.id))
        .join(Listing.entry)
        .where(
            Listing.list_code == ListCode.CX,
            Listing.status == ListingStatus.ACTIVE,
            CatalogEntry.scope == PublicationScope.PUBLIC,
        )
    )

    assert session.scalar(active) == PRODUCTS


def test_one_published_round_was_played_with_at_least_forty_applications_over_the_four_lists(session):
    call = session.scalars(select(CallRound).where(CallRound.state == RoundState.PUBLISHED)).one()
    lists = session.scalars(select(Application.list_code).where(Application.round_id == call.id)).all()
    listed = session.scalars(
        select(Application.list_code).where(
            Application.round_id == call.id, Application.state == State.LISTED
        )
    ).all()

    assert len(lists) >= 40
    assert set(listed) == set(ListCode)


def test_there_are_sixty_experts_and_somebody_for_every_department(session):
    members = select(func.count()).where(RoleGrant.role == Role.COMMITTEE_MEMBER)

    assert session.scalar(select(func.count(Expert.id))) == 60
    assert session.scalar(members) == 10


def test_every_invariant_holds_and_the_trail_tells_it_day_after_day(played, session):
    times = list(session.scalars(select(TrailLine.at).order_by(TrailLine.seq)))

    assert [line for check in hooks.checks for line in check(played[0])] == []
    assert trail.first_broken(session) is None
    assert times == sorted(times)


def test_the_trail_names_every_subject_and_every_detail(session):
    subjects = set(session.scalars(select(TrailLine.subject)))
    details = {key for detail in session.scalars(select(TrailDetail.detail)) for key in detail}

    assert {subject for subject in subjects if f"subject.{subject}" not in TERMS} == set()
    assert {key for key in details if f"detail.{key}" not in TERMS} == set()


def test_the_log_ins_are_printed(played):
    assert "firm02 至 firm24" in played[1]
    assert "expert02 至 expert60；委员单位代表 member02 至 member10" in played[1]


@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 4), date(2028, 2, 29)])
def test_no_two_products_of_the_plan_share_a_name_and_no_two_rounds_a_batch(today):
    rounds = plan.rounds(today)
    names = [product.name for call in rounds for product in call.products]
    batches = [(call.opens_on.year, call.batch) for call in rounds]

    assert len(set(names)) == len(names)
    assert len(set(batches)) == len(batches)
