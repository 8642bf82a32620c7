"""The room over HTTP: a product from its approval to the catalog by each role, and every way to be refused."""

import io
import logging
import re
from contextlib import contextmanager
from datetime import date
from itertools import count

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import inspect, select

from catalog.publication import notices, objections, publications, support
from catalog.publication.models import Objection, Publication, PublicNotice, SupportDecision
from catalog.publication.publishing import Document
from registry import clock
from registry.models import Application, ListCode, Listing, Role, State
from tests.catalog.publication.conftest import HEADING, LAST_DAY, OBJECTOR, OVER, POSTED
from tests.factories import log_in, log_in_as

HEAD = {name: getattr(HEADING, name) for name in HEADING.__slots__}
FILED = {
    "kind": "individual", "name": OBJECTOR.name, "phone": OBJECTOR.phone, "address": OBJECTOR.address,
    "statement": "产品指标与检测报告不符",
}  # fmt: skip
DOCUMENT = {"issuer": "示例发布机关", "document_number": "示例文〔2026〕1号", "published_on": "2026-11-30"}


def text(response):
    return response.get_data(as_text=True)


def errors(response):
    page = BeautifulSoup(text(response), "html.parser")
    return [item.get_text(strip=True) for item in page.select(".error-summary li")]


@pytest.fixture
def as_user(app, session):
    """Return a way to act as an account at a day."""

    @contextmanager
    def acting(user, day):
        with clock.standing_at(day):
            client = app.test_client()
            if user is not None:
                session.commit()
                log_in(client, user)
            yield client
            for record in session:  # what the request wrote, not what the test has loaded around it
                session.expire(record, inspect(record).mapper.column_attrs.keys())

    return acting


def latest(session, model):
    return session.scalars(select(model).order_by(model.id.desc())).first()


@pytest.mark.drives(
    "notice.draft",
    "notice.open",
    "publication.draft",
    "publication.check",
    "publication.sign",
    "publication.publish",
)
def test_a_product_goes_from_approval_to_the_catalog_by_the_roles(session, room, as_user, queries):
    call = room.round()
    application_id = room.approved(call).id
    session.commit()

    with as_user(room.publisher, POSTED) as client:
        assert "审议通过、待列入公示的产品" in text(client.get("/home"))
        assert "示例光纤陀螺仪" in text(client.get(f"/office/notices/new?round={call.id}"))
        address = client.post(
            f"/office/notices/new?round={call.id}", data={"items": [application_id]}
        ).location
        notice = latest(session, PublicNotice)
        refused = client.post(f"{address}/open", data={"version": notice.version_id})
        assert (refused.status_code, "受理部门：必填" in text(refused)) == (422, True)
        assert client.post(address, data={**HEAD, "version": notice.version_id}).status_code == 302
        session.expire_all()
        assert client.post(f"{address}/open", data={"version": notice.version_id}).status_code == 302
    with as_user(None, LAST_DAY) as client:
        page = text(client.get(f"/notices/{notice.id}"))
        for printed in (
            "2026年11月23日", "2026年11月27日", "示例部门", "021-00000001", "示例路1号", "真实姓名", "保密", "示例光纤陀螺仪",
        ):  # fmt: skip
            assert printed in page
        assert "对公示产品提出异议" in page
    with as_user(room.publisher, OVER) as client:
        assert "公示期满、待拟稿发布的产品" in text(client.get("/home"))
        item = notices.find(session, notice.id).items[0]
        drafted = client.post(
            f"/office/publications/new?round={call.id}",
            data={"items": [item.id], "title": "关于发布示例产品的公告", "text": "示例正文"},
        ).location
        publication = latest(session, Publication)
        own = client.post(f"{drafted}/check", data={"version": publication.version_id})
        assert (own.status_code, "拟稿人不得审核" in text(own)) == (403, True)
    with as_user(room.lead, OVER) as client:
        assert "发布公告待审核" in text(client.get("/home"))
        assert client.post(f"{drafted}/check", data={"version": publication.version_id}).status_code == 302
    with as_user(room.chair, OVER) as client:
        session.refresh(publication)
        assert "发布公告待签发" in text(client.get("/home"))
        assert client.post(f"{drafted}/sign", data={"version": publication.version_id}).status_code == 302
    with as_user(room.publisher, OVER) as client:
        session.refresh(publication)
        done = client.post(f"{drafted}/publish", data={**DOCUMENT, "version": publication.version_id})
        assert done.status_code == 302, errors(done)
        session.refresh(publication)
        again = client.post(f"{drafted}/publish", data={**DOCUMENT, "version": publication.version_id})
        assert (again.status_code, "已发布" in text(again)) == (409, True)
    application = session.get(Application, application_id)
    number = session.scalar(select(Listing.number).where(Listing.entry_id == application.entry_id))
    assert (application.state, number) == (State.LISTED, f"CX-2026-{call.batch:02}-0001")
    with as_user(None, OVER) as client:
        assert "示例文〔2026〕1号" in text(client.get(f"/notices/publications/{publication.id}"))
        assert number in text(client.get(f"/editions/CX-2026-{call.batch:02}"))


