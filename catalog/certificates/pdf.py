"""Render a certificate's face to a PDF of exactly one A4 page.

WeasyPrint is imported on first use: it reads the fonts' configuration at once, and most processes never print.
"""

import hashlib
import io
import re
import threading
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from catalog.certificates import fonts
from catalog.certificates.face import Face
from catalog.certificates.fitting import levels, surely_overflows
from registry import clock
from registry.errors import RuleError
from registry.settings import Settings

TEMPLATES = Path(__file__).parents[2] / "templates"
QR_VERSION = 11  # 61 modules, 2.3 dots each at 35 mm and 100 dpi: a scan of that kind is still read
QR_MASK = 4  # fixed: scoring all eight masks takes four times as long and reads no better
QR_SCALE = 4  # pixels a module; at one, viewers blur the code until phones fail
OWN_SCHEME = "certificate"
QR_URL = f"{OWN_SCHEME}:qr"
EMBLEM_URL, SEAL_URL = f"{OWN_SCHEME}:emblem", f"{OWN_SCHEME}:seal"
ATTACHMENT = "certificate.json"


class TooLongError(RuleError):
    """The facts do not fit one page even in the smallest type; nothing is ever cut."""


class NoSealError(RuleError):
    """The certificate was issued with a seal, and the settings name none any more."""

    status = 503


class Renderer:
    """Render certificates in this process; keep one, since template and style sheet are prepared only once."""

    def __init__(self, settings: Settings) -> None:
        """Look at fonts and libraries.

        Raises:
            fonts.RenderingError: a library or a font is missing.
        """
        fonts.check_rendering(settings)
        fonts.typefaces()
        from weasyprint import CSS

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
        )
        environment.filters["grid"] = _grid
        self._template = environment.get_template("catalog/certificate.html")
        self._lock = threading.Lock()  # Pango's font map is not made for two threads
        sheet = (TEMPLATES / "catalog" / "certificate.css").read_text("utf-8")
        self._levels = levels(sheet)
        self._sheet = CSS(string=sheet, url_fetcher=closed_fetcher({}))
        self._emblem = _drawing(settings.issuer_emblem)
        self._seal = _drawing(settings.issuer_seal)

    def render(self, face: Face, *, qr: str, attachment: bytes) -> bytes:
        """Return the PDF/A-3: one A4 page, tagged, in the largest type in which everything fits.

        `qr` is what the code says; `attachment` is the JSON that the file carries for machines. A face that does not say
        that it bears no seal is printed with the deployment's.

        Raises:
            fonts.NoGlyphError: a character cannot be printed.
            NoSealError: it must bear a seal and there is none.
            TooLongError: it does not fit one page.
        """
        with self._lock:
            return self._render(face, qr, attachment)

    def _render(self, face: Face, qr: str, attachment: bytes) -> bytes:
        from weasyprint import CSS, HTML, Attachment
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError

        drawn = {} if self._emblem is None else {EMBLEM_URL: self._emblem}
        if not face.seal_statement:
            if self._seal is None:
                raise NoSealError(
                    "证明出具时设有印章，现在的设置 REGISTRY_ISSUER_SEAL 没有给出，证明文件暂不能生成"
                )
            drawn[SEAL_URL] = self._seal
        fetcher = closed_fetcher({QR_URL: (qr_png(qr), "image/png"), **drawn})
        page = self._template.render(
            face=face, level=0, qr=QR_URL, emblem=EMBLEM_URL if EMBLEM_URL in drawn else None, seal=SEAL_URL
        )
        fonts.check_coverage(page)
        cut = {f"{OWN_SCHEME}:{name}": font for name, font in fonts.typefaces().cut(page).items()}
        families = "".join(
            f'@font-face {{ font-family: "{url.partition(":")[2]}"; src: url({url}) }}' for url in cut
        )
        configuration = FontConfiguration()
        sheet = CSS(
            string=families,
            font_config=configuration,
            url_fetcher=closed_fetcher({url: (font, "font/ttf") for url, font in cut.items()}),
        )
        for level, sizes in enumerate(self._levels):
            if surely_overflows(face, sizes):
                continue
            html = page.replace('class="level-0"', f'class="level-{level}"', 1)
            try:
                document = HTML(string=html, url_fetcher=fetcher).render(
                    font_config=configuration, stylesheets=[sheet, self._sheet]
                )
            except FatalURLFetchingError as problem:  # no Exception: it would end the worker
                raise RuntimeError("the certificate's template loads something of its own") from problem
            if len(document.pages) == 1:
                issued_at = datetime.fromisoformat(face.issued_at).replace(tzinfo=clock.BEIJING)
                document.metadata.attachments = [
                    Attachment(
                        string=attachment,
                        name=ATTACHMENT,
                        description=face.title,
                        relationship="Data",
                        created=issued_at,
                        modified=issued_at,
                    )
                ]
                identifier = hashlib.sha256(face.number.encode()).digest()[:16]
                with warnings.catch_warnings():
                    warnings.simplefilter(
                        "ignore", ResourceWarning
                    )  # it leaves closing its profile to Python
                    pdf: bytes = document.write_pdf(pdf_variant="pdf/a-3a", pdf_identifier=identifier)
                return pdf
        longest = max(
            (cell for row in face.facts + face.findings for cell in row), key=lambda cell: len(cell.value)
        )
        raise TooLongError(
            f"证明须排在一页内，现有内容过长：“{longest.label}”有 {len(longest.value)} 字，请先精简后再出具"
        )


def _drawing(path: Path | None) -> tuple[bytes, str] | None:
    """Return a drawing of the settings, which looked at it when the process started."""
    return (path.read_bytes(), "image/svg+xml") if path else None


def qr_png(text: str) -> bytes:
    """Return the QR code of a text, level M, as a black-and-white PNG without margin."""
    target = io.BytesIO()
    given: dict[str, Any] = {"error": "m", "mode": "byte", "mask": QR_MASK, "boost_error": False}
    try:
        code = segno.make_qr(text, version=QR_VERSION, **given)
    except segno.DataOverflowError:  # a long address
        code = segno.make_qr(text, **given)
    code.save(target, kind="png", scale=QR_SCALE, border=0)
    return target.getvalue()


def closed_fetcher(assets: Mapping[str, tuple[bytes, str]]) -> Any:
    """Return a fetcher for WeasyPrint that knows these assets and refuses every other address, loudly."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in assets:
                raise FatalURLFetchingError(f"a certificate may not load {url!r}")
            content, media_type = assets[url]
            return URLFetcherResponse(url, content, {"Content-Type": media_type})

    return ClosedFetcher()


def _grid(text: str) -> Markup:
    """Mark runs of digits, which the style sheet sets half as wide as a character."""
    return Markup("").join(
        Markup('<span class="digits">{}</span>').format(part) if part.isdigit() else escape(part)
        for part in re.split(r"([0-9]+)", text)
    )
