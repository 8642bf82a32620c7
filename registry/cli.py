"""Commands of the registry: init, demo, accounts, worker, clocks, trail."""

import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import update_wrapper
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from registry import (
    accounts,
    backup,
    clock,
    hooks,
    invitations,
    migration,
    outbox,
    policy,
    taxonomy,
    throttle,
    trail,
)
from registry.errors import RuleError
from registry.models import Role
from registry.web import database, settings

group = AppGroup("registry", help="Database, accounts, worker, clocks and trail.")

EXIT_RULE = 2

P = ParamSpec("P")
R = TypeVar("R")


def context() -> hooks.Context:
    """Return what hooks work with; what they say is printed."""
    return hooks.Context(database(), settings(), click.echo)


def _is_prepared() -> bool:
    try:
        return migration.is_current(database())
    except OperationalError:
        return False


def _hindrance() -> str | None:
    """Return why the database cannot be worked with at all, None when that is not what went wrong."""
    try:
        ready = migration.is_current(database())
    except OperationalError:
        return "数据库无法连接，请检查地址、账号和数据库服务。"
    return None if ready else "数据库尚未初始化或不是最新结构，请先运行 registry init。"


def sentences(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a `RuleError` of a command into one sentence on standard error and exit status 2."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except RuleError as problem:
            name = f"{problem.parameter}: " if problem.parameter else ""
            click.echo(f"{name}{problem.sentence}", err=True)
        except (OperationalError, ProgrammingError):
            if (hindrance := _hindrance()) is None:
                raise
            click.echo(f"REGISTRY_DATABASE_URL: {hindrance}", err=True)
        sys.exit(EXIT_RULE)

    return update_wrapper(run, command)


@group.command("init")
@sentences
def init() -> None:
    """Create or upgrade database, index, fonts, keys and data folder; safe to repeat."""
    settings().files_dir.mkdir(parents=True, exist_ok=True)
    migration.upgrade(database())
    with database().transaction() as session:
        trail.begin(session)
        taxonomy.load_shipped(session)
        policy.load_shipped(session)
    for hook in hooks.init:
        hook(context())
    click.echo("ready")


@group.command("demo")
@click.option(
    "--products",
    default=1600,
    show_default=True,
    type=click.IntRange(1, 200_000),
    help="Active, public CX entries, beside those that the played rounds publish.",
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day from which the data are seen.")
@sentences
def demo(products: int, today: datetime | None) -> None:
    """Load deterministic, fictitious data into an empty database."""
    request = hooks.DemoRequest(products, today.date() if today else clock.today())
    for hook in hooks.demo:
        hook(context(), request)
    for catch_up in hooks.catch_up:
        catch_up(context())


@group.command("create-user")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--email", help="For password resets.")
@sentences
def create_user(name: str, role: str, email: str | None) -> None:
    """Open the first accounts; later ones are invited on the users page.

    The password is prompted for, or the first line of standard input.
    """
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    with database().transaction() as session:
        user = accounts.create_user(
            session, None, username=name, password=password, email=email, roles=[Role(role)]
        )
    click.echo(f"{user.username}: {role}")


@group.command("work")
@click.option("--once", is_flag=True, help="Deliver what is due and return.")
@sentences
def work(once: bool) -> None:
    """Deliver the outbox and run due clocks until stopped."""
    if once:
        click.echo(f"delivered: {outbox.deliver(context())}")
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    outbox.work(context(), stop)


@group.command("tick")
@sentences
def tick() -> None:
    """Run the clocks that are due, once."""
    click.echo(f"ran: {', '.join(outbox.run_clocks(context())) or 'nothing was due'}")


@group.command("doctor")
@sentences
def doctor() -> None:
    """Tell what an operator should see to before it fails; exit 1 when there is something."""
    found = [line for warn in hooks.warnings for line in warn(context())]
    for line in found:
        click.echo(line)
    if found:
        sys.exit(1)


@group.command("verify-trail")
@sentences
def verify_trail() -> None:
    """Recompute the chain; exit 1 with the first broken line."""
    with database().reading() as session:
        broken = trail.first_broken(session)
    if broken:
        click.echo(f"line {broken[0]}: {broken[1]}", err=True)
        sys.exit(1)
    click.echo("the trail is whole")


@group.command("backup")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@sentences
def write_backup(folder: Path) -> None:
    """Write a consistent copy of database and files into an empty folder, while the service runs."""
    manifest = backup.write(database(), settings().files_dir, folder)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    click.echo(f"tables: {len(manifest['tables'])}, rows: {rows:,}, files: {manifest['files']:,}")


@group.command("restore")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@sentences
def read_backup(folder: Path) -> None:
    """Restore a backup into an empty database, verify it and make the index anew."""
    manifest = backup.read(database(), settings().files_dir, folder)
    for hook in (*hooks.init, *hooks.catch_up):
        hook(context())
    rows = sum(table["rows"] for table in manifest["tables"].values())
    click.echo(
        f"rows: {rows:,}, files: {manifest['files']:,}, the trail is whole at line {manifest['trail']['seq']}"
    )


@group.command("check")
@sentences
def check() -> None:
    """Check every invariant; exit 1 with a line for each one broken."""
    broken = [line for hook in hooks.checks for line in hook(context())]
    for line in broken:
        click.echo(line, err=True)
    if broken:
        sys.exit(1)
    click.echo("all invariants hold")


def _keep_roots(context: hooks.Context) -> None:
    """Keep yesterday's root of the trail."""
    with context.database.transaction() as session:
        trail.keep_root(session, clock.today() - timedelta(days=1))


def _forget_old(context: hooks.Context) -> None:
    """Clear what has run out: throttles, invitations and resets keep no personal data longer than needed."""
    with context.database.transaction() as session:
        throttle.forget_old(session, before=clock.now() - timedelta(days=1))
        invitations.forget_run_out(session, before=clock.now() - timedelta(days=1))


hooks.clocks += [
    hooks.Clock("trail.root", timedelta(hours=1), _keep_roots),
    hooks.Clock("accounts.forget", timedelta(hours=6), _forget_old),
]


def _trail_is_whole(context: hooks.Context) -> list[str]:
    with context.database.reading() as session:
        broken = trail.first_broken(session)
    return [f"trail line {broken[0]}: {broken[1]}"] if broken else []


hooks.checks.append(_trail_is_whole)
