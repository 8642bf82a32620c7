"""The buyer's way from a search to a verified certificate, in a browser, with and without JavaScript."""

import re
from io import BytesIO
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from catalog.demo.people import PASSWORD
from registry import outbox

NUMBER = re.compile(r"ZM-\d{4}-[A-Z]{2}-\d{6}-\d{2}")
CODE = re.compile(r"[A-Z]{4}-[A-Z]{4}-[A-Z]{4}")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_visitor_finds_a_product_gets_its_certificate_and_verifies_it(window, javascript):
    page = window(javascript=javascript)
    page.goto("/")
    page.get_by_label("检索词").fill("機器人")  # traditional characters find the same
    page.get_by_role("button", name="检索").click()
    first = page.locator(".result h2 a").first
    name = first.inner_text()
    assert "机器人" in page.locator(".result mark").first.inner_text()

    first.click()
    assert page.locator("h1").inner_text() == name
    with page.expect_download() as waiting:
        page.get_by_role("button", name="出具列入情况证明", exact=True).click()
    certificate = Path(waiting.value.path()).read_bytes()
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(certificate)).pages)
    number, code = NUMBER.search(text).group(), CODE.search(text).group()
    assert waiting.value.suggested_filename == f"{number}.pdf"
    expect(page.get_by_text("正在出具证明")).to_be_hidden()
    expect(page.get_by_text(f"证明 {number} 已出具并下载")).to_be_visible(visible=javascript)

    page.goto("/")
    page.get_by_role("link", name="证明核验", exact=True).first.click()
    page.get_by_label("证明编号").fill(number.lower())
    page.get_by_label("核验码").fill(code)
    page.get_by_role("button", name="核验", exact=True).click()

    assert page.url.endswith("/verify/")
    assert code.replace("-", "") not in page.url
    shown = page.locator("main").inner_text()
    assert number in shown
    assert name in shown


def test_an_approver_gets_a_certificate_for_the_unit_s_purchase(window):
    page = window()
    page.goto("/catalog/?q=手术机器人")
    page.locator(".result h2 a").first.click()
    product = page.url
    page.get_by_role("link", name="登录").click()
    page.get_by_label("用户名、邮箱或手机号").fill("hospital")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()

    page.goto(product)
    page.get_by_role("link", name="出具采购用途列入情况证明").click()
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("用途").fill("示例手术室设备更新项目")
    with page.expect_download() as waiting:
        page.locator("main form button[type=submit]").click()

    text = "".join(sheet.extract_text() for sheet in PdfReader(waiting.value.path()).pages)
    number = re.search(r"ZM-\d{4}-YL-\d{6}-\d{2}", text).group()
    expect(page.get_by_text("已出具并下载")).to_be_visible()
    expect(page.locator(".error-summary, .field-error, .field-wrong, [aria-invalid]")).to_have_count(0)
    page.get_by_role("link", name=number).click()
    expect(page.locator("main")).to_contain_text(number)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_table_is_exported_in_one_form_right_after_the_other(window, javascript):
    page = window(javascript=javascript)
    page.goto("/catalog/requirements?q=手术机器人")
    page.get_by_label("采购要求", exact=True).fill("质保期不少于24个月")
    page.get_by_role("button", name="比对采购要求").click()

    for form in ("CSV", "XLSX", "CSV"):
        with page.expect_download(timeout=4000) as waiting:
            page.get_by_role("button", name=f"导出 {form}").click()
        assert re.fullmatch(rf"采购要求比对-\d{{8}}\.{form.lower()}", waiting.value.suggested_filename)


def test_a_second_click_sends_nothing_while_the_first_ones_answer_is_awaited(window):
    page = window()
    sent = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.goto("/catalog/?q=手术机器人")
    page.locator(".result h2 a").first.click()

    with page.expect_download():
        page.get_by_role("button", name="出具列入情况证明", exact=True).dblclick()
    expect(page.get_by_text("已出具并下载")).to_be_visible()

    assert len(sent) == 1


