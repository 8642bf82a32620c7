"""A browser without JavaScript that reads a page's form as it stands, changes what is told, and sends it."""

import io
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.models import User
from tests.factories import PASSWORD


def upload(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    """Return a file as a form sends it."""
    return io.BytesIO(content), name


class Browser:
    """One person's browser. `page` is what it shows; a page that is refused fails the test at once."""

    def __init__(self, client: FlaskClient, user: User | str | None = None) -> None:
        """Sign in where somebody is told, by account or by login."""
        self.client = client
        self.path = "/"
        self.page = BeautifulSoup("", "html.parser")
        if user is not None:
            name = user.username if isinstance(user, User) else user
            self.open("/login").send(login=name, password=PASSWORD)

    @property
    def text(self) -> str:
        """Return what the page says, without its layout."""
        return " ".join(self.page.get_text(" ").split())

    def open(self, path: str) -> "Browser":
        """Open a page."""
        return self._show(path, self.client.get(path))

    def find(self, text: str) -> str:
        """Return where the link with a text leads; the last one, as lists show what is newest in several places."""
        links = [link["href"] for link in self.page.select("main a[href]") if text in link.get_text()]
        assert links, f"{self.path} has no link “{text}”: {self.text}"
        return str(links[-1])

    def follow(self, text: str) -> "Browser":
        """Follow the link with a text."""
        return self.open(self.find(text))

    def waits(self, text: str) -> "Browser":
        """Open what waits for one under a name on the home page."""
        return self.open("/home").follow(text)

    def values(self, name: str) -> list[str]:
        """Return the values of the inputs with a name."""
        return [str(field["value"]) for field in self.page.select(f"main input[name={name}]")]

    def names(self, action: str = "", kind: str = "") -> list[str]:
        """Return the names of a form's fields, of one kind of input where told."""
        wanted = f"input[type={kind}]" if kind else "input, textarea, select"
        return [str(field["name"]) for field in self._form(action).select(wanted) if field.get("name")]

    def send(self, action: str = "", *, button: str = "", **values: Any) -> "Browser":
        """Send a form with some values changed and follow where it leads."""
        target, answer = self._post(action, button, values)
        return self.open(answer.location) if answer.status_code == 302 else self._show(target, answer)

    def download(self, action: str = "", **values: Any) -> bytes:
        """Send a form that answers with a file, and return the file."""
        _target, answer = self._post(action, "", values)
        assert "attachment" in answer.headers.get("Content-Disposition", ""), self.path
        return answer.data

    def filled(self, action: str = "", *, button: str = "", **values: Any) -> tuple[str, dict[str, Any]]:
        """Return where a form would be sent, and what, with some values changed."""
        form = self._form(action)
        sent = {**_values(form), **values}
        if button:
            pressed = next(one for one in form.find_all("button") if button in one.get_text())
            sent |= {pressed["name"]: pressed["value"]} if pressed.has_attr("name") else {}
        return str(form.get("action") or self.path), sent

    def _post(self, action: str, button: str, values: dict[str, Any]) -> tuple[str, TestResponse]:
        target, sent = self.filled(action, button=button, **values)
        answer = self.client.post(target, data=sent)
        said = BeautifulSoup(answer.data, "html.parser").get_text(" ") if answer.status_code >= 400 else ""
        assert answer.status_code in (200, 302), f"{target}: {answer.status_code} {' '.join(said.split())}"
        return target, answer

    def _form(self, action: str) -> Tag:
        forms = [
            form for form in self.page.select("main form") if form.get("method", "get").lower() == "post"
        ]
        found = [form for form in forms if (str(form.get("action", "")).endswith(action) if action else True)]
        assert found, f"{self.path} has no form “{action}”: {self.text}"
        return found[0]

    def _show(self, path: str, answer: TestResponse) -> "Browser":
        while answer.status_code in (302, 303):
            path = answer.location
            answer = self.client.get(path)
        self.path, self.page = path, BeautifulSoup(answer.data, "html.parser")
        assert answer.status_code == 200, f"{path}: {answer.status_code} {self.text}"
        return self


def _values(form: Tag) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        kind, name = field.get("type"), field.get("name")
        if not name or kind in ("submit", "file"):
            continue
        if kind in ("radio", "checkbox"):
            if field.has_attr("checked"):
                sent.setdefault(name, []).append(field["value"])
        elif field.name == "select":
            chosen = field.find_all("option", selected=True) or field.find_all("option")[:1]
            sent[name] = [option["value"] for option in chosen]
        else:
            sent[name] = field.get("value") if field.name == "input" else field.text.removeprefix("\n")
            sent[name] = sent[name] or ""
    return sent
