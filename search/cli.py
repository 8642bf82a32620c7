"""Commands of the search: rebuild, sync, check."""

import sys
from collections import Counter

import click
from flask.cli import AppGroup

from registry.cli import context, sentences
from registry.errors import RuleError
from search import sync
from search.index import IndexMissingError

group = AppGroup("search", help="The index, which can always be made anew from the database.")


def _say_state() -> None:
    engine = sync.engine_at(context().settings.index_dir)
    click.echo(f"documents: {engine.count()}, revision: {engine.revision()}")


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
