"""The typefaces of this process: whether every character has a glyph, and the fonts that pages are set in.

Every page of a process is set in the same fonts: fontconfig and Pango never give back what they keep of a font. Cutting
a font down to a page takes longer the more characters it has, so each comes twice: with the characters of every day
under its own name, and whole for the page that needs others.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
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
WHOLE = "-whole"  # after the name of a typeface
EVERYDAY = {*range(0x20, 0x7F)} | {
    ord(character)
    for row in (
        *range(0xA1, 0xA4),
        *range(0xB0, 0xD8),
    )  # GB 2312: signs and forms, and the first level of characters
    for column in range(0xA1, 0xFF)
    for character in bytes((row, column)).decode("gb2312", "ignore")
}
_NAME = re.compile(r'"([a-z-]+)"')
_LIST = re.compile(rf"{_NAME.pattern}(?:, {_NAME.pattern})*")
_UNPRINTED = frozenset({"\n", "\t"})


class Typefaces:
    """Fonts by the names that the style sheet uses."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        """Open the files; they are mapped, not read."""
        self._files = files
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

    def fonts(self) -> Iterator[tuple[str, bytes]]:
        """Yield the name and the file of each font, those with everyday characters first."""
        for name, face in self._faces.items():
            yield name, _cut(face, EVERYDAY)
        for name, path in self._files.items():
            yield f"{name}{WHOLE}", path.read_bytes()


def families(sheet: str) -> str:
    """Let each list of our fonts in a style sheet end with the same ones whole."""
    return _LIST.sub(lambda found: f"{found[0]}, {_NAME.sub(_whole, found[0])}", sheet)


def _whole(found: re.Match[str]) -> str:
    return f'"{found[1]}{WHOLE}"'


def _cut(face: uharfbuzz.Face, codes: set[int]) -> bytes:
    """Return the font with the glyphs of these characters alone."""
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
