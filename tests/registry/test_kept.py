import pytest
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.fields.core import UnboundField

from registry import kept
from registry.forms.fields import Day, Moment, Whole
from registry.models import Role
from tests.factories import log_in, log_in_as
from wsgi import create_app

TYPED = (StringField, TextAreaField, Day, Moment, Whole)


def _forms(kind=FlaskForm):
    for form in kind.__subclasses__():
        yield form
        yield from _forms(form)


def test_whatever_is_typed_has_a_word_when_it_is_given_back():
    assert callable(create_app)  # with it every package has brought its forms
    fields = {
        name
        for form in _forms()
        if getattr(form.Meta, "csrf", True)
        for name, field in vars(form).items()
        if isinstance(field, UnboundField)
        and issubclass(field.field_class, TYPED)
        and not issubclass(field.field_class, (HiddenField, PasswordField))
    }

    assert len(fields) > 40
    nameless = [name for name in sorted(fields - kept.SECRET_FIELDS) if kept.label_of(name) is None]
    assert nameless == [], "each needs a word in [input] of registry/data/terms.toml"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("reason", "理由"),
        ("12-reason", "理由"),
        ("reason-level", "理由"),
        ("version", None),
    ],
)
def test_an_input_is_called_by_its_word_when_its_name_has_parts(name, label):
    assert kept.label_of(name) == label


def test_a_refused_form_says_what_was_typed_and_leads_back(client, session, make):
    expert = make.user(Role.EXPERT)
    session.commit()
    log_in(client, expert)

    answer = client.post(
        "/review/assignments/999/leave",
        data={"answer": "recuse", "reason": "曾<b>共同</b>发表论文", "version": "3"},
        headers={"Referer": "http://localhost/review/?page=2"},
    )

    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "曾&lt;b&gt;共同&lt;/b&gt;发表论文" in page
    assert 'href="/review/?page=2">返回刚才的页面' in page


@pytest.mark.parametrize(
    "elsewhere", [None, "https://example.org/x", "http://localhost//example.org", "nothing"]
)
def test_a_refused_form_leads_nowhere_else(client, session, make, elsewhere):
    log_in_as(client, session, make, Role.SECURITY_ADMIN)

    answer = client.post(
        "/office/users/999/roles",
        data={"role": "expert"},
        headers={"Referer": elsewhere} if elsewhere else {},
    )

    assert answer.status_code == 404
    assert "返回刚才的页面" not in answer.get_data(as_text=True)
