"""What WeasyPrint needs of this machine, looked at when the application starts.

Fontconfig is pointed at no folder, so that a font someone installs never changes a certificate.
"""

import os
import sys
import warnings
from pathlib import Path
from xml.sax.saxutils import escape

from catalog.certificates.fonts import typefaces
from catalog.certificates.fonts.errors import RenderingError
from registry.errors import SettingsError
from registry.settings import Settings

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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it warns of what we refuse below, in our words
        warnings.filterwarnings("ignore", "No fonts configured")  # on purpose
        try:
            from weasyprint.text import ffi, fonts  # noqa: F401 - the second one warns when it is imported
        except OSError as problem:
            raise RenderingError(
                "无法生成证明：缺少系统软件包 libpango-1.0-0、libpangoft2-1.0-0，请安装后重新启动"
            ) from problem
    if ffi.harfbuzz_subset is None:
        raise RenderingError("无法生成证明：缺少系统软件包 libharfbuzz-subset0，请安装后重新启动")
