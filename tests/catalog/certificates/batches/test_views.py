"""The pages of batches, as the two hands of a buyer see them."""

import io
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from catalog import entries
from catalog.certificates.batches import services
from catalog.certificates.batches.models import CertificateBatch
from catalog.certificates.services import Purchase
from registry import outbox
from registry.models import CatalogEntry, ListingStatus, PublicationScope, Role
from tests.browsing import Browser
from tests.factories import log_in


@pytest.fixture
def browse(client, session):
    """Return a function that opens somebody's browser; only one is signed in at a time."""

    def browse(user):
        session.commit()
        client.post("/logout")
        return Browser(client, user)

    return browse


@pytest.mark.drives("certificate_batch.request", "certificate_batch.approve", "certificate_batch.complete")
def test_an_operator_asks_an_approver_approves_and_both_take_the_archive(desk, session, context, browse):
    gone, _ = desk.shortlist("示例甲", "示例乙")
    operator = browse(desk.operator)
    operator.open("/home").follow("备选清单")
    assert operator.page.select_one("button[formaction='/buyer/batches/new'][form=shortlist]") is not None
    operator.open("/buyer/batches/new")
    operator.send(purpose="影像科设备更新项目，2 台", funds="fiscal", object="goods", project="none")
    assert "申请已提交" in operator.text
    assert "申请人不得审批自己的申请" in operator.text
    path = operator.path
    operator.open("/buyer/batches/new")
    operator.send(purpose="影像科设备更新项目，2 台", funds="fiscal", object="goods", project="none")
    assert operator.path == path
    assert "同样的申请已在等待审批" in operator.text
    assert "申请已提交" not in operator.text

    approver = browse(desk.approver).waits("审批批量证明").follow("影像科设备更新项目")
    entries.change_status(session, gone, None, status=ListingStatus.SUSPENDED, reason="示例原因。")
    session.commit()
    assert "现在不能出具 该产品当前没有有效的列入记录（暂停）" in approver.open(path).text
    assert "其中 1 个产品现在不能出具" in approver.text
    assert "同意出具 1 份证明" in approver.text
    approver.send("approve")
    assert "已办 0 个，共 2 个" in approver.text
    assert "已同意，证明由系统逐份出具，进度和结果见本页。" in approver.text
    assert approver.page.select_one("[data-live]") is not None
    while outbox.deliver(context):
        pass

    approver.open(path)
    assert "已办 2 个，共 2 个，其中未出具 1 个" in approver.text
    assert approver.page.select_one("[data-live]") is None
    answer = approver.client.get(approver.find("下载全部证明"))
    assert answer.headers["Cache-Control"] == "no-store"
    with ZipFile(io.BytesIO(answer.data)) as packed:
        assert [name.partition("-")[0] for name in packed.namelist()] == ["清单.csv", "ZM"]
    number = packed.namelist()[1].removesuffix(".pdf")
    assert number in browse(desk.operator).open(path).follow(number).text


def test_some_of_the_products_are_chosen(desk, session, browse):
    listed = [listing.entry_id for listing in desk.shortlist("示例甲", "示例乙", "示例丙")]
    first, _, third = (session.get_one(CatalogEntry, entry_id).code for entry_id in listed)
    operator = browse(desk.operator)
    sent = {"purpose": "更新项目", "funds": "fiscal", "object": "goods", "project": "none"}

    page = BeautifulSoup(
        operator.client.get(f"/buyer/batches/new?code={first}&code={third}").data, "html.parser"
    )
    assert [each["value"] for each in page.select("input[name=code][checked]")] == [first, third]
    none = operator.client.post("/buyer/batches/new", data=sent)
    assert (none.status_code, "产品：请至少选择一个产品。" in none.text) == (422, True)
    assert "checked" not in str(BeautifulSoup(none.data, "html.parser").select("input[name=code]"))
    other = operator.client.post("/buyer/batches/new", data=sent | {"code": [first, "P999999"]})
    assert (other.status_code, "产品：P999999 已不在备选清单中，请重新选择。" in other.text) == (422, True)

    operator.open(f"/buyer/batches/new?code={third}").send(**sent)

    [batch] = session.scalars(select(CertificateBatch).options(selectinload(CertificateBatch.lines)))
    assert [line.entry_id for line in batch.lines] == listed[2:]


@pytest.mark.drives("certificate_batch.refuse")
@pytest.mark.guards("certificate_batch.refuse")
def test_a_refusal_without_reason_keeps_the_page_and_one_with_a_reason_is_told(desk, browse):
    desk.shortlist("示例甲")
    batch = desk.request()
    approver = browse(desk.approver)

    answer = approver.client.post(f"/buyer/batches/{batch.id}/refuse", data={"answer": " "})
    assert answer.status_code == 422
    assert "不同意的理由：必填。" in answer.get_data(as_text=True)

    approver.open(f"/buyer/batches/{batch.id}").send("refuse", answer="用途应写明台数。")
    assert "用途应写明台数。" in approver.text
    assert "批量证明的申请未获同意" in browse(desk.operator).open("/inbox").text