def test_the_three_kinds_of_notices_are_kept_apart(session, room, as_user):
    call = room.round(title="示例申报通知")
    room.noticed(room.approved(call), call=call)
    room.publish(call)

    with as_user(None, OVER) as client:
        page = BeautifulSoup(text(client.get("/notices/")), "html.parser")
        one = {kind: text(client.get(f"/notices/?kind={kind}")) for kind in ("call", "notice", "publication")}
        wrong = client.get("/notices/?kind=everything")

    assert [title.get_text() for title in page.select("main h2")] == ["申报通知", "公示", "发布公告"]
    titles = {"call": "示例申报通知", "notice": "示例公示", "publication": "示例公告"}
    assert {kind: [name for name, title in titles.items() if title in shown] for kind, shown in one.items()} == {
        "call": ["call"], "notice": ["notice"], "publication": ["publication"],
    }  # fmt: skip
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    "address",
    ["/notices/99999999999999999999", "/notices/publications/7", "/office/notices/new?round=" + "9" * 30],
)
def test_an_address_that_leads_nowhere_is_not_found(room, as_user, address):
    with as_user(room.publisher, POSTED) as client:
        assert client.get(address).status_code == 404


def test_an_empty_page_of_notices_says_so(as_user):
    with as_user(None, POSTED) as client:
        assert "还没有公示" in text(client.get("/notices/"))
        assert "还没有发布公告" in text(client.get("/notices/?kind=publication"))


def test_a_draft_is_nobody_s_to_see_outside(session, room, as_user):
    call = room.round()
    draft = notices.draft(session, call, room.publisher, applications=[room.approved(call).id])

    with as_user(None, POSTED) as client:
        assert client.get(f"/notices/{draft.id}").status_code == 404
        assert client.get(f"/notices/{draft.id}/objection").status_code == 404
        assert "拟列入产品公示" not in text(client.get("/notices/"))


@pytest.mark.guards("notice.open")
def test_findings_are_dealt_with_on_the_page_and_what_was_typed_is_kept(session, room, as_user):
    call = room.round()
    application = room.approved(call, answers={"summary": "联系电话 13912345678", "brand": "3 元牌"})
    draft = notices.draft(session, call, room.publisher, applications=[application.id], heading=HEADING)
    draft_id, (item,) = draft.id, draft.items
    price = next(finding for finding in item.findings if finding["field"] == "brand")["fingerprint"]
    address = f"/office/notices/{draft_id}"

    with as_user(room.publisher, POSTED) as client:
        assert "还有 2 处发现" in text(client.get(address))
        empty = client.post(f"{address}/items/{item.id}/clear", data={"fingerprint": price, "reason": ""})
        assert (empty.status_code, "不属于泄露的理由：必填。" in text(empty)) == (422, True)
        long = client.post(
            f"{address}/items/{item.id}/clear", data={"fingerprint": price, "reason": "品" * 300}
        )
        assert (long.status_code, "品" * 300 in text(long)) == (422, True)
        client.post(f"{address}/items/{item.id}/clear", data={"fingerprint": price, "reason": "品牌名"})
        client.post(f"{address}/items/{item.id}/withhold", data={"field": "summary"})
        assert "没有未处理的发现" in text(client.get(address))
        missing = client.post(f"{address}/items/999999/withhold", data={"field": "summary"})
        assert missing.status_code == 404


