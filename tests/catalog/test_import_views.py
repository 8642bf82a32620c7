"""Importing for the office over HTTP: upload, check, confirm; twice, late, and with files that are none."""

import csv
import io
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from catalog.views import imports
from registry.models import CatalogEntry, Listing, Role, TrailLine
from tests.catalog.importing.conftest import csv_of, xlsx_of
from tests.factories import log_in_as

ROWS = [
    {"产品名称": "示例磁共振", "型号": "MR-1", "备注": "x"},
    {"产品名称": "", "型号": "=1+1"},
    {"产品名称": "示例超声", "统一社会信用代码": "不详"},
]


@pytest.fixture
def lead(client, session, make):
    """Return the secretariat's lead, signed in."""
    return log_in_as(client, session, make, Role.SECRETARIAT_LEAD)


def upload(client, content, name="目录.csv", **more):
    """Send the upload form."""
    return client.post(
        "/office/import", data={"list": "CX", "file": (io.BytesIO(content), name), **more},
        content_type="multipart/form-data",
    )  # fmt: skip


def page(response, status=200):
    """Return a page that was answered."""
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def facts(shown):
    """Return a check's figures by their names."""
    return {row.dt.get_text(): row.dd.get_text(strip=True) for row in shown.select("dl.facts > div")}


def entries(session):
    """Return how many entries there are."""
    return session.scalar(select(func.count()).select_from(CatalogEntry))


def test_an_upload_is_checked_line_by_line_and_writes_nothing_until_it_is_confirmed(client, session, lead):
    sent = upload(client, csv_of(ROWS))
    shown = page(client.get(sent.location))

    assert sent.status_code == 302
    assert facts(shown) == {
        "读取": "3 行", "新增": "2 行", "变更": "0 行", "无变化": "0 行", "未采纳": "1 行", "涉及的目录版本": "CX-2026-01",
    }  # fmt: skip
    assert [[cell.get_text() for cell in row.select("td")] for row in shown.select("tbody tr")] == [
        ["表头", "备注", "", "不是导入表的列，未读取"],
        ["3", "产品名称", "", "产品名称为空"],
    ]
    assert "统一社会信用代码的格式或校验位不符" in shown.select_one("[aria-labelledby=hints]").get_text()
    assert entries(session) == 0


def test_a_confirmed_upload_is_in_the_catalog_once_when_the_button_is_pressed_twice(client, session, lead):
    address = upload(client, csv_of(ROWS), list="TZ", year="2024", batch="第二批").location
    button = {field["name"]: field["value"] for field in page(client.get(address)).select("main form input")}

    first = page(client.post(address, data=button, follow_redirects=True))
    second = page(client.post(address, data=button, follow_redirects=True))

    assert "已导入：新增 2 行，变更 0 行，无变化 0 行，未采纳 1 行。" in first.get_text()
    assert "核对之后目录有了变化" in second.get_text()
    assert facts(second)["无变化"] == "2 行"
    assert second.select("main form") == []
    assert session.scalars(select(Listing.number).order_by(Listing.id)).all() == [
        "TZ-2024-02-0001", "TZ-2024-02-0002",
    ]  # fmt: skip
    line = session.scalars(select(TrailLine).where(TrailLine.action == "catalog.import")).one()
    assert line.actor_id == lead.id


def test_a_confirmation_is_held_back_when_the_catalog_changed_since_the_check(client, session, lead, make):
    address = upload(client, csv_of(ROWS)).location
    revision = page(client.get(address)).select_one("input[name=revision]")["value"]
    make.entry()
    session.commit()

    shown = page(client.post(address, data={"revision": revision}, follow_redirects=True))

    assert "核对之后目录有了变化，请看过新的核对结果再导入。" in shown.get_text()
    assert entries(session) == 1


