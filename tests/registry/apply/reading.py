"""Reading the applicant's pages as a browser does."""

from bs4 import BeautifulSoup


def text(response):
    return response.get_data(as_text=True)


def at(application, *rest):
    return "/".join(("/apply/applications", str(application.id), *rest))


def form_of(response, **found):
    """Return what a form of the page would send as it stands, the one with the draft unless told."""
    page = BeautifulSoup(text(response), "html.parser")
    form = page.find("form", attrs=found or {"data-autosave": True})
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
