"""What `tests.browsing.Browser` does, done by Chromium as a person does it: typing, ticking, clicking."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

from tests.factories import PASSWORD


class Browser:
    """One person's Chromium. A page that is refused fails the test at once."""

    def __init__(self, page: Page, username: str | None = None) -> None:
        """Sign in where somebody is told."""
        self.page = page
        page.set_default_timeout(20_000)
        if username is not None:
            self.open("/login").send(login=username, password=PASSWORD)

    @property
    def path(self) -> str:
        """Return the address of what is shown, without its host."""
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def text(self) -> str:
        """Return what the page says."""
        return " ".join(self.page.locator("body").inner_text().split())

    def open(self, path: str) -> "Browser":
        """Open a page."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {self.text}"
        return self

    def find(self, text: str) -> str:
        """Return where the link with a text leads."""
        return str(self._link(text).get_attribute("href"))

    def follow(self, text: str) -> "Browser":
        """Click the link with a text."""
        return self._click(self._link(text))

    def waits(self, text: str) -> "Browser":
        """Open what waits for one under a name on the home page."""
        return self.open("/home").follow(text)

    def values(self, name: str) -> list[str]:
        """Return the values of the inputs with a name."""
        return [
            str(box.get_attribute("value")) for box in self.page.locator(f"main input[name={name}]").all()
        ]

    def names(self, action: str = "", kind: str = "") -> list[str]:
        """Return the names of a form's fields, of one kind of input where told."""
        wanted = self._form(action).locator(f"input[type={kind}]" if kind else "input, textarea, select")
        return [str(name) for name in wanted.evaluate_all("nodes => nodes.map((node) => node.name)") if name]

    def send(self, action: str = "", *, button: str = "", **values: Any) -> "Browser":
        """Fill a form in and press its button, the first unless told."""
        return self._click(self._filled(action, button, values))

    def download(self, action: str = "", **values: Any) -> bytes:
        """Send a form that answers with a file, and return the file."""
        with self.page.expect_download() as waiting:
            self._filled(action, "", values).click()
        return waiting.value.path().read_bytes()

    def _link(self, text: str) -> Locator:
        return self.page.locator("main a[href]").filter(has_text=text).last

    def _form(self, action: str) -> Locator:
        return self.page.locator(f"main form[method=post]{f'[action$={action!r}]' if action else ''}").first

    def _filled(self, action: str, button: str, values: dict[str, Any]) -> Locator:
        form = self._form(action)
        for folded in form.locator("xpath=ancestor-or-self::details[not(@open)]").all():
            folded.locator("summary").first.click()
        for name, value in values.items():
            _fill(form.locator(f"[name={name!r}]"), value)
        pressed = form.locator("button[type=submit]")
        return pressed.filter(has_text=button).first if button else pressed.first

    def _click(self, what: Locator) -> "Browser":
        with self.page.expect_navigation() as waiting:
            what.click()
        answer = waiting.value
        assert answer is None or answer.ok, f"{self.path}: {answer.status} {self.text}"
        return self


def _fill(field: Locator, value: Any) -> None:
    kind = str(field.first.evaluate("node => node.type"))
    wanted = [str(one) for one in (value if isinstance(value, list) else [value])]
    if kind == "radio":
        field.and_(field.page.locator(f"[value={wanted[0]!r}]")).check()
    elif kind == "checkbox":
        for box in field.all():
            box.set_checked(box.get_attribute("value") in wanted)
    elif kind == "select-one":
        field.select_option(wanted[0])
    elif kind == "file":
        content, name = value
        media_type = "application/pdf" if name.endswith(".pdf") else "image/png"
        field.set_input_files({"name": name, "mimeType": media_type, "buffer": content.getvalue()})
    elif kind != "hidden":
        field.fill(wanted[0])
