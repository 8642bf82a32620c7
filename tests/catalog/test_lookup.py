"""Products by their codes, as somebody typed them."""

import pytest

from catalog import lookup
from registry.errors import NotFoundError
from registry.models import PublicationScope


@pytest.fixture
def listed(make):
    """Return a function that lists a product of a scope and returns its code."""

    def listed(scope=PublicationScope.PUBLIC):
        entry = make.entry(scope=scope)
        make.listing(entry)
        return entry.code

    return listed


def test_each_code_counts_once_as_it_is_stored_however_it_was_typed():
    assert lookup.codes_of([" p000002 ", "P000001", "", "P000002", "x" * 90]) == [
        "P000002",
        "P000001",
        "X" * 21,
    ]


def test_what_is_no_code_or_may_not_be_seen_is_left_out(session, listed):
    first, hidden, second = listed(), listed(PublicationScope.VERIFIED_BUYERS), listed()
    asked = [second, "P999999", "\x00", "\ud800", hidden, first]

    found = lookup.entries(session, asked, [PublicationScope.PUBLIC])

    assert [entry.code for entry in found] == sorted([first, second])


@pytest.mark.parametrize("code", ["P999999", "\x00", "\ud800", ""])
def test_no_product_is_found_when_there_is_none_of_a_code(session, listed, code):
    listed()

    with pytest.raises(NotFoundError, match="没有找到这个产品"):
        lookup.entry(session, code, [PublicationScope.PUBLIC])


def test_a_product_is_not_found_when_its_scope_is_not_seen(session, listed):
    code = listed(PublicationScope.VERIFIED_BUYERS)

    with pytest.raises(NotFoundError):
        lookup.entry(session, code, [PublicationScope.PUBLIC])
    assert lookup.entry(session, code, list(PublicationScope)).code == code
