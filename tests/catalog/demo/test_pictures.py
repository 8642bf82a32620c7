"""Pictures drawn by code: small, alike every time, one for every family."""

from io import BytesIO

from PIL import Image

from catalog.demo.grammar import families
from catalog.demo.pictures import TINTS, picture, shapes

MOST_BYTES = 15_000


def test_every_family_has_a_drawing_and_no_drawing_is_idle():
    assert {family.picture for family in families()} == shapes().keys()


def test_a_picture_has_the_same_bytes_when_drawn_again():
    first = picture("scanner", 1)
    picture.cache_clear()

    assert picture("scanner", 1) == first


def test_pictures_are_small_and_stay_within_their_frame():
    for number, kind in enumerate(sorted(shapes())):
        data = picture(kind, number)

        image = Image.open(BytesIO(data)).convert("RGB")
        edge = {image.getpixel((x, y)) for x in range(image.width) for y in (0, image.height - 1)}
        assert image.size == (720, 480)
        assert len(data) <= MOST_BYTES
        assert all(min(colour) > 200 for colour in edge if isinstance(colour, tuple)), kind


def test_tints_make_different_pictures():
    assert len({picture("chip", tint) for tint in range(len(TINTS))}) == len(TINTS)
