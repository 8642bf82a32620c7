"""Draw a product's picture in plain lines: the same bytes for the same family and tint, so that they are stored once."""

import tomllib
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

from catalog.demo.grammar import FOLDER

WIDTH, HEIGHT = 480, 320  # what the shapes are written for
OUTPUT = 3 / 2  # of the stored picture
FINE = 2  # drawn this much larger and scaled down, which smooths the lines
LINE = 2.6
COLOURS = 32  # keeps a picture below 15 KB
PAPER, INK, WHITE = (248, 247, 244), (44, 52, 64), (255, 255, 255)
TINTS = ((196, 62, 42), (38, 96, 140), (34, 122, 104), (164, 118, 32), (110, 84, 148), (72, 104, 120))

Colour = tuple[int, int, int]


@cache
def shapes() -> dict[str, list[str]]:
    """Return the drawing of each kind of product."""
    return tomllib.loads((FOLDER / "shapes.toml").read_text("utf-8"))


@cache
def picture(kind: str, tint: int) -> bytes:
    """Return the PNG of a kind of product in one of the tints."""
    scale = OUTPUT * FINE
    image = Image.new("RGB", (round(WIDTH * scale), round(HEIGHT * scale)), PAPER)
    draw = ImageDraw.Draw(image)
    accent = TINTS[tint % len(TINTS)]
    draw.ellipse(_scaled((72, -8, 408, 328), scale), fill=_mixed(accent, PAPER, 0.06))
    draw.line(_scaled((40, 290, 440, 290), scale), fill=_mixed(INK, PAPER, 0.25), width=round(1.4 * scale))
    for line in shapes()[kind]:
        _stroke(draw, line, accent, scale)
    out = BytesIO()
    small = image.reduce(FINE).quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(out, "PNG", compress_level=9)
    return out.getvalue()


def _stroke(draw: ImageDraw.ImageDraw, line: str, accent: Colour, scale: float) -> None:
    command, *words = line.split()
    fills = {"a": accent, "t": _mixed(accent, WHITE, 0.22), "w": WHITE, "d": _mixed(INK, WHITE, 0.85)}
    fill = fills[words.pop()] if words[-1] in fills else None
    numbers = [float(word) for word in words]
    width = round(LINE * scale)
    match command, numbers:
        case "R", [x, y, w, h, radius]:
            box = _scaled((x, y, x + w, y + h), scale)
            draw.rounded_rectangle(box, radius * scale, fill=fill, outline=INK, width=width)
        case "C", [x, y, r]:
            draw.ellipse(_scaled((x - r, y - r, x + r, y + r), scale), fill=fill, outline=INK, width=width)
        case "E", [x, y, rx, ry]:
            draw.ellipse(
                _scaled((x - rx, y - ry, x + rx, y + ry), scale), fill=fill, outline=INK, width=width
            )
        case "A", [x, y, r, start, end]:
            draw.arc(_scaled((x - r, y - r, x + r, y + r), scale), start, end, fill=INK, width=width)
        case "P", points:
            closed = _scaled((*points, *points[:2]), scale)
            if fill:
                draw.polygon(closed, fill=fill)
            draw.line(closed, fill=INK, width=width, joint="curve")
        case "L", points:
            draw.line(_scaled(points, scale), fill=INK, width=width, joint="curve")
        case _:
            raise ValueError(line)


def _scaled(numbers: tuple[float, ...] | list[float], scale: float) -> list[float]:
    return [number * scale for number in numbers]


def _mixed(colour: Colour, ground: Colour, share: float) -> Colour:
    red, green, blue = (round(c * share + g * (1 - share)) for c, g in zip(colour, ground, strict=True))
    return red, green, blue
