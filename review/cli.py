"""Commands of the review: replay a draw."""

import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from registry.cli import sentences
from registry.errors import RuleError
from review import draw

group = AppGroup("review", help="Expert review: replay a published draw.")


@group.command("verify-draw")
@click.argument("file", type=click.Path(path_type=Path))
@sentences
def verify_draw(file: Path) -> None:
    """Draw again what the proof in FILE tells; exit with 1 when it comes to another panel."""
    try:
        proof = json.loads(file.read_text("utf-8"))
        wrong = draw.replay(proof)
    except OSError as problem:
        raise RuleError(f"无法读取文件 {file}：{problem.strerror}。", parameter="FILE") from None
    except (ValueError, TypeError, LookupError, AttributeError):
        raise RuleError(f"{file} 不是抽取证明。", parameter="FILE") from None
    for line in wrong:
        click.echo(line, err=True)
    if wrong:
        sys.exit(1)
    picked = [code for step in proof["steps"] for code in step["picked"]]
    click.echo(
        f"the draw holds: {len(proof['pool'])} in the pool, {len(picked)} picked in {len(proof['steps'])} steps"
    )
