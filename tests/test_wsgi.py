"""What a process holds when it has only started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STARTED = "import gc, sys, wsgi; wsgi.create_app(); print(len(gc.get_objects()), *sys.modules)"
SELDOM_USED = {"alembic", "openpyxl", "weasyprint"}
"""What only some processes use, and of what all of them would pay the memory and a second of their start."""

LEFT_MOST = 1_000  # objects; an application is made of some 200,000


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Return how many objects the collector looks after in a process that has started, and the modules it has loaded."""
    tmp_path = tmp_path_factory.mktemp("started")
    settings = {"REGISTRY_SECRET_KEY": "0" * 64, "REGISTRY_DATA_DIR": str(tmp_path)}
    started = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=ROOT, env=os.environ | settings, text=True, capture_output=True
    )

    assert started.returncode == 0, started.stderr
    return started.stdout.split()


def test_what_is_seldom_used_is_not_loaded_when_the_application_starts(started):
    assert "sqlalchemy" in started
    assert SELDOM_USED.isdisjoint(started)


def test_the_collector_leaves_alone_what_lives_as_long_as_the_process(started):
    assert int(started[0]) < LEFT_MOST
