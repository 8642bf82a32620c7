"""Attachments to download; they are uploaded by the forms that ask for them."""

import io

from flask import Response, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from registry import attachments
from registry.errors import NotFoundError
from registry.files import FileStore
from registry.models import Attachment
from registry.views import bp
from registry.web import account, db_session, requires, settings

STRICT = "default-src 'none'; sandbox"
"""What an uploaded file may do in a browser: nothing."""


def file_store() -> FileStore:
    """Return the deployment's files."""
    return FileStore(settings().files_dir)


def chosen(upload: FileStorage | None) -> tuple[str, bytes] | None:
    """Return name and content of a file that was chosen in a form, None when none was."""
    return (upload.filename, upload.read()) if upload is not None and upload.filename else None


@bp.route("/attachments/<int:attachment_id>")
@requires("attachment:open")
def attachment_file(attachment_id: int) -> ResponseReturnValue:
    """Give an attachment as a download that no browser runs."""
    return download(attachments.opened(db_session(), account(), attachment_id))


def download(attachment: Attachment) -> Response:
    """Return a stored file as a download, for an asker who may open it."""
    try:
        content = file_store().read(attachment.sha256)
    except (FileNotFoundError, ValueError):
        raise NotFoundError(
            f"附件“{attachment.name}”暂时无法读取，请联系系统管理员。", parameter="attachment"
        ) from None
    response = send_file(
        io.BytesIO(content),
        mimetype=attachment.media_type,
        as_attachment=True,
        download_name=attachment.name,
    )
    response.headers["Content-Security-Policy"] = STRICT
    response.headers["Cache-Control"] = "private, no-store"
    return response
