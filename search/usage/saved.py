"""Searches that an account keeps: named, run again with a click, and told of once something new is found."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from catalog import visibility
from registry import clock, hooks, messages
from registry.errors import RuleError
from registry.models import CatalogEntry, Listing, User
from search import parameters, sync
from search.index import IndexMissingError
from search.parameters import Asked, ParameterError
from search.shelf import Shelf
from search.usage.models import SavedSearch

NEWEST = 1_000  # hits looked through for new ones, newest listings first
CHECKED_AT_ONCE = 50  # searches between two commits


def address_of(asked: Asked) -> str:
    """Write a search as the query string of its first page."""
    written = [("q", asked.request.q)] if asked.request.q else []
    written += [(name, value) for name, values in asked.filters.items() for value in values]
    if asked.request.sort != "relevance":
        written.append(("sort", asked.request.sort))
    return urlencode(written)


SHELF = Shelf(SavedSearch, "检索", "search:keep")


def keep(session: Session, asked: Asked, actor: User, *, name: str, is_told: bool) -> SavedSearch:
    """Keep a search under a name.

    Raises:
        RuleError: nothing is asked for, the name is taken, or the account keeps as many as policy allows.
    """
    address = address_of(asked)
    if not address:
        raise RuleError("保存检索：请先输入检索词，或者选择筛选条件。", parameter="address")
    now = clock.now()
    return SHELF.put(
        session,
        actor,
        SavedSearch(
            user_id=actor.id, name=name, address=address, is_told=is_told, checked_at=now, created_at=now
        ),
    )


def tell_news(context: hooks.Context) -> None:
    """Tell the owners of searches what was listed since the last look."""
    after = 0
    while True:
        with context.database.transaction() as session:
            rows = session.execute(
                select(SavedSearch, User)
                .join(User, User.id == SavedSearch.user_id)
                .where(SavedSearch.id > after, SavedSearch.is_told, User.is_active)
                .order_by(SavedSearch.id)
                .limit(CHECKED_AT_ONCE)
                .options(selectinload(User.grants))
            ).all()
            if not rows:
                return
            for saved, owner in rows:
                _tell(session, context, saved, owner)
                after = saved.id


def _tell(session: Session, context: hooks.Context, saved: SavedSearch, owner: User) -> None:
    scopes = frozenset(scope.value for scope in visibility.scopes(session, owner))
    arguments = parse_qs(saved.address) | {"sort": ["date"]}
    try:
        asked = parameters.parse(arguments, parameters.labels(session), scopes).request
        found = sync.engine_at(context.settings.index_dir).search(replace(asked, per_page=NEWEST))
    except (ParameterError, IndexMissingError):
        return  # a value is gone from the scheme, which the owner sees on the next click; or there is no index
    now = clock.now()
    fresh = session.scalar(
        select(func.count(Listing.entry_id.distinct()))
        .join(CatalogEntry, CatalogEntry.id == Listing.entry_id)
        .where(CatalogEntry.code.in_([hit.code for hit in found.hits]), Listing.created_at > saved.checked_at)
    )
    saved.checked_at = now
    if fresh:
        messages.tell(
            session,
            [owner],
            subject=f"检索“{saved.name}”新增 {fresh} 项产品",
            body=f"您保存的检索“{saved.name}”有 {fresh} 项新列入的产品。",
            path=f"/catalog/saved/{saved.id}",
        )


hooks.clocks.append(hooks.Clock("search.saved", timedelta(days=1), tell_news))
