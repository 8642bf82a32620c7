"""Expert review and committee: conflicts, draws, sheets, votes. It grows with the lifecycle of applications."""

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from registry import policy, policy_checks

policy.SHIPPED.extend(Path(__file__).parent / "data" / f"{name}.toml" for name in ("policy", "committee"))

from review import permissions, scoring  # noqa: E402 - permissions registers its rows


def _check_rubric(_session: Session, _key: str, value: Any) -> None:
    """Refuse a score sheet that no product could be scored with."""
    scoring.rubric_of(value)


policy_checks.CHECKS["rubric."] = _check_rubric

__all__ = ["permissions"]
