"""Drawings that a deployment was given, such as its seal: SVG files made of outlines alone.

A picture of dots would print unsharp, a text would be set in whatever font there is, and a link would make the page
depend on another file: each is refused by name.
"""

from dataclasses import dataclass
from pathlib import Path
from re import fullmatch, search
from xml.etree import ElementTree

BYTES_MOST = 200_000  # a seal of outlines has 25,000; drawing costs time on every page
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = frozenset(
    [
        "svg",
        "g",
        "defs",
        "symbol",
        "use",
        "path",
        "circle",
        "ellipse",
        "rect",
        "line",
        "polyline",
        "polygon",
        "clipPath",
        "mask",
        "linearGradient",
        "radialGradient",
        "stop",
        "title",
        "desc",
        "metadata",
    ]
)
MILLIMETRES = {
    "": 25.4 / 96,
    "px": 25.4 / 96,
    "mm": 1.0,
    "cm": 10.0,
    "in": 25.4,
    "pt": 25.4 / 72,
    "pc": 25.4 / 6,
}
"""How long a unit is; CSS Values and Units 3, section 6.2."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """A drawing, and its size in millimetres as the file itself states it."""

    content: bytes
    width: float
    height: float


class _DoctypeError(Exception):
    """A file has a DOCTYPE."""


class _Undeclared(ElementTree.TreeBuilder):
    """Build a tree of a file without DOCTYPE; the parser tells of one in any encoding, bytes do not."""

    def doctype(self, *_said: str | None) -> None:
        """Refuse it before anything that it declares is used."""
        raise _DoctypeError


def read(path: Path) -> Outlines:
    """Return the drawing that a file holds.

    Raises:
        ValueError: it is not made of outlines alone, or states no size; a Chinese sentence says what is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise ValueError(f"文件无法读取（{problem.strerror}）") from None
    if len(content) > BYTES_MOST:
        raise ValueError(f"文件超过 {BYTES_MOST // 1000} KB，请使用简化后的轮廓")
    parser = ElementTree.XMLParser(target=_Undeclared())  # noqa: S314 - the operator's own file, no declarations
    try:
        root = ElementTree.fromstring(content, parser)  # noqa: S314 - as above
    except _DoctypeError:
        raise ValueError("应为不含 DOCTYPE 的 SVG 文件") from None
    # Besides bad XML: an encoding that it cannot read.
    except (ElementTree.ParseError, LookupError, ValueError):
        raise ValueError("应为 SVG 文件") from None
    if root.tag != f"{SVG}svg":
        raise ValueError("应为 SVG 文件")
    for node in root.iter():
        _check(node)
    return Outlines(content, _length(root, "width"), _length(root, "height"))


def _check(node: ElementTree.Element) -> None:
    name = node.tag.rpartition("}")[2]
    if not node.tag.startswith(SVG):  # a renderer may draw or run it all the same
        raise ValueError(f"应只含 SVG 的轮廓，不得含其他名称空间的 <{name}>；请另存为普通 SVG")
    if name not in SHAPES:
        raise ValueError(f"应只含轮廓，不得含 <{name}>；文字请先转为轮廓，位图请先描成轮廓")
    for key, value in node.attrib.items():
        reaches_out = key.rpartition("}")[2] == "href" and not value.startswith("#")
        if reaches_out or search(r"url\(\s*['\"]?(?!#)", value):
            raise ValueError("不得引用其他文件")


def _length(root: ElementTree.Element, side: str) -> float:
    found = fullmatch(r"\s*(\d{1,6}(?:\.\d+)?)\s*([a-z]*)\s*", root.get(side, ""))
    if not found or found[2] not in MILLIMETRES or not float(found[1]):
        raise ValueError('应以 width 和 height 注明实际尺寸，例如 width="42mm"')
    return float(found[1]) * MILLIMETRES[found[2]]
