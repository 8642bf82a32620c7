"""`make`: fills in what a test does not say, and nothing surprising."""

from datetime import date
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from catalog.models import Buyer, BuyerNature, BuyerStatus
from registry import accounts, clock, counters
from registry.canonical import digest
from registry.models import (
    CatalogEntry,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    ListingVersion,
    Organization,
    PublicationScope,
    Role,
    User,
)

PASSWORD = "Correct-Horse-7"
_serial = count(1)


class Make:
    """Records for a test, added to its session and flushed."""

    def __init__(self, session: Session) -> None:
        """Keep the session."""
        self.session = session

    def user(self, *roles: Role, **values: Any) -> User:
        """Return an account with roles; its password is `PASSWORD`."""
        values.setdefault("username", f"user{next(_serial)}")
        user = accounts.create_user(self.session, None, password=PASSWORD, roles=roles, **values)
        return self.session.scalars(
            select(User).where(User.id == user.id).options(selectinload(User.grants))
        ).one()

    def organization(self, **values: Any) -> Organization:
        """Return a unit."""
        values.setdefault("name", f"示例测试单位{next(_serial)}有限公司")
        organization = Organization(created_at=clock.now(), **values)
        self.session.add(organization)
        self.session.flush()
        return organization

    def buyer(self, *, nature: BuyerNature = BuyerNature.PUBLIC_HOSPITAL, **values: Any) -> Buyer:
        """Return a verified buyer."""
        values.setdefault("organization", self.organization())
        values.setdefault("status", BuyerStatus.VERIFIED)
        buyer = Buyer(nature=nature, created_at=clock.now(), verified_at=clock.now(), **values)
        self.session.add(buyer)
        self.session.flush()
        return buyer

    def entry(self, *, scope: PublicationScope = PublicationScope.PUBLIC, **content: Any) -> CatalogEntry:
        """Return an entry with one version and no listing."""
        serial = next(_serial)
        content.setdefault("name", f"示例产品{serial}")
        content.setdefault("organization_name", "示例测试制造有限公司")
        entry = CatalogEntry(
            code=f"P{counters.take(self.session, 'entry.code'):06}",
            scope=scope,
            current_version=1,
            revision=counters.take(self.session, "catalog.revision"),
            created_at=clock.now(),
        )
        self.session.add(entry)
        self.session.flush()
        self.session.add(
            EntryVersion(
                entry_id=entry.id, version=1, content_hash=digest(content), created_at=clock.now(), **content
            )
        )
        self.session.flush()
        return entry

    def listing(self, entry: CatalogEntry | None = None, **values: Any) -> Listing:
        """Return a listing, active in CX unless told, of a new entry unless told."""
        entry = entry or self.entry()
        list_code = values.pop("list_code", ListCode.CX)
        year, batch = values.pop("year", 2026), values.pop("batch", 1)
        serial = counters.take(self.session, f"listing.{list_code}-{year}-{batch:02}")
        values.setdefault("status", ListingStatus.ACTIVE)
        values.setdefault("status_on", date(2026, 5, 1))
        values.setdefault("recorded_year", year)
        listing = Listing(
            entry_id=entry.id,
            list_code=list_code,
            year=year,
            batch=batch,
            serial=serial,
            number=f"{list_code}-{year}-{batch:02}-{serial:04}",
            version=1,
            created_at=clock.now(),
            **values,
        )
        self.session.add(listing)
        self.session.flush()
        self.session.add(ListingVersion(listing_id=listing.id, version=1, facts={}, from_at=clock.now()))
        self.session.flush()
        return listing


def log_in(client: FlaskClient, user: User, password: str = PASSWORD) -> None:
    """Sign an account in through the log-in page."""
    response = client.post("/login", data={"login": user.username, "password": password})
    assert response.status_code == 302, response.get_data(as_text=True)


def log_in_as(client: FlaskClient, session: Session, make: Make, *roles: Role) -> User:
    """Open an account with the roles and sign it in."""
    user = make.user(*roles)
    session.commit()
    log_in(client, user)
    return user
