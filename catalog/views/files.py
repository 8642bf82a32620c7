"""Tables as files to download."""

from collections.abc import Collection, Iterator
from io import BytesIO

from flask import Response, send_file

from catalog import exporting
from registry import trail
from registry.errors import NotFoundError
from registry.models import PublicationScope
from registry.web import account, transaction

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}
SUFFIXES = tuple(TYPES)


def known(suffix: str) -> str:
    """Return a file's ending when there is such a form.

    Raises:
        NotFoundError: there is none.
    """
    if suffix not in TYPES:
        raise NotFoundError("只提供 .xlsx、.csv、.json 三种格式的下载。", parameter="suffix")
    return suffix


def take_along(name: str, scopes: Collection[PublicationScope]) -> None:
    """Note in the trail that somebody takes along more than everybody may see; it ends the request's own session."""
    if set(scopes) != {PublicationScope.PUBLIC}:
        with transaction() as session:
            trail.record(
                session, account(), "catalog.export", subject="file", subject_id=name,
                detail={"scope": sorted(scopes)},
            )  # fmt: skip


def table_file(records: Iterator[exporting.Record], *, name: str, suffix: str) -> Response:
    """Write records to a file and send it; nobody's cache keeps it, for it shows what the asker may see."""
    out, filename = BytesIO(), f"{name}.{suffix}"
    exporting.write(records, out, name=filename)
    out.seek(0)
    response = send_file(out, mimetype=TYPES[suffix], as_attachment=True, download_name=filename)
    response.headers["Cache-Control"] = "private, no-store"
    return response
