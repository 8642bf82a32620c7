"""Filling in the form: one editor, two editors, and a session that ends on the way."""

import pytest

from tests.factories import PASSWORD
from tests.registry.apply.reading import at, form_of, text


@pytest.mark.parametrize("block", "ABCDFG")
def test_a_block_shows_what_is_stored_and_saving_it_changes_nothing(client, session, make, signatory, block):
    application = make.application(organization=signatory.organization, list_code="RJ")
    session.commit()
    before, version = dict(application.draft), application.draft_version

    page = client.get(at(application, "edit", block))
    client.post(at(application, "edit", block), data=form_of(page))

    session.refresh(application)
    assert (application.draft, application.draft_version) == (before, version)


def test_a_block_that_a_list_does_not_ask_is_not_there(client, draft):
    assert client.get(at(draft, "edit/G")).status_code == 404
    assert client.get(at(draft, "edit/Z")).status_code == 404


def test_two_editors_both_keep_what_they_typed(client, session, draft, colleague):
    mine, theirs = (form_of(browser.get(at(draft, "edit/A"))) for browser in (client, colleague))

    colleague.post(at(draft, "edit/A"), data={**theirs, "employees": "7"})
    saved = client.post(at(draft, "edit/A"), data={**mine, "contact_name": "示例丙"}, follow_redirects=True)

    session.refresh(draft)
    assert (draft.draft["employees"], draft.draft["contact_name"]) == ("7", "示例丙")
    assert "同时保留了他人的修改：职工人数。" in text(saved)


@pytest.mark.parametrize(("choice", "kept"), [("mine", "8"), ("theirs", "7")])
def test_two_editors_of_one_answer_see_both_and_choose(client, session, draft, colleague, choice, kept):
    mine, theirs = (form_of(browser.get(at(draft, "edit/A"))) for browser in (client, colleague))
    colleague.post(at(draft, "edit/A"), data={**theirs, "employees": "7"})

    answer = client.post(at(draft, "edit/A"), data={**mine, "employees": "8", "contact_name": "示例丙"})

    assert answer.status_code == 409
    session.refresh(draft)
    assert (draft.draft["employees"], draft.draft["contact_name"]) == ("7", "示例丙")
    assert "示例经办在您填写的同时改成了另外的内容" in text(answer)
    shown = form_of(answer)
    assert shown["employees"] == "8"
    client.post(at(draft, "edit/A"), data={**shown, "keep-employees": choice})
    session.refresh(draft)
    assert draft.draft["employees"] == kept


def test_the_page_s_script_saves_without_leaving_the_page(client, session, draft, colleague):
    page = form_of(client.get(at(draft, "edit/A")))
    as_script = {"headers": {"Accept": "application/json"}}

    saved = client.post(at(draft, "edit/A"), data={**page, "employees": "许多"}, **as_script)
    colleague.post(
        at(draft, "edit/A"), data={**form_of(colleague.get(at(draft, "edit/A"))), "contact_name": "示例丙"}
    )
    again = client.post(
        at(draft, "edit/A"), data={**page, "seen": saved.json["seen"], "employees": "9"}, **as_script
    )

    assert saved.json["problems"] == {"employees": "职工人数：应为数字，不写单位。"}
    assert "经办人" in again.json["message"]
    session.refresh(draft)
    assert (draft.draft["employees"], draft.draft["contact_name"]) == ("9", "示例丙")


def test_text_typed_into_what_was_submitted_meanwhile_is_shown_for_copying(client, session, draft, colleague):
    page = form_of(colleague.get(at(draft, "edit/A")))
    client.post(at(draft, "submit"), data={"version": draft.version_id, "commitment": "yes"})

    answer = colleague.post(at(draft, "edit/A"), data={**page, "contact_name": "不要丢失的名字"})

    assert answer.status_code == 409
    assert "不要丢失的名字" in text(answer)
    session.refresh(draft)
    assert draft.draft["contact_name"] == "示例乙"
    assert colleague.get(at(draft, "edit/A")).location == at(draft)


def test_a_session_that_ends_in_a_long_form_gives_everything_back(client, session, draft, signatory):
    page = {**form_of(client.get(at(draft, "edit/B"))), "summary": "第一行\n<b>第二行</b>"}
    signatory.session_epoch += 1
    session.commit()

    expired = client.post(at(draft, "edit/B"), data=page)
    assert expired.status_code == 401
    assert "产品简介" in text(expired)
    kept = form_of(expired, method="post", action="/login/again")
    wrong = client.post(
        "/login/again", data={**kept, "again-login": signatory.username, "again-password": "x"}
    )
    assert wrong.status_code == 401
    kept = form_of(wrong, method="post", action="/login/again")
    returned = client.post(
        "/login/again", data={**kept, "again-login": signatory.username, "again-password": PASSWORD}
    )
    saved = client.post(
        at(draft, "edit/B"), data=form_of(returned, method="post", action=at(draft, "edit/B"))
    )

    assert saved.status_code == 302
    session.refresh(draft)
    assert draft.draft["summary"] == "第一行\n<b>第二行</b>"
    assert "<b>第二行</b>" not in text(returned)


def test_logging_in_again_never_sends_what_was_typed_elsewhere(client, session, draft, signatory):
    kept = {
        "again-path": "//example.org/x",
        "again-login": signatory.username,
        "again-password": PASSWORD,
        "summary": "字",
    }

    answer = client.post("/login/again", data=kept)

    assert "example.org" not in text(answer)


def test_whatever_is_typed_never_breaks_a_page(client, session, draft):
    page = form_of(client.get(at(draft, "edit/C")))
    odd = {
        "rights-0-number": "\x00" * 5,
        "rights-3-kind": "x",
        "rights-9999-title": "末",
        "seen": page["seen"] + " :: ü:1",
    }

    assert client.post(at(draft, "edit/C"), data={**page, **odd}).status_code == 302
    assert client.get(at(draft, "edit/C")).status_code == 200
    assert client.get(at(draft, "submit")).status_code == 200


def test_a_form_whose_whole_session_is_gone_is_given_back_with_a_log_in(
    app, client, session, draft, signatory
):
    page = {**form_of(client.get(at(draft, "edit/A"))), "employees": "9"}
    app.config["WTF_CSRF_ENABLED"] = True
    visitor = app.test_client()

    expired = visitor.post(at(draft, "edit/A"), data=page)
    assert expired.status_code == 401
    kept = form_of(expired, method="post", action="/login/again")
    again = app.test_client().post("/login/again", data=kept)
    assert again.status_code == 401
    assert form_of(again, method="post", action="/login/again")["again-path"] == at(draft, "edit/A")
    kept |= {"again-login": signatory.username, "again-password": PASSWORD}
    returned = visitor.post("/login/again", data=kept)
    visitor.post(at(draft, "edit/A"), data=form_of(returned, method="post", action=at(draft, "edit/A")))

    session.refresh(draft)
    assert draft.draft["employees"] == "9"
