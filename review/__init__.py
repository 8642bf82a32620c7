"""Expert review and committee: conflicts, draws, sheets, votes. It grows with the lifecycle of applications."""

from pathlib import Path

from registry import policy

policy.SHIPPED.extend(Path(__file__).parent / "data" / f"{name}.toml" for name in ("policy", "committee"))

from review import permissions  # noqa: E402 - it registers its rows

__all__ = ["permissions"]
