"""Every page at 1440 and 390 px: nothing overflows, all can be read, and a picture is kept.

With REGISTRY_TEST_SCREENS=docs/screens the pictures of the documentation are made anew.
"""

import os
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from catalog.demo.people import PASSWORD
from tests.browser.conftest import look
from tests.browser.places import found
from tests.catalog.certificates.variants import VARIANTS
from tests.pictures import shrink

INDEX = Path(__file__).parents[2] / "docs" / "screens" / "index.md"
HEIGHT_MOST = 2400  # pixels of a picture; lists go on in the same way below
WINDOWS = ((1440, 900), (390, 844))
SCREENS = os.environ.get("REGISTRY_TEST_SCREENS")

PAGES = {
    # name: (who, address); what stands in braces is found in the demonstration by `tests.browser.places`
    "home": (None, "/"),
    "search": (None, "/catalog/?q=机器人"),
    "search-filtered": (None, "/catalog/?field=HE&first_on_market=true&sort=date"),
    "search-empty": (None, "/catalog/?q=不存在的产品名称&field=IC"),
    "search-tips": (None, "/catalog/?q=机器人"),
    "compare": (None, "/catalog/compare?{alike}"),
    "requirements": (None, "/catalog/requirements?{alike}"),
    "requirements-table": (None, "/catalog/requirements?{alike}"),
    "product": (None, "{device}"),
    "product-revoked": (None, "{revoked}"),
    "lists": (None, "/lists/"),
    "list": (None, "/lists/TZ"),
    "editions": (None, "/editions/"),
    "edition": (None, "{edition}"),
    "calls": (None, "/rounds/"),
    "call": (None, "{call}"),
    "notices": (None, "/notices/"),
    "notice": (None, "{notice}"),
    "objection": (None, "{notice}/objection"),
    "announcement": (None, "{announcement}"),
    "verify": (None, "/verify/"),
    "verify-valid": (None, "{valid}"),
    "verify-revoked": (None, "{ended}"),
    "verify-scanned": (None, "{scanned}"),
    "verify-mistyped": (None, "{mistyped}"),
    "verify-keys": (None, "/verify/keys"),
    "register": (None, "/register"),
    "login": (None, "/login"),
    "not-found": (None, "/catalog/products/P999999"),
    "kept-input": (None, "/verify/"),
    "api": (None, "/api/docs"),
    "applicant-home": ("signatory", "/home"),
    "applicant-list": ("signatory", "/apply/"),
    "applicant-unit": ("signatory", "/unit"),
    "applicant-inbox": ("signatory", "/inbox"),
    "applicant-listed": ("signatory", "{listed}"),
    "draft": ("{drafting}", "{draft}"),
    "draft-form": ("{drafting}", "{draft}/edit/B"),
    "draft-files": ("{drafting}", "{draft}/edit/H"),
    "draft-submit": ("{drafting}", "{draft}/submit"),
    "correction": ("{correcting}", "{correction}/correction"),
    "result": ("{told}", "{result}/review-result"),
    "reviewer-home": ("reviewer", "/home"),
    "formal-review": ("reviewer", "/office/formal-review"),
    "formal-review-case": ("reviewer", "{examined}"),
    "unit-queue": ("reviewer", "/office/units"),
    "unit-record": ("reviewer", "/office/units/1"),
    "lead-home": ("lead", "/home"),
    "rounds": ("lead", "/office/rounds"),
    "round": ("lead", "{round}"),
    "policy": ("lead", "/office/policy"),
    "policy-rubric": ("lead", "/office/policy/rubric.CX"),
    "calendar": ("lead", "/office/policy/calendar"),
    "panels": ("lead", "{panels}"),
    "panel": ("lead", "{panel}"),
    "panel-case": ("lead", "{case}"),
    "experts": ("lead", "/office/experts"),
    "committee": ("lead", "/office/committee"),
    "committee-letter": ("lead", "{letter}"),
    "committee-sealed": ("lead", "{sealed}"),
    "objection-case": ("lead", "{challenged}"),
    "reconsiderations": ("lead", "/office/reconsiderations"),
    "reconsideration": ("lead", "{reconsidered}"),
    "certificates": ("lead", "/certificates/"),
    "certificate-record": ("lead", "{record}"),
    "support": ("lead", "/office/support"),
    "import": ("lead", "/office/import"),
    "import-check": ("lead", "{upload}"),
    "expert-home": ("{scorer}", "/home"),
    "expert-tasks": ("{scorer}", "/review/"),
    "expert-sheet": ("{scorer}", "{sheet}"),
    "expert-leave": ("{scorer}", "{sheet}/leave"),
    "member-home": ("{voter}", "/home"),
    "member-letters": ("{voter}", "/review/committee/"),
    "member-ballot": ("{voter}", "{ballot}"),
    "chair-home": ("chair", "/home"),
    "publisher-home": ("publisher", "/home"),
    "publisher-notices": ("publisher", "/office/notices"),
    "publisher-notice": ("publisher", "/office{notice}"),
    "publisher-list": ("publisher", "/office/publications"),
    "publisher-publication": ("publisher", "{publication}"),
    "publisher-draft": ("publisher", "{drafted}"),
    "observer-home": ("observer", "/home"),
    "observer-panel": ("observer", "{panel}"),
    "buyer-home": ("hospital", "/home"),
    "buyer-product": ("hospital", "{device}"),
    "buyer-certificate": ("hospital", "{device}/procurement-certificate"),
    "shortlist": ("operator", "/catalog/shortlist"),
    "batch-new": ("operator", "/buyer/batches/new"),
    "batches": ("hospital", "/buyer/batches/"),
    "batch-waiting": ("hospital", "/buyer/batches/2"),
    "batch-complete": ("hospital", "/buyer/batches/1"),
    "users": ("secadmin", "/office/users"),
    "user": ("secadmin", "/office/users/1"),
    "invite-errors": ("sysadmin", "/office/users/invite"),
    "trail": ("auditor", "/office/trail"),
    "exceptions": ("observer", "/office/exceptions"),
    "bans": ("reviewer", "/office/units/bans"),
    "ban": ("lead", "{ban}"),
    "synonyms": ("publisher", "/office/synonyms"),
    "synonym-propose": ("publisher", "/office/synonyms/propose"),
    "synonym-change": ("publisher", "{synonym}"),
    "searches": ("lead", "/office/searches"),
    "saved-searches": ("hospital", "/catalog/saved"),
}


