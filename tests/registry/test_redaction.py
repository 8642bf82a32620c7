import logging

import pytest

from registry.redaction import RedactingFilter, Redaction, redact

TOKEN = "eyJhbGciOiJFUzI1NiJ9.WyJaTS0xIl0.c2lnbmF0dXJl-_"  # as in a QR code: who has it holds the paper


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("/verify/ZM-1?code=ABCD-EFGH&x=1", "/verify/ZM-1?code=***&x=1"),
        ("/verify/ZM-1?x=1&CODE=ABCD HTTP/1.1", "/verify/ZM-1?x=1&CODE=*** HTTP/1.1"),
        ("/invitations/abc-DEF_1?x=1", "/invitations/***?x=1"),
        ("GET /password/abc HTTP/1.1", "GET /password/*** HTTP/1.1"),
        ("/account/password", "/account/password"),
        ("/catalog/?q=code", "/catalog/?q=code"),
        (f"/verify/{TOKEN}", "/verify/***"),
        (
            f"/verify/?number=https%3A%2F%2Fa.example%2Fverify%2FZM-1%23{TOKEN}&x=1",
            "/verify/?number=https%3A%2F%2Fa.example%2Fverify%2FZM-1%23***&x=1",
        ),
    ],
)
def test_secrets_in_an_address_are_masked_and_the_rest_stays(written, kept):
    assert redact(written) == kept


def test_the_environment_is_masked_once_the_request_was_answered():
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        return []

    environ = {"QUERY_STRING": "code=ABCD", "RAW_URI": "/verify/1?code=ABCD", "PATH_INFO": "/verify/1"}
    Redaction(app)(environ, lambda *_: None)

    assert seen["QUERY_STRING"] == "code=ABCD"
    assert environ == {"QUERY_STRING": "code=***", "RAW_URI": "/verify/1?code=***", "PATH_INFO": "/verify/1"}


def test_a_log_record_is_masked_in_message_and_arguments(caplog):
    logger = logging.getLogger("test.redaction")
    logger.addFilter(RedactingFilter())

    logger.warning('"%s" %s', "GET /password/abc HTTP/1.1", 200)

    assert caplog.messages == ['"GET /password/*** HTTP/1.1" 200']
