"""Find products by their codes, as far as somebody may see them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from catalog import queries
from catalog.queries import Scopes
from registry.errors import NotFoundError
from registry.models import CatalogEntry

CODE_MAX = 20  # characters; the width of `catalog_entry.code`


def codes_of(typed: Sequence[str]) -> list[str]:
    """Return codes as they are stored, each once, in the order given; one that is too long stays too long."""
    return list(dict.fromkeys(code.strip().upper()[: CODE_MAX + 1] for code in typed if code.strip()))


def sound(codes: Sequence[str]) -> list[str]:
    """Return those that may be codes; PostgreSQL refuses a statement with a NUL."""
    return [code for code in codes if code.isalnum()]


def entries(session: Session, codes: Sequence[str], scopes: Scopes) -> list[CatalogEntry]:
    """Return the products of some codes within the scopes, by code; what is no code or none's is left out."""
    return list(session.scalars(queries.entries_by_code(sound(codes), scopes)))


def entry(session: Session, code: str, scopes: Scopes) -> CatalogEntry:
    """Return one product with all that its page shows.

    Raises:
        NotFoundError: there is none of this code within the scopes.
    """
    if not sound([code]) or not (found := session.scalars(queries.entry_by_code(code, scopes)).one_or_none()):
        raise NotFoundError("没有找到这个产品，产品代码可能有误。", parameter="code")
    return found
