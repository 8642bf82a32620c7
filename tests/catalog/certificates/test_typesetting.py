"""What a page is made with: fonts that last as long as the process, and nothing that is worked out twice."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.certificates import pdf

ROOT = Path(__file__).parents[3]


def test_every_page_is_set_in_the_same_fonts(render, printed, monkeypatch):
    from weasyprint.text.fonts import FontConfiguration

    def refused(_):
        raise AssertionError("what fontconfig takes for another configuration never comes back")

    monkeypatch.setattr(FontConfiguration, "__init__", refused)

    assert render(printed(product={"name": "甲"})) != render(printed(product={"name": "㸆"}))


def test_fonts_leave_nothing_on_the_disk_when_the_process_ends(tmp_path):
    made = (
        "from pathlib import Path; from registry.settings import Settings; from catalog.certificates.pdf import Renderer; "
        f"kept = Renderer(Settings(secret_key='0' * 64, data_dir=Path({str(tmp_path)!r}))); "
        f"assert list(Path({str(tmp_path)!r}).glob('certificates-*'))"
    )

    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", made],
        cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}, check=True,
    )  # fmt: skip

    assert list(tmp_path.glob("certificates-*")) == []


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
