"""Put products aside and take them away again."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

import catalog.shortlists.permissions  # noqa: F401 - its row is asked for below
from catalog import lookup, visibility
from catalog.shortlists.models import ShortlistItem
from registry import clock, policy
from registry.db import add_missing
from registry.errors import NotFoundError, RuleError
from registry.models import CatalogEntry, User
from registry.permissions import Actor, require

MOST = "certificate.batch_most"
"""The parameter that bounds a shortlist, and with it the certificates that one request asks for."""

SHOWN_MAX = 500  # products of a refused choice that a page shows again; no choice on our pages is longer


def chosen(session: Session, codes: Sequence[str], actor: User) -> list[CatalogEntry]:
    """Return the products of some codes.

    Raises:
        NotFoundError: one is none that the actor may see.
        RuleError: there are more than a shortlist holds.
    """
    wanted = lookup.codes_of(codes)
    most = policy.value(session, MOST)
    if len(wanted) > most:
        raise RuleError(
            f"备选清单：一次最多选择 {most} 个产品，现选择了 {len(wanted)} 个。", parameter="code"
        )
    found = lookup.entries(session, wanted, visibility.scopes(session, actor))
    known = {entry.code for entry in found}
    for code in wanted:
        if code not in known:
            raise NotFoundError(
                f"没有找到产品“{code[: lookup.CODE_MAX]}”，产品代码可能有误。", parameter="code"
            )
    return found


def known(session: Session, codes: Sequence[str], actor: Actor) -> Sequence[CatalogEntry]:
    """Return the products of a choice that was refused, as far as the actor may see them, by code."""
    return lookup.entries(session, lookup.codes_of(codes)[:SHOWN_MAX], visibility.scopes(session, actor))


def add(session: Session, actor: User, *, codes: Sequence[str]) -> int:
    """Put products on the account's shortlist and return how many are new there.

    Raises:
        NotFoundError: one is none that the actor may see.
        RuleError: none is chosen, or the list would grow longer than policy allows.
    """
    require(actor, "shortlist:keep")
    entries = chosen(session, codes, actor)
    if not entries:
        raise RuleError("备选清单：请先选择产品。", parameter="code")
    before = _size(session, actor)
    for entry in entries:
        add_missing(session, ShortlistItem, user_id=actor.id, entry_id=entry.id, added_at=clock.now())
    after = _size(session, actor)
    most = policy.value(session, MOST)
    if after > most:
        raise RuleError(
            f"备选清单：最多 {most} 个产品，加上所选的共 {after} 个，请先移除一些。", parameter="code"
        )
    return after - before


def remove(session: Session, actor: User, *, codes: Sequence[str]) -> None:
    """Take products off the account's shortlist; one that is not there is no fault."""
    require(actor, "shortlist:keep")
    entries = select(CatalogEntry.id).where(CatalogEntry.code.in_(lookup.sound(codes)))
    session.execute(
        delete(ShortlistItem).where(ShortlistItem.user_id == actor.id, ShortlistItem.entry_id.in_(entries))
    )


def _size(session: Session, actor: User) -> int:
    return session.scalar(select(func.count()).where(ShortlistItem.user_id == actor.id)) or 0
