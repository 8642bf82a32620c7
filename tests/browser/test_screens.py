"""Every page at 1440 and 390 px: nothing overflows, all can be read, and a picture is kept.

With REGISTRY_TEST_SCREENS=docs/screens the pictures of the documentation are made anew.
"""

import os
import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from catalog.demo.people import PASSWORD
from catalog.models import Certificate, CertificateStatus
from registry.models import CatalogEntry, EntryVersion, Listing, ListingStatus, PublicationScope

INDEX = Path(__file__).parents[2] / "docs" / "screens" / "index.md"
HEIGHT_MOST = 2400  # pixels of a picture; lists go on in the same way below
COLOURS = 128

PAGES = {
    "home": (None, "/"),
    "search": (None, "/catalog/?q=机器人"),
    "search-filtered": (None, "/catalog/?field=HE&first_on_market=true&sort=date"),
    "search-empty": (None, "/catalog/?q=不存在的产品名称&field=IC"),
    "product": (None, "{device}"),
    "product-revoked": (None, "{revoked}"),
    "lists": (None, "/lists/"),
    "list": (None, "/lists/TZ"),
    "editions": (None, "/editions/"),
    "edition": (None, "{edition}"),
    "verify": (None, "/verify/"),
    "verify-valid": (None, "{valid}"),
    "verify-revoked": (None, "{ended}"),
    "login": (None, "/login"),
    "not-found": (None, "/catalog/products/P999999"),
    "api": (None, "/api/docs"),
    "buyer-home": ("hospital", "/home"),
    "buyer-product": ("hospital", "{device}"),
    "buyer-certificate": ("hospital", "{device}/procurement-certificate"),
    "lead-home": ("lead", "/home"),
    "import": ("lead", "/office/import"),
    "import-check": ("lead", "{upload}"),
    "users": ("secadmin", "/office/users"),
    "user": ("secadmin", "/office/users/1"),
    "invite-errors": ("sysadmin", "/office/users/invite"),
    "kept-input": (None, "/verify/"),
    "trail": ("auditor", "/office/trail"),
}

UPLOAD = """产品名称,型号,申报单位,统一社会信用代码,所在区,产业领域,认定日期,有效期至,备注
示例便携式超声仪,SL-1,上海示例影像设备有限公司,91310000DEM000014U,浦东新区,生命健康,2026-11-01,2029-10-31,甲
示例质谱仪,SL-2,上海示例仪器有限公司,12345,徐汇区,高端装备,2026-11-01,2029-10-31,乙
,SL-3,上海示例仪器有限公司,,徐汇区,高端装备,2026-11-01,2029-10-31,丙
示例光谱仪,SL-4,上海示例仪器有限公司,,松江区,高端装备,2026-13-01,,丁
"""


def send_nothing(page):
    page.get_by_role("button", name="发出邀请").click()


def send_after_the_session_ended(page):
    page.get_by_label("证明编号").fill("ZM-2026-LR-000001-31")
    page.context.clear_cookies()
    page.get_by_role("button", name="核验").click()


THEN = {"invite-errors": send_nothing, "kept-input": send_after_the_session_ended}

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
  return {
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
    """Return the addresses that depend on what the demonstration holds."""
    with site.database.reading() as session:
        public = (
            select(CatalogEntry.code)
            .join(Listing, Listing.entry_id == CatalogEntry.id)
            .join(
                EntryVersion,
                (EntryVersion.entry_id == CatalogEntry.id)
                & (EntryVersion.version == CatalogEntry.current_version),
            )
            .where(CatalogEntry.scope == PublicationScope.PUBLIC)
            .order_by(CatalogEntry.id)
        )
        device = session.scalars(
            public.where(
                Listing.status == ListingStatus.ACTIVE,
                Listing.first_on_market.is_(True),
                EntryVersion.device.is_not(None),
                EntryVersion.kpis.is_not(None),
            )
        ).first()
        revoked = session.scalars(public.where(Listing.status == ListingStatus.REVOKED)).first()
        certificates = select(Certificate).order_by(Certificate.id.desc())
        valid = session.scalars(certificates.where(Certificate.status == CertificateStatus.ISSUED)).first()
        ended = session.scalars(certificates.where(Certificate.status != CertificateStatus.ISSUED)).first()
        newest = session.scalars(
            select(Listing).where(Listing.list_code == "CX").order_by(Listing.id.desc())
        ).first()
        return {
            "device": f"/catalog/products/{device}",
            "revoked": f"/catalog/products/{revoked}",
            "edition": f"/editions/CX-{newest.year}-{newest.batch:02}",
            "valid": f"/verify/{valid.number}?code={valid.short_code}",
            "upload": f"/office/import/{site.files.put(UPLOAD.encode())}?name=示例目录.csv&list=CX",
            "ended": f"/verify/{ended.number}?code={ended.short_code}",
        }


def log_in(page, username):
    page.goto("/login")
    page.get_by_label("用户名、邮箱或手机号").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/home")


def keep(page, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    height = min(page.evaluate("document.documentElement.scrollHeight"), HEIGHT_MOST)
    width = page.viewport_size["width"]
    shot = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    with Image.open(BytesIO(shot)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_can_be_read(window, places, tmp_path, name, width):
    username, address = PAGES[name]
    page = window(width=width)
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    if username:
        log_in(page, username)
    page.goto(address.format(**places))
    if name in THEN:
        THEN[name](page)
    page.evaluate("document.fonts.ready")

    keep(page, Path(os.environ.get("REGISTRY_TEST_SCREENS") or tmp_path) / f"{name}-{width}.png")

    assert [line for line in said if not line.startswith("Failed to load resource")] == []
    assert page.evaluate(FAULTS) == SOUND
    assert page.evaluate(CONTRAST) == []


def test_the_index_names_every_picture_and_no_other():
    named = set(re.findall(r"\(([a-z-]+-(?:1440|390)\.png)\)", INDEX.read_text("utf-8")))

    assert named == {f"{name}-{width}.png" for name in PAGES for width in (1440, 390)}
    assert {path.name for path in INDEX.parent.glob("*.png")} == named
