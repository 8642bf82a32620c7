"""Pictures that may be published: what a camera wrote beside the picture, such as the place, is left out."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from registry.errors import RuleError

PIXELS_MAX = 50_000_000  # more than cameras make, far below what would fill the memory
TURNED_QUALITY = 95  # of a JPEG that must be written anew because the camera was held on its side
_ORIENTATION = 0x0112  # Exif 2.32, table 4


def bare(content: bytes, *, name: str) -> bytes:
    """Return a JPEG or PNG upright and with nothing but its pixels and colours; the same for the same content.

    Raises:
        RuleError: it cannot be read, or has too many pixels.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                raise RuleError(
                    f"附件“{name}”：超过 {PIXELS_MAX // 10_000} 万像素，请缩小后重新上传。", parameter="file"
                )
            out, colours = io.BytesIO(), picture.info.get("icc_profile")
            is_turned = picture.getexif().get(_ORIENTATION, 1) != 1
            upright = ImageOps.exif_transpose(picture) if is_turned else picture
            for key in ("exif", "xmp", "comment", "photoshop"):
                upright.info.pop(key, None)
            if picture.format == "JPEG":
                quality = TURNED_QUALITY if is_turned else "keep"
                upright.save(out, "JPEG", quality=quality, icc_profile=colours)
            else:
                upright.save(out, "PNG", icc_profile=colours, exif=b"")
            return out.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        # SyntaxError and ValueError: what Pillow says to broken chunks and segments
        raise RuleError(f"附件“{name}”：图片无法打开，请用原软件另存后重新上传。", parameter="file") from None
