"""Pictures for the documentation."""

from pathlib import Path

from PIL import Image

COLOURS = 128


def shrink(picture: Image.Image, path: Path) -> None:
    """Save a picture with few colours, which makes a small file."""
    with picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
