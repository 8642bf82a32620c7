"""The committee over HTTP: each move by its role, what others see, and what was typed."""

import io
import re

import pytest
from sqlalchemy import select

from registry import attachments, clock
from registry.models import Application, Attachment, Role, State
from registry.participation import take_part
from review.committee import sittings
from review.committee.models import Sitting, SittingKind, SittingState, Vote
from review.committee.representatives import of_user
from tests.factories import log_in, log_in_as
from tests.review.committee.factories import LEADS, OTHERS, REPLY

LIST, DESK = "/office/committee", "/review/committee/"


def text(answer):
    return answer.get_data(as_text=True)


def become(client, user):
    client.post("/logout")
    log_in(client, user)


def reply(**fields):
    return {**fields, "reply": (io.BytesIO(REPLY[1]), REPLY[0])}


@pytest.fixture
def lead(make, session):
    """Return a lead of the secretariat."""
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def chair(make, session):
    """Return the committee's chair."""
    return make.user(Role.COMMITTEE_CHAIR)


def test_a_letter_goes_from_the_agenda_to_the_sealed_minutes(client, session, make, lead, chair):
    people = make.committee()
    products = [
        make.application(state=State.COMMITTEE_PENDING, round=call, product_name=name)
        for call in [make.round()]
        for name in ("示例甲", "示例乙", "示例丙")
    ]
    session.commit()
    log_in(client, lead)

    home = text(client.get("/home"))
    assert "产品待列入编审委员会议程" in home
    page = text(client.get(f"{LIST}/rounds/{products[0].round_id}"))
    assert "示例甲" in page
    answer = client.post(
        f"{LIST}/rounds/{products[0].round_id}",
        data={
            "kind": "opinion_round",
            "due_on": (clock.today() + 9 * (clock.today().resolution)).isoformat(),
            "applications": [product.id for product in products],
        },
    )
    assert answer.status_code == 302
    address = answer.location
    sitting = session.get_one(Sitting, int(address.rpartition("/")[2]))
    assert client.post(f"{address}/call", data={"version": "1"}).status_code == 302
    assert client.post(f"{address}/call", data={"version": "1"}).status_code == 409
    items = [item.id for item in make.seen(sitting).items]

    for unit, user in people.items():
        become(client, user)
        assert "待贵单位反馈意见或者表决" in text(client.get("/home"))
        against = {f"vote-{item}": "object" if unit in OTHERS else "agree" for item in items[1:]}
        reasons = {f"reason-{item}": "示例理由" for item in items[1:]}
        answer = client.post(
            f"{DESK}{sitting.id}", data=reply(**{f"vote-{items[0]}": "agree"}, **against, **reasons)
        )
        assert answer.status_code == 302
        assert client.post(f"{DESK}{sitting.id}", data=reply()).status_code == 409

    become(client, lead)
    session.expire_all()
    version = session.get_one(Sitting, sitting.id).version_id
    assert "各单位的意见" not in text(client.get(address))
    assert client.post(f"{address}/close", data={"version": str(version)}).status_code == 302
    assert client.post(f"{address}/close", data={"version": str(version)}).status_code == 409
    become(client, chair)
    assert "待作出决定的产品" in text(client.get("/home"))
    chosen = re.findall(r'<input [^>]*checked[^>]*name="(\d+)-decision"', text(client.get(address)))
    assert chosen == [str(items[0])]  # where there is a choice, none is made beforehand
    for item, decision in zip(items, ("approved", "rejected", "deferred"), strict=True):
        data = {f"{item}-decision": decision, f"{item}-reason": "示例理由"}
        assert client.post(f"{address}/items/{item}", data=data).status_code == 302
        assert client.post(f"{address}/items/{item}", data=data).status_code == 409
    become(client, lead)
    assert client.post(f"{address}/minutes", data={"minutes": "示例纪要"}).status_code == 302
    become(client, chair)
    assert "纪要待封存" in text(client.get("/home"))
    assert client.post(f"{address}/seal", data={}).status_code == 302
    assert client.post(f"{address}/seal", data={}).status_code == 409
    session.expire_all()
    assert [session.get_one(Application, product.id).state for product in products] == [
        State.APPROVED, State.REJECTED, State.DEFERRED,
    ]  # fmt: skip
    assert session.get_one(Sitting, sitting.id).sealed_hash in text(client.get(address))

    become(client, lead)
    client.post(
        f"{LIST}/rounds/{products[0].round_id}",
        data={
            "kind": "meeting",
            "held_at": f"{clock.today().year + 1}-01-20 14:00",
            "place": "示例会议室",
            "applications": [products[2].id],
        },
    )
    session.expire_all()
    assert session.get_one(Application, products[2].id).state is State.COMMITTEE_PENDING


