"""Time a certificate against typst and reportlab: the same face, the same fonts, interleaved in one run.

    python benchmarks/certificates.py                 30 rounds, two workers, 500 in a row
    python benchmarks/certificates.py --rounds 100    more

The certificate is the longest of the usual kinds, for a hospital and a device. Every program makes its QR code inside the
measured time; typst sets the same face (`certificate.typ`), tagged and with the same attachment, reportlab the same words
in a simpler layout, without either. typst runs twice: with its code made as segno makes one that is not told more, which
scores eight masks, and with ours, whose mask is fixed.
Figures are CPU milliseconds of one process, medians; a ratio compares figures of the same run. Fonts must have been built
(`registry init`).
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from multiprocessing.queues import Queue
from pathlib import Path
from threading import Barrier

sys.path[0] = str(Path(__file__).parents[1])

import segno
import typst
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from catalog.certificates import key_files, qr_tokens, wording
from catalog.certificates.face import Face, face
from catalog.certificates.fonts import building
from catalog.certificates.numbers import CertificateNumber
from catalog.certificates.payload import (
    CertificatePayload,
    CertifiedListing,
    CertifiedProduct,
    FirstOnMarket,
    Issuer,
    Purpose,
    Registration,
    Unit,
)
from catalog.certificates.pdf import QR_SCALE, QR_VERSION, Renderer, qr_png
from catalog.certificates.signing import PadesSigner, in_memory
from catalog.certificates.wording import Funds, Project, PurchaseObject, Situation
from catalog.models import BuyerNature, KeyUse
from registry.models import ListCode
from registry.settings import Settings, default_font_folder

WORDS = wording.shipped()
WARM_UP = 3
WORKERS = 2
WORKER_COUNT = 100  # certificates for each of them
ROW = 500  # certificates in a row, for memory
URL = "http://127.0.0.1:8000/verify/"


def payload(serial: int) -> CertificatePayload:
    """Return a fictitious certificate for a hospital and a device."""
    listed = ListCode.CX
    conclusion = WORDS.conclude(
        Situation(
            buyer=BuyerNature.PUBLIC_HOSPITAL,
            funds=Funds.FISCAL,
            object=PurchaseObject.GOODS,
            project=Project.NONE,
            lists=frozenset({listed}),
            national=(),
            registered_device=True,
        )
    )
    return CertificatePayload(
        number=str(CertificateNumber(2026, conclusion.kind, serial)),
        kind=conclusion.kind,
        title=conclusion.title,
        opening=conclusion.opening,
        issuer=Issuer(name=WORDS.sentences.demonstration_issuer, is_demonstration=True),
        issued_on=date(2026, 11, 21),
        valid_until=date(2027, 2, 19),
        product=CertifiedProduct(
            code=f"P{serial:06}",
            version=1,
            name="磁共振成像系统（1.5T，无液氦超导）",
            model="SAMPLE-MR 150X",
            field="高端装备 / 高端医疗",
            unit=Unit(name="上海示例澄海医疗科技有限公司", credit_code="91310000MA1SAMP01X"),
            registration=Registration(
                number="示例械注准20269990000",
                is_device=True,
                management_class="第三类医疗器械",
                valid_until=date(2029, 5, 31),
                udi_di="06900000000018",
            ),
        ),
        listings=(
            CertifiedListing(
                list=listed,
                list_name=WORDS.lists[listed],
                number=f"CX-2026-01-{serial:04}",
                year=2026,
                batch=1,
                document="示例〔2026〕12号",
                published_on=date(2026, 5, 1),
                recognised_on=date(2026, 4, 30),
                valid_until=date(2029, 4, 30),
            ),
        ),
        first_on_market=FirstOnMarket(found=True, as_of=date(2026, 3, 31)),
        national=(),
        purpose=Purpose(
            buyer=Unit(name="示例市第九人民医院", credit_code=None),
            nature=BuyerNature.PUBLIC_HOSPITAL,
            text="影像科设备更新项目，2 台",
            funds=Funds.FISCAL,
            object=PurchaseObject.GOODS,
            project=Project.NONE,
        ),
        paragraphs=conclusion.paragraphs,
        limits=WORDS.sentences.limits,
        seal_statement=WORDS.sentences.unsealed,
    )


class Ours:
    """This project's certificate, as a warm worker makes it."""

    def __init__(self, folder: Path) -> None:
        """Prepare renderer and keys, once for each process."""
        settings = Settings(secret_key="0" * 64, data_dir=folder)
        self.renderer = Renderer(settings)
        pairs = {
            use: key_files.read(
                next(iter(settings.keys_folder.glob(f"{use}-*")), None) or _made(settings, use)
            )
            for use in KeyUse
        }
        self.signer = PadesSigner(in_memory(pairs[KeyUse.DOCUMENT]), reason=WORDS.signature.demonstration)
        self.qr_key = pairs[KeyUse.QR]

    def unsigned(self, serial: int) -> bytes:
        """Render, with the token in the QR code and the JSON attached."""
        frozen = payload(serial)
        return self.renderer.render(
            laid_out(frozen),
            qr=f"{URL}{frozen.number}#{qr_tokens.sign(self.qr_key, frozen)}",
            attachment=frozen.canonical(),
        )

    def signed(self, serial: int) -> bytes:
        """Render and sign."""
        return self.signer.sign(self.unsigned(serial))


