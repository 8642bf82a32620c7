"""The applicant's pages over HTTP."""

import re

import pytest
from bs4 import BeautifulSoup

from registry.models import State
from tests.factories import log_in


@pytest.fixture
def signatory(session, make, client):
    """Return the signatory of a verified unit, signed in."""
    user = make.applicant()
    session.commit()
    log_in(client, user)
    return user


def text(response):
    return response.get_data(as_text=True)


def form_of(response, *, autosave=True):
    """Return what the page's form would send as it stands."""
    page = BeautifulSoup(text(response), "html.parser")
    form = page.find("form", attrs={"data-autosave": True}) if autosave else page.find("main").find("form")
    sent = {}
    for field in form.find_all(["input", "textarea", "select"]):
        if field.get("type") in ("radio", "checkbox") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True)
            sent[field["name"]] = chosen["value"] if chosen else ""
        else:
            sent[field["name"]] = field.get("value") or field.text.removeprefix("\n")
    return sent


def test_a_draft_is_begun_filled_in_and_submitted(client, session, make, signatory):
    call = make.round()
    session.commit()
    assert call.title in text(client.get("/apply/"))

    begun = client.post(f"/apply/rounds/{call.id}", data={"list": "CX", "product_name": "示例机床"})
    assert begun.status_code == 302, re.findall("lead.*", text(begun))
    assert re.fullmatch(r"/apply/applications/\d+/edit/A", begun.location)
    page = client.get(begun.location)
    assert "严禁填写、上传涉密信息" in text(page)
    saved = client.post(begun.location, data={**form_of(page), "employees": "许多", "then": "next"})

    assert saved.location.endswith("/edit/B")
    assert "职工人数：应为数字，不写单位。" in text(client.get(begun.location))


def test_a_complete_draft_is_submitted_by_its_signatory(client, session, make, signatory):
    application = make.application(organization=signatory.organization)
    session.commit()
    address = f"/apply/applications/{application.id}/submit"

    answer = client.post(address, data={"version": application.version_id, "commitment": "yes"})

    assert answer.status_code == 302
    session.refresh(application)
    assert application.state is State.SUBMITTED
    assert application.number in text(client.get(answer.location))
    assert client.post(address, data={"version": 1, "commitment": "yes"}).status_code == 409


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_page(client, session, make, signatory, state):
    application = make.application(organization=signatory.organization, state=state)
    session.commit()

    page = client.get(f"/apply/applications/{application.id}")

    assert page.status_code == 200


@pytest.mark.parametrize("block", "ABCDFGH")
def test_every_block_shows_what_is_stored(client, session, make, signatory, block):
    application = make.application(organization=signatory.organization, list_code="RJ")
    session.commit()
    before = dict(application.draft)

    page = client.get(f"/apply/applications/{application.id}/edit/{block}")
    if block != "H":
        client.post(f"/apply/applications/{application.id}/edit/{block}", data=form_of(page))
    session.refresh(application)

    assert page.status_code == 200
    assert application.draft == before
