"""The typefaces of this process: whether every character has a glyph, and small fonts for one page."""

import functools
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

import uharfbuzz

from catalog.certificates.fonts import building
from catalog.certificates.fonts.errors import NoGlyphError, RenderingError
from registry.errors import SettingsError
from registry.settings import Settings, default_font_folder

NEEDED = frozenset(
    {"song", "song-bold", "hei"}
)  # where others are absent, the style sheet falls back to Song
GLYF = "glyf"  # outlines of a TrueType font
DROP_INS = {"fang": "font_fang", "title": "font_title"}
_UNPRINTED = frozenset({"\n", "\t"})


class Typefaces:
    """Fonts by the names that the style sheet uses."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        """Open the files; they are mapped, not read."""
        self._faces = {
            name: uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))) for name, path in files.items()
        }
        self._printable = frozenset(self._faces[building.SONG.name].unicodes)

    def check_coverage(self, text: Iterable[str]) -> None:
        """Make sure that every character has a glyph in Song, the last choice for every part of the page.

        Raises:
            NoGlyphError: the sentence names the characters.
        """
        wanted = {ord(character) for character in text if character not in _UNPRINTED}
        if missing := sorted(wanted - self._printable):
            raise NoGlyphError(f"无法生成证明：以下字符没有可用字形：{'、'.join(map(_named, missing))}")

    def cut(self, text: str) -> dict[str, bytes]:
        """Return each font with the glyphs of these characters alone."""
        codes = {ord(character) for character in text}
        return {name: _cut(face, codes) for name, face in self._faces.items()}


def _cut(face: uharfbuzz.Face, codes: set[int]) -> bytes:
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.set(codes)
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING
    content: bytes = wanted.subset(face).blob.data
    return content


_chosen: dict[str, Path] = {}  # setting by setting, as `choose` was told; a process prints for one deployment


def choose(settings: Settings) -> None:
    """Take the cache and the drop-in fonts from the settings, for the whole process.

    Raises:
        SettingsError: a drop-in font is not TrueType.
    """
    chosen = {"cache": settings.font_folder}
    for setting in DROP_INS.values():
        if path := getattr(settings, setting):
            check_drop_in(path, setting)
            chosen[setting] = path
    if chosen != _chosen:
        _chosen.clear()
        _chosen.update(chosen)
        typefaces.cache_clear()


@functools.cache
def typefaces() -> Typefaces:
    """Return the typefaces that were chosen; opened once.

    Raises:
        RenderingError: they were not built yet.
    """
    cache = _chosen.get("cache", default_font_folder())
    files = {
        typeface.name: path for typeface in building.TYPEFACES if (path := typeface.built(cache)) is not None
    }
    if NEEDED.difference(files):
        raise RenderingError("无法生成证明：字库尚未生成，请先运行 registry init")
    return Typefaces(files | {name: _chosen[key] for name, key in DROP_INS.items() if key in _chosen})


def check_coverage(text: Iterable[str]) -> None:
    """Make sure that every character can be printed.

    Raises:
        NoGlyphError: the sentence names the characters.
        RenderingError: the fonts were not built yet.
    """
    typefaces().check_coverage(text)


def check_drop_in(path: Path, setting: str) -> None:
    """Refuse a drop-in font that is not TrueType.

    Raises:
        SettingsError: with the setting's name.
    """
    try:
        tables = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))).table_tags
    except (OSError, uharfbuzz.HarfBuzzError):
        tables = []
    if GLYF not in tables:
        name = f"REGISTRY_{setting.upper()}"
        raise SettingsError(f"设置 {name} 应为 TrueType 字库文件（.ttf）", parameter=name)


def _named(codepoint: int) -> str:
    character = chr(codepoint)
    code = f"U+{codepoint:04X}"
    return code if unicodedata.category(character).startswith(("C", "Z", "M")) else f"“{character}”（{code}）"
