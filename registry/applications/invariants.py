"""What must hold between applications, their revisions and their files, whatever happened."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import hooks
from registry.canonical import digest
from registry.hooks import Context
from registry.models import Application, ApplicationRevision, Attachment

BATCH = 200  # revisions read at once


def broken(session: Session) -> Iterator[str]:
    """Yield one English line for every invariant found broken."""
    files = {
        id_: (sha256, organization_id)
        for id_, sha256, organization_id in session.execute(
            select(Attachment.id, Attachment.sha256, Attachment.organization_id)
        )
    }
    rows = session.execute(
        select(
            ApplicationRevision,
            Application.organization_id,
            Application.frozen_revision,
            Application.frozen_hash,
        )
        .join(Application, Application.id == ApplicationRevision.application_id)
        .order_by(ApplicationRevision.id)
        .execution_options(yield_per=BATCH)
    )
    for revision, organization_id, frozen_revision, frozen_hash in rows:
        name = f"revision {revision.number} of application {revision.application_id}"
        if digest(revision.answers) != revision.hash:
            yield f"{name} does not have the hash that it was filed under"
        if revision.number == frozen_revision and revision.hash != frozen_hash:
            yield f"{name} was frozen under another hash"
        held = (file for value in revision.answers.values() if isinstance(value, list) for file in value)
        for file in held:
            if (
                isinstance(file, dict)
                and "sha256" in file
                and files.get(file["id"]) != (file["sha256"], organization_id)
            ):
                yield f"{name} names attachment {file['id']}, which is not its unit's file of that hash"
    counted = select(
        ApplicationRevision.application_id, func.max(ApplicationRevision.number).label("last")
    ).group_by(ApplicationRevision.application_id)
    last = counted.subquery()
    for id_ in session.scalars(
        select(Application.id)
        .outerjoin(last, last.c.application_id == Application.id)
        .where(Application.revision != func.coalesce(last.c.last, 0))
    ):
        yield f"application {id_} does not stand at its last revision"


def check(context: Context) -> list[str]:
    """Return what is broken; see `broken`."""
    with context.database.reading() as session:
        return list(broken(session))


hooks.checks.append(check)