def test_the_whole_report_is_sent_as_a_harmless_table(client, lead):
    address = urlsplit(upload(client, csv_of([*ROWS, {"产品名称": "甲", "来源编号": "=" * 201}])).location)

    response = client.get(f"{address.path}/report.csv?{address.query}")

    rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    assert rows[0] == ["行", "列", "值", "原因"]
    assert rows[-1] == ["5", "来源编号", "'" + "=" * 200, "超过 200 字"]


def test_a_workbook_is_taken_too(client, lead):
    shown = page(client.get(upload(client, xlsx_of(ROWS), "目录.xlsx").location))

    assert facts(shown)["新增"] == "2 行"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"%PDF-1.7", "a.csv", "目录表格：文件扩展名是 .csv，内容却是PDF 文件；请另存为 .csv 或 .xlsx 后再导入。"),
        (b"x", "a.exe", "目录表格：只能导入 .csv 或 .xlsx 文件，请另存为其中一种后再试。"),
        ('产品名称\n甲\n"乙\n'.encode(), "a.csv", "目录表格：从第 3 行起有引号没有配对，一直到文件末尾。"),
        (("产品名称," + "x," * 200_000).encode(), "a.csv", "目录表格：表格有 200,001 列，最多只能有 16,384 列。"),
    ],
    ids=["pdf", "ending", "quotes", "columns"],
)  # fmt: skip
def test_a_file_is_refused_by_its_field_and_the_rest_stays_typed(client, lead, content, name, sentence):
    shown = page(upload(client, content, name, year="2024"), 422)

    assert sentence in shown.select_one("#file-error").get_text()
    assert shown.select_one("input[name=year]")["value"] == "2024"


def test_a_file_is_refused_when_it_is_larger_than_an_upload_may_be(client, lead, monkeypatch):
    monkeypatch.setattr(imports, "UPLOAD_MAX", 1_000)

    shown = page(upload(client, b"x" * 1_001), 422)
    beyond = upload(client, b"x" * (1_001 + imports.FORM_ROOM))

    assert "请由管理员用命令 catalog import 导入。" in shown.select_one("#file-error").get_text()
    assert beyond.status_code == 413


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("list", "XX", "名单：请从所列各项中选择一项。"),
        ("year", "26", "年份：不是可能的年份"),
        ("batch", "0", "批次：不是可能的批次，应为 1 至 99。"),
        ("valid_until", "2026-02-30", "有效期至：不是日期"),
        ("file", "", "目录表格：请选择要导入的文件。"),
    ],
)
def test_an_option_is_refused_by_its_field(client, lead, field, value, sentence):
    shown = page(upload(client, csv_of(ROWS), **{field: value}), 422)

    assert sentence in shown.select_one(f"#{field}-error").get_text()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/office/import/" + "0" * 64 + "?name=a.csv&list=CX", 404),
        ("/office/import/..%2F..%2Fetc?name=a.csv&list=CX", 404),
        ("/office/import/x?name=a.csv&list=CX", 404),
        ("/office/import/" + "0" * 64, 404),
        ("/office/import/" + "0" * 64 + "?name=a.csv&list=CX&year=1", 404),
    ],
)
def test_an_address_is_refused_when_it_names_no_upload(client, lead, address, status):
    page(client.get(address), status)


def test_a_confirmation_is_refused_when_it_does_not_come_from_the_check(client, session, lead):
    address = upload(client, csv_of(ROWS)).location

    page(client.post(address, data={"revision": "x"}), 422)

    assert entries(session) == 0


@pytest.mark.parametrize("role", [None, *(set(Role) - {Role.SECRETARIAT_LEAD, Role.PUBLISHER})])
def test_nobody_else_gets_in(client, session, make, role):
    if role is not None:
        log_in_as(client, session, make, role)

    answers = [client.get("/office/import"), client.post("/office/import/" + "0" * 64)]

    assert [answer.status_code for answer in answers] == ([302, 401] if role is None else [403, 403])


def test_an_upload_without_a_token_is_refused(app, client, lead):
    app.config["WTF_CSRF_ENABLED"] = True

    assert upload(client, csv_of(ROWS)).status_code == 400
