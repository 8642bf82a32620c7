"""The trail: one line for every official act, hash-chained behind one locked row."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry import clock
from registry.canonical import digest
from registry.db import add_missing
from registry.models import TrailDetail, TrailHead, TrailLine, TrailRoot, User

GENESIS = "0" * 64
BATCH = 5_000  # lines read at once while verifying


def record(
    session: Session,
    actor: User | None,
    action: str,
    *,
    subject: str,
    subject_id: str | int,
    version: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> TrailLine:
    """Append a line: who did what to which version of what. `actor` is None for the system itself.

    Names and reasons go into `detail`: its salted hash enters the chain, the words a table that may be emptied.
    The head's row stays locked until the commit, so lines never fork.
    """
    head = session.scalars(
        select(TrailHead).where(TrailHead.id == 1).with_for_update().execution_options(populate_existing=True)
    ).one()
    salt = secrets.token_hex(16)
    line = TrailLine(
        seq=head.seq + 1,
        at=clock.now().replace(microsecond=0),
        actor_id=actor.id if actor else None,
        action=action,
        subject=subject,
        subject_id=str(subject_id),
        subject_version=version,
        payload_hash=digest({"salt": salt, "detail": dict(detail or {})}),
        previous_hash=head.hash,
    )
    line.hash = line_hash(line)
    session.add(line)
    session.flush()  # the detail's row points at the line's
    session.add(TrailDetail(seq=line.seq, salt=salt, detail=dict(detail or {})))
    head.seq, head.hash = line.seq, line.hash
    session.flush()  # a second line in this transaction reads the head afresh
    return line


def line_hash(line: TrailLine) -> str:
    """Return the hash that chains a line to the one before it."""
    return digest(
        {
            "seq": line.seq,
            "at": line.at.isoformat(),
            "actor": line.actor_id,
            "action": line.action,
            "subject": [line.subject, line.subject_id, line.subject_version],
            "payload": line.payload_hash,
            "previous": line.previous_hash,
        }
    )


def begin(session: Session) -> None:
    """Set the head's row where there is none yet."""
    add_missing(session, TrailHead, id=1, seq=0, hash=GENESIS)


def first_broken(session: Session) -> tuple[int, str] | None:
    """Recompute the chain; return the first broken line's number and what is wrong, None when all holds.

    A detail that was deleted is lawful; one that was altered is not.
    """
    previous, seq = GENESIS, 0
    while True:
        rows = session.execute(
            select(TrailLine, TrailDetail)
            .outerjoin(TrailDetail, TrailDetail.seq == TrailLine.seq)
            .where(TrailLine.seq > seq)
            .order_by(TrailLine.seq)
            .limit(BATCH)
        ).all()
        for line, detail in rows:
            if line.seq != seq + 1:
                return seq + 1, "line is missing"
            if line.previous_hash != previous:
                return line.seq, "previous hash differs"
            if line.hash != line_hash(line):
                return line.seq, "line was altered"
            if detail and line.payload_hash != digest({"salt": detail.salt, "detail": detail.detail}):
                return line.seq, "detail was altered"
            previous, seq = line.hash, line.seq
        session.expunge_all()
        if len(rows) < BATCH:
            break
    head = session.get(TrailHead, 1)
    if head is None or (head.seq, head.hash) != (seq, previous):
        return seq + 1, "head does not match the last line"
    for root in session.scalars(select(TrailRoot).order_by(TrailRoot.day)):
        known = session.get(TrailLine, root.seq)
        if root.seq and (known is None or known.hash != root.hash):
            return root.seq, f"daily root of {root.day} does not match"
    return None


def last_root(session: Session) -> TrailRoot | None:
    """Return the newest daily root that was kept, None before the first."""
    return session.scalars(roots().limit(1)).one_or_none()


def roots() -> Select[TrailRoot]:
    """Select the daily roots, the newest first; they are public."""
    return select(TrailRoot).order_by(TrailRoot.day.desc())


def keep_root(session: Session, day: date) -> TrailRoot:
    """Keep the head as the root of a day that is over; a root that stands is never changed."""
    root = session.get(TrailRoot, day)
    if root is None:
        end = clock.start_of(date.fromordinal(day.toordinal() + 1))
        last = session.scalars(
            select(TrailLine).where(TrailLine.at < end).order_by(TrailLine.seq.desc()).limit(1)
        ).one_or_none()
        root = TrailRoot(day=day, seq=last.seq if last else 0, hash=last.hash if last else GENESIS)
        session.add(root)
    return root
