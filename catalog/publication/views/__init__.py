"""The pages of publication: 申报通知, 公示 and 发布公告 for the public, and the office's rooms behind them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from sqlalchemy import Select, func, select

from registry.paging import Page, page_number
from registry.web import db_session

bp = Blueprint("publication", __name__)
PER_PAGE = 20


def page_of(query: Select[*tuple[Any, ...]], *, scalars: bool = True, per_page: int = PER_PAGE) -> Page:
    """Return the page asked for of a query; `scalars` for one of whole records."""
    session, number = db_session(), page_number()
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    run: Callable[[Any], Any] = session.scalars if scalars else session.execute
    rows = run(query.limit(per_page).offset((number - 1) * per_page)).all()
    return Page(rows, number=number, per_page=per_page, total=total)


from catalog.publication.views import notices, objections, public, publications, support  # noqa: E402 - they register their pages on `bp`

__all__ = ["bp", "notices", "objections", "page_of", "public", "publications", "support"]