def send_nothing(page):
    page.get_by_role("button", name="发出邀请").click()


def send_after_the_session_ended(page):
    page.get_by_label("证明编号").fill("ZM-2026-LR-000001-31")
    page.context.clear_cookies()
    page.get_by_role("button", name="核验", exact=True).click()


def match_requirements(page):
    page.get_by_label("采购要求", exact=True).fill(REQUIREMENTS)
    page.get_by_role("button", name="比对采购要求").click()


REQUIREMENTS = """★1. 投标产品须列入《上海市创新产品推荐目录》
2. 质保期不少于24个月
3. 平均无故障工作时间（MTBF）≥1,000小时
4. 防护等级不低于IP54
5. 工作环境温度：5℃～40℃
6. 提供原厂安装培训"""
THEN = {
    "search-tips": lambda page: page.get_by_text("检索技巧").click(),
    "verify-scanned": lambda page: page.get_by_role("button", name="核对二维码").click(),
    "invite-errors": send_nothing,
    "kept-input": send_after_the_session_ended,
    "requirements-table": match_requirements,
}

# Smallest contrast of visible text, by the formula of WCAG 2.2; large text (24 px, or 18.66 px bold) may have 3.
CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgba(getComputedStyle(node).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), node = walker.currentNode.parentElement;
    if (!text || !node.checkVisibility({visibilityProperty: true})) continue;
    const style = getComputedStyle(node), size = parseFloat(style.fontSize);
    const [a, b] = [light(rgba(style.color)), light(ground(node))].sort((x, y) => y - x);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) faint.push(text.slice(0, 20));
  }
  return faint;
}"""

FAULTS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  const unnamed = [...document.querySelectorAll("main input, main select, main textarea, header input")]
    .filter((node) => node.type !== "hidden" && !node.labels.length && !node.ariaLabel);
  const words = (node) => node.innerText.trim() || node.ariaLabel || node.querySelector("img[alt]:not([alt=''])");
  const shown = (node) => node.checkVisibility({visibilityProperty: true});
  return {
    title: document.title.split("·")[0].trim() !== "",
    speechless: [...document.querySelectorAll("button, a[href], summary")]
      .filter((node) => shown(node) && !words(node)).map((node) => node.outerHTML),
    reordered: document.querySelectorAll("[tabindex]:not([tabindex='0'], [tabindex='-1'])").length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: document.querySelectorAll("h1").length,
    language: document.documentElement.lang,
    twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    unnamed: unnamed.map((node) => node.outerHTML),
    pictures: [...document.images].filter((image) => !image.hasAttribute("alt")).length,
    small: [...document.querySelectorAll("main a.btn, main button, .chip, .pages a")]
      .map((node) => node.getBoundingClientRect()).filter((box) => box.height && box.height < 24).length,
  };
}"""
SOUND = {
    "title": True,
    "speechless": [],
    "reordered": 0,
    "overflow": 0,
    "headings": 1,
    "language": "zh-CN",
    "twice": [],
    "unnamed": [],
    "pictures": 0,
    "small": 0,
}


@pytest.fixture(scope="module")
def places(site):
    return found(site)


@pytest.fixture(scope="module")
def signed_in(chromium, site):
    """Return a function that gives the cookies of somebody who has signed in."""

    @cache
    def cookies(username):
        context = look(chromium, site)
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("用户名、邮箱或手机号").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/home")
        kept = context.cookies()
        context.close()
        return kept

    return cookies


def keep(page, path):
    """Keep a picture; the window is made as high as the page, as what sticks to its edge belongs to its end."""
    width = page.viewport_size["width"]
    height = min(page.evaluate("document.documentElement.scrollHeight"), HEIGHT_MOST)
    page.set_viewport_size({"width": width, "height": height})
    shrink(Image.open(BytesIO(page.screenshot())), path)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_can_be_read(window, signed_in, places, name):
    who, address = (text and text.format(**places) for text in PAGES[name])
    page = window()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    if who:
        page.context.add_cookies(signed_in(who))
    answer = page.goto(address)
    if name in THEN:
        THEN[name](page)

    assert answer.status == (404 if name == "not-found" else 200)
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.fonts.ready")
        assert page.evaluate(FAULTS) == SOUND, width
        assert page.evaluate(CONTRAST) == [], width
        if SCREENS:
            keep(page, Path(SCREENS) / f"{name}-{width}.png")
    assert [line for line in said if not line.startswith("Failed to load resource")] == []


def test_the_index_names_every_picture_and_no_other():
    named = set(re.findall(r"\(([a-z-]+-(?:1440|390|a4)\.png)\)", INDEX.read_text("utf-8")))

    pages = {f"{name}-{width}.png" for name in PAGES for width in (1440, 390)}
    assert named == pages | {f"certificate-{name}-a4.png" for name in VARIANTS}
    assert {path.name for path in INDEX.parent.glob("*.png")} == named
