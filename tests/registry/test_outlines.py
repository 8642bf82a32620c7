"""Drawings: outlines with a size are read, everything else is named and refused."""

import pytest

from registry import outlines, settings
from registry.errors import SettingsError

SEAL = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="42mm" viewBox="0 0 42 42">'
    b'<circle cx="21" cy="21" r="20" fill="none" stroke="#c00"/><path d="M11 21h20"/></svg>'
)
DECLARED = (
    b'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'
    + SEAL
)
KEY = {"REGISTRY_SECRET_KEY": "k" * 32}


@pytest.fixture
def drawing(tmp_path):
    """Return a function that writes a drawing."""

    def write(content: bytes):
        target = tmp_path / "drawing.svg"
        target.write_bytes(content)
        return target

    return write


@pytest.mark.parametrize(
    ("size", "millimetres"),
    [(b"42mm", 42), (b"4.2cm", 42), (b"119.055pt", 42), (b"158.74", 42), (b"1in", 25.4)],
)
def test_the_size_is_the_one_that_the_file_states(drawing, size, millimetres):
    drawn = outlines.read(drawing(SEAL.replace(b'"42mm"', b'"' + size + b'"')))

    assert (drawn.width, drawn.height) == (pytest.approx(millimetres, abs=0.01),) * 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "应为 SVG 文件"),
        (b"%PDF-1.7", "应为 SVG 文件"),
        (b"\x89PNG\r\n", "应为 SVG 文件"),
        (b"<html/>", "应为 SVG 文件"),
        (b'<?xml version="1.0" encoding="x-unknown"?>' + SEAL, "应为 SVG 文件"),
        (b'<?xml version="1.0" encoding="gb2312"?>' + SEAL, "应为 SVG 文件"),
        (b"<!DOCTYPE svg>" + SEAL, "应为不含 DOCTYPE 的 SVG 文件"),
        (DECLARED.decode().encode("utf-16"), "应为不含 DOCTYPE 的 SVG 文件"),
        (DECLARED.decode().encode("utf-16-be"), "应为不含 DOCTYPE 的 SVG 文件"),
        (DECLARED.replace(b"utf-16", b"utf-7"), "应为 SVG 文件"),
        (
            SEAL.replace(b"<path", b'<script xmlns="http://www.w3.org/1999/xhtml"/><path'),
            "不得含其他名称空间的 <script>；请另存为普通 SVG",
        ),
        (SEAL.replace(b"<path", b'<text xmlns=""/><path'), "不得含其他名称空间的 <text>"),
        (
            SEAL.replace(b"<path", b'<path xmlns="http://www.w3.org/1999/xhtml"/><path'),
            "不得含其他名称空间的 <path>",
        ),
        (SEAL.replace(b"<path", b"<!--x--><text/><path"), "不得含 <text>；文字请先转为轮廓"),
        (SEAL.replace(b"<path", b"<image/><path"), "不得含 <image>"),
        (SEAL.replace(b"<path", b"<script/><path"), "不得含 <script>"),
        (SEAL.replace(b"<path", b'<use href="other.svg#a"/><path'), "不得引用其他文件"),
        (SEAL.replace(b'd="', b'fill="url(http://127.0.0.1/x)" d="'), "不得引用其他文件"),
        (SEAL.replace(b'width="42mm" ', b""), "应以 width 和 height 注明实际尺寸"),
        (SEAL.replace(b'width="42mm"', b'width="100%"'), "应以 width 和 height 注明实际尺寸"),
        (SEAL.replace(b'width="42mm"', b'width="0mm"'), "应以 width 和 height 注明实际尺寸"),
        (b"<!--" + b"x" * outlines.BYTES_MOST + b"-->" + SEAL, "文件超过 200 KB"),
    ],
)
def test_what_is_no_drawing_of_outlines_is_refused_with_what_is_wrong(drawing, content, sentence):
    with pytest.raises(ValueError, match=sentence):
        outlines.read(drawing(content))


def test_a_seal_is_taken_with_the_name_of_its_issuer(drawing):
    chosen = settings.load(
        {**KEY, "REGISTRY_ISSUER_NAME": "示例单位", "REGISTRY_ISSUER_SEAL": str(drawing(SEAL))}
    )

    assert chosen.is_sealed


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("REGISTRY_ISSUER_SEAL", SEAL, "须与 REGISTRY_ISSUER_NAME 同时给出：演示部署不得加盖印章"),
        ("REGISTRY_ISSUER_SEAL", SEAL.replace(b"42mm", b"42"), "格式不正确：按文件所注尺寸，印章为 11×11 毫米，应在 20 至 60 毫米之间"),
        ("REGISTRY_ISSUER_SEAL", b"%PDF-1.7", "格式不正确：应为 SVG 文件"),
        ("REGISTRY_ISSUER_SEAL", None, "格式不正确：找不到该文件"),
        ("REGISTRY_ISSUER_EMBLEM", b"\x89PNG", "格式不正确：应为 SVG 文件"),
        ("REGISTRY_ISSUER_EMBLEM", None, "格式不正确：找不到该文件"),
    ],
)  # fmt: skip
def test_a_wrong_seal_or_emblem_stops_the_start_in_one_sentence(drawing, tmp_path, name, content, sentence):
    path = tmp_path / "nowhere.svg" if content is None else drawing(content)

    with pytest.raises(SettingsError) as caught:
        settings.load({**KEY, name: str(path)})

    assert caught.value.sentence == f"设置 {name} {sentence}"
