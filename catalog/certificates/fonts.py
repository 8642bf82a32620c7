"""The fonts certificates are set in, the same on every host, and whether every character has a glyph.

Fontconfig is pointed at one folder, so that a font someone installs never changes a certificate.
"""

import os
import sys
import unicodedata
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import uharfbuzz

from registry.errors import RuleError, SettingsError

NOTO = Path("/usr/share/fonts/opentype/noto")  # where Debian's fonts-noto-cjk puts them
FAMILIES = {
    "Noto Serif CJK SC": ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc"),
    "Noto Sans CJK SC": ("NotoSansCJK-Regular.ttc",),
}
GLYF = b"glyf"  # outlines of a TrueType font; a CFF font other than the whole Noto is garbled by some viewers
_chosen: set[str] = set()  # configurations of ours; all of them name the same fonts
_UNPRINTED = frozenset({"\n", "\t"})

_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


class RenderingError(RuleError):
    """This machine cannot print certificates: a library or a font is missing."""

    status = 503


class NoGlyphError(RuleError):
    """A certificate holds characters that no font here can print."""


def install(data_dir: Path, *, fonts: Path = NOTO) -> Path:
    """Write fontconfig's file below the data folder and return it; safe to repeat.

    Raises:
        SettingsError: the folder cannot be written.
    """
    folder = data_dir.absolute() / "fonts"  # a relative FONTCONFIG_FILE would be looked up in /etc/fonts
    target = folder / "fonts.conf"
    content = _CONFIGURATION.format(fonts=escape(str(fonts)), cache=escape(str(folder / "cache")))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text("utf-8") != content:
            partial = target.with_suffix(f".{os.getpid()}")
            partial.write_text(content, "utf-8")
            partial.replace(target)
    except OSError as problem:
        raise SettingsError(
            f"设置 REGISTRY_DATA_DIR 所指的目录不可写：{problem.strerror}", parameter="REGISTRY_DATA_DIR"
        ) from None
    return target


def activate(data_dir: Path) -> None:
    """Point fontconfig at our file; must come before WeasyPrint is imported, which reads it at once."""
    target = str(install(data_dir))
    if "weasyprint" in sys.modules and os.environ.get("FONTCONFIG_FILE") not in _chosen:
        raise RuntimeError("WeasyPrint was imported before its fonts were chosen")
    os.environ["FONTCONFIG_FILE"] = target
    _chosen.add(target)


def check_rendering(data_dir: Path, *, fang: Path | None = None) -> None:
    """Make sure that certificates can be printed here; run at start-up.

    Raises:
        RenderingError: a font or library is missing; the sentence names the package.
        SettingsError: the drop-in FangSong is not a TrueType font.
    """
    for family in FAMILIES:
        _codepoints(family)
    if fang:
        check_fang(fang)
    activate(data_dir)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it warns of what we refuse below, in our words
        try:
            from weasyprint.text import ffi
        except OSError as problem:
            raise RenderingError(
                "无法生成证明：缺少系统软件包 libpango-1.0-0、libpangoft2-1.0-0，请安装后重新启动"
            ) from problem
    if ffi.harfbuzz_subset is None:
        raise RenderingError("无法生成证明：缺少系统软件包 libharfbuzz-subset0，请安装后重新启动")


def check_fang(path: Path) -> None:
    """Refuse a drop-in FangSong that is not TrueType.

    Raises:
        SettingsError: with the setting's name.
    """
    try:
        tables = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))).table_tags
    except (OSError, uharfbuzz.HarfBuzzError):
        tables = []
    if GLYF.decode() not in tables:
        raise SettingsError(
            "设置 REGISTRY_FONT_FANG 应为 TrueType 字库文件（.ttf）", parameter="REGISTRY_FONT_FANG"
        )


def check_coverage(text: Iterable[str]) -> None:
    """Make sure that every character has a glyph in each family it may be set in.

    Raises:
        NoGlyphError: the sentence names the characters.
    """
    wanted = {ord(character) for character in text if character not in _UNPRINTED}
    missing = sorted(wanted - frozenset.intersection(*map(_codepoints, FAMILIES)))
    if missing:
        raise NoGlyphError(f"无法生成证明：以下字符没有可用字形：{'、'.join(map(_named, missing))}")


@cache
def _codepoints(family: str, fonts: Path = NOTO) -> frozenset[int]:
    covered: list[frozenset[int]] = []
    for name in FAMILIES[family]:
        path = fonts / name
        if not path.is_file():
            raise RenderingError(f"无法生成证明：缺少字体 {family}，请安装系统软件包 fonts-noto-cjk")
        covered.append(frozenset(_face(path, family).unicodes))
    return frozenset.intersection(*covered)


def _face(path: Path, family: str) -> uharfbuzz.Face:
    blob = uharfbuzz.Blob.from_file_path(str(path))
    index = 0
    while (face := uharfbuzz.Face(blob, index)).glyph_count:
        if face.get_name(uharfbuzz.OTNameIdPredefined.FONT_FAMILY) == family:
            return face
        index += 1
    raise RenderingError(
        f"无法生成证明：字体文件 {path.name} 中没有 {family}，请重新安装系统软件包 fonts-noto-cjk"
    )


def _named(codepoint: int) -> str:
    character = chr(codepoint)
    code = f"U+{codepoint:04X}"
    return code if unicodedata.category(character).startswith(("C", "Z", "M")) else f"“{character}”（{code}）"
