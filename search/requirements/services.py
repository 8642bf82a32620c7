"""Match requirements with the products that somebody may see, and keep what was found."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from catalog import lookup
from catalog.entries import content_of
from catalog.expiry import is_in_force
from catalog.queries import Scopes
from registry import clock
from registry.canonical import digest
from registry.errors import RuleError
from registry.models import CatalogEntry, Listing, User
from search.requirements import facts, tables
from search.requirements.facts import Listed, Product
from search.requirements.models import RequirementMatch
from search.requirements.tables import PRODUCTS_MAX, Column, Table
from search.shelf import Shelf

SHELF = Shelf(RequirementMatch, "比对", "requirement:keep")


def chosen(session: Session, codes: Sequence[str], scopes: Scopes) -> list[CatalogEntry]:
    """Return the products of some codes, in the order of the codes.

    Raises:
        RuleError: there are too many, or none of a code that the asker may see.
    """
    codes = lookup.codes_of(codes)
    if len(codes) > PRODUCTS_MAX:
        raise RuleError(
            f"产品代码：一次最多 {PRODUCTS_MAX} 个产品，现有 {len(codes)} 个，请去掉一些。", parameter="codes"
        )
    found = {entry.code: entry for entry in lookup.entries(session, codes, scopes)}
    for code in codes:
        if code not in found:
            raise RuleError(
                f"产品代码：没有找到产品“{code[: lookup.CODE_MAX]}”，请检查后再填。", parameter="codes"
            )
    return [found[code] for code in codes]


def match(lines: Sequence[str], entries: Sequence[CatalogEntry]) -> Table:
    """Match lines with products as both stand today."""
    return tables.build(lines, [(_column(entry), _product(entry)) for entry in entries], on=clock.today())


def in_force(entry: CatalogEntry) -> list[Listing]:
    """Return the listings of a product that count today."""
    return [listing for listing in entry.listings if is_in_force(listing)]


def _column(entry: CatalogEntry) -> Column:
    version = entry.version
    return Column(
        code=entry.code, name=version.name, model=version.model or "", organization=version.organization_name or "",
        version=version.version, numbers=tuple(listing.number for listing in in_force(entry)),
    )  # fmt: skip


def _product(entry: CatalogEntry) -> Product:
    return facts.product(
        content_of(entry.version),
        code=entry.code,
        version=entry.version.version,
        listed=[
            Listed(listing.list_code, listing.number, listing.first_on_market) for listing in in_force(entry)
        ],
        national=[national.name for national in entry.national_listings],
    )


def keep(session: Session, table: Table, actor: User, *, name: str) -> RequirementMatch:
    """Keep a table under a name.

    Raises:
        RuleError: the name is taken, or the account keeps as many as policy allows.
    """
    content = table.as_json()
    return SHELF.put(
        session,
        actor,
        RequirementMatch(
            user_id=actor.id, name=name, content=content, content_hash=digest(content), created_at=clock.now()
        ),
    )
