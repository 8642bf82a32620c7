"""The file: one page, readable by machines and people, loading nothing."""

import io
import shutil
import subprocess
from datetime import UTC, datetime

import pypdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pypdf._utils import parse_iso8824_date

from catalog.certificates import fonts, pdf
from catalog.certificates.pdf import Renderer
from catalog.models import BuyerNature
from registry import clock
from tests.conftest import settings_for


def _pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_a_certificate_is_one_a4_page_with_title_language_and_tags(render, printed):
    face = printed()

    reader = pypdf.PdfReader(io.BytesIO(render(face)))

    assert len(reader.pages) == 1
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    assert reader.metadata["/Title"] == f"列入情况证明 {face.number}"
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_every_date_in_the_file_is_the_beginning_of_the_day_of_issue_in_shanghai(render, printed):
    day = datetime.fromisoformat(printed().issued_at).date()

    reader = pypdf.PdfReader(io.BytesIO(render(printed())))

    embedded = reader.trailer["/Root"]["/AF"][0]["/EF"]["/F"]["/Params"]
    dates = [parse_iso8824_date(embedded[name]) for name in ("/CreationDate", "/ModDate")]
    dates += [reader.metadata.creation_date, reader.xmp_metadata.xmp_create_date.replace(tzinfo=UTC)]
    assert dates == [clock.start_of(day)] * 4


def test_the_page_says_what_the_face_says(render, printed, device):
    face = printed(nature=BuyerNature.PUBLIC_HOSPITAL, device=device)

    text = "".join(_pages(render(face))[0].split())

    for said in (face.title, face.number, face.short_code, face.addressee, face.opening, *face.paragraphs):
        assert "".join(said.split()) in text


def test_only_our_fonts_are_embedded(render, printed):
    reader = pypdf.PdfReader(io.BytesIO(render(printed())))

    names = {
        font.get_object()["/BaseFont"].split("+")[-1]
        for font in reader.pages[0]["/Resources"]["/Font"].values()
    }

    assert names - {"fang", "kai"} == {"song", "song-bold-Bold", "hei"}  # Fandol may not have been fetched


@pytest.mark.parametrize(
    "given",
    [
        {"product": {"name": "超长产品名称示例系统" * 38}},  # ten lines
        {"lists": ("CX", "TZ", "PC", "RJ"), "product": {"name": "名" * 380, "model": "A-1、B-2 " * 40}},
        {"nature": BuyerNature.GOVERNMENT, "buyer": "示例单位" * 12, "purpose": "用途说明" * 60},
        {"product": {"model": "无空格" + "X" * 300}},
        {"product": {"name": "<script>alert(1)</script> & “引号” {number}"}},
    ],
)
def test_it_stays_one_page_and_nothing_is_cut_when_much_is_said(render, printed, given):
    face = printed(**given)

    pages = _pages(render(face))

    assert len(pages) == 1
    text = "".join(pages[0].split())
    for row in face.facts + face.findings:
        for cell in row:
            assert "".join(cell.value.split()) in text


def test_it_is_refused_with_the_longest_field_named_when_it_cannot_fit(render, printed):
    with pytest.raises(pdf.TooLongError, match="“产品名称”有 6000 字"):
        render(printed(product={"name": "名" * 6000}))


def test_it_is_refused_when_a_character_cannot_be_printed(render, printed):
    with pytest.raises(fonts.NoGlyphError, match="U\\+1F600"):
        render(printed(product={"name": "机器人😀"}))


def test_the_same_face_gives_the_same_bytes(render, printed):
    assert render(printed()) == render(printed())


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "http://127.0.0.1:1/", "https://example.com/", "data:,x"]
)
def test_nothing_is_loaded_from_elsewhere(renderer, url):
    from catalog.certificates.typesetting import ClosedFetcher, FatalURLFetchingError, Page

    page = Page(f'<html><img src="{url}"/></html>', ClosedFetcher({}))

    with pytest.raises(FatalURLFetchingError):
        page.render()


@pytest.fixture
def fang(tmp_path):
    """Return a TrueType font of one family that knows a few characters, each a square."""
    known = "经查下列产品"
    glyphs = [".notdef", *(f"uni{ord(character):04X}" for character in known)]
    pen = TTGlyphPen(None)
    for move, point in zip(
        (pen.moveTo, *[pen.lineTo] * 3), [(0, 0), (900, 0), (900, 900), (0, 900)], strict=True
    ):
        move(point)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({ord(character): f"uni{ord(character):04X}" for character in known})
    builder.setupGlyf(dict.fromkeys(glyphs, square))
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Sample Fang", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=880, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    builder.save(tmp_path / "fang.ttf")
    return tmp_path / "fang.ttf"


def test_a_drop_in_fangsong_sets_what_it_knows_and_song_the_rest(printed, tmp_path, fang):
    settings = settings_for(tmp_path, "sqlite://", font_fang=fang)
    try:
        content = Renderer(settings).render(printed(), qr="x", attachment=b"{}")
    finally:
        fonts.check_rendering(settings_for(tmp_path, "sqlite://"))  # one choice holds for a whole process

    page = pypdf.PdfReader(io.BytesIO(content)).pages[0]
    names = {font.get_object()["/BaseFont"].split("+")[-1] for font in page["/Resources"]["/Font"].values()}
    assert {"fang", "song"} <= names
    assert "经查，截至本证明出具之日" in "".join(page.extract_text().split())


def test_the_file_carries_its_json_and_says_that_it_is_pdf_a_3(render, printed):
    reader = pypdf.PdfReader(io.BytesIO(render(printed())))

    assert {name: list(content) for name, content in reader.attachments.items()} == {
        "certificate.json": [b'{"format":1}']
    }
    assert reader.trailer["/Root"]["/AF"][0]["/AFRelationship"] == "/Data"
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata or 'pdfaid:part="3"' in metadata


@pytest.mark.parametrize(
    "prefix", ["http://127.0.0.1:8000/verify/", "https://innovation-products.example.shanghai.cn/verify/"]
)
@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbar-tools are not installed")
def test_the_qr_code_is_read_from_a_scan_of_100_dpi(renderer, printed, tmp_path, prefix):
    face = printed()
    text = f"{prefix}{face.number}#{'aZ3-' * 46}"
    picture = tmp_path / "page.png"
    subprocess.run(
        ["pdftoppm", "-r", "100", "-png", "-singlefile", "-", picture.with_suffix("")],
        input=renderer.render(face, qr=text, attachment=b"{}"),
        check=True,
    )

    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, check=True
    )

    assert read.stdout.strip() == text
