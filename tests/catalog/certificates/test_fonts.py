"""Fonts: chosen by us alone, complete before anything is printed."""

import os
from pathlib import Path

import pytest

from catalog.certificates import fonts
from registry.errors import SettingsError


def test_the_configuration_names_one_folder_and_an_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    target = fonts.install(Path("data"))

    assert target == tmp_path / "data" / "fonts" / "fonts.conf"
    assert target.read_text("utf-8").count("<dir>") == 1
    assert "<dir>/usr/share/fonts/opentype/noto</dir>" in target.read_text("utf-8")


def test_installing_again_changes_nothing(tmp_path):
    before = fonts.install(tmp_path).stat().st_mtime_ns

    assert fonts.install(tmp_path).stat().st_mtime_ns == before


def test_the_setting_is_named_when_its_folder_cannot_be_written(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(SettingsError, match="REGISTRY_DATA_DIR"):
        fonts.install(tmp_path / "data")


def test_weasyprint_sees_our_configuration(renderer):
    assert Path(os.environ["FONTCONFIG_FILE"]).name == "fonts.conf"


@pytest.mark.parametrize(
    "text", ["㸆䶮𬭚𫟼", "磁共振1.5T（Ω、μ、‰、℃、≤、㎡、®、①、Ⅲ）", "鿔锝 naïve — “引号”"]
)
def test_rare_characters_are_covered(text):
    fonts.check_coverage(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("机器人😀", "“😀”（U+1F600）"),
        ("甲\x00乙", "U+0000"),
        ("甲\ud800", "U+D800"),
        ("\ue000", "U+E000"),
        ("甲\u202e乙", "U+202E"),
    ],
)
def test_a_character_without_a_glyph_is_named(text, named):
    with pytest.raises(fonts.NoGlyphError) as refused:
        fonts.check_coverage(text)

    assert refused.value.sentence == f"无法生成证明：以下字符没有可用字形：{named}"


def test_the_package_is_named_when_a_library_is_missing(renderer, tmp_path, monkeypatch):
    from weasyprint.text import ffi

    monkeypatch.setattr(ffi, "harfbuzz_subset", None)

    with pytest.raises(fonts.RenderingError, match="libharfbuzz-subset0"):
        fonts.check_rendering(tmp_path)


def test_the_package_is_named_when_a_font_is_missing(tmp_path):
    with pytest.raises(fonts.RenderingError, match="fonts-noto-cjk"):
        fonts._codepoints("Noto Serif CJK SC", tmp_path)


def test_a_drop_in_font_is_refused_when_it_is_not_truetype(tmp_path):
    wrong = tmp_path / "fang.ttf"
    wrong.write_bytes(b"not a font")

    with pytest.raises(SettingsError, match="REGISTRY_FONT_FANG"):
        fonts.check_fang(wrong)
    with pytest.raises(SettingsError, match="REGISTRY_FONT_FANG"):
        fonts.check_fang(fonts.NOTO / "NotoSerifCJK-Regular.ttc")


def test_the_application_does_not_start_without_the_library(renderer, settings, monkeypatch, capsys):
    from weasyprint.text import ffi

    import wsgi

    monkeypatch.setattr(ffi, "harfbuzz_subset", None)

    with pytest.raises(SystemExit) as stopped:
        wsgi.create_app(settings)
    assert stopped.value.code == 3
    assert capsys.readouterr().err == "无法生成证明：缺少系统软件包 libharfbuzz-subset0，请安装后重新启动\n"
