"""The fonts of certificates, the same on every machine: built once, complete."""

from catalog.certificates.fonts.building import build
from catalog.certificates.fonts.errors import NoGlyphError, RenderingError
from catalog.certificates.fonts.rendering import check_rendering, install
from catalog.certificates.fonts.typefaces import check_coverage, families, typefaces

__all__ = [
    "NoGlyphError",
    "RenderingError",
    "build",
    "check_coverage",
    "check_rendering",
    "families",
    "install",
    "typefaces",
]