def test_a_meeting_is_called_attended_voted_and_closed(client, session, make, lead):
    people = make.committee()
    sitting = make.sitting(kind=SittingKind.MEETING, state=SittingState.PREPARED)
    session.commit()
    address, (item,) = f"{LIST}/{sitting.id}", sitting.items
    log_in(client, lead)
    client.post(f"{address}/call", data={})

    answer = client.post(f"{address}/begin", data={"present": [sitting.units[0].id]})
    assert answer.status_code == 422
    assert f"牵头单位 {'、'.join(LEADS[1:])} 没有到会" in text(answer)
    assert text(answer).count(" checked>") == 1
    assert (
        client.post(f"{address}/begin", data={"present": [one.id for one in sitting.units]}).status_code
        == 302
    )
    become(client, people[LEADS[0]])
    answer = client.post(f"{DESK}{sitting.id}", data={f"vote-{item.id}": "defer"})
    assert (answer.status_code, "缓议须写明理由" in text(answer)) == (422, True)
    data = {f"vote-{item.id}": "defer", f"reason-{item.id}": "待补充实测"}
    assert client.post(f"{DESK}{sitting.id}", data=data).status_code == 302
    become(client, lead)
    assert client.post(f"{address}/close", data={}).status_code == 302
    assert "待补充实测" in text(client.get(address))


def test_a_reply_that_was_refused_keeps_what_was_typed(client, session, make):
    user = make.representative(LEADS[0]).user
    sitting = make.sitting()
    session.commit()
    log_in(client, user)
    (item,) = sitting.items

    answer = client.post(
        f"{DESK}{sitting.id}", data={f"vote-{item.id}": "object", f"reason-{item.id}": "指标没有实测"}
    )

    assert answer.status_code == 422
    assert "回函扫描件：必填" in text(answer)
    assert "指标没有实测" in text(answer)
    assert f'value="object" checked' in text(answer)  # noqa: F541 - a quoted attribute


def test_a_reply_on_paper_is_entered_by_the_office_once(client, session, make, lead):
    sitting, user = make.sitting(), make.representative(LEADS[0]).user
    session.commit()
    log_in(client, lead)
    (item,), address = sitting.items, f"{LIST}/{sitting.id}/units/{sitting.units[0].id}"

    assert "代录书面回函" in text(client.get(f"{LIST}/{sitting.id}"))
    assert client.get(address).status_code == 200
    refused = client.post(address, data={f"vote-{item.id}": "agree"})
    assert (refused.status_code, "回函扫描件：必填" in text(refused)) == (422, True)
    assert client.post(address, data=reply(**{f"vote-{item.id}": "agree"})).status_code == 302
    assert client.post(address, data=reply(**{f"vote-{item.id}": "agree"})).status_code == 409
    assert "秘书处代录" in text(client.get(f"{LIST}/{sitting.id}"))
    become(client, user)
    assert client.get(address).status_code == 403
    answer = client.post(f"{DESK}{sitting.id}", data=reply(**{f"vote-{item.id}": "agree"}))
    assert (answer.status_code, "一个单位一票" in text(answer)) == (409, True)


def test_a_decision_that_was_refused_keeps_what_was_typed(client, session, make, chair, files):
    sitting = make.voted(make.sitting(), make.committee(), files, dict.fromkeys(OTHERS, Vote.OBJECT))
    session.commit()
    log_in(client, chair)
    (item,) = sitting.items

    answer = client.post(
        f"{LIST}/{sitting.id}/items/{item.id}",
        data={f"{item.id}-decision": "rejected", f"{item.id}-reason": "市科委不同意"},
    )

    assert (answer.status_code, "不写委员单位的名称" in text(answer)) == (422, True)
    assert "市科委不同意</textarea>" in text(answer)


