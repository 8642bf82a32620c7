"""Pages of the review: the expert's desk, the office's panels and results, the pool."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from review import scoring

bp = Blueprint("review", __name__)

from review.views import cases, desk, experts, panels  # noqa: E402 - they register their pages on `bp`

__all__ = ["bp", "cases", "desk", "experts", "panels"]


@bp.context_processor
def names() -> dict[str, Callable[..., Any]]:
    """Give the templates what writes a score: thousandths as points, thousandths as a share."""
    return {"points": scoring.from_points, "share": lambda thousandths: f"{thousandths / 10:.1f}%"}
