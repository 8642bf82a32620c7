"""What a page is made with: fonts that last as long as the process, and nothing that is worked out twice."""

import gc
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.certificates import pdf
from catalog.certificates.pdf import Renderer
from tests.conftest import settings_for

ROOT = Path(__file__).parents[3]


def test_every_page_is_set_in_the_same_fonts(render, printed, monkeypatch):
    from weasyprint.text.fonts import FontConfiguration

    def refused(_):
        raise AssertionError("what fontconfig takes for another configuration never comes back")

    monkeypatch.setattr(FontConfiguration, "__init__", refused)

    assert render(printed(product={"name": "甲"})) != render(printed(product={"name": "㸆"}))


RENDERER = """
import os, signal, sys
from pathlib import Path
from catalog.certificates.pdf import Renderer
from registry.settings import Settings

kept = Renderer(Settings(secret_key="0" * 64, data_dir=Path(sys.argv[1])))
if len(sys.argv) > 2:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _folders_after(tmp_path, *, killed):
    """Return the folders that a process with fonts leaves."""
    command = [sys.executable, "-W", "ignore", "-c", RENDERER, tmp_path, *["killed"] * killed]
    ended = subprocess.run(command, cwd=ROOT, check=False)
    assert ended.returncode == (-signal.SIGKILL if killed else 0)
    return list((tmp_path / "fonts").glob("pages-*"))


def test_fonts_leave_nothing_on_the_disk_when_the_process_ends(tmp_path):
    assert _folders_after(tmp_path, killed=False) == []


def test_the_next_process_removes_what_a_killed_one_left(tmp_path):
    (left,) = _folders_after(tmp_path, killed=True)
    kept = Renderer(settings_for(tmp_path, "sqlite://"))

    assert not left.exists()
    assert _folders_after(tmp_path, killed=False) == list((tmp_path / "fonts").glob("pages-*")) != []
    assert kept


def test_the_collector_runs_again_after_a_page_and_after_one_that_cannot_be_made(render, printed):
    render(printed())
    assert gc.isenabled()

    with pytest.raises(pdf.TooLongError):
        render(printed(product={"name": "名" * 6000}))
    assert gc.isenabled()


def test_white_space_between_elements_is_no_text_and_within_them_is():
    from catalog.certificates.typesetting import ClosedFetcher, Page

    root = Page("<p>\n<b>编号</b> 2026\n<i> </i>\n</p>", ClosedFetcher({})).etree_element

    assert (root.text, [(child.text, child.tail) for child in root]) == (
        None,
        [("编号", " 2026\n"), (None, None)],
    )


def test_the_page_stays_readable_when_somebody_tidied_the_fonts_away(tmp_path, printed):
    renderer = Renderer(settings_for(tmp_path, "sqlite://"))
    before = renderer.render(printed(), qr="甲", attachment=b"{}")
    for folder in (tmp_path / "fonts").glob("pages-*"):
        shutil.rmtree(folder)

    assert renderer.render(printed(), qr="甲", attachment=b"{}") == before