def test_a_heading_that_is_too_long_comes_back_as_typed(session, room, as_user):
    call = room.round()
    draft = notices.draft(session, call, room.publisher, applications=[room.approved(call).id])

    with as_user(room.publisher, POSTED) as client:
        answer = client.post(
            f"/office/notices/{draft.id}", data={**HEAD, "address": "路" * 201, "version": draft.version_id}
        )

    assert (answer.status_code, errors(answer)) == (422, ["地址：不超过 200 个字符。"])
    assert "路" * 201 in text(answer)


def test_a_notice_shown_on_an_old_page_is_not_opened(session, room, as_user):
    call = room.round()
    draft = notices.draft(
        session, call, room.publisher, applications=[room.approved(call).id], heading=HEADING
    )

    with as_user(room.publisher, POSTED) as client:
        stale = client.post(f"/office/notices/{draft.id}/open", data={"version": draft.version_id + 1})
        stale_text = client.post(
            f"/office/notices/{draft.id}",
            data={**HEAD, "title": "改过的标题", "version": draft.version_id + 1},
        )

    assert (stale.status_code, stale_text.status_code) == (409, 409)
    assert "改过的标题" in text(stale_text)


# --- objections ---------------------------------------------------------------------------------------------------


@pytest.fixture
def notice(session, room):
    call = room.round()
    unit = room.make.unit()
    return room.noticed(room.approved(call, organization=unit), call=call)


@pytest.mark.drives(
    "objection.file", "objection.admit", "objection.report", "objection.dismiss", "objection.answer"
)
def test_an_objection_is_filed_handled_decided_and_answered_by_the_roles(session, room, notice, as_user):
    application_id = notice.items[0].application_id
    with as_user(None, LAST_DAY) as client:
        filed = client.post(
            f"/notices/{notice.id}/objection",
            data={**FILED, "item": notice.items[0].id, "evidence": (io.BytesIO(b"%PDF-1.4"), "证据.pdf")},
            follow_redirects=True,
        )
        assert "异议已收到，回执编号" in text(filed)
    objection = latest(session, Objection)
    address = f"/office/objections/{objection.id}"
    with as_user(room.lead, LAST_DAY) as client:
        assert "异议待判断是否受理" in text(client.get("/home"))
        page = text(client.get(address))
        assert FILED["statement"] in page
        assert OBJECTOR.name not in page
        leaky = client.post(
            f"{address}/admit", data={"gist": f"{OBJECTOR.name}反映", "version": objection.version_id}
        )
        assert errors(leaky) == ["异议要点：含有异议人的信息，请改写。"]
        assert f"{OBJECTOR.name}反映" in text(leaky)
        client.post(f"{address}/admit", data={"gist": "反映指标不符", "version": objection.version_id})
        session.refresh(objection)
        assert session.get(Application, application_id).state is State.OBJECTION_HOLD
        client.post(f"{address}/report", data={"report": "经核查相符", "version": objection.version_id})
        shown = client.post(f"{address}/identity", data={"why": "电话核实"})
        assert OBJECTOR.phone in text(shown)
    with as_user(room.chair, LAST_DAY) as client:
        session.refresh(objection)
        assert "异议待决定" in text(client.get("/home"))
        unsaid = client.post(
            f"{address}/decide",
            data={"reason": "不成立", "ground": "objection_other", "version": objection.version_id},
        )
        assert unsaid.status_code == 422
        decided = client.post(
            f"{address}/decide",
            data={
                "outcome": "dismiss", "reason": "经核查不成立", "ground": "objection_other",
                "version": objection.version_id,
            },
        )  # fmt: skip
        assert decided.status_code == 302, errors(decided)
    with as_user(room.lead, LAST_DAY) as client:
        session.refresh(objection)
        assert "异议待答复" in text(client.get("/home"))
        client.post(f"{address}/answer", data={"answer": "已书面答复", "version": objection.version_id})
        session.refresh(objection)
    assert (objection.answer, session.get(Application, application_id).state) == (
        "已书面答复",
        State.IN_NOTICE,
    )


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        pytest.param("reject", State.REJECTED, marks=pytest.mark.drives("objection.uphold")),
        ("new_panel", State.ACCEPTED),
        ("dismiss", State.IN_NOTICE),
    ],
)
def test_the_chair_moves_the_product_by_the_outcome(session, room, notice, as_user, outcome, state):
    application_id = notice.items[0].application_id
    objection = room.object(notice.items[0])
    objections.admit(session, objection, room.lead, gist="反映指标不符")
    objections.report(session, objection, room.lead, text="核查情况")

    with as_user(room.chair, OVER) as client:
        client.post(
            f"/office/objections/{objection.id}/decide",
            data={
                "outcome": outcome, "reason": "示例理由", "ground": "false_material", "version": objection.version_id,
            },
        )  # fmt: skip

    assert session.get(Application, application_id).state is state


