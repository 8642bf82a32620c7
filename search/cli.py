"""Commands of the search: rebuild, sync, check."""

import io
import sys
from collections import Counter
from pathlib import Path

import click
from flask.cli import AppGroup

from registry.cli import context, sentences
from registry.errors import RuleError
from registry.models import PublicationScope
from search import sync
from search.index import IndexMissingError
from search.requirements import exporting, reading, services

group = AppGroup("search", help="The index, which can always be made anew from the database.")


def _say_state() -> None:
    engine = sync.engine_at(context().settings.index_dir)
    click.echo(f"documents: {engine.count()}, revision: {engine.state().revision}")


SHOWN_MAX = 20  # differences named one by one; the rest is counted


@group.command("rebuild")
@sentences
def rebuild() -> None:
    """Make the whole index anew from the database."""
    sync.rebuild(context())
    _say_state()


@group.command("sync")
@sentences
def catch_up() -> None:
    """Bring the index up to the database."""
    sync.catch_up(context())
    _say_state()


@group.command("check")
@sentences
def check() -> None:
    """Compare the index with the database; exit 1 with the first differences and their number."""
    try:
        found = sync.differences(context())
    except IndexMissingError:
        raise RuleError("检索索引不存在或版本不符，请运行 search rebuild。", parameter="index") from None
    for difference in found[:SHOWN_MAX]:
        click.echo(f"{difference.code} {difference.kind}", err=True)
    if found:
        kinds = Counter(difference.kind for difference in found)
        click.echo(", ".join(f"{kind}: {count:,}" for kind, count in sorted(kinds.items())), err=True)
        sys.exit(1)
    click.echo("the index equals the database")


@group.command("match")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--product", "codes", multiple=True, required=True, help="A product's code; up to five.")
@sentences
def match(file: Path, out: Path, codes: tuple[str, ...]) -> None:
    """Match the requirements in FILE (.txt, .csv, .xlsx) with public products; write the table to OUT (.xlsx, .csv)."""
    if (write := exporting.WRITERS.get(out.suffix.lower().removeprefix("."))) is None:
        raise RuleError("只能写 .xlsx 或 .csv 文件。", parameter="OUT")
    lines = reading.lines_of(reading.text_of(file.read_bytes(), file.name))
    with context().database.reading() as session:
        table = services.match(lines, services.chosen(session, codes, {PublicationScope.PUBLIC}))
    content = io.BytesIO()  # whole or not at all: no half-written file stands under the name
    write(table, content)
    try:
        out.write_bytes(content.getvalue())
    except OSError as problem:
        raise RuleError(f"无法写入文件 {out}：{problem.strerror}。", parameter="OUT") from None
    click.echo(f"{out}: {len(table.rows):,} lines, {len(table.columns)} products")
