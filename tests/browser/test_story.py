"""The story of one product in Chromium: each role in a window of its own, everything typed, ticked and clicked."""

from contextlib import contextmanager
from datetime import date

import pytest
from playwright.sync_api import expect

from registry import hooks, trail
from registry.models import State
from tests import browsing, story
from tests.browser.browsing import Browser
from tests.browser.conftest import look, serving


@pytest.fixture
def told(prepared, tmp_path, chromium):
    @contextmanager
    def window(day, who, again):
        site.day = day
        if again:  # what another has just done in a window is done without one
            yield browsing.Browser(site.app.test_client(), who)
            return
        context = look(chromium, site)
        yield Browser(context.new_page(), who)
        context.close()

    with serving(prepared, tmp_path) as site:
        yield story.Story(site.context, window)


def see_the_draft_save_itself(told):
    """What is typed is kept without a button, and is there in another window."""
    edit = f"/apply/applications/{told.application.id}/edit/B"
    with told.on(date(2026, 12, 1), "story") as unit:
        unit.open(edit)
        unit.page.get_by_label("产品简介").fill("写到一半的简介")
        expect(unit.page.locator("[data-autosave-status]")).to_contain_text("自动保存")
    with told.on(date(2026, 12, 1), "story") as unit:
        expect(unit.open(edit).page.get_by_label("产品简介")).to_have_value("写到一半的简介")


@pytest.mark.once
def test_a_product_goes_from_its_unit_to_a_certificate_that_verifies(told):
    for step in story.STEPS:
        step(told)
        if step is story.begin:
            see_the_draft_save_itself(told)

    assert told.application.state is State.LISTED
    with told.context.database.reading() as session:
        assert trail.first_broken(session) is None
    assert [line for check in hooks.checks for line in check(told.context)] == []
