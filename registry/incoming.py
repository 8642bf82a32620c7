"""Requests as the rest of the registry may rely on them: texts of forms come without control characters."""

import re
from typing import IO, Any

import flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""No keyboard makes them; they come along with pasted text, PostgreSQL keeps no NUL and XML none at all."""


class CleanForms(FormDataParser):
    """A parser of forms that leaves out what nobody can have typed."""

    def parse(
        self, *args: Any, **kwargs: Any
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Return the rest of the stream, the texts and the files of a form."""
        stream, form, files = super().parse(*args, **kwargs)
        clean = MultiDict((name, _CONTROL.sub("", text)) for name, text in form.items(multi=True))
        return stream, clean, files


class Request(flask.Request):
    """A request of which every text is fit to be kept."""

    form_data_parser_class = CleanForms
