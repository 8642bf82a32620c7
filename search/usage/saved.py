"""Searches that an account keeps: named, run again with a click, and told of once something new is found."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlencode

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from catalog import visibility
from registry import clock, hooks, messages, policy
from registry.errors import NotFoundError, RuleError
from registry.models import CatalogEntry, Listing, User
from registry.permissions import require
from search import parameters, sync
from search.index import IndexMissingError
from search.parameters import Asked, ParameterError
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


def of_account(user_id: int) -> Select[SavedSearch]:
    """Select an account's searches by name."""
    return select(SavedSearch).where(SavedSearch.user_id == user_id).order_by(SavedSearch.name)


def keep(session: Session, asked: Asked, actor: User, *, name: str, is_told: bool) -> SavedSearch:
    """Keep a search under a name.

    Raises:
        RuleError: nothing is asked for, the name is taken, or the account keeps as many as policy allows.
    """
    require(actor, "search:keep")
    address = address_of(asked)
    if not address:
        raise RuleError("保存检索：请先输入检索词，或者选择筛选条件。", parameter="address")
    most = policy.value(session, "search.saved_most")
    if (session.scalar(select(func.count()).where(SavedSearch.user_id == actor.id)) or 0) >= most:
        raise RuleError(f"保存检索：每个账号最多保存 {most} 个，请先删除不用的。", parameter="name")
    now = clock.now()
    kept = SavedSearch(
        user_id=actor.id, name=name, address=address, is_told=is_told, checked_at=now, created_at=now
    )
    try:
        with session.begin_nested():
            session.add(kept)
    except IntegrityError:
        raise RuleError(f"名称：您已有名为“{name}”的检索，请换一个名称。", parameter="name") from None
    return kept


def own(session: Session, saved_id: int, actor: User) -> SavedSearch:
    """Return one of the account's searches.

    Raises:
        NotFoundError: the account has no such search.
    """
    found = session.scalars(of_account(actor.id).where(SavedSearch.id == saved_id)).one_or_none()
    if found is None:
        raise NotFoundError("没有这个已保存的检索。", parameter="saved")
    return found


def drop(session: Session, saved_id: int, actor: User) -> str:
    """Delete one of the account's searches and return its name.

    Raises:
        NotFoundError: the account has no such search.
    """
    found = own(session, saved_id, actor)
    session.delete(found)
    return found.name


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
