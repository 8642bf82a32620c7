"""Render a certificate's face to a PDF of exactly one A4 page.

WeasyPrint is imported on first use: it reads the fonts' configuration at once, and most processes never print.
"""

import gc
import hashlib
import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from PIL import Image

from catalog.certificates import fonts
from catalog.certificates.face import Face
from catalog.certificates.fitting import levels, surely_overflows
from registry.errors import RuleError
from registry.settings import Settings

if TYPE_CHECKING:
    from catalog.certificates.typesetting import Fonts

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
        self._font_folder = fonts.install(settings.root).parent
        self._fonts = self._lay_out_fonts()
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
        )
        environment.filters["grid"] = _grid
        self._template = environment.get_template("catalog/certificate.html")
        self._levels = levels(fonts.families((TEMPLATES / "catalog" / "certificate.css").read_text("utf-8")))
        self._lock = threading.Lock()  # Pango's font map is not made for two threads
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
        with self._lock, _uncollected():
            return self._render(face, qr, attachment)

    def _lay_out_fonts(self) -> "Fonts":
        from catalog.certificates.typesetting import font_configuration

        return font_configuration(dict(fonts.typefaces().fonts()), self._font_folder)

    def _render(self, face: Face, qr: str, attachment: bytes) -> bytes:
        from catalog.certificates.typesetting import (
            Attachment,
            ClosedFetcher,
            FatalURLFetchingError,
            Page,
            finish,
            parsed,
        )

        if not self._fonts.are_there:  # somebody tidied the data folder up
            self._fonts = self._lay_out_fonts()
        drawn = {} if self._emblem is None else {EMBLEM_URL: self._emblem}
        if not face.seal_statement:
            if self._seal is None:
                raise NoSealError(
                    "证明出具时设有印章，现在的设置 REGISTRY_ISSUER_SEAL 没有给出，证明文件暂不能生成"
                )
            drawn[SEAL_URL] = self._seal
        fetcher = ClosedFetcher({QR_URL: (qr_png(qr), "image/png"), **drawn})
        page = self._template.render(
            face=face, qr=QR_URL, emblem=EMBLEM_URL if EMBLEM_URL in drawn else None, seal=SEAL_URL
        )
        fonts.check_coverage(page)
        for level in self._levels:
            if surely_overflows(face, level):
                continue
            try:
                document = Page(page, fetcher).render(
                    font_config=self._fonts.configuration, stylesheets=[parsed(level.sheet)]
                )
            except FatalURLFetchingError as problem:  # no Exception: it would end the worker
                raise RuntimeError("the certificate's template loads something of its own") from problem
            if len(document.pages) == 1:
                issued_at = datetime.fromisoformat(face.issued_at).astimezone(UTC)  # it is written as UTC
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
                    pdf: bytes = document.write_pdf(
                        pdf_variant="pdf/a-3a", pdf_identifier=identifier, finisher=finish
                    )
                if not self._fonts.are_there:
                    raise fonts.RenderingError("证明字库的文件在排版时被移走，请稍后再试")
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
    """Return the QR code of a text, level M, as a grey PNG without margin: WeasyPrint would make black and white a coloured one."""
    given: dict[str, Any] = {"error": "m", "mode": "byte", "mask": QR_MASK, "boost_error": False}
    try:
        code = segno.make_qr(text, version=QR_VERSION, **given)
    except segno.DataOverflowError:  # a long address
        code = segno.make_qr(text, **given)
    size = len(code.matrix)
    modules = bytes(0 if dark else 255 for row in code.matrix for dark in row)
    target = io.BytesIO()
    picture = Image.frombytes("L", (size, size), modules).resize(
        (size * QR_SCALE,) * 2, Image.Resampling.NEAREST
    )
    picture.save(target, "PNG")
    return target.getvalue()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Put off Python's collector, which would walk again and again through boxes and styles that all live to the end."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _grid(text: str) -> Markup:
    """Mark runs of digits, which the style sheet sets half as wide as a character."""
    return Markup("").join(
        Markup('<span class="digits">{}</span>').format(part) if part.isdigit() else escape(part)
        for part in re.split(r"([0-9]+)", text)
    )
