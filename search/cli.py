"""Commands of the search: rebuild, sync, check."""

import sys

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
    """Compare the index with the database; exit 1 with a line for each difference."""
    try:
        found = sync.differences(context())
    except IndexMissingError:
        raise RuleError("检索索引不存在或版本不符，请运行 search rebuild。", parameter="index") from None
    for difference in found:
        click.echo(f"{difference.code} {difference.kind}", err=True)
    if found:
        sys.exit(1)
    click.echo("the index equals the database")
