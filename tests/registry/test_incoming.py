import io

from flask import Flask, request

from registry.incoming import Request


def _sent(**data):
    app = Flask(__name__)
    app.request_class = Request
    with app.test_request_context("/", method="POST", data=data):
        return request.form.to_dict(), {name: file.read() for name, file in request.files.items()}


def test_what_nobody_can_have_typed_is_left_out_of_every_form():
    texts, _ = _sent(reason="事实\x00和\x0b理由\x1b\x7f", lines="一\r\n二\t三")

    assert texts == {"reason": "事实和理由", "lines": "一\r\n二\t三"}


def test_files_are_left_as_they_are_when_a_form_has_some():
    texts, files = _sent(name="甲\x00乙", file=(io.BytesIO(b"\x00\x01"), "a.pdf"))

    assert (texts, files) == ({"name": "甲乙"}, {"file": b"\x00\x01"})