def _made(settings: Settings, use: KeyUse) -> Path:
    return key_files.path_of(settings, use, key_files.make(settings, use).fingerprint)


def laid_out(frozen: CertificatePayload) -> Face:
    """Return the face."""
    return face(
        frozen,
        short_code="ABCDEFGHJKMN",
        verify_url=f"{URL}{frozen.number}",
        sentences=WORDS.sentences,
        signature=WORDS.signature.demonstration,
    )


def rows(page: Face) -> list[tuple[str, str]]:
    """Return labels and values in the order of the page."""
    cells = [(cell.label, cell.value) for line in page.facts for cell in line]
    for listing in page.listings:
        cells += [("目录编号", listing.number), ("列入名单", listing.name), ("发布文件", listing.document)]
        cells += [("认定日期", listing.recognised_on), ("列入有效期至", listing.valid_until)]
    return cells + [(cell.label, cell.value) for line in page.findings for cell in line]


TEMPLATE = Path(__file__).with_name("certificate.typ")
COLUMNS = ("目录编号", "列入名单", "认定日期", "列入有效期至")


def scored_qr_png(text: str) -> bytes:
    """Return a QR code of the same size and level whose mask segno chooses, as it does by itself."""
    target = io.BytesIO()
    code = segno.make_qr(text, version=QR_VERSION, error="m", boost_error=False)
    code.save(target, kind="png", scale=QR_SCALE, border=0)
    return target.getvalue()


class Typst:
    """typst, with its compiler kept."""

    def __init__(self, fonts: Path, qr: Callable[[str], bytes]) -> None:
        """Keep the template, the fonts and the way to make a QR code."""
        self.compiler = typst.Compiler(str(TEMPLATE), font_paths=[str(fonts)], ignore_system_fonts=True)
        self.qr = qr

    def unsigned(self, serial: int) -> bytes:
        """Render with tags and the JSON attached, as ours."""
        frozen = payload(serial)
        page = laid_out(frozen)
        data = {
            "heading": page.heading,
            "number": page.number,
            "title": page.title,
            "addressee": page.addressee,
            "opening": page.opening,
            "watermark": page.watermark,
            "facts": [[(cell.label, cell.value) for cell in line] for line in page.facts],
            "columns": COLUMNS,
            "listings": [
                (each.number, each.name, each.recognised_on, each.valid_until, each.batch, each.document)
                for each in page.listings
            ],
            "findings": [[(cell.label, cell.value) for cell in line] for line in page.findings],
            "paragraphs": page.paragraphs,
            "qr": list(self.qr(f"{URL}{frozen.number}#{'x' * 184}")),
            "code": page.short_code,
            "address": page.verify_at,
            "issuer": page.issuer,
            "day": page.issued_on,
            "until": page.valid_until,
            "seal": page.seal_statement,
            "signature": page.signature_statement,
            "note": page.note,
            "attachment": frozen.canonical().decode(),
        }
        content: bytes = self.compiler.compile(
            format="pdf", sys_inputs={"data": json.dumps(data)}, pdf_standards=["a-3a"]
        )
        return content