@pytest.mark.drives("objection.reject")
@pytest.mark.guards("objection.reject")
def test_an_inadmissible_objection_is_turned_away_with_a_reason(session, room, notice, as_user):
    application_id, objection = notice.items[0].application_id, room.object(notice.items[0])
    address = f"/office/objections/{objection.id}/reject"

    with as_user(room.lead, LAST_DAY) as client:
        refused = client.post(address, data={"reason": " ", "version": objection.version_id})
        done = client.post(address, data={"reason": "没有事实依据", "version": objection.version_id})

    assert (refused.status_code, errors(refused), done.status_code) == (422, ["理由：必填。"], 302)
    application = session.get(Application, application_id)
    assert (application.state, application.open_objections) == (State.IN_NOTICE, 0)


@pytest.mark.guards("objection.file")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"item": "0"}, "异议的产品：请从公示的产品中选择。"),
        ({"item": "999999"}, "异议的产品：请从公示的产品中选择。"),
        ({"name": ""}, "姓名：必填，信息予以保密。"),
        ({"phone": "1"}, "联系电话：至少 7 位数字。"),
        ({"statement": " "}, "异议内容：必填。"),
        ({"statement": "长" * 5001}, "异议内容：不超过 5000 个字。"),
        ({"kind": "unit", "unit_name": "示例单位"}, "盖章的异议书：单位提出异议的必须上传。"),
        ({"kind": "somebody"}, "以什么身份提出：请从所列各项中选择一项。"),
    ],
)
def test_an_objection_that_breaks_a_rule_comes_back_as_typed(session, notice, as_user, change, sentence):
    with as_user(None, LAST_DAY) as client:
        answer = client.post(
            f"/notices/{notice.id}/objection", data={**FILED, "item": notice.items[0].id, **change}
        )

    assert (answer.status_code, errors(answer)) == (422, [sentence])
    assert change.get("statement", FILED["statement"]).strip() in text(answer)
    assert session.scalars(select(Objection)).all() == []


@pytest.mark.guards("notice.draft")
@pytest.mark.parametrize("items", [["abc"], ["9" * 30], []])
def test_products_that_are_none_are_refused_in_words(room, as_user, items):
    call = room.round()
    room.approved(call)

    with as_user(room.publisher, POSTED) as client:
        answer = client.post(f"/office/notices/new?round={call.id}", data={"items": items})

    assert answer.status_code in (409, 422)
    assert errors(answer)[0] in (
        "产品：至少选择一项列入公示。",
        "所选产品中有的已不在待公示之列，请刷新页面重新选择。",
    )


@pytest.mark.guards("objection.file")
def test_after_the_period_the_form_is_gone_and_a_late_one_is_refused(session, notice, as_user):
    with as_user(None, OVER) as client:
        page = text(client.get(f"/notices/{notice.id}"))
        form = text(client.get(f"/notices/{notice.id}/objection"))
        late = client.post(f"/notices/{notice.id}/objection", data={**FILED, "item": notice.items[0].id})

    assert "提出异议</a>" not in page
    assert "公示期已过，不再接收异议" in page
    assert "不在公示期内，不能提出异议" in form
    assert late.status_code == 422
    assert session.scalars(select(Objection)).all() == []


