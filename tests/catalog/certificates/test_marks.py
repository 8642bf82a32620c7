"""Emblem and seal: drawn where the settings name them, and nowhere else."""

import subprocess

import pypdfium2
import pytest

from catalog.certificates import files, pdf, services
from catalog.certificates.pdf import Renderer
from catalog.models import BuyerNature
from registry.hooks import Context
from registry.models import CatalogEntry
from registry.permissions import VISITOR
from tests.conftest import settings_for

ISSUER = "示例市创新产品推荐目录工作办公室"
STAR = "M21 12l2.1 6.4h6.7l-5.4 4 2 6.4-5.4-4-5.4 4 2-6.4-5.4-4h6.7z"
SEAL = f"""<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="42mm" viewBox="0 0 42 42">
<circle cx="21" cy="21" r="20.2" fill="none" stroke="#d01818" stroke-width="1.2"/><path fill="#d01818" d="{STAR}"/></svg>"""
EMBLEM = SEAL.replace("#d01818", "#1830d0")
RED, BLUE = (
    (0, 2),
    (2, 0),
)  # places in a pixel: the strong colour and the weak one; the short code is a darker red
SPOTS = 2.0  # pixels a millimetre
SEALED = {"demonstration": False, "seal_statement": ""}


@pytest.fixture
def renderer_with(tmp_path):
    """Return a function that makes the renderer of a deployment with drawings."""

    def make(**drawings):
        given = {}
        for name, drawing in drawings.items():
            given[name] = tmp_path / f"{name}.svg"
            given[name].write_text(drawing)
        return Renderer(settings_for(tmp_path, "sqlite://", issuer_name=ISSUER, **given))

    return make


def _where(content, colour):
    """Return the left, upper, right and lower edge of what is printed in a colour, in millimetres; None for nothing."""
    picture = pypdfium2.PdfDocument(content)[0].render(scale=SPOTS * 25.4 / 72).to_pil().convert("RGB")
    strong, weak = colour
    mask = [
        pixel[strong] > 185 and pixel[weak] < 60 and pixel[1] < 60 for pixel in picture.get_flattened_data()
    ]
    spots = [
        (place % picture.width, place // picture.width) for place, is_drawn in enumerate(mask) if is_drawn
    ]
    if not spots:
        return None
    across, down = zip(*spots, strict=True)
    return tuple(round(edge / SPOTS) for edge in (min(across), min(down), max(across), max(down)))


def test_nothing_is_drawn_by_default(renderer, printed):
    content = renderer.render(printed(demonstration=False), qr="x", attachment=b"{}")

    assert (_where(content, BLUE), "未加盖印章" in _text(content)) == (None, True)
    assert (
        len(list(pypdfium2.PdfDocument(content)[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])))
        == 1
    )


def _text(content):
    return "".join(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded().split())


@pytest.mark.parametrize("nature", [None, BuyerNature.PUBLIC_HOSPITAL])
def test_the_seal_stands_over_issuer_and_day_in_its_own_size(renderer_with, printed, nature, device):
    face = printed(nature=nature, device=device if nature else None, **SEALED)

    content = renderer_with(issuer_seal=SEAL).render(face, qr="x", attachment=b"{}")

    left, upper, right, lower = _where(content, RED)
    assert (right - left, lower - upper) == (pytest.approx(41, abs=1), pytest.approx(41, abs=1))
    assert (left + right) / 2 == pytest.approx(210 - 26 - 35, abs=1)
    assert lower < 297 - 12  # above the last line
    assert "未加盖印章" not in _text(content)
    assert ISSUER in _text(content)
    assert len(pypdfium2.PdfDocument(content)) == 1


def test_the_emblem_stands_at_the_head(renderer_with, printed):
    content = renderer_with(issuer_emblem=EMBLEM).render(
        printed(demonstration=False), qr="x", attachment=b"{}"
    )

    left, upper, right, lower = _where(content, BLUE)
    assert (left + right) / 2 == pytest.approx((28 + 210 - 26) / 2, abs=1)
    assert 5 < upper < lower < 24
    assert "未加盖印章" in _text(content)


def test_a_file_with_both_is_sound(renderer_with, printed, saved):
    content = renderer_with(issuer_seal=SEAL, issuer_emblem=EMBLEM).render(
        printed(**SEALED), qr="x", attachment=b"{}"
    )

    checked = subprocess.run(["qpdf", "--check", saved(content)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_sentence_says_so_when_the_seal_is_not_there_any_more(renderer, printed):
    with pytest.raises(pdf.NoSealError, match="现在的设置 REGISTRY_ISSUER_SEAL 没有给出"):
        renderer.render(printed(**SEALED), qr="x", attachment=b"{}")


def test_a_deployment_with_a_seal_issues_sealed_certificates(session, database, make, tmp_path):
    seal = tmp_path / "seal.svg"
    seal.write_text(SEAL)
    settings = settings_for(tmp_path, "sqlite://", issuer_name=ISSUER, issuer_seal=seal)
    entry = session.get_one(CatalogEntry, make.listing().entry_id)
    given = {"issuer": settings.issuer_name, "sealed": settings.is_sealed}

    sealed = services.issue_listing_certificate(session, entry, VISITOR, **given)
    before = services.issue_listing_certificate(session, entry, VISITOR, issuer=ISSUER)
    session.commit()

    context = Context(database, settings)
    assert sealed.id != before.id
    assert "未加盖印章" not in _text(files.ensure_file(context, sealed.id))
    assert "未加盖印章" in _text(files.ensure_file(context, before.id))