def test_a_department_reads_the_product_and_nobody_elses_vote_before_the_end(client, session, make, files):
    people = make.committee()
    sitting = make.sitting(make.application(state=State.COMMITTEE_PENDING, product_name="示例机床"))
    make.answer(sitting, people[LEADS[1]], files, Vote.OBJECT, reason="秘密的理由")
    session.commit()
    log_in(client, people[LEADS[0]])
    (item,) = sitting.items

    page = text(client.get(f"{DESK}{sitting.id}"))
    assert ("示例机床" in page, "秘密的理由" in page) == (True, False)
    assert "评审得分" in text(client.get(f"{DESK}{sitting.id}/products/{item.id}"))


def test_a_product_opens_its_files_to_the_departments_that_were_called(client, session, make, files):
    product = make.application(state=State.COMMITTEE_PENDING)
    user = make.representative(LEADS[0]).user
    stranger = make.user(Role.COMMITTEE_MEMBER)
    session.commit()
    attachment = session.scalars(select(Attachment).where(Attachment.application_id == product.id)).first()
    assert not attachments.may_open(session, user, attachment)

    make.sitting(product)

    assert attachments.may_open(session, user, attachment)
    assert not attachments.may_open(session, stranger, attachment)


def test_a_reply_opens_to_the_office_and_its_own_department_only(session, make, lead, files):
    people = make.committee()
    sitting = make.sitting()
    make.answer(sitting, people[LEADS[0]], files)
    found = make.seen(sitting).units[0].attachment

    assert attachments.may_open(session, lead, found)
    assert attachments.may_open(session, people[LEADS[0]], found)
    for other in (people[LEADS[1]], make.user(Role.FORMAL_REVIEWER), make.applicant()):
        assert not attachments.may_open(session, other, found)


@pytest.mark.parametrize("state", [SittingState.PREPARED, SittingState.VOTING])
def test_a_sitting_is_shown_to_those_who_were_called_to_it(client, session, make, state):
    called = make.representative(LEADS[0]).user
    stranger = make.user(Role.COMMITTEE_MEMBER)
    sitting = make.sitting(state=state)
    session.commit()

    log_in(client, called)
    assert client.get(f"{DESK}{sitting.id}").status_code == (200 if state is SittingState.VOTING else 404)
    become(client, stranger)
    assert client.get(f"{DESK}{sitting.id}").status_code == 404


@pytest.mark.parametrize(
    "role",
    [
        Role.APPLICANT_SIGNATORY, Role.EXPERT, Role.FORMAL_REVIEWER, Role.PUBLISHER, Role.SYS_ADMIN,
        Role.SECURITY_ADMIN, Role.AUDIT_ADMIN,
    ],
)  # fmt: skip
def test_the_committees_rooms_are_closed_to_others(client, session, make, role):
    sitting = make.sitting()
    log_in_as(client, session, make, role)

    for address in (LIST, f"{LIST}/{sitting.id}", DESK, f"{DESK}{sitting.id}", f"{LIST}/representatives"):
        assert client.get(address).status_code == 403
    for act in ("call", "close", "cancel", "minutes", "seal"):
        assert client.post(f"{LIST}/{sitting.id}/{act}").status_code == 403


def test_the_observer_looks_and_does_nothing(client, session, make):
    sitting = make.sitting()
    log_in_as(client, session, make, Role.DISCIPLINE_OBSERVER)

    assert client.get(f"{LIST}/{sitting.id}").status_code == 200
    assert client.post(f"{LIST}/{sitting.id}/close").status_code == 403


