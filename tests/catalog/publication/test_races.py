"""Races by processes: two who publish, two who click, two who object to one product."""

from pathlib import Path

from sqlalchemy import select

from catalog.publication import notices, objections, publications, publishing
from catalog.publication.models import ObjectionKind
from catalog.publication.publishing import Document
from registry import applications, clock, queries
from registry.files import FileStore
from registry.models import Application, Listing, State, User
from tests.catalog.publication.conftest import LAST_DAY, OBJECTOR, OVER, Room
from tests.factories import Make
from tests.processes import own_job, race


def publish(database, publication_id, user_id, version, number):
    with clock.standing_at(OVER), database.transaction() as session:
        actor = session.scalars(queries.users().where(User.id == user_id)).one()
        publication = publications.find(session, publication_id, lock=True, version=version)
        publishing.publish(
            session, publication, actor, document=Document("示例机关", f"示例文〔2026〕{number}号", OVER)
        )
        return sorted(item.listing.number for item in publication.items)


def signed(database, tmp_path, *, publications_of_a_round):
    """Return the jobs that publish: as many signed publications of one round, of two products each."""
    with database.transaction() as session:
        room = Room(session, Make(session), FileStore(tmp_path))
        call = room.round(batch=5)
        products = [
            room.approved(call, answers={"product_name": f"示例产品{number}"})
            for number in range(2 * publications_of_a_round)
        ]
        notice = room.noticed(*products, call=call)
        jobs = []
        with clock.standing_at(OVER):
            for number in range(publications_of_a_round):
                items = [item.id for item in notice.items[2 * number : 2 * number + 2]]
                drafted = publications.draft(
                    session, call, room.publisher, items=items, title="示例公告", text=""
                )
                publications.check(session, drafted, room.lead)
                publications.sign(session, drafted, room.chair)
                jobs.append((drafted.id, room.publisher.id, drafted.version_id, number))
    return jobs


def test_two_clicks_publish_once(fresh_database, tmp_path):
    (job,) = signed(fresh_database, tmp_path, publications_of_a_round=1)

    answers = race(fresh_database.engine.url, own_job, publish, [job, job])

    assert sorted(map(str, answers)) == ["409", "['CX-2026-05-0001', 'CX-2026-05-0002']"]
    with fresh_database.reading() as session:
        assert len(session.scalars(select(Listing)).all()) == 2
        assert set(session.scalars(select(Application.state))) == {State.LISTED}


def test_two_publications_share_neither_batch_nor_number(fresh_database, tmp_path):
    jobs = signed(fresh_database, tmp_path, publications_of_a_round=2)

    answers = race(fresh_database.engine.url, own_job, publish, jobs)

    assert sorted(answers) == [
        ["CX-2026-05-0001", "CX-2026-05-0002"],
        ["CX-2026-06-0001", "CX-2026-06-0002"],
    ]


def publish_or_withdraw(database, is_publisher, application_id, *job):
    if is_publisher:
        return publish(database, *job)
    with database.transaction() as session:
        applicant = session.scalars(queries.users().where(User.id == job[1])).one()
        application = applications.locked(session, applicant, application_id)
        applications.withdraw(session, application, applicant, reason="")
    return "withdrawn"


def test_a_withdrawal_while_publishing_is_in_time_or_too_late(fresh_database, tmp_path):
    (job,) = signed(fresh_database, tmp_path, publications_of_a_round=1)
    with fresh_database.transaction() as session:
        application = session.scalars(select(Application).order_by(Application.id)).first()
        withdrawal = (job[0], application.created_by_id, *job[2:])

    published, withdrawn = race(
        fresh_database.engine.url,
        own_job,
        publish_or_withdraw,
        [(True, application.id, *job), (False, application.id, *withdrawal)],
    )

    with fresh_database.reading() as session:
        states = set(session.scalars(select(Application.state)))
    if withdrawn == "withdrawn":
        assert (published, states) == (422, {State.WITHDRAWN, State.IN_NOTICE})
    else:
        assert (withdrawn, states) == (409, {State.LISTED})


def object_to(database, notice_id, folder, statement):
    with clock.standing_at(LAST_DAY), database.transaction() as session:
        (item,) = notices.find(session, notice_id).items
        objections.file(
            session, item, None, files=FileStore(Path(folder)), kind=ObjectionKind.INDIVIDUAL, objector=OBJECTOR,
            statement=statement,
        )  # fmt: skip
        return "filed"


def test_two_objections_to_one_product_are_both_counted(fresh_database, tmp_path):
    with fresh_database.transaction() as session:
        room = Room(session, Make(session), FileStore(tmp_path))
        call = room.round()
        notice = room.noticed(room.approved(call), call=call)

    answers = race(
        fresh_database.engine.url,
        own_job,
        object_to,
        [(notice.id, str(tmp_path), text) for text in ("事实甲", "事实乙")],
    )

    assert answers == ["filed", "filed"]
    with fresh_database.reading() as session:
        assert session.scalar(select(Application.open_objections)) == 2
