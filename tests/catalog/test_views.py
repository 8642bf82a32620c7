"""Product, lists and editions over HTTP: what they show, and to whom."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from catalog import entries
from catalog.models import BuyerStatus
from registry import clock
from registry.files import FileStore
from registry.models import (
    EntryPicture,
    ListCode,
    ListingStatus,
    NationalListing,
    PublicationScope,
    Role,
    TrailLine,
)
from tests.factories import log_in, log_in_as

SCOPES = list(PublicationScope)


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def words(node):
    return " ".join(node.get_text(" ", strip=True).split())


def facts(node):
    return {words(row.dt): words(row.dd) for row in node.select("dl > div")}


# --- product ------------------------------------------------------------------------------------------------------


def test_a_product_page_shows_exactly_the_public_fields(client, session, make):
    entry = make.entry(
        name="示例超声诊断仪", model="US-1", brand="示例牌", organization_name="上海示例医疗科技有限公司",
        credit_code="91310000DEM000014U", field="LH", field_text="生命健康产业", category="影像设备", district="310115",
        district_text="浦东", special_area="LINGANG", region="上海市", summary="一句简介。", registration_number="示例械注准1",
        kpis=[{"indicator": "探测深度", "unit": "mm", "ours": "300", "domestic_best": "260", "world_best": "305", "source": "检测报告"}],
        device={"registration_number": "示例械注准1", "management_class": "第二类", "scope": "成像", "registrant": "示例注册人",
                "valid_until": "2030-05-31", "udi_di": "02001234567893", "insurance_code": "CDEMO1",
                "entrusted_maker": "示例代工", "net_listing_number": "示例挂网1", "is_chargeable": False,
                "equipment_permit": "乙类大型医用设备", "price": "机密"},
        hints=["内部提示"],
    )  # fmt: skip
    make.listing(
        entry, document="示例〔2026〕1号", published_on=date(2026, 4, 28), recognised_on=date(2026, 4, 14),
        valid_until=date(2029, 4, 27), first_on_market=True, first_on_market_as_of=date(2026, 3, 31),
    )  # fmt: skip
    session.add(
        NationalListing(
            entry_id=entry.id,
            name="示例国家目录",
            year=2025,
            item="第 3 项",
            proof="证明甲",
            effect_document="示例文件",
        )
    )
    session.commit()

    shown = page(client, f"/catalog/products/{entry.code}")

    assert words(shown.h1) == "示例超声诊断仪"
    assert facts(shown.select_one(".listing-card")) == {
        "有效期至": "2029年4月27日", "认定日期": "2026年4月14日", "入选批次": "2026年第一批",
        "发布文件": "示例〔2026〕1号", "发布日期": "2026年4月28日",
    }  # fmt: skip
    assert words(shown.select_one(".listing-finding")) == (
        "列入时认定为首次投放市场产品（认定基准日：2026年3月31日）"
    )
    assert facts(shown.select_one("[aria-labelledby=facts]")) == {
        "产品名称": "示例超声诊断仪", "型号": "US-1", "品牌": "示例牌", "申报单位": "上海示例医疗科技有限公司",
        "统一社会信用代码": "91310000DEM000014U", "产业领域": "生命健康", "细分类别": "影像设备", "所在区": "浦东新区",
        "特殊区域": "临港新片区", "地区": "上海市", "产品代码": entry.code,
    }  # fmt: skip
    assert facts(shown.select_one("[aria-labelledby=device]")) == {
        "注册证编号": "示例械注准1", "管理类别": "第二类", "注册人": "示例注册人", "注册证有效期至": "2030年5月31日",
        "适用范围": "成像", "UDI-DI": "02001234567893", "医保耗材编码": "CDEMO1", "受托生产企业": "示例代工",
        "挂网编号": "示例挂网1", "可另收费": "否", "配置许可类别": "乙类大型医用设备",
    }  # fmt: skip
    assert [words(cell) for cell in shown.select("[aria-labelledby=kpis] tbody tr > *")] == [
        "探测深度（mm）", "300", "260", "305", "检测报告",
    ]  # fmt: skip
    assert [words(cell) for cell in shown.select("[aria-labelledby=national] tbody tr > *")] == [
        "示例国家目录", "2025", "第 3 项", "证明甲", "示例文件",
    ]  # fmt: skip
    assert [secret for secret in ("内部提示", "机密") if secret in shown.get_text()] == []


def test_a_product_of_which_little_is_recorded_has_a_page(client, session, make):
    entry = make.entry(name="示例产品", organization_name=None)
    make.listing(entry, recorded_year=None)
    session.commit()

    shown = page(client, f"/catalog/products/{entry.code}")

    assert words(shown.h1) == "示例产品"
    assert facts(shown.select_one(".listing-card")) == {"有效期至": "未设期限", "发布文件": "待定"}


def test_what_a_product_says_is_text_and_never_markup(client, session, make):
    entry = make.entry(name="<script>alert(1)</script>", summary="<img src=x onerror=alert(1)>")
    make.listing(entry)
    session.commit()

    shown = page(client, f"/catalog/products/{entry.code}")

    assert words(shown.h1) == "<script>alert(1)</script>"
    assert shown.select("main script, main img[src=x]") == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ListingStatus.REVOKED, "已撤销（2026年5月1日）。示例理由"),
        (ListingStatus.SUSPENDED, "暂停（2026年5月1日）。示例理由"),
        (ListingStatus.WITHDRAWN, "已退出（2026年5月1日）。示例理由"),
        (ListingStatus.EXPIRED, "已到期（2026年5月1日）。示例理由"),
    ],
)
def test_a_product_that_is_no_longer_listed_says_so_and_offers_no_certificate(
    client, session, make, status, said
):
    entry = make.entry()
    listing = make.listing(entry, status=status, status_reason="示例理由")
    session.commit()

    shown = page(client, f"/catalog/products/{entry.code}")

    assert words(shown.select_one("main .notice")) == (
        f"创新产品推荐目录 {listing.number} ：{said} 该产品目前不在任何有效名单中，不能出具列入情况证明。"
    )
    assert shown.select(".certify") == []


def test_a_product_revoked_from_one_list_keeps_its_certificate_for_the_other(client, session, make):
    entry = make.entry()
    make.listing(entry)
    make.listing(entry, list_code=ListCode.TZ, status=ListingStatus.REVOKED, status_reason="示例理由")
    session.commit()

    shown = page(client, f"/catalog/products/{entry.code}")

    assert [words(state) for state in shown.select(".product-badges .state")] == ["有效", "已撤销"]
    assert "不能出具" not in words(shown.main)
    assert shown.select_one(".certify form")["action"] == f"/catalog/products/{entry.code}/certificate"


def test_no_certificate_is_offered_after_the_last_day_or_without_a_unit(client, session, make):
    over, nameless, today = make.entry(), make.entry(organization_name=None), make.entry()
    make.listing(over, valid_until=clock.today() - timedelta(days=1))
    make.listing(nameless)
    make.listing(today, valid_until=clock.today())
    session.commit()

    offered = {
        entry.code: len(page(client, f"/catalog/products/{entry.code}").select(".certify form"))
        for entry in (over, nameless, today)
    }

    assert offered == {over.code: 0, nameless.code: 0, today.code: 1}
    assert "未登记申报单位，不能出具列入情况证明。" in words(
        page(client, f"/catalog/products/{nameless.code}")
    )


@pytest.mark.parametrize("address", ["P999999", "CX-2026-01-0001", "%00", "..%2f", "P" * 3000])
def test_an_unknown_product_is_not_found(client, address):
    page(client, f"/catalog/products/{address}", status=404)


def test_a_product_that_waits_for_its_publication_is_not_found(client, session, make):
    entry = make.entry()
    make.listing(entry, status=ListingStatus.PENDING_PUBLICATION)
    session.commit()

    page(client, f"/catalog/products/{entry.code}", status=404)


def test_the_history_tells_each_version_newest_first(client, session, make):
    entry = make.entry()
    listing = make.listing(entry)
    session.flush()
    entries.enrich(session, entry, None, brand="示例牌")
    session.flush()
    entries.change_status(session, listing, None, status=ListingStatus.SUSPENDED, reason="核查")
    session.commit()

    shown = page(client, f"/catalog/products/{entry.code}")

    assert [words(line.span) for line in shown.select(".history li")] == [
        f"{listing.number} 状态变为“暂停”",
        "更新产品信息（第2版）",
        f"列入创新产品推荐目录，编号 {listing.number}",
        "登记产品信息",
    ]


# --- who may see --------------------------------------------------------------------------------------------------


def buyer_of(make, status):
    buyer = make.buyer(status=status)
    user = make.user(Role.BUYER_APPROVER)
    user.organization_id = buyer.organization_id
    return user


ASKERS = {
    "visitor": (lambda make: None, {"public"}),
    "applicant": (lambda make: make.user(Role.APPLICANT_OPERATOR), {"public"}),
    "buyer not yet verified": (lambda make: buyer_of(make, BuyerStatus.APPLIED), {"public"}),
    "disabled buyer": (lambda make: buyer_of(make, BuyerStatus.DISABLED), {"public"}),
    "verified buyer": (lambda make: buyer_of(make, BuyerStatus.VERIFIED), {"public", "verified_buyers"}),
    "system administrator": (lambda make: make.user(Role.SYS_ADMIN), {"public"}),
    "secretariat": (
        lambda make: make.user(Role.SECRETARIAT_LEAD),
        {"public", "verified_buyers", "not_published"},
    ),
    "observer": (
        lambda make: make.user(Role.DISCIPLINE_OBSERVER),
        {"public", "verified_buyers", "not_published"},
    ),
}


@pytest.mark.parametrize("who", ASKERS)
def test_each_asker_sees_the_scopes_that_are_for_them(client, session, make, settings, who):
    account, scopes = ASKERS[who]
    user = account(make)
    shown = {scope: make.entry(scope=scope, name=f"示例{scope}") for scope in SCOPES}
    store = FileStore(settings.files_dir)
    pictures = {scope: store.put(scope.encode()) for scope in SCOPES}
    for scope, entry in shown.items():
        entries.add_listing(session, entry, None, list_code=ListCode.CX, year=2026)
        session.add(
            EntryPicture(
                entry_id=entry.id, position=1, sha256=pictures[scope], media_type="image/png", caption="图"
            )
        )
    session.commit()
    if user is not None:
        log_in(client, user)

    assert {
        scope for scope in SCOPES if client.get(f"/catalog/products/{shown[scope].code}").status_code == 200
    } == scopes
    assert {
        scope for scope in SCOPES if client.get(f"/catalog/pictures/{pictures[scope]}").status_code == 200
    } == scopes
    for address in ("/lists/CX", "/lists/CX?status=all", "/editions/CX-2026-01"):
        assert {words(cell) for cell in page(client, address).select("main tbody th a")} == {
            f"示例{s}" for s in scopes
        }
    assert words(page(client, "/editions/").select_one("main tbody .num")) == str(len(scopes))
    for address in ("/lists/CX.json", "/editions/CX-2026-01.json"):
        assert {row[2] for row in json.loads(client.get(address).data)["rows"]} == {
            f"示例{s}" for s in scopes
        }


def test_an_edition_with_nothing_for_the_asker_is_not_found(client, session, make):
    entry = make.entry(scope=PublicationScope.VERIFIED_BUYERS)
    entries.add_listing(session, entry, None, list_code=ListCode.PC, year=2026)
    session.commit()

    page(client, "/editions/PC-2026-01", status=404)
    page(client, "/editions/PC-2026-01.csv", status=404)
    assert page(client, "/editions/").select("main tbody tr") == []


def test_a_verified_buyers_approver_is_offered_a_certificate_for_a_purchase(client, session, make):
    entry = make.entry()
    make.listing(entry)
    user = buyer_of(make, BuyerStatus.VERIFIED)
    session.commit()
    log_in(client, user)

    shown = page(client, f"/catalog/products/{entry.code}")

    assert [words(button) for button in shown.select(".certify .btn")] == [
        "出具列入情况证明",
        "出具采购用途列入情况证明",
        "加入备选清单",
    ]


# --- pictures -----------------------------------------------------------------------------------------------------


def test_a_product_that_is_not_published_offers_no_certificate_to_the_office(client, session, make):
    entry = make.entry(scope=PublicationScope.NOT_PUBLISHED)
    make.listing(entry)
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    shown = page(client, f"/catalog/products/{entry.code}")

    assert "该产品不公开，不出具列入情况证明。" in words(shown)
    assert shown.select("form[action$=certificate]") == []


def test_a_public_picture_may_be_kept_for_good_and_a_restricted_one_not_at_all(
    client, session, make, settings
):
    store = FileStore(settings.files_dir)
    kept = {}
    for scope in (PublicationScope.PUBLIC, PublicationScope.NOT_PUBLISHED):
        entry = make.entry(scope=scope)
        make.listing(entry)
        kept[scope] = store.put(f"picture {scope}".encode())
        session.add(
            EntryPicture(
                entry_id=entry.id, position=1, sha256=kept[scope], media_type="image/png", caption="图"
            )
        )
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)

    open_one, restricted = (client.get(f"/catalog/pictures/{sha256}") for sha256 in kept.values())

    assert (open_one.data, open_one.content_type) == (b"picture public", "image/png")
    assert restricted.headers["Cache-Control"] == "no-store"
    client.post("/logout")
    assert client.get(f"/catalog/pictures/{kept[PublicationScope.PUBLIC]}").headers["Cache-Control"] == (
        "public, max-age=31536000, immutable"
    )


def test_a_picture_that_browsers_would_run_is_never_given(client, session, make, settings):
    entry = make.entry()
    make.listing(entry)
    sha256 = FileStore(settings.files_dir).put(b"<svg onload='alert(1)'/>")
    session.add(
        EntryPicture(entry_id=entry.id, position=1, sha256=sha256, media_type="image/svg+xml", caption="图")
    )
    session.commit()

    page(client, f"/catalog/pictures/{sha256}", status=404)


def test_a_picture_lost_from_the_store_is_not_found(client, session, make):
    entry = make.entry()
    make.listing(entry)
    session.add(
        EntryPicture(entry_id=entry.id, position=1, sha256="0" * 64, media_type="image/png", caption="图")
    )
    session.commit()

    page(client, f"/catalog/pictures/{'0' * 64}", status=404)


# --- lists and editions -------------------------------------------------------------------------------------------


def test_a_list_shows_what_is_active_and_on_request_what_has_been(client, session, make):
    active = make.listing()
    gone = make.listing(status=ListingStatus.REVOKED, status_reason="示例理由")
    make.listing(status=ListingStatus.PENDING_PUBLICATION)
    make.listing(list_code=ListCode.RJ)
    session.commit()

    def numbers(address):
        return [words(cell) for cell in page(client, address).select("main tbody td[data-label=目录编号]")]

    assert numbers("/lists/cx") == [active.number]
    assert numbers("/lists/CX?status=all") == [active.number, gone.number]


def test_the_four_lists_are_shown_with_their_active_listings(client, session, make):
    make.listing()
    make.listing(list_code=ListCode.TZ)
    make.listing(list_code=ListCode.TZ, status=ListingStatus.EXPIRED)
    session.commit()

    assert [words(card) for card in page(client, "/lists/").select(".card-count strong")] == [
        "1",
        "1",
        "0",
        "0",
    ]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/lists/ZZ", 404, "没有这个名单，名单代码为 CX、TZ、PC、RJ 之一。"),
        ("/lists/CX?status=x", 422, "参数 status 应为 active（有效）或 all（全部）。"),
        ("/lists/CX?page=0", 422, "页码应为正整数。"),
        ("/lists/CX?page=-1", 422, "页码应为正整数。"),
        ("/editions/?page=x", 422, "页码应为正整数。"),
        ("/editions/CX-2026-99", 404, "没有这个目录版本。"),
        ("/editions/ZZ-2026-01", 404, "没有这个目录版本。"),
        ("/editions/x", 404, "没有这个目录版本。"),
        ("/editions/CX-2026-01.pdf", 404, "只提供 .xlsx、.csv、.json 三种格式的下载。"),
        ("/lists/CX.exe", 404, "只提供 .xlsx、.csv、.json 三种格式的下载。"),
    ],
)
def test_a_wrong_address_gets_one_sentence(client, address, status, said):
    assert words(page(client, address, status).select_one("[role=alert]")) == said


def test_a_page_beyond_the_last_leads_back(client, session, make):
    make.listing()
    session.commit()

    shown = page(client, "/lists/CX?page=9999999")

    assert words(shown.select_one(".empty-title")) == "这一页没有内容"
    assert shown.select_one(".empty a")["href"] == "/lists/CX?page=1"


@pytest.mark.parametrize("address", ["/lists/CX", "/editions/", "/editions/CX-2026-01"])
def test_three_rows_need_as_many_queries_as_one(client, session, make, queries, address):
    def add(batch):
        entries.add_listing(session, make.entry(), None, list_code=ListCode.CX, year=2026, batch=batch)
        session.commit()

    add(1)
    with queries() as one:
        page(client, address)
    add(1), add(2), add(3), add(1)
    with queries() as three:
        page(client, address)

    assert len(three) == len(one)


def test_an_edition_shows_what_was_cut_and_its_state_today(client, session, make):
    entry = make.entry(name="原名")
    listing = entries.add_listing(
        session,
        entry,
        None,
        list_code=ListCode.CX,
        year=2026,
        document="示例〔2026〕1号",
        published_on=date(2026, 4, 28),
    )
    entries.change_status(session, listing, None, status=ListingStatus.SUSPENDED, reason="核查")
    session.commit()

    shown = page(client, "/editions/CX-2026-01")

    assert facts(shown.select_one(".edition-facts")) == {
        "版本编号": "CX-2026-01", "发布文件": "示例〔2026〕1号", "发布日期": "2026年4月28日", "来源": "导入", "产品数": "1",
    }  # fmt: skip
    assert [words(cell) for cell in shown.select("main tbody tr > *")][-1] == "暂停"


def test_an_edition_can_be_had_as_a_table(client, session, make):
    listing = entries.add_listing(session, make.entry(name="=1+1"), None, list_code=ListCode.CX, year=2026)
    session.commit()

    answer = client.get("/editions/CX-2026-01.csv")

    assert answer.headers["Content-Disposition"] == "attachment; filename=CX-2026-01.csv"
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["目录编号"], row["产品名称"], row["状态"]) == (listing.number, "'=1+1", "有效")
    assert client.get("/editions/CX-2026-01.xlsx").data.startswith(b"PK")


def test_a_nul_in_a_parameter_is_refused_and_never_a_defect(client):
    assert client.get("/lists/CX?status=%00").status_code == 422
    assert client.get("/catalog/?q=%00").status_code == 200
    assert client.post("/login", data={"login": "a\0b", "password": "x"}).status_code in (400, 401)


@pytest.mark.parametrize("path", ["/lists/CX.csv", "/editions/CX-2026-01.json"])
def test_taking_along_more_than_everybody_sees_leaves_a_line_and_taking_public_products_none(
    client, session, make, path
):
    entries.add_listing(session, make.entry(), None, list_code=ListCode.CX, year=2026, batch=1)
    session.commit()

    assert client.get(path).status_code == 200
    assert session.scalars(select(TrailLine).where(TrailLine.action == "catalog.export")).all() == []
    user = log_in_as(client, session, make, Role.PUBLISHER)
    assert client.get(path).status_code == 200

    (line,) = session.scalars(select(TrailLine).where(TrailLine.action == "catalog.export"))
    assert line.actor_id == user.id
