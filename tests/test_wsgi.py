"""What a process holds when it has only started."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTED = "import sys, wsgi; wsgi.create_app(); print(*sys.modules)"
SELDOM_USED = {"alembic", "openpyxl", "weasyprint"}
"""What only some processes use, and of what all of them would pay the memory and a second of their start."""


def test_what_is_seldom_used_is_not_loaded_when_the_application_starts(tmp_path):
    settings = {"REGISTRY_SECRET_KEY": "0" * 64, "REGISTRY_DATA_DIR": str(tmp_path)}
    started = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=ROOT, env=os.environ | settings, text=True, capture_output=True
    )

    loaded = set(started.stdout.split())

    assert "sqlalchemy" in loaded, started.stderr
    assert loaded.isdisjoint(SELDOM_USED)
