"""Fonts: chosen by us alone, built once, complete before anything is printed."""

import os
import threading
from pathlib import Path

import pytest
import uharfbuzz
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont

import wsgi
from catalog.certificates import fonts
from catalog.certificates.fonts import building, rendering
from catalog.certificates.fonts.building import NOTO, Typeface
from catalog.certificates.fonts.typefaces import EVERYDAY, WHOLE, check_drop_in, families, typefaces
from registry.errors import SettingsError
from registry.settings import default_font_folder
from tests.conftest import settings_for


def test_the_configuration_names_no_folder_and_has_an_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    target = fonts.install(Path("data"))

    assert target == tmp_path / "data" / "fonts" / "fonts.conf"
    assert "<dir>" not in target.read_text("utf-8")


def test_installing_again_changes_nothing(tmp_path):
    before = fonts.install(tmp_path).stat().st_mtime_ns

    assert fonts.install(tmp_path).stat().st_mtime_ns == before


def test_the_setting_is_named_when_its_folder_cannot_be_written(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(SettingsError, match="REGISTRY_DATA_DIR"):
        fonts.install(tmp_path / "data")


def test_weasyprint_sees_our_configuration(renderer):
    assert Path(os.environ["FONTCONFIG_FILE"]).name == "fonts.conf"


# --- building -----------------------------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path) -> Path:
    """Return a font with cubic outlines that knows three characters."""
    known = "仿宋体"
    names = [".notdef", *(f"uni{ord(character):04X}" for character in known)]
    pen = T2CharStringPen(1000, None)
    pen.moveTo((0, 0))
    pen.curveTo((0, 500), (500, 900), (900, 900))
    pen.lineTo((900, 0))
    pen.closePath()
    outline = pen.getCharString()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(character): f"uni{ord(character):04X}" for character in known})
    builder.setupCFF("Sample", {}, dict.fromkeys(names, outline), {})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Sample Fang", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=880, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    target = tmp_path / "FandolFang-Regular.otf"
    builder.save(target)
    return target


@pytest.fixture
def only(monkeypatch, source) -> Typeface:
    """Return the one typeface that is to be built."""
    typeface = Typeface("fang", source)
    monkeypatch.setattr(building, "TYPEFACES", (typeface,))
    return typeface


def test_a_font_is_built_as_truetype_under_its_sources_hash(only, tmp_path):
    said = []

    fonts.build(tmp_path / "cache", say=said.append)

    built = only.built(tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").glob("[!.]*")] == [built.name]
    assert built.name.startswith(f"fang-{building.RECIPE}-")
    font = TTFont(built)
    assert {"glyf", "loca"} <= set(font.keys())
    assert set(font.getBestCmap()) == set(map(ord, "仿宋体"))
    assert said == ["正在生成证明字库，只做一次，约需两分钟。"]


def test_a_second_build_has_nothing_to_do(only, tmp_path, monkeypatch):
    fonts.build(tmp_path, say=print)
    monkeypatch.setattr(building, "_run", None)  # a second build would fail

    fonts.build(tmp_path, say=print)


def test_two_builds_at_once_build_once(only, tmp_path, monkeypatch):
    ran, run = [], building._run
    monkeypatch.setattr(building, "_run", lambda job: (ran.append(job), run(job)))
    builds = [
        threading.Thread(target=fonts.build, args=(tmp_path / "cache",), kwargs={"say": print})
        for _ in range(2)
    ]

    for build in builds:
        build.start()
    for build in builds:
        build.join()

    assert len(ran) == 1
    assert only.built(tmp_path / "cache")


def test_nothing_half_made_stays_when_a_build_is_cut_short(only, source, tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        building.main("fang", str(source), str(tmp_path / "cache.ttf"))

    assert list(tmp_path.glob("cache*")) == []


def test_the_next_build_removes_what_a_killed_one_left(only, tmp_path):
    (tmp_path / "fetched-x").mkdir()
    (tmp_path / "fetched-x" / "package.deb").write_bytes(b"half")
    (tmp_path / "fang-1-0.ttf.123").write_bytes(b"half")

    fonts.build(tmp_path, say=print)

    assert sorted(path.name for path in tmp_path.glob("*f*")) == [
        "FandolFang-Regular.otf",
        only.built(tmp_path).name,
    ]


def test_a_folder_from_another_machine_serves_where_the_source_is_absent(only, source, tmp_path):
    fonts.build(tmp_path / "cache", say=print)
    source.unlink()

    assert only.built(tmp_path / "cache").suffix == ".ttf"


def test_song_is_used_and_said_when_fangsong_cannot_be_had(only, source, tmp_path):
    source.unlink()
    said = []

    fonts.build(tmp_path / "cache", say=said.append, fetch=False)

    assert said == ["没有取得软件包 texlive-lang-chinese 中的仿宋、楷体，证明以宋体排印。"]


def test_the_package_is_named_when_song_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "NOTO", tmp_path)
    monkeypatch.setattr(building, "TYPEFACES", (Typeface("song", tmp_path / "absent.ttc"),))

    with pytest.raises(fonts.RenderingError, match="fonts-noto-cjk"):
        fonts.build(tmp_path / "cache", say=print, fetch=False)


def test_a_sentence_names_the_font_that_cannot_be_read(only, source, tmp_path):
    source.write_bytes(b"not a font")

    with pytest.raises(fonts.RenderingError, match=r"无法生成证明字库 FandolFang-Regular\.otf"):
        fonts.build(tmp_path / "cache", say=print)
    assert only.built(tmp_path / "cache") is None


def test_the_setting_is_named_when_the_cache_cannot_be_written(only, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")

    with pytest.raises(SettingsError, match="REGISTRY_FONT_CACHE"):
        fonts.build(tmp_path / "cache", say=print)


def test_a_sentence_says_what_to_do_when_the_fonts_are_not_built(tmp_path):
    settings = settings_for(tmp_path, "sqlite://", font_cache=tmp_path / "empty")
    fonts.check_rendering(settings)
    try:
        with pytest.raises(fonts.RenderingError, match="字库尚未生成，请先运行 registry init"):
            fonts.check_coverage("甲")
    finally:
        fonts.check_rendering(settings_for(tmp_path, "sqlite://"))


def test_song_has_every_character_of_its_source_and_the_others_the_common_ones():
    built = {
        typeface.name: set(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))).unicodes)
        for typeface in building.TYPEFACES
        if (path := typeface.built(default_font_folder()))
    }

    assert set(map(ord, "㸆䶮𬭚𫟼㎡®Ⅲ")) <= built["song"]
    for name in built:
        assert set(map(ord, "证明ABCabc0123（）《》")) <= built[name], name
    assert ord("한") not in built["song"]