class ReportLab:
    """reportlab, with its fonts read once."""

    def __init__(self, fonts: dict[str, Path]) -> None:
        """Register the fonts."""
        for name, path in fonts.items():
            pdfmetrics.registerFont(TTFont(name, str(path)))
        self.text = "fang" if "fang" in fonts else "song"

    def unsigned(self, serial: int) -> bytes:
        """Draw, with lines broken after a number of characters."""
        frozen = payload(serial)
        page = laid_out(frozen)
        target = io.BytesIO()
        canvas = Canvas(target, pagesize=(210 * mm, 297 * mm))
        y = 270 * mm

        def write(text: str, font: str, size: float, x: float = 28 * mm, *, chars: int = 60) -> None:
            nonlocal y
            canvas.setFont(font, size)
            for start in range(0, len(text), chars):
                canvas.drawString(x, y, text[start : start + chars])
                y -= size * 1.5

        write(f"{page.heading} {page.number}", "hei", 9.5)
        write(page.title, "song-bold", 22, 70 * mm)
        write(page.addressee or "", self.text, 15)
        write(page.opening, self.text, 15, chars=28)
        for label, value in rows(page):
            canvas.setFont("hei", 10)
            canvas.drawString(28 * mm, y, label)
            write(value, "song", 11, 62 * mm)
        for paragraph in page.paragraphs:
            write(paragraph, "song", 9, chars=48)
        code = ImageReader(io.BytesIO(qr_png(f"{URL}{frozen.number}#{'x' * 184}")))
        canvas.drawImage(code, 28 * mm, 30 * mm, 35 * mm, 35 * mm)
        for line in (
            page.issuer,
            page.issued_on,
            page.seal_statement,
            page.signature_statement,
            page.short_code,
        ):
            write(line, "song", 9, 100 * mm)
        canvas.save()
        return target.getvalue()


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one program."""

    cpu_ms: float
    size_kb: float


def measure(programs: dict[str, Callable[[int], bytes]], rounds: int) -> dict[str, Figures]:
    """Run all programs by turns; medians."""
    times: dict[str, list[float]] = {name: [] for name in programs}
    sizes: dict[str, int] = {}
    for serial in range(1, WARM_UP + rounds + 1):
        for name, run in programs.items():
            started = time.process_time()
            sizes[name] = len(run(serial))
            times[name].append(time.process_time() - started)
    return {
        name: Figures(statistics.median(spent[WARM_UP:]) * 1000, sizes[name] / 1024)
        for name, spent in times.items()
    }


@dataclass(frozen=True, slots=True)
class Row:
    """What a process needed for a row of certificates; a core to itself would take `cpu_seconds`."""

    seconds: float
    cpu_seconds: float
    memory_mb: float


def _work(folder: Path, first: int, count: int, start: Barrier, done: Queue[Row]) -> None:
    """Make certificates in a warm process of its own, from when all are warm."""
    warnings.simplefilter("ignore")
    ours = Ours(folder)
    ours.signed(first)
    start.wait()
    started, cpu_started = time.perf_counter(), time.process_time()
    for serial in range(first, first + count):
        ours.signed(serial)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    status = Path("/proc/self/status").read_text("ascii")  # getrusage would tell of the parent's peak too
    done.put(Row(seconds, cpu_seconds, int(status.split("VmHWM:")[1].split()[0]) / 1024))


def together(folder: Path, workers: int, count: int) -> list[Row]:
    """Return what each of several workers needed that started at once."""
    spawn = multiprocessing.get_context("spawn")
    start, done = spawn.Barrier(workers), spawn.Queue()
    processes = [
        spawn.Process(target=_work, args=(folder, 1 + number * count, count, start, done))
        for number in range(workers)
    ]
    for process in processes:
        process.start()
    rows = [done.get() for _ in processes]
    for process in processes:
        process.join()
    return rows


def yardstick() -> float:
    """Return the CPU milliseconds of a million additions: twice as many beside busy neighbours as on a free machine."""
    started = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number
    return (time.process_time() - started) * 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--row", type=int, default=ROW, help="certificates in a row; 0 leaves it out")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    fonts = {
        typeface.name: path
        for typeface in building.TYPEFACES
        if (path := typeface.built(default_font_folder()))
    }
    with tempfile.TemporaryDirectory(prefix="bench-certificates-") as name:
        folder = Path(name)
        ours = Ours(folder)
        figures = measure(
            {
                "ours, signed PDF/A-3a": ours.signed,
                "ours, unsigned PDF/A-3a": ours.unsigned,
                "typst, PDF/A-3a": Typst(default_font_folder(), scored_qr_png).unsigned,
                "typst with our QR code": Typst(default_font_folder(), qr_png).unsigned,
                "reportlab": ReportLab(fonts).unsigned,
            },
            chosen.rounds,
        )
        print(
            f"Python {platform.python_version()}, weasyprint {version('weasyprint')}, pyhanko {version('pyhanko')}, "
            f"typst {version('typst')}, reportlab {version('reportlab')}, {platform.machine()}, "
            f"{chosen.rounds} rounds; a million additions: {yardstick():.0f} ms\n"
        )
        print("| | CPU, ms | KB |\n|---|---|---|")
        for program, each in figures.items():
            print(f"| {program} | {each.cpu_ms:.0f} | {each.size_kb:.0f} |")
        unsigned = figures["ours, unsigned PDF/A-3a"].cpu_ms
        for peer in list(figures)[2:]:
            print(f"| *ours unsigned / {peer}* | {unsigned / figures[peer].cpu_ms:.1f} | |")
        print()
        rows = together(folder, WORKERS, WORKER_COUNT)
        made = WORKERS * WORKER_COUNT
        rate = made / max(row.seconds for row in rows)
        cpu = sum(row.cpu_seconds for row in rows) / made
        print(
            f"{WORKERS} workers: {rate:.1f} signed certificates a second, {cpu * 1000:.0f} ms of CPU each "
            f"({WORKERS / cpu:.1f} a second on free cores)"
        )
        if chosen.row:
            (row,) = together(folder, 1, chosen.row)
            print(f"{chosen.row} in a row: {row.memory_mb:.0f} MB at most")


if __name__ == "__main__":
    main()
