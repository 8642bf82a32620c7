"""Attachments: what may be uploaded, what a file really is, and who may open it.

A file is stored once under its hash and never changed; the row says whose it is and what it stands for. What a draft
no longer names is simply not named: rows are not deleted, for a revision may hold their hash.
"""

import io
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, pictures, policy, trail
from registry.errors import NotFoundError, RuleError
from registry.files import FileStore
from registry.models import Application, Attachment, AttachmentVisibility, User
from registry.permissions import PERMISSIONS, Actor, is_discipline_observer, is_signed_in, is_staff, require

PERMISSIONS["attachment:open"] = is_signed_in
WARNING = "严禁填写、上传涉密信息"
"""What every upload says (`wording.md`)."""

NAME_MAX = 200  # characters, the width of the column
MEGABYTE = 1024 * 1024


def _in_zip(*wanted: str) -> Callable[[bytes], bool]:
    """Return a test for a ZIP container with certain members and no macros."""

    def test(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
            return False  # zipfile says NotImplementedError to a version of the format it does not know
        return names.issuperset(wanted) and not any(name.endswith("vbaProject.bin") for name in names)

    return test


def _begins(signature: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signature)


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file that may be uploaded, and how its content is recognised."""

    media_type: str
    matches: Callable[[bytes], bool]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_JPEG = FileType("image/jpeg", _begins(b"\xff\xd8\xff"))
TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", _begins(b"%PDF-")),
    "ofd": FileType("application/ofd", _in_zip("OFD.xml")),  # GB/T 33190-2016
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "docx": FileType(
        f"{_OFFICE}.wordprocessingml.document", _in_zip("[Content_Types].xml", "word/document.xml")
    ),
    "xlsx": FileType(f"{_OFFICE}.spreadsheetml.sheet", _in_zip("[Content_Types].xml", "xl/workbook.xml")),
}
ACCEPT = ",".join(f".{suffix}" for suffix in TYPES)
"""What an `<input type="file">` offers."""

Reader = Callable[[Session, Actor, Attachment], bool]

readers: list[Reader] = []
"""Who else may open an attachment of an application, such as an expert who declared no conflict; packages append."""

own_readers: dict[str, Reader] = {}
"""Kinds that answer for themselves, such as a department's reply: neither unit nor staff may open them otherwise."""


def clean_name(name: str) -> str:
    """Return a file's name as people read it: no folder, no control or direction marks, at most `NAME_MAX` long."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if unicodedata.category(char) not in {"Cc", "Cf", "Cs"}).strip()
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[: NAME_MAX - len(suffix) - 1]}.{suffix}" if dot else name[:NAME_MAX]


def recognise(name: str, content: bytes) -> str:
    """Return the media type of a file whose content is what its name says.

    Raises:
        RuleError: the type is not accepted, or the content is something else.
    """
    suffix = name.rpartition(".")[2].lower()
    if suffix not in TYPES or "." not in name:
        raise RuleError(
            f"附件“{name}”：只接受 {'、'.join(TYPES)} 格式的文件，请转换后重新上传。", parameter="file"
        )
    if not content:
        raise RuleError(f"附件“{name}”：文件是空的，请检查后重新上传。", parameter="file")
    if not TYPES[suffix].matches(content):
        raise RuleError(
            f"附件“{name}”：文件内容不是 {suffix} 格式，或者含有宏，请用原软件另存后重新上传。",
            parameter="file",
        )
    return TYPES[suffix].media_type


def store(
    session: Session,
    files: FileStore,
    actor: User,
    *,
    organization_id: int | None,
    kind: str,
    name: str,
    content: bytes,
    visibility: AttachmentVisibility = AttachmentVisibility.RESTRICTED,
    application: Application | None = None,
) -> Attachment:
    """Keep an uploaded file for a unit; the caller has made sure that the actor may upload there.

    `visibility` says whether publication may take the file over; before that it opens to nobody further. A picture
    that it may take over is kept without what the camera wrote beside it; everything else stays as it was sent.

    Raises:
        RuleError: too large, empty, of a type that is not accepted, or not what its name says.
    """
    name = clean_name(name)
    most = policy.value(session, "attachment.max_megabytes")
    if len(content) > most * MEGABYTE:
        raise RuleError(f"附件“{name}”：超过 {most} MB，请压缩或拆分后重新上传。", parameter="file")
    media_type = recognise(name, content)
    if visibility is AttachmentVisibility.PUBLIC and media_type.startswith("image/"):
        content = pictures.bare(content, name=name)
    attachment = Attachment(
        media_type=media_type,
        sha256=files.put(content),
        name=name,
        size=len(content),
        kind=kind,
        visibility=visibility,
        organization_id=organization_id,
        application_id=application.id if application else None,
        uploaded_by_id=actor.id,
        uploaded_at=clock.now(),
    )
    session.add(attachment)
    session.flush()  # the trail and the answers name it by its id
    trail.record(
        session, actor, "attachment.add", subject="attachment", subject_id=attachment.id,
        detail={"kind": kind, "name": name, "sha256": attachment.sha256},
    )  # fmt: skip
    return attachment


def facts(attachment: Attachment) -> dict[str, Any]:
    """Return what a revision keeps of an attachment, so that its hash covers the file."""
    return {
        "id": attachment.id,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
    }


def may_open(session: Session, actor: Actor, attachment: Attachment) -> bool:
    """Return whether the actor may open an attachment: its unit, `readers`, office and observer once it is laid open."""
    if own := own_readers.get(attachment.kind):
        return own(session, actor, attachment)
    return (
        (actor.organization_id is not None and actor.organization_id == attachment.organization_id)
        or ((is_staff(actor) or is_discipline_observer(actor)) and _is_laid_open(session, attachment))
        or any(reader(session, actor, attachment) for reader in readers)
    )


def _is_laid_open(session: Session, attachment: Attachment) -> bool:
    """Return whether formal review opened the application that a file belongs to.

    Until then a draft is its unit's own, a submission may be taken back, and a sealed round is read by nobody.
    """
    if attachment.application_id is None:
        return True
    opened_at = select(Application.opened_at).where(Application.id == attachment.application_id)
    return session.scalar(opened_at) is not None


def opened(session: Session, actor: Actor, attachment_id: int) -> Attachment:
    """Return an attachment that the actor may open.

    Raises:
        NotFoundError: there is none, or it is not the actor's to know of.
    """
    require(actor, "attachment:open")
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or not may_open(session, actor, attachment):
        raise NotFoundError("没有找到这个附件。", parameter="attachment")
    return attachment