def test_what_was_typed_survives_the_end_of_the_session(window):
    page = window()
    page.goto("/verify/")
    page.get_by_label("证明编号").fill("ZM-2026-LR-000001-31")
    page.context.clear_cookies()
    page.get_by_role("button", name="核验", exact=True).click()

    assert page.locator("h1").inner_text() == "填写的内容没有丢失"
    page.get_by_role("button", name="再次提交").click()

    assert "ZM-2026-LR-000001-31" in page.locator("main").inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_menu_and_facets_fold_on_a_phone_and_stand_open_on_a_desk(window, javascript):
    phone, desk = window(width=390, javascript=javascript), window(javascript=javascript)
    for page in (phone, desk):
        page.goto("/catalog/")

    assert desk.get_by_role("link", name="四个名单").is_visible()
    assert desk.locator(".facet a").first.is_visible()
    assert not phone.get_by_role("link", name="四个名单").is_visible()
    assert not phone.locator(".facet a").first.is_visible()

    phone.locator(".facets > summary").click()
    phone.locator(".facet a").first.click()
    assert phone.locator(".chip").count() == 1

    phone.locator(".site-menu > summary").click()
    phone.get_by_role("link", name="四个名单").click()
    assert phone.locator("h1").inner_text() == "四个名单"


def test_the_keyboard_reaches_the_text_first_and_shows_where_it_is(window):
    page = window()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_names_are_suggested_while_one_types(window):
    page = window()
    page.goto("/")
    page.get_by_label("检索词").press_sequentially("手术机器")
    page.wait_for_selector("#suggestions option", state="attached")

    options = page.locator("#suggestions option").evaluate_all("nodes => nodes.map((node) => node.value)")

    assert options
    assert all("手术机器" in option for option in options)


def deliver(context):
    """Do what the worker does until nothing is due."""
    while outbox.deliver(context):
        pass


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_two_hands_of_a_hospital_get_the_certificates_of_a_shortlist(window, site, javascript):
    def signed_in(name):
        page = window(javascript=javascript)
        page.goto("/login")
        page.get_by_label("用户名、邮箱或手机号").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    operator = signed_in("operator")
    operator.goto("/catalog/shortlist")
    operator.get_by_role("button", name="申请批量出具证明").click()
    operator.get_by_label("用途").fill(f"示例手术室设备更新项目，第 {1 + javascript} 包")
    operator.get_by_role("button", name="提交审批").click()

    approver = signed_in("hospital")
    approver.goto(operator.url)
    approver.get_by_role("button", name="同意出具").click()
    state = approver.locator(".page-head .state")
    expect(state).to_have_text("正在出具")
    worker = Thread(target=deliver, args=(site.context,))  # this thread's event loop is the browser's
    worker.start()
    worker.join()
    if not javascript:
        approver.get_by_role("link", name="刷新进度").click()
    expect(state).to_have_text("已办结")

    with approver.expect_download() as waiting:
        approver.get_by_role("link", name="下载全部证明").click()
    with ZipFile(waiting.value.path()) as packed:
        table, *certificates = packed.namelist()
    assert table == "清单.csv"
    assert certificates
    assert all(NUMBER.fullmatch(name.removesuffix(".pdf")) for name in certificates)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_shortlist_is_compared_without_a_token_in_the_address_and_shortened(window, javascript):
    page = window(javascript=javascript)
    page.goto("/login")
    page.get_by_label("用户名、邮箱或手机号").fill("operator")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto("/catalog/shortlist")
    before = page.locator("input[name=code]").count()
    page.locator("input[name=code]").first.check()
    code = page.locator("input[name=code]").first.get_attribute("value")

    page.get_by_role("button", name="对比所选产品").click()
    assert page.url.endswith(f"/catalog/compare?code={code}")

    page.goto("/catalog/shortlist")
    page.locator(f"input[value={code}]").check()
    page.get_by_role("button", name="移除所选产品").click()
    expect(page.get_by_text("已从备选清单移除。")).to_be_visible()
    expect(page.locator("input[name=code]")).to_have_count(before - 1)
    page.goto(f"/catalog/shortlist?code={code}")
    page.get_by_role("button", name="加入备选清单").click()
    expect(page.locator("input[name=code]")).to_have_count(before)
