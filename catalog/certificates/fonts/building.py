"""Compact TrueType files of the fonts that certificates are set in, built once and kept in a cache.

A file's name holds the hash of its source, and it is renamed into place when it is whole: a build that is killed leaves
nothing half-made, and a second data folder or clone finds what the first one built.
"""

import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import uharfbuzz

from catalog.certificates.fonts.errors import RenderingError
from registry.errors import SettingsError

RECIPE = 1  # raise it when the same source should give another file
NOTO = Path("/usr/share/fonts/opentype/noto")  # where Debian's fonts-noto-cjk puts them
FANDOL = Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol")  # where texlive-lang-chinese does
FANDOL_PACKAGE = "texlive-lang-chinese"
FETCHED = "fetched-"  # how the folder of downloads begins
FETCH_SECONDS = 300  # for a package of 49 MB
FIRST_OF_CJK = 0x2E80  # Unicode: below lie the letters and symbols, which every typeface keeps
DROPPED = ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx")  # nothing is set upright or kerned
DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Typeface:
    """A typeface with its source. Only one that is `whole` keeps more than symbols and GB 2312.

    `tolerance` is how far a curve may lie off the original, in thousandths of the type size.
    """

    name: str
    source: Path
    family: str | None = None
    whole: bool = False
    tolerance: float = 1.0

    def built(self, folder: Path) -> Path | None:
        """Return its file in the cache; where the source is not on this machine any more, the newest one."""
        if self.source.is_file():
            target = self.target(folder, self.source)
            return target if target.is_file() else None
        known = folder.glob(f"{self.name}-{RECIPE}-*.ttf")
        return max(known, key=lambda path: path.stat().st_mtime, default=None)

    def target(self, folder: Path, source: Path) -> Path:
        """Return where the file made from a source belongs."""
        return folder / f"{self.name}-{RECIPE}-{_sha256(source)[:16]}.ttf"


SONG = Typeface("song", NOTO / "NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC", whole=True)
TYPEFACES = (
    SONG,
    Typeface("song-bold", NOTO / "NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC"),
    Typeface("hei", NOTO / "NotoSansCJK-Regular.ttc", "Noto Sans CJK SC"),
    Typeface("fang", FANDOL / "FandolFang-Regular.otf", tolerance=1.5),  # drawn with many more points
    Typeface("kai", FANDOL / "FandolKai-Regular.otf", tolerance=1.5),
)


def build(folder: Path, *, say: Callable[[str], None], fetch: bool = True) -> None:
    """Build what the cache does not hold yet; a second process waits and then finds everything done.

    FangSong and Kai are taken out of Debian's package, which is downloaded if `fetch`; without them Song is used.

    Raises:
        RenderingError: Song or Hei is not installed, or a font cannot be read.
        SettingsError: the cache cannot be written.
    """
    missing = [typeface for typeface in TYPEFACES if typeface.built(folder) is None]
    if not missing:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder), tempfile.TemporaryDirectory(prefix=FETCHED, dir=folder) as fetched:
            _remove_leftovers(folder, but=Path(fetched))
            jobs = list(_jobs(folder, Path(fetched), fetch=fetch, say=say))
            if jobs:
                say("正在生成证明字库，只做一次，约需两分钟。")
            with ThreadPoolExecutor(os.cpu_count()) as workers:
                list(workers.map(_run, jobs))
    except OSError as problem:
        raise SettingsError(
            f"设置 REGISTRY_FONT_CACHE 所指的目录 {folder} 不可写：{problem.strerror}",
            parameter="REGISTRY_FONT_CACHE",
        ) from None


def _jobs(
    folder: Path, fetched: Path, *, fetch: bool, say: Callable[[str], None]
) -> Iterator[tuple[str, Path, Path]]:
    """Yield name, source and target of what is still to be built."""
    missing = [typeface for typeface in TYPEFACES if typeface.built(folder) is None]
    absent = [typeface for typeface in missing if not typeface.source.is_file()]
    for typeface in absent:
        if typeface.source.parent == NOTO:
            raise RenderingError("无法生成证明：缺少字体，请安装系统软件包 fonts-noto-cjk")
    if absent and not (fetch and _fetch(absent, fetched)):
        say(f"没有取得软件包 {FANDOL_PACKAGE} 中的仿宋、楷体，证明以宋体排印。")
    for typeface in missing:
        source = fetched / typeface.source.name if typeface in absent else typeface.source
        if source.is_file():
            yield typeface.name, source, typeface.target(folder, source)


