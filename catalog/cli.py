"""Commands of the catalog: import and export."""

import io
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import exporting
from catalog.importing.report import report_csv
from catalog.importing.services import ImportOptions, Progress, import_path
from catalog.models import Edition
from registry import hooks
from registry.cli import context, sentences
from registry.errors import NotFoundError, RuleError
from registry.models import ListCode, PublicationScope

group = AppGroup("catalog", help="Entries of the published catalog: import, export, certify.")

LISTS = click.Choice([code.value for code in ListCode], case_sensitive=False)
KIB_PER_MIB = 1024  # Linux reports the peak in KiB


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--list", "list_code", type=LISTS, default=ListCode.CX.value, show_default=True)
@click.option("--year", type=int, help="In the number of rows without 年份; this year when not given.")
@click.option("--batch", type=int, default=1, show_default=True, help="For rows without 批次.")
@click.option("--valid-until", type=click.DateTime(["%Y-%m-%d"]), help="For rows without 有效期至.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="CSV of what was not taken.")
@sentences
def import_(
    file: Path,
    list_code: str,
    year: int | None,
    batch: int,
    valid_until: datetime | None,
    dry_run: bool,
    report: Path | None,
) -> None:
    """Import published entries from a CSV or XLSX FILE, all of it or nothing.

    Exits with 0 when the file was read, whatever was refused; a known product with other content gets a new version.
    """
    started, here = time.monotonic(), context()
    if report is not None and not report.absolute().parent.is_dir():
        raise RuleError(f"没有目录 {report.parent}，无法写入报告。", parameter="--report")
    if report is not None and report.exists() and report.samefile(file):
        raise RuleError("报告会覆盖要导入的文件，请另给一个文件名。", parameter="--report")
    options = ImportOptions(
        list_code=ListCode(list_code.upper()), year=year, batch=batch, dry_run=dry_run,
        valid_until=valid_until.date() if valid_until else None,
    )  # fmt: skip
    with _bar() as progress:
        result = import_path(here.database, file, options=options, progress=progress)
    if report is not None:
        _write(report, report_csv(result.report), "--report")
    if not dry_run:
        for catch_up in hooks.catch_up:
            catch_up(here)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    for name, figure in (
        ("read", result.read), ("taken", result.taken), ("created", result.created), ("changed", result.changed),
        ("unchanged", result.unchanged), ("refused", result.refused),
    ):  # fmt: skip
        click.echo(f"{name + ':':<11}{figure:>8,}")
    for column in result.unknown_columns:
        click.echo(f"unknown column: {column}")
    click.echo(f"editions:  {', '.join(result.editions) or 'none changed'}")
    click.echo(f"time:      {time.monotonic() - started:.1f} s, peak memory {peak:.0f} MB")
    if dry_run:
        click.echo("dry run: nothing was written")
    if result.refused and report is None:
        click.echo("run again with --report OUT.csv to see every refused row", err=True)


@group.command("export")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--list", "list_code", type=LISTS, help="One list only.")
@click.option("--edition", help="An edition, such as CX-2026-01, instead of the current catalog.")
@sentences
def export(out: Path, list_code: str | None, edition: str | None) -> None:
    """Export public, active listings to OUT, a .xlsx, .csv or .json file."""
    exporting.writer_for(out.name)
    scopes, wanted = {PublicationScope.PUBLIC}, ListCode(list_code.upper()) if list_code else None
    with context().database.reading() as session:
        if edition is not None:
            shown = _edition(session, edition)
            if wanted is not None and shown.list_code is not wanted:
                raise RuleError(f"目录版本 {shown.slug} 不属于 {wanted}。", parameter="--list")
            records = exporting.edition(session, shown, scopes=scopes)
        else:
            records = exporting.current(session, scopes=scopes, list_code=wanted)
        content = io.BytesIO()  # whole or not at all: no half-written file stands under the name
        count = exporting.write(records, content, name=out.name)
    _write(out, content.getvalue(), "OUT")
    click.echo(f"{out}: {count:,}")


def _edition(session: Session, slug: str) -> Edition:
    for found in session.scalars(select(Edition)):
        if found.slug == slug.strip().upper():
            return found
    raise NotFoundError(f"没有目录版本 {slug}。", parameter="--edition")


def _write(path: Path, content: bytes, parameter: str) -> None:
    try:
        path.write_bytes(content)
    except OSError as problem:
        raise RuleError(f"无法写入文件 {path}：{problem.strerror}。", parameter=parameter) from None


@contextmanager
def _bar() -> Iterator[Progress]:
    with click.progressbar(length=1, label="import", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield progress
