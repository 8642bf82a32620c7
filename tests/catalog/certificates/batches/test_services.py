"""Who asks and who decides, and what keeps a request from being made."""

import pytest
from sqlalchemy import event, func, select

from catalog.certificates.batches import queries, services, work
from catalog.certificates.batches.models import BatchState, CertificateBatch
from catalog.certificates.services import Purchase
from catalog.certificates.wording import Funds, Project, PurchaseObject
from catalog.models import BuyerStatus
from catalog.shortlists import services as shortlists
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import InboxMessage, OutboxMessage, PolicyParameter, Role, TrailLine
from tests.catalog.certificates.batches.conftest import PURCHASE


def told(session, user):
    """Return the subjects of what an account was told."""
    return session.scalars(select(InboxMessage.subject).where(InboxMessage.user_id == user.id)).all()


def acts(session):
    """Return what the trail says of batches."""
    return session.scalars(
        select(TrailLine.action).where(TrailLine.subject == "certificate_batch").order_by(TrailLine.seq)
    ).all()


def test_a_request_takes_the_shortlist_as_it_stands_and_waits_for_the_approver(desk, session):
    desk.shortlist("示例甲", "示例乙")

    batch = desk.request(Purchase("  影像科 更新项目 ", None, PurchaseObject.GOODS, Project.MAJOR))

    assert (batch.state, batch.purpose, batch.funds) == (
        BatchState.REQUESTED,
        "影像科 更新项目",
        Funds.FISCAL,
    )
    assert (batch.object, batch.project) == (PurchaseObject.GOODS, Project.MAJOR)
    assert [(line.position, line.entry.version.name) for line in batch.lines] == [
        (1, "示例甲"),
        (2, "示例乙"),
    ]
    assert acts(session) == ["certificate_batch.request"]
    assert told(session, desk.approver) == ["有批量证明的申请等您审批"]
    assert [(item.label, item.count) for item in work.waiting(session, desk.approver)] == [
        ("审批批量证明", 1)
    ]
    assert list(work.waiting(session, desk.operator)) == []


def test_a_second_click_finds_the_first_ones_batch_until_that_is_closed(desk, session):
    desk.shortlist("示例甲")
    first = desk.request()

    assert desk.request().id == first.id
    assert desk.request(Purchase("另一用途")).id != first.id
    assert acts(session) == ["certificate_batch.request"] * 2

    services.refuse(session, first, desk.approver, answer="用途应写明台数。")
    session.commit()
    assert desk.request().id != first.id


def test_a_second_click_asks_anew_when_the_first_ones_batch_is_closed_just_before_it_is_looked_up(
    desk, session
):
    desk.shortlist("示例甲")
    first = desk.request()

    def close(asked):
        if asked.bind_mapper is CertificateBatch.__mapper__ and first.state is BatchState.REQUESTED:
            services.refuse(session, first, desk.approver, answer="用途应写明台数。")

    event.listen(session, "do_orm_execute", close)
    second = desk.request()

    assert (first.state, second.state) == (BatchState.REFUSED, BatchState.REQUESTED)
    assert [line.entry.version.name for line in second.lines] == ["示例甲"]
    assert acts(session) == [
        "certificate_batch.request",
        "certificate_batch.refuse",
        "certificate_batch.request",
    ]


def test_no_request_is_made_when_nothing_is_shortlisted(desk, session):
    with pytest.raises(RuleError, match="备选清单：应有 1 至 100 个产品，现有 0 个。"):
        desk.request()


def test_no_request_is_made_when_the_shortlist_is_longer_than_policy_now_allows(desk, session):
    desk.shortlist("示例甲", "示例乙")
    session.scalars(select(PolicyParameter).where(PolicyParameter.key == shortlists.MOST)).one().value = 1
    session.flush()

    with pytest.raises(RuleError, match="备选清单：应有 1 至 1 个产品，现有 2 个。"):
        desk.request()


@pytest.mark.parametrize(
    ("purpose", "sentence"),
    [
        (" ", "用途：应为 1 至 200 个字。"),
        ("长" * 201, "用途：应为 1 至 200 个字。"),
        ("首购示例产品", "用途：不得出现“首购”，证明不作这种表述。"),
        ("示例\ud800", "无法生成证明：以下字符没有可用字形：U+D800"),
    ],
)
def test_no_request_is_made_for_a_purpose_that_no_certificate_prints(desk, purpose, sentence):
    desk.shortlist("示例甲")

    with pytest.raises(RuleError) as refused:
        desk.request(Purchase(purpose))

    assert (refused.value.parameter, refused.value.sentence) == ("purpose", sentence)


