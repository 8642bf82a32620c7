"""Which sizes are tried: the estimate only leaves out what would not have fitted."""

import pytest

from catalog.certificates import pdf
from catalog.certificates.fitting import levels, surely_overflows
from catalog.models import BuyerNature

SHEET = (pdf.TEMPLATES / "catalog" / "certificate.css").read_text("utf-8")


def test_seven_levels_are_read_each_tighter_than_the_one_before():
    found = levels(SHEET)

    assert len(found) == 7
    assert found[0].body == 156 / 28
    assert found[0].title == pytest.approx(22 * 25.4 / 72)
    assert [level.line for level in found] == sorted((level.line for level in found), reverse=True)
    assert "font-size: calc(156mm / 60)" in found[-1].sheet
    assert "var(" not in found[-1].sheet


def test_a_size_in_another_unit_is_refused():
    with pytest.raises(ValueError, match="2em"):
        levels("html { --body: 2em; }")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"nature": BuyerNature.CITY_SOE},
        {"lists": ("CX", "TZ", "PC", "RJ"), "product": {"name": "名" * 380, "model": "A-1、B-2 " * 40}},
        {"nature": BuyerNature.GOVERNMENT, "buyer": "示例单位" * 12, "purpose": "用途说明" * 60},
        *({"product": {"name": "超长产品名称" * count}} for count in (10, 30, 60, 90)),
    ],
)
def test_the_estimate_changes_nothing_but_the_time(render, printed, monkeypatch, given):
    face = printed(**given)
    estimated = render(face)
    monkeypatch.setattr(pdf, "surely_overflows", lambda face, sizes: False)

    assert render(face) == estimated


def test_the_longest_usual_certificate_is_laid_out_once(printed, device):
    face = printed(nature=BuyerNature.PUBLIC_HOSPITAL, device=device)

    assert [surely_overflows(face, level) for level in levels(SHEET)[:2]] == [True, False]
