import io

import pytest
from PIL import Image, ImageChops, PngImagePlugin

from registry import pictures
from registry.errors import RuleError

PLACE = b"GPS-31.2304N-121.4737E"


def _photo(kind="JPEG", *, orientation=1, size=(40, 20), **options):
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE.decode()
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, **options)
    return out.getvalue()


def _opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_nothing_that_a_camera_wrote_stays_when_a_picture_may_be_published(kind):
    photo = _photo(kind, icc_profile=b"colours", comment=PLACE)

    bare = pictures.bare(photo, name="照片")

    assert PLACE in photo
    assert PLACE not in bare
    assert dict(_opened(bare).getexif()) == {}
    assert _opened(bare).info.get("icc_profile") == b"colours"
    assert ImageChops.difference(_opened(bare), _opened(photo)).getextrema() <= ((0, 32),) * 3
    assert pictures.bare(photo, name="照片") == bare


def test_texts_of_a_png_are_left_out():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "示例甲")
    texts.add_itxt("XML:com.adobe.xmp", "<place/>")

    bare = _opened(pictures.bare(_photo("PNG", pnginfo=texts), name="照片"))

    bare.load()
    assert bare.text == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_stands_upright_when_the_camera_lay_on_its_side(kind):
    bare = _opened(pictures.bare(_photo(kind, orientation=6), name="照片"))

    assert bare.size == (20, 40)
    assert bare.getpixel((10, 5))[1] < 60  # red above
    assert bare.getpixel((10, 35))[1] > 200  # white below


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", _photo()[:300], _photo("PNG")[:80]]
)
def test_a_picture_that_cannot_be_opened_is_refused(content):
    with pytest.raises(RuleError, match="图片无法打开"):
        pictures.bare(content, name="照片")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read():
    with pytest.raises(RuleError, match="超过 5000 万像素"):
        pictures.bare(_photo("PNG", size=(10_000, 5_001)), name="照片")