def _run(job: tuple[str, Path, Path]) -> None:
    """Build one typeface in a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own module and paths
        [sys.executable, "-m", __name__, *map(str, job)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        raise RenderingError(f"无法生成证明字库 {job[1].name}：{last}")


def _fetch(typefaces: list[Typeface], folder: Path) -> bool:
    """Download the package and take the fonts out of it into a folder; return whether that went well."""
    wanted = {f".{typeface.source}": typeface.source.name for typeface in typefaces}
    timeout = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20"]
    try:
        subprocess.run(  # noqa: S603 - fixed arguments
            ["apt-get", *timeout, "download", FANDOL_PACKAGE],  # noqa: S607 - found where the system keeps it
            cwd=folder,
            capture_output=True,
            check=True,
            timeout=FETCH_SECONDS,
        )
        package = next(folder.glob("*.deb"))
        unpacking = ["dpkg-deb", "--fsys-tarfile", str(package)]
        with (
            subprocess.Popen(unpacking, stdout=subprocess.PIPE) as process,  # noqa: S603 - as above
            tarfile.open(fileobj=process.stdout, mode="r|") as archive,
        ):
            for member in archive:
                if member.name in wanted and (content := archive.extractfile(member)):
                    (folder / wanted[member.name]).write_bytes(content.read())
        package.unlink()
    except (OSError, subprocess.SubprocessError, StopIteration, tarfile.TarError):
        return False
    return all((folder / name).is_file() for name in wanted.values())


def _remove_leftovers(folder: Path, *, but: Path) -> None:
    """Remove what a build that was killed left behind; nobody else is building, since we hold the lock."""
    for stale in {*folder.glob(f"{FETCHED}*"), *folder.glob("*.ttf.*")} - {but}:
        if stale.is_dir():
            shutil.rmtree(stale, ignore_errors=True)
        else:
            stale.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- one typeface, in a process of its own ------------------------------------------------------------------------


def compact(source: Path, typeface: Typeface) -> bytes:
    """Return a TrueType font with the typeface's characters; Song's digits are half as wide as a character."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import TTFont, newTable

    face = _face(source, typeface.family)
    digits = _half_width_digits(face) if typeface.whole else {}
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.set({code for code in face.unicodes if typeface.whole or _is_common(code)} - HANGUL)
    wanted.glyph_set.set(set(digits.values()))
    wanted.drop_table_tag_set.update({int.from_bytes(tag.encode()) for tag in DROPPED})
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    plan = uharfbuzz.SubsetPlan(face, wanted)
    font = TTFont(io.BytesIO(plan.execute().blob.data))

    names, outlines, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}
    limit = typeface.tolerance * font["head"].unitsPerEm / 1000
    for name in names:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, limit, reverse_direction=True))
        glyphs[name] = pen.glyph(dropImpliedOnCurves=True)
    new_ids = plan.old_to_new_glyph_mapping
    for table in font["cmap"].tables:
        for code, glyph in digits.items():
            if code in table.cmap:
                table.cmap[code] = names[new_ids[glyph]]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = names, glyphs
    del font["CFF "]
    sizes = font["maxp"]
    sizes.tableVersion = (
        0x00010000  # OpenType: the version for TrueType outlines; the rest is counted on saving
    )
    sizes.maxZones = 1
    for unused in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(sizes, f"max{unused}", 0)
    sizes.maxSizeOfInstructions = sizes.maxComponentElements = sizes.maxComponentDepth = 0
    font["post"].formatType = 3.0  # without glyph names
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\0\1\0\0"
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()


HANGUL = {*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xA960, 0xA980), *range(0xAC00, 0xD800)}


def _is_common(code: int) -> bool:
    if code < FIRST_OF_CJK:
        return True
    try:
        return bool(chr(code).encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _face(path: Path, family: str | None) -> uharfbuzz.Face:
    blob = uharfbuzz.Blob.from_file_path(str(path))
    index = 0
    while (face := uharfbuzz.Face(blob, index)).glyph_count:
        if family in (None, face.get_name(uharfbuzz.OTNameIdPredefined.FONT_FAMILY)):
            return face
        index += 1
    raise RenderingError(f"没有 {family}，请重新安装系统软件包 fonts-noto-cjk")


def _half_width_digits(face: uharfbuzz.Face) -> dict[int, int]:
    """Return the glyphs of digits that take half a character's width, so that a year takes two places."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(DIGITS)
    buffer.guess_segment_properties()
    uharfbuzz.shape(uharfbuzz.Font(face), buffer, {"hwid": True, "kern": False})
    return {ord(digit): info.codepoint for digit, info in zip(DIGITS, buffer.glyph_infos, strict=True)}


def main(name: str, source: str, target: str) -> None:
    """Build one typeface and put it in its place at once."""
    typeface = next(known for known in TYPEFACES if known.name == name)
    partial = Path(f"{target}.{os.getpid()}")
    try:
        partial.write_bytes(compact(Path(source), typeface))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
