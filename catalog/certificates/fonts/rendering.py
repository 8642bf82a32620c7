"""What WeasyPrint needs of this machine, looked at when the application starts; it is itself imported on first use.

Fontconfig is pointed at no folder, so that a font someone installs never changes a certificate.
"""

import ctypes
import os
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from catalog.certificates.fonts import typefaces
from catalog.certificates.fonts.errors import RenderingError
from registry.errors import SettingsError
from registry.settings import Settings

LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
"""Debian's packages by what WeasyPrint loads of them; for the last it has a substitute, fifty times as slow."""

_written: set[str] = set()  # configurations of ours; all of them name no font
_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def install(data_dir: Path) -> Path:
    """Write fontconfig's file below the data folder and return it; safe to repeat.

    Raises:
        SettingsError: the folder cannot be written.
    """
    folder = data_dir.absolute() / "fonts"  # a relative FONTCONFIG_FILE would be looked up in /etc/fonts
    target = folder / "fonts.conf"
    content = _CONFIGURATION.format(cache=escape(str(folder / "cache")))
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
    if "weasyprint" in sys.modules and os.environ.get("FONTCONFIG_FILE") not in _written:
        raise RuntimeError("WeasyPrint was imported before its fonts were chosen")
    os.environ["FONTCONFIG_FILE"] = target
    _written.add(target)


def check_rendering(settings: Settings) -> None:
    """Choose the fonts and make sure that the libraries are there; run at start-up.

    Raises:
        RenderingError: a library is missing; the sentence names the package.
        SettingsError: a drop-in font is not a TrueType font.
    """
    typefaces.choose(settings)
    activate(settings.root)
    if sys.platform != "linux":  # they have other names there; the first page shows whether they are
        return
    if missing := [package for library, package in LIBRARIES.items() if not _is_there(library)]:
        raise RenderingError(f"无法生成证明：缺少系统软件包 {'、'.join(missing)}，请安装后重新启动")


def _is_there(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