def test_who_objects_reaches_no_page_of_anybody_else_and_no_log(session, room, make, notice, as_user, caplog):
    caplog.set_level(logging.DEBUG)
    unit_id = session.scalar(
        select(Application.organization_id).where(Application.id == notice.items[0].application_id)
    )
    everybody = [
        make.user(role) for role in Role if role not in (Role.APPLICANT_SIGNATORY, Role.SECRETARIAT_LEAD)
    ]
    maker = make.user(Role.APPLICANT_SIGNATORY)
    maker.organization_id = unit_id
    with as_user(maker, LAST_DAY) as client:  # who objects may be signed in: it stays unnamed
        client.post(f"/notices/{notice.id}/objection", data={**FILED, "item": notice.items[0].id})
    objection = latest(session, Objection)
    assert objection.registered_by_id is None
    objections.admit(session, objections.find(session, objection.id), room.lead, gist="反映指标不符")

    pages = [
        "/home", "/notices/", f"/notices/{notice.id}", f"/office/objections/{objection.id}", "/office/objections",
        f"/office/notices/{notice.id}", "/inbox", "/office/trail", "/lists/CX.csv", "/api/v1/products",
        f"/apply/applications/{notice.items[0].application_id}",
    ]  # fmt: skip
    leaks = []
    for user in (*everybody, maker, None):
        with as_user(user, LAST_DAY) as client:
            for page in pages:
                answer = text(client.get(page))
                leaks += [
                    (user and user.username, page)
                    for part in (OBJECTOR.name, OBJECTOR.phone)
                    if part in answer
                ]
    assert leaks == []
    assert OBJECTOR.name not in caplog.text
    assert OBJECTOR.phone not in caplog.text


@pytest.mark.parametrize(
    "role",
    [Role.PUBLISHER, Role.FORMAL_REVIEWER, Role.COMMITTEE_CHAIR, Role.DISCIPLINE_OBSERVER, Role.SYS_ADMIN],
)
@pytest.mark.parametrize("act", ["admit", "reject", "report", "answer", "identity"])
def test_no_other_role_handles_an_objection(session, room, make, notice, as_user, role, act):
    objection = room.object(notice.items[0])

    with as_user(make.user(role), LAST_DAY) as client:
        answer = client.post(
            f"/office/objections/{objection.id}/{act}", data={"version": objection.version_id}
        )

    assert answer.status_code == 403


@pytest.mark.parametrize("act", ["admit", "reject"])
def test_an_objection_shown_on_an_old_page_is_not_handled(session, room, notice, as_user, act):
    objection = room.object(notice.items[0])

    with as_user(room.lead, LAST_DAY) as client:
        answer = client.post(
            f"/office/objections/{objection.id}/{act}",
            data={"version": objection.version_id + 1, "gist": "示例要点", "reason": "示例理由"},
        )

    assert answer.status_code == 409
    assert {"admit": "示例要点", "reject": "示例理由"}[act] in text(answer)


def test_a_paper_is_registered_by_the_office_under_its_name(session, room, notice, as_user):
    with as_user(room.publisher, LAST_DAY) as client:
        done = client.post(
            f"/office/notices/{notice.id}/objection", data={**FILED, "item": notice.items[0].id}
        )

    assert latest(session, Objection).registered_by_id == room.publisher.id
    assert done.location == f"/office/notices/{notice.id}"


def test_the_office_finds_the_receipt_that_the_objector_was_given(session, room, notice, as_user):
    with as_user(room.lead, LAST_DAY) as client:
        done = client.post(
            f"/office/notices/{notice.id}/objection", data={**FILED, "item": notice.items[0].id}
        )
        shown = text(client.get(done.location))

    objection = latest(session, Objection)
    receipt = objections.receipt(session, objection)
    assert done.location == f"/office/objections/{objection.id}"
    assert f"已登记为异议第 {objection.id} 号，回执编号 {receipt}，" in shown
    assert f"书面登记，回执编号 {receipt}" in shown


def test_everything_wrong_with_an_objection_is_told_at_once(notice, as_user):
    with as_user(None, LAST_DAY) as client:
        answer = client.post(f"/notices/{notice.id}/objection", data={"kind": "unit", "item": "0"})

    assert answer.status_code == 422
    assert set(errors(answer)) == {
        "异议内容：必填。", "异议的产品：请从公示的产品中选择。", "单位名称：必填，信息予以保密。",
        "盖章的异议书：单位提出异议的必须上传。", "联系人：必填，信息予以保密。", "联系电话：必填，信息予以保密。",
    }  # fmt: skip


