"""Render a certificate's face to a PDF of exactly one A4 page.

WeasyPrint is imported on first use: it reads the fonts' configuration at once, and most processes never print.
"""

import hashlib
import io
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from catalog.certificates import fonts
from catalog.certificates.face import Face
from registry.errors import RuleError

TEMPLATES = Path(__file__).parents[2] / "templates"
LEVELS = 6  # html.level-0 … level-5 in certificate.css, each tighter than the one before
QR_MASK = 4  # fixed: scoring all eight masks takes four times as long and reads no better
QR_SCALE = 8  # pixels a module; viewers blur smaller pictures until phones fail
OWN_SCHEME = "certificate"
QR_URL = f"{OWN_SCHEME}:qr"
FANG_URL = f"{OWN_SCHEME}:fang"


class TooLongError(RuleError):
    """The facts do not fit one page even in the smallest type; nothing is ever cut."""


class Renderer:
    """Render certificates in this process; keep one, since fonts and style sheet are prepared only once."""

    def __init__(self, data_dir: Path, *, fang: Path | None = None) -> None:
        """Choose the fonts; `fang` is a drop-in FangSong for the text.

        Raises:
            fonts.RenderingError: a library or a font is missing.
        """
        fonts.check_rendering(data_dir, fang=fang)
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
        )
        environment.filters["grid"] = _grid
        self._template = environment.get_template("catalog/certificate.html")
        self._fonts = FontConfiguration()
        self._lock = threading.Lock()  # Pango's font map is not made for two threads
        sheet = (TEMPLATES / "catalog" / "certificate.css").read_text("utf-8")
        assets: dict[str, tuple[bytes, str]] = {}
        if fang:
            assets[FANG_URL] = (fang.read_bytes(), "font/ttf")
            sheet = f'@font-face {{ font-family: "Fang"; src: url({FANG_URL}) }}\n{sheet}'
        self._sheet = CSS(string=sheet, font_config=self._fonts, url_fetcher=closed_fetcher(assets))

    def render(self, face: Face) -> bytes:
        """Return the PDF: one A4 page, tagged, in the largest type in which everything fits.

        Raises:
            fonts.NoGlyphError: a character cannot be printed.
            TooLongError: it does not fit one page.
        """
        with self._lock:
            return self._render(face)

    def _render(self, face: Face) -> bytes:
        from weasyprint import HTML
        from weasyprint.urls import FatalURLFetchingError

        fetcher = closed_fetcher({QR_URL: (qr_png(face.verify_url), "image/png")})
        for level in range(LEVELS):
            html = self._template.render(face=face, level=level, qr=QR_URL)
            if level == 0:
                fonts.check_coverage(html)
            try:
                document = HTML(string=html, url_fetcher=fetcher).render(
                    font_config=self._fonts, stylesheets=[self._sheet]
                )
            except FatalURLFetchingError as problem:  # no Exception: it would end the worker
                raise RuntimeError("the certificate's template loads something of its own") from problem
            if len(document.pages) == 1:
                identifier = hashlib.sha256(face.number.encode()).digest()[:16]
                pdf: bytes = document.write_pdf(pdf_tags=True, pdf_identifier=identifier)
                return pdf
        longest = max(
            (cell for row in face.facts + face.findings for cell in row), key=lambda cell: len(cell.value)
        )
        raise TooLongError(
            f"证明须排在一页内，现有内容过长：“{longest.label}”有 {len(longest.value)} 字，请先精简后再出具"
        )


def qr_png(text: str) -> bytes:
    """Return the QR code of a text, level M, as a black-and-white PNG without margin."""
    target = io.BytesIO()
    code = segno.make(text, error="m", mask=QR_MASK, micro=False, boost_error=False)
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
