"""Every variant as it is issued passes the programs that others check it with."""

import json
import os
from datetime import date
from math import ceil
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from catalog.certificates import qr_tokens
from tests.catalog.certificates import variants
from tests.catalog.certificates.variants import VARIANTS, face_of, frozen, needs, qr_key, run, signed
from tests.pictures import shrink

HYPHEN = "\x02"  # what PDFium says for one at the end of a line
A4 = (210, 297)  # mm
INK = 0.01  # of a sheet; a written one has 3 to 4 hundredths
SHEET = 90  # dots an inch of a picture in the documentation
SCREENS = os.environ.get("REGISTRY_TEST_SCREENS", "")
SCAN = 100  # dots an inch: the coarsest scan that must be read


@pytest.mark.parametrize("name", VARIANTS)
@needs("pdfsig")
def test_poppler_finds_the_signature_valid_and_total(name, saved):
    said = run("pdfsig", saved(signed(name))).stdout

    assert "Signature is Valid." in said
    assert "Total document signed" in said


@pytest.mark.parametrize("name", VARIANTS)
@needs("qpdf")
def test_qpdf_finds_the_file_sound(name, saved):
    checked = run("qpdf", "--check", saved(signed(name)))

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", VARIANTS)
@needs("zbarimg")
def test_the_code_is_read_from_a_coarse_scan_and_names_what_is_certified(name, tmp_path):
    page = variants.picture(signed(name), tmp_path / "page", dpi=SCAN)

    read = run("zbarimg", "--quiet", "--raw", page).stdout.strip()

    number, token = qr_tokens.split(read)
    claims = qr_tokens.read(token, qr_key().key.public_key())
    assert (claims.number, claims.hash) == (number, frozen(name).digest()[:32])
    assert claims.valid_until == frozen(name).valid_until


@pytest.mark.parametrize("name", VARIANTS)
def test_a_second_renderer_shows_every_field_whole_on_one_page(name):
    document = pypdfium2.PdfDocument(signed(name))
    text = document[0].get_textpage().get_text_bounded().replace(HYPHEN, "-")
    shown = "".join(text.split())
    face = face_of(name)

    assert len(document) == 1
    cells = [cell for row in face.facts + face.findings for cell in row]
    for said in (
        face.title, face.number, face.addressee or "", face.opening, face.short_code, face.issuer, face.issued_on,
        face.verify_at, face.seal_statement, face.signature_statement, *face.paragraphs,
        *(text for cell in cells for text in (cell.label, cell.value)),
        *(text for line in face.listings for text in (line.name, line.number, line.batch, line.document, line.valid_until)),
    ):  # fmt: skip
        assert "".join(said.split()) in shown


@pytest.mark.parametrize("name", VARIANTS)
@needs("pdftoppm")
def test_the_documentation_shows_a_whole_sheet_with_writing_on_it(name, tmp_path):
    page = variants.picture(signed(name), tmp_path / "page", dpi=SHEET)
    shown = Path(SCREENS or tmp_path) / f"certificate-{name}-a4.png"
    shrink(Image.open(page), shown)

    with Image.open(shown) as picture:
        dark = sum(picture.convert("L").histogram()[:128]) / (picture.width * picture.height)
    assert picture.size == tuple(ceil(side / 25.4 * SHEET) for side in A4)
    assert INK < dark < 1 - INK


@pytest.mark.parametrize("name", VARIANTS)
def test_the_file_carries_what_is_certified_and_its_hash(name):
    document = pypdfium2.PdfDocument(signed(name))

    carried = json.loads(bytes(document.get_attachment(0).get_data()))

    assert carried["payload"] == frozen(name).model_dump(mode="json")
    assert carried["payload_sha256"] == frozen(name).digest()


def test_every_kind_of_certificate_is_among_the_variants():
    from catalog.models import CertificateKind

    assert {frozen(name).kind for name in VARIANTS} == set(CertificateKind)
    assert {frozen(name).issued_on for name in VARIANTS} == {date(2026, 11, 21)}