def test_a_letter_is_downloaded_as_a_file_that_no_browser_runs(session, room, app, notice, as_user):
    with as_user(None, LAST_DAY) as client:
        client.post(
            f"/notices/{notice.id}/objection",
            data={**FILED, "item": notice.items[0].id, "letter": (io.BytesIO(b"%PDF-1.4"), "异议书.pdf")},
        )
    objection = latest(session, Objection)
    (file,) = objections.files_of(session, objection)

    with as_user(room.lead, LAST_DAY) as client:
        answer = client.post(f"/office/objections/{objection.id}/files/{file.id}")

    assert (answer.status_code, answer.data) == (200, b"%PDF-1.4")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# --- publications -------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(session, room, notice):
    with clock.standing_at(OVER):
        return room.signed(notice.round)


@pytest.mark.guards("publication.publish")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"issuer": ""}, "发布机关：必填。"),
        ({"document_number": ""}, "文号：必填。"),
        ({"published_on": "昨天"}, "发布日期：请写成 2026-03-01 这样的日期。"),
        ({"published_on": "2026-11-27"}, "发布日期：须在公示期届满之后。"),
        ({"published_on": "2027-01-01"}, "发布日期：不得晚于今天。"),
    ],
)
def test_a_document_that_breaks_a_rule_comes_back_as_typed(session, room, signed, as_user, change, sentence):
    typed = {**DOCUMENT, **change}
    with as_user(room.publisher, OVER) as client:
        answer = client.post(
            f"/office/publications/{signed.id}/publish", data={**typed, "version": signed.version_id}
        )

    assert (answer.status_code, errors(answer)) == (422, [sentence])
    assert all(value in text(answer) for value in typed.values())


@pytest.mark.parametrize("act", ["check", "sign", "publish", "back", "discard", "edit"])
@pytest.mark.parametrize("role", [Role.FORMAL_REVIEWER, Role.APPLICANT_SIGNATORY, Role.AUDIT_ADMIN])
def test_no_other_role_signs_off(room, make, signed, as_user, act, role):
    with as_user(make.user(role), OVER) as client:
        answer = client.post(
            f"/office/publications/{signed.id}/{act}",
            data={**DOCUMENT, "reason": "示例", "title": "示例", "version": signed.version_id},
        )

    assert answer.status_code == 403


@pytest.mark.parametrize("act", ["check", "sign", "publish", "back"])
def test_a_publication_shown_on_an_old_page_goes_no_further(room, signed, as_user, act):
    user = {"check": room.lead, "sign": room.chair}.get(act, room.publisher)
    with as_user(user, OVER) as client:
        answer = client.post(
            f"/office/publications/{signed.id}/{act}",
            data={**DOCUMENT, "reason": "示例", "version": signed.version_id - 1},
        )

    assert answer.status_code == 409


@pytest.mark.drives("publication.send_back")
@pytest.mark.guards("publication.send_back")
def test_a_draft_is_sent_back_with_a_reason_and_mended(session, room, notice, as_user):
    with clock.standing_at(OVER):
        draft = publications.draft(
            session, notice.round, room.publisher, items=[notice.items[0].id], title="示例公告", text=""
        )
    address = f"/office/publications/{draft.id}"

    with as_user(room.lead, OVER) as client:
        assert errors(client.post(f"{address}/back", data={"version": draft.version_id})) == [
            "退回理由：必填。"
        ]
        client.post(f"{address}/back", data={"reason": "标题有误", "version": draft.version_id})
    with as_user(room.publisher, OVER) as client:
        session.refresh(draft)
        assert "被退回的发布公告待修改" in text(client.get("/home"))
        assert "标题有误" in text(client.get(f"{address}/edit"))
        saved = client.post(
            f"{address}/edit",
            data={"items": [notice.items[0].id], "title": "改好的公告", "version": draft.version_id},
        )
        assert saved.status_code == 302, errors(saved)
        session.refresh(draft)
    assert (draft.title, draft.returned_reason) == ("改好的公告", None)


@pytest.mark.guards("publication.draft")
def test_a_publication_without_products_comes_back_as_typed(room, notice, as_user):
    with as_user(room.publisher, OVER) as client:
        answer = client.post(
            f"/office/publications/new?round={notice.round_id}",
            data={"title": "示例标题", "text": "示例正文"},
        )

    assert (answer.status_code, errors(answer)) == (422, ["产品：至少选择一项。"])
    assert "示例标题" in text(answer)


# --- support ------------------------------------------------------------------------------------------------------