@pytest.mark.drives("certificate_batch.withdraw")
def test_who_asked_takes_the_request_back_and_asks_anew(desk, browse):
    desk.shortlist("示例甲")
    path = f"/buyer/batches/{desk.request().id}"
    assert "撤回申请" not in browse(desk.approver).open(path).text

    operator = browse(desk.operator).open(path)
    operator.send("withdraw")
    assert "已撤回，备选清单仍在，可以更正后重新申请。" in operator.text
    assert "撤回 示例经办员" in operator.text
    assert "撤回申请" not in operator.text
    operator.open("/buyer/batches/new")
    operator.send(purpose="影像科设备更新项目，2 台", funds="fiscal", object="goods", project="none")
    assert operator.path != path
    assert "申请已提交" in operator.text


def test_a_second_click_on_approve_says_that_it_was_decided(desk, browse):
    batch = desk.approved("示例甲")

    answer = browse(desk.approver).client.post(f"/buyer/batches/{batch.id}/approve")

    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 409
    assert "这项申请已经办理" in page.text
    # The refused request's own address answers no GET: progress is fetched from the batch's.
    assert page.select_one("[data-live]")["data-live"] == f"/buyer/batches/{batch.id}"


def test_what_was_typed_is_kept_when_a_request_is_refused(desk, browse):
    desk.shortlist("示例甲")
    operator = browse(desk.operator)

    answer = operator.client.post(
        "/buyer/batches/new",
        data={"purpose": "首购示例", "funds": "fiscal", "object": "goods", "project": "none"},
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "用途：不得出现“首购”" in page
    assert 'value="首购示例"' in page


def test_a_request_that_is_being_issued_already_is_told_so(desk, browse):
    batch = desk.approved("示例甲")
    operator = browse(desk.operator).open("/buyer/batches/new")

    operator.send(
        purpose=batch.purpose, funds=batch.funds.value, object=batch.object.value, project=batch.project.value
    )

    assert operator.path == f"/buyer/batches/{batch.id}"
    assert "同样的申请已获同意，没有重复提交。" in operator.text


def test_an_empty_shortlist_is_told_on_the_page(desk, browse):
    answer = browse(desk.operator).client.post(
        "/buyer/batches/new",
        data={"purpose": "示例", "funds": "fiscal", "object": "goods", "project": "none"},
    )

    assert answer.status_code == 422
    assert "备选清单：应有 1 至 100 个产品，现有 0 个。" in answer.get_data(as_text=True)


def test_a_batch_that_is_not_complete_has_no_archive(desk, browse):
    batch = desk.approved("示例甲")

    answer = browse(desk.operator).client.get(f"/buyer/batches/{batch.id}/certificates.zip")

    assert answer.status_code == 422
    assert "证明尚未全部办结" in answer.get_data(as_text=True)


@pytest.mark.parametrize("page", ["", "/certificates.zip"])
def test_another_units_people_find_nothing(desk, make, browse, page):
    desk.shortlist("示例甲")
    batch = desk.request()
    stranger = make.user(Role.BUYER_APPROVER, organization=make.buyer().organization)

    answer = browse(stranger).client.get(f"/buyer/batches/{batch.id}{page}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.BUYER_APPROVER, "/buyer/batches/new"),
        (Role.APPLICANT_OPERATOR, "/buyer/batches/"),
        (Role.SECRETARIAT_LEAD, "/buyer/batches/"),
        (Role.APPLICANT_SIGNATORY, "/catalog/shortlist"),
    ],
)
def test_a_page_is_refused_to_who_has_no_part_in_it(client, session, make, role, path):
    user = make.user(role)
    session.commit()
    log_in(client, user)

    assert client.get(path).status_code == 403


def test_an_operator_does_not_decide(desk, browse):
    desk.shortlist("示例甲")
    batch = desk.request()

    answer = browse(desk.operator).client.post(f"/buyer/batches/{batch.id}/approve")

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/buyer/batches/", "/catalog/shortlist", "detail"])
def test_three_rows_need_as_many_queries_as_one(desk, session, browse, queries, path):
    def shown():
        batch = session.scalars(select(CertificateBatch.id).order_by(CertificateBatch.id.desc())).first()
        return operator.client.get(f"/buyer/batches/{batch}" if path == "detail" else path)

    desk.shortlist("示例甲")
    desk.request()
    operator = browse(desk.operator)
    with queries() as one:
        shown()
    desk.shortlist("示例乙", "示例丙")
    for purpose in ("用途二", "用途三"):
        services.request(session, desk.operator, purchase=Purchase(purpose))
    session.commit()
    with queries() as three:
        assert shown().status_code == 200

    assert len(three) == len(one)


def test_a_product_that_is_no_longer_published_to_the_unit_is_not_named(desk, session, context, browse):
    batch = desk.approved("示例秘密")
    batch.lines[0].entry.scope = PublicationScope.NOT_PUBLISHED
    session.commit()
    while outbox.deliver(context):
        pass
    operator = browse(desk.operator).open(f"/buyer/batches/{batch.id}")

    packed = ZipFile(
        io.BytesIO(operator.client.get(f"/buyer/batches/{batch.id}/certificates.zip").data)
    ).read("清单.csv")

    assert "已不向本单位公开的产品" in operator.text
    assert "示例秘密" not in operator.text
    assert "示例秘密" not in packed.decode()