def test_no_request_is_made_by_a_unit_that_is_not_verified(desk):
    desk.shortlist("示例甲")
    desk.buyer.status = BuyerStatus.APPLIED

    with pytest.raises(RuleError, match="采购方尚未通过核验"):
        desk.request()


@pytest.mark.guards("certificate_batch.request")
def test_no_request_is_made_when_nobody_else_could_approve_it(desk, session, make):
    desk.operator = make.user(
        Role.BUYER_OPERATOR, Role.BUYER_APPROVER, organization=make.buyer().organization
    )
    desk.shortlist("示例甲")

    with pytest.raises(RuleError, match="单位没有另一位采购方审批人"):
        desk.request()


def test_only_an_operator_asks(desk, session):
    with pytest.raises(NotAllowedError):
        services.request(session, desk.approver, purchase=PURCHASE)


def test_an_approval_puts_every_product_into_the_outbox(desk, session):
    batch = desk.approved("示例甲", "示例乙")

    assert (batch.state, batch.decided_by_id) == (BatchState.ISSUING, desk.approver.id)
    waiting = session.scalars(select(OutboxMessage).where(OutboxMessage.event == "LineApproved")).all()
    assert [message.payload for message in waiting] == [{"line_id": line.id} for line in batch.lines]
    assert acts(session) == ["certificate_batch.request", "certificate_batch.approve"]
    assert list(work.waiting(session, desk.approver)) == []


@pytest.mark.guards("certificate_batch.approve")
def test_nobody_approves_what_he_asked_for_himself_though_he_holds_both_roles(desk, session, make):
    both = make.user(Role.BUYER_OPERATOR, Role.BUYER_APPROVER, organization=desk.buyer.organization)
    desk.operator = both
    desk.shortlist("示例甲")
    batch = desk.request()

    with pytest.raises(NotAllowedError):
        services.approve(session, batch, both)
    with pytest.raises(NotAllowedError):
        services.refuse(session, batch, both, answer="不同意。")
    assert list(work.waiting(session, both)) == []


@pytest.mark.guards("certificate_batch.withdraw")
def test_only_who_asked_takes_a_request_back(desk, session, make):
    desk.shortlist("示例甲")
    batch = desk.request()
    colleague = make.user(Role.BUYER_OPERATOR, organization=desk.buyer.organization)

    for somebody in (desk.approver, colleague):
        with pytest.raises(NotAllowedError):
            services.withdraw(session, batch, somebody)
    services.withdraw(session, batch, desk.operator)
    session.commit()

    assert (batch.state, batch.decided_by_id) == (BatchState.WITHDRAWN, None)
    assert batch.decided_at is not None
    assert acts(session) == ["certificate_batch.request", "certificate_batch.withdraw"]
    assert list(work.waiting(session, desk.approver)) == []
    assert desk.request().id != batch.id
    for late in (services.approve, services.withdraw):
        with pytest.raises(StaleError, match="已经办理或撤回"):
            late(session, batch, desk.approver if late is services.approve else desk.operator)


def test_nobody_of_another_unit_finds_or_decides_it(desk, session, make):
    desk.shortlist("示例甲")
    batch = desk.request()
    stranger = make.user(Role.BUYER_APPROVER, organization=make.buyer().organization)

    with pytest.raises(NotFoundError):
        services.find(session, batch.id, stranger)
    with pytest.raises(NotAllowedError):
        services.approve(session, batch, stranger)
    assert session.scalars(queries.batches(stranger)).all() == []


def test_a_request_is_decided_once(desk, session):
    batch = desk.approved("示例甲")

    with pytest.raises(StaleError):
        services.approve(session, batch, desk.approver)
    with pytest.raises(StaleError):
        services.refuse(session, batch, desk.approver, answer="太晚。")
    with pytest.raises(StaleError):
        services.withdraw(session, batch, desk.operator)
    session.rollback()
    assert (
        session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.event == "LineApproved")) == 1
    )


@pytest.mark.parametrize("answer", [" ", "长" * 501])
def test_a_refusal_needs_its_reason(desk, session, answer):
    desk.shortlist("示例甲")

    with pytest.raises(RuleError, match="不同意的理由"):
        services.refuse(session, desk.request(), desk.approver, answer=answer)


def test_a_refusal_tells_who_asked_why(desk, session):
    desk.shortlist("示例甲")
    batch = desk.request()

    services.refuse(session, batch, desk.approver, answer=" 用途应写明台数。 ")
    session.commit()

    assert (batch.state, batch.answer) == (BatchState.REFUSED, "用途应写明台数。")
    assert told(session, desk.operator) == ["批量证明的申请未获同意"]
    assert (
        session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.event == "LineApproved")) == 0
    )
    assert session.scalars(select(CertificateBatch.completed_at)).one() is None