def test_support_is_recorded_apart_and_counted_by_year(session, room, make, as_user):
    listing = make.listing(list_code=ListCode.TZ)
    typed = {
        "number": listing.number.lower(), "decided_on": "2026-11-20", "contracts": "1,000,000", "amount": "300000.00",
        "document": "示例决定〔2026〕1号",
    }  # fmt: skip

    with as_user(room.lead, OVER) as client:
        over = client.post("/office/support", data={**typed, "amount": "300000.01"})
        assert (over.status_code, "即 300,000 元" in errors(over)[0]) == (422, True)
        assert client.post("/office/support", data=typed).status_code == 302
        again = client.post("/office/support", data=typed)
        assert errors(again) == ["文件：此产品依据该文件的支持已经登记。"]
        page = text(client.get("/office/support"))
    assert re.search(r"2026年</th>.*?1 项，300,000 元", page, re.DOTALL)
    assert [decision.amount for decision in session.scalars(select(SupportDecision))] == [300_000_00]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": "TZ-2026-01-9999"}, "目录编号：没有这个编号，请核对。"),
        ({"number": "???"}, "目录编号：没有这个编号，请核对。"),
        ({"amount": "一万"}, "支持金额（元）：应为不小于 0、至多两位小数的金额，单位元。"),
        ({"decided_on": "2027-01-01"}, "决定日期：不得晚于今天。"),
        ({"document": " "}, "依据文件：必填。"),
    ],
)
def test_a_support_decision_that_breaks_a_rule_comes_back_as_typed(room, make, as_user, change, sentence):
    typed = {
        "number": make.listing(list_code=ListCode.PC).number, "decided_on": "2026-11-20", "contracts": "1000000",
        "amount": "1", "document": "示例决定", **change,
    }  # fmt: skip
    with as_user(room.lead, OVER) as client:
        answer = client.post("/office/support", data=typed)

    assert (answer.status_code, errors(answer)) == (422, [sentence])
    assert all(value in text(answer) for value in typed.values())


def test_a_listing_of_the_catalog_proper_gets_no_support(room, make, as_user):
    with as_user(room.lead, OVER) as client:
        answer = client.post(
            "/office/support",
            data={
                "number": make.listing().number, "decided_on": "2026-11-20", "contracts": "100", "amount": "1",
                "document": "示例",
            },
        )  # fmt: skip

    assert errors(answer) == ["目录编号：只有首台（套）、首批次、首版次产品登记支持决定。"]


@pytest.mark.parametrize("role", [Role.PUBLISHER, Role.FORMAL_REVIEWER, Role.DISCIPLINE_OBSERVER])
def test_others_read_support_but_do_not_record_it(make, as_user, role):
    with as_user(make.user(role), OVER) as client:
        assert client.get("/office/support").status_code == 200
        assert client.post("/office/support", data={}).status_code == 403


# --- lists --------------------------------------------------------------------------------------------------------


def test_every_page_needs_the_same_queries_for_one_row_and_for_three(
    session, room, make, app, client, queries
):
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)
    documents = count(1)

    def grow(number):
        """Make a notice and a publication of `number` products, and as many objections and supports."""
        call = room.round()
        applications = [
            room.approved(call, answers={"product_name": f"示例产品{number}之{which}"})
            for which in range(number)
        ]
        room.approved(call, answers={"product_name": "待公示"})
        notice = room.noticed(*applications, call=call)
        for item in notice.items:
            objections.reject(session, room.object(item), room.lead, reason="示例")
        published = room.publish(call, Document("示例机关", f"示例文〔2026〕{next(documents)}号", OVER))
        for _ in range(number):
            support.record(
                session, make.listing(list_code=ListCode.TZ), room.lead, decided_on=date(2026, 1, 2),
                contracts=1000, amount=1, document="示例",
            )  # fmt: skip
        session.commit()
        return [
            "/notices/", "/notices/?kind=notice", "/notices/?kind=publication", "/notices/?kind=call",
            "/office/notices", "/office/objections", "/office/publications", "/office/support",
            f"/notices/{notice.id}", f"/notices/publications/{published.id}", f"/office/notices/{notice.id}",
        ]  # fmt: skip

    def counted(addresses):
        numbers = []
        for address in addresses:
            with queries() as sent:
                assert client.get(address).status_code == 200, address
            numbers.append(len(sent))
        return numbers

    one = counted(grow(1))
    grow(1)

    assert counted(grow(3)) == one