# --- characters ---------------------------------------------------------------------------------------------------


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


def test_each_font_comes_with_everyday_characters_and_whole():
    found = {name: uharfbuzz.Face(content) for name, content in typefaces().fonts()}

    assert {name.removesuffix(WHOLE) for name in found if name.endswith(WHOLE)} == {
        name for name in found if not name.endswith(WHOLE)
    }
    assert set(found["song"].unicodes) >= EVERYDAY
    assert set(map(ord, "Aa0，。（）《》〔〕Ⅲ一座")) < EVERYDAY
    assert not {ord("鑫"), ord("㸆")} & set(found["song"].unicodes)
    assert set(map(ord, "鑫㸆")) <= set(found[f"song{WHOLE}"].unicodes)


def test_every_list_of_fonts_ends_with_the_same_ones_whole():
    sheet = 'p { font: 9pt "fang", "song"; } b { font-family: "hei" } br { content: "\\A" }'

    assert families(sheet) == (
        'p { font: 9pt "fang", "song", "fang-whole", "song-whole"; } '
        'b { font-family: "hei", "hei-whole" } br { content: "\\A" }'
    )


def test_digits_of_song_are_half_as_wide_as_a_character():
    font = uharfbuzz.Font(uharfbuzz.Face(dict(typefaces().fonts())["song"]))
    buffer = uharfbuzz.Buffer()
    buffer.add_str("0年")
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)

    digit, character = (position.x_advance for position in buffer.glyph_positions)
    assert 2 * digit == character


# --- start-up -----------------------------------------------------------------------------------------------------


@pytest.fixture
def missing_library(monkeypatch):
    """Let one of the libraries be looked for under a name that no machine knows."""
    monkeypatch.delitem(rendering.LIBRARIES, "libharfbuzz-subset.so.0")
    monkeypatch.setitem(rendering.LIBRARIES, "libnowhere.so.0", "libharfbuzz-subset0")


def test_the_package_is_named_when_a_library_is_missing(missing_library, tmp_path):
    with pytest.raises(fonts.RenderingError, match="缺少系统软件包 libharfbuzz-subset0，"):
        fonts.check_rendering(settings_for(tmp_path, "sqlite://"))


@pytest.mark.parametrize("setting", ["font_fang", "font_title"])
def test_a_drop_in_font_is_refused_when_it_is_not_truetype(tmp_path, setting):
    wrong = tmp_path / "fang.ttf"
    wrong.write_bytes(b"not a font")

    with pytest.raises(SettingsError, match=f"REGISTRY_{setting.upper()} 应为 TrueType"):
        check_drop_in(wrong, setting)
    with pytest.raises(SettingsError, match=f"REGISTRY_{setting.upper()} 应为 TrueType"):
        check_drop_in(NOTO / "NotoSerifCJK-Regular.ttc", setting)


def test_the_application_does_not_start_without_the_library(missing_library, settings, capsys):
    with pytest.raises(SystemExit) as stopped:
        wsgi.create_app(settings)
    assert stopped.value.code == 3
    assert capsys.readouterr().err == "无法生成证明：缺少系统软件包 libharfbuzz-subset0，请安装后重新启动\n"


def test_what_is_looked_for_is_what_weasyprint_loads(renderer):
    from weasyprint.text import ffi

    mapped = Path("/proc/self/maps").read_text()

    assert ffi.harfbuzz_subset is not None
    assert [library for library in rendering.LIBRARIES if library not in mapped] == []
