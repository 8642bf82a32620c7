"""No certificate with a flipped bit is taken: not by an upload, not by the signature's reader, not by poppler.

A usual run flips 200 bits a test; `make nightly` flips 10,000 by REGISTRY_TEST_FLIPS.
"""

import os
import random

import pytest

from catalog.certificates import checking, files, services
from catalog.certificates.signing import read_signature
from catalog.certificates.verdicts import CheckOutcome
from registry.files import FileStore
from registry.hooks import Context
from registry.models import CatalogEntry
from registry.permissions import VISITOR
from tests.catalog.certificates.variants import needs, run, signed

FLIPS = int(os.environ.get("REGISTRY_TEST_FLIPS", "200"))


def _flipped(content, dice, *, leave=range(0)):
    """Return the file with one bit flipped, none of those in `leave`."""
    place = dice.randrange(len(content) - len(leave))
    if leave and place >= leave.start:
        place += len(leave)
    changed = bytearray(content)
    changed[place] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _contents(content):
    """Return where the signature itself stands, its brackets included."""
    start = content.rindex(b"/Contents <") + len(b"/Contents ")
    return range(start, content.index(b">", start) + 1)


@pytest.fixture
def issued(session, database, settings, make):
    """Return the file of a certificate that was issued."""
    listing = make.listing()
    entry = session.get_one(CatalogEntry, listing.entry_id)
    certificate = services.issue_listing_certificate(session, entry, VISITOR, issuer="")
    session.commit()
    return files.ensure_file(Context(database, settings), certificate.id)


def test_an_upload_refuses_every_flip(session, settings, issued):
    dice = random.Random(3)  # noqa: S311 - the same flips each time
    store = FileStore(settings.files_dir)

    outcomes = [checking.check_file(session, store, _flipped(issued, dice)).outcome for _ in range(FLIPS)]

    assert checking.check_file(session, store, issued).outcome is CheckOutcome.VALID
    assert set(outcomes) <= {CheckOutcome.NOT_OURS, CheckOutcome.ALTERED}


@needs("pdfsig")
def test_poppler_refuses_every_flip_outside_the_signature(saved):
    dice = random.Random(7)  # noqa: S311 - the same flips each time
    content = signed("hospital")
    for _ in range(FLIPS):
        said = run("pdfsig", saved(_flipped(content, dice, leave=_contents(content)))).stdout
        assert not ("Signature is Valid." in said and "Total document signed" in said)


def test_a_flip_outside_the_signature_never_reads_as_whole():
    dice = random.Random(5)  # noqa: S311 - the same flips each time
    content = signed("hospital")
    for _ in range(FLIPS):
        signature = read_signature(_flipped(content, dice, leave=_contents(content)))
        assert signature is None or not signature.is_intact