def test_representatives_are_registered_and_ended_with_a_day(client, session, make, lead):
    user = make.user(Role.COMMITTEE_MEMBER, display_name="示例代表")
    session.commit()
    log_in(client, lead)
    data = {"unit": LEADS[0], "user": str(user.id), "from_on": clock.today().isoformat()}

    assert client.post(f"{LIST}/representatives", data=data).status_code == 302
    again = client.post(f"{LIST}/representatives", data=data)
    assert (again.status_code, "已是委员单位的代表" in text(again)) == (422, True)
    page = text(client.get(f"{LIST}/representatives"))
    assert "示例代表" in page

    found = of_user(session, user.id)
    address = f"{LIST}/representatives/{found.id}/end"
    assert client.post(address, data={"until_on": "2020-01-01"}).status_code == 422
    assert client.post(address, data={"until_on": clock.today().isoformat()}).status_code == 302
    assert client.post(address, data={"until_on": clock.today().isoformat()}).status_code == 409
    session.expire_all()
    assert of_user(session, user.id) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit": "示例局"}, "请从名单中选择"),
        ({"user": "0"}, "请选择有委员单位代表角色的账号"),
        ({"from_on": "某日"}, "日期"),
    ],
)
def test_a_representative_is_refused_in_one_sentence(client, session, make, lead, changes, said):
    user = make.user(Role.COMMITTEE_MEMBER)
    session.commit()
    log_in(client, lead)
    data = {"unit": LEADS[0], "user": str(user.id), "from_on": clock.today().isoformat(), **changes}

    answer = client.post(f"{LIST}/representatives", data=data)

    assert (answer.status_code, said in text(answer)) == (422, True)


def test_departments_that_nobody_speaks_for_are_pointed_out_before_the_letter_goes(
    client, session, make, lead
):
    make.representative(LEADS[0])
    sitting = make.sitting(state=SittingState.PREPARED)
    session.commit()
    log_in(client, lead)

    page = text(client.get(f"{LIST}/{sitting.id}"))

    assert page.count("还没有代表") == len(sitting.units) - 1


def test_a_cancelled_letter_says_why(client, session, make, lead):
    sitting = make.sitting()
    session.commit()
    log_in(client, lead)

    assert client.post(f"{LIST}/{sitting.id}/cancel", data={"reason": ""}).status_code == 422
    assert client.post(f"{LIST}/{sitting.id}/cancel", data={"reason": "材料有误"}).status_code == 302
    assert "材料有误" in text(client.get(f"{LIST}/{sitting.id}"))


def test_an_old_page_is_refused_when_the_sitting_changed_meanwhile(client, session, make, lead):
    sitting = make.sitting(state=SittingState.PREPARED)
    session.commit()
    log_in(client, lead)

    assert client.post(f"{LIST}/{sitting.id}/call", data={"version": "99"}).status_code == 409


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_send_the_same_queries_for_one_row_and_for_three(
    client, session, make, queries, lead, rows
):
    user = make.representative(LEADS[0]).user
    call = make.round()
    counts = []
    for address, who in ((LIST, lead), (DESK, user), (f"{LIST}/rounds/{call.id}", lead)):
        session.commit()
        become(client, who)
        seen = []
        for _ in range(2):
            with queries() as sent:
                assert client.get(address).status_code == 200
            seen.append(len(sent))
            make.application(state=State.COMMITTEE_PENDING, round=call)
            for _ in range(rows):
                make.sitting(make.application(state=State.COMMITTEE_PENDING, round=call))
            session.commit()
        with queries() as sent:
            client.get(address)
        counts.append((seen[1], len(sent)))

    assert all(one == other for one, other in counts), counts


def test_a_sittings_page_sends_the_same_queries_for_one_product_and_for_three(
    client, session, make, queries, lead
):
    call, user = make.round(), make.representative(LEADS[0]).user
    addresses = []
    for count in (1, 3):
        products = [make.application(state=State.COMMITTEE_PENDING, round=call) for _ in range(count)]
        addresses.append(make.sitting(*products).id)
    session.commit()
    for prefix, who in ((f"{LIST}/", lead), (DESK, user)):
        become(client, who)
        counts = []
        for sitting_id in addresses:
            with queries() as sent:
                assert client.get(f"{prefix}{sitting_id}").status_code == 200
            counts.append(len(sent))
        assert counts[0] == counts[1]


def test_who_was_formal_reviewer_is_told_to_let_a_colleague_answer(client, session, make):
    product, user = make.application(state=State.COMMITTEE_PENDING), make.representative(LEADS[0]).user
    take_part(session, product, user, "formal_reviewer")
    sitting = make.sitting(product)
    session.commit()
    log_in(client, user)

    answer = client.post(f"{DESK}{sitting.id}", data=reply(**{f"vote-{sitting.items[0].id}": "agree"}))

    assert (answer.status_code, "请由贵单位的其他代表办理" in text(answer)) == (403, True)
    assert sittings.whole(session, sitting.id).units[0].answered_at is None
