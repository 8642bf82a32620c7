"""WeasyPrint, as a certificate needs it: without what it knows for any other page.

Imported on first use, for it takes a second and 20 MB, and after `fonts.check_rendering`: WeasyPrint reads the fonts'
configuration at once. A third of the time of a page went into four things that are left out here: the rules for elements that a certificate does not have
(six pseudo-elements to every element among them), a parser for bad HTML, white space between elements, which becomes a
box and is thrown away again, and objects that are written and compressed twice.
"""

import fcntl
import os
import warnings
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, NamedTuple
from weakref import finalize
from xml.etree import ElementTree

import pydyf
from cssselect2 import ElementWrapper

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "No fonts configured")  # on purpose
    from weasyprint import CSS, HTML, Attachment, Document
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

__all__ = [
    "CSS",
    "Attachment",
    "ClosedFetcher",
    "Document",
    "FatalURLFetchingError",
    "Page",
    "finish",
    "font_configuration",
    "parsed",
]

FONT_SCHEME = "font"
OWN = "pages-"  # how a process's folder begins
START, END = b"\nstream\n", b"\nendstream"  # of what a stream holds, as pydyf writes one
LEVEL = 6  # of zlib: the highest, which pydyf takes, needs three times as long for one percent


class ClosedFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """A fetcher that knows some assets and refuses every other address, loudly."""

    def __init__(self, assets: Mapping[str, tuple[bytes, str]]) -> None:
        """Take content and media type of each address; what the base class prepares for the network stays away."""
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Return an asset."""
        if url not in self._assets:
            raise FatalURLFetchingError(f"a certificate may not load {url!r}")
        content, media_type = self._assets[url]
        return URLFetcherResponse(url, content, {"Content-Type": media_type})


class Page(HTML):  # type: ignore[misc] # as above
    """A page from well-formed markup; its style sheets say everything."""

    def __init__(self, markup: str, fetcher: ClosedFetcher) -> None:
        """Read the markup."""
        root = ElementTree.fromstring(markup)  # noqa: S314 - our template, in which every value is escaped
        for element in root.iter():
            element.text, element.tail = _without_blank(element.text), _without_blank(element.tail)
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(root)
        self.etree_element = root

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return []


class Fonts(NamedTuple):
    """A configuration and the files that the libraries read for as long as it lives."""

    configuration: FontConfiguration
    files: tuple[Path, ...]

    @property
    def are_there(self) -> bool:
        """Tell whether all files are; of one that is gone the libraries say nothing and print what nobody can read."""
        return all(file.exists() for file in self.files)


def font_configuration(files: Mapping[str, bytes], folder: Path) -> Fonts:
    """Return a configuration with these fonts, by name; keep it, since what the libraries take for one never comes back.

    `folder` is where the files may lie.
    """
    configuration = FontConfiguration()
    configuration._folder = own = _own_folder(configuration, folder)
    faces = (f'@font-face {{ font-family: "{name}"; src: url("{FONT_SCHEME}:{name}") }}' for name in files)
    fetcher = ClosedFetcher(
        {f"{FONT_SCHEME}:{name}": (content, "font/ttf") for name, content in files.items()}
    )
    CSS(string="".join(faces), font_config=configuration, url_fetcher=fetcher)
    configuration._folder = None  # it would remove the files itself, but not at the end of the process
    return Fonts(configuration, tuple(own.iterdir()))


def _own_folder(configuration: FontConfiguration, folder: Path) -> Path:
    """Return a new folder that goes with the configuration, and remove those of processes that were killed."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # so that nobody takes a folder for left that is not yet held
        for left in folder.glob(f"{OWN}*"):
            _remove_unheld(left)
        own = Path(mkdtemp(prefix=OWN, dir=folder))
        held = os.open(own, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    finalize(configuration, os.close, held)
    finalize(configuration, rmtree, own, ignore_errors=True)
    return own


def _remove_unheld(folder: Path) -> None:
    with suppress(OSError):  # held, or gone meanwhile
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            rmtree(folder)
        finally:
            os.close(held)


@cache
def parsed(sheet: str) -> CSS:
    """Return a style sheet ready for use; the same one is asked for again and again."""
    return CSS(string=sheet, url_fetcher=ClosedFetcher({}))


def _without_blank(text: str | None) -> str | None:
    return text if text and not text.isspace() else None


class _Written(pydyf.Object):  # type: ignore[misc] # as above
    """An object that is written already."""

    data = b""

    def __init__(self, given: pydyf.Object) -> None:
        self.__dict__.update(vars(given), data=given.data)


def finish(_: Document, pdf: pydyf.PDF) -> None:
    """Write and compress once what pydyf would write and compress twice, for the file and for its identifier."""
    for number, given in enumerate(pdf.objects):
        if isinstance(given, pydyf.Stream):
            if given.compress:
                given.compress = False
                content = given.data.partition(START)[2].removesuffix(END)
                given.stream = [zlib.compress(content, LEVEL)]
                given.extra["Filter"] = "/FlateDecode"
        elif given.free == "n":
            pdf.objects[number] = _Written(given)
