"""The story of one product over HTTP, without a browser: every page, form and move that `tests/story.py` tells of."""

from contextlib import nullcontext

from registry import hooks, trail
from tests import story
from tests.browsing import Browser


def test_a_product_goes_from_its_unit_to_a_certificate_that_verifies(app, session, settings, database):
    context = hooks.Context(database, settings, say=lambda _line: None)
    told = story.Story(context, lambda _day, who, _again: nullcontext(Browser(app.test_client(), who)))

    for step in story.STEPS:
        step(told)

    assert trail.first_broken(session) is None
    assert [line for check in hooks.checks for line in check(context)] == []
