"""What people search for: counted by text and day, saved by its owner, taken along as a table."""

from pathlib import Path

import search.permissions  # noqa: F401 - it names who may
from registry import policy

policy.SHIPPED.append(Path(__file__).parents[1] / "data" / "usage.toml")
