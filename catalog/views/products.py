"""A product's page and its pictures."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from catalog import buyers, lookup, queries, visibility
from catalog.expiry import is_in_force
from catalog.history import history
from catalog.models import BuyerStatus
from catalog.views import bp
from registry import hooks, taxonomy
from registry.errors import NotFoundError
from registry.files import FileStore
from registry.models import ListingStatus, NodeKind, Organization, PublicationScope, Trait
from registry.terms import label
from registry.web import actor, db_session, public, settings

PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})
"""Pictures a browser draws and never runs; an SVG could carry a script."""


@bp.route("/catalog/products/<code>")
@public
def product(code: str) -> ResponseReturnValue:
    """Show the public fields of a product; it stays at its address whatever becomes of its listings."""
    session = db_session()
    entry = lookup.entry(session, code, visibility.scopes(session, actor()))
    buyer = buyers.of_unit(session, actor().organization_id)
    listings = [
        listing for listing in entry.listings if listing.status is not ListingStatus.PENDING_PUBLICATION
    ]
    return render_template(
        "catalog/product.html",
        entry=entry,
        content=entry.version,
        listings=listings,
        is_listed=any(map(is_in_force, listings)),
        history=history(session.scalars(queries.entry_versions(entry)), listings),
        device_valid_until=_day(entry.version.device, "valid_until"),
        fields=taxonomy.labels(session, NodeKind.FIELD),
        districts=taxonomy.labels(session, NodeKind.DISTRICT),
        special_areas=taxonomy.labels(session, NodeKind.SPECIAL_AREA),
        traits=[label(trait) for trait in Trait if (entry.version.traits or {}).get(trait)],
        buyer=buyer,
        is_verified=buyer is not None and buyer.status is BuyerStatus.VERIFIED,
        unit=session.get(Organization, entry.organization_id) if entry.organization_id else None,
        former_names=[name for _, name in session.execute(queries.former_names([entry.id]))],
        related=[each for find in hooks.related for each in find(actor(), entry.code)],
    )


def _day(block: Mapping[str, Any] | None, name: str) -> date | None:
    """Return a day that a JSON block keeps as text, None where it is absent or was never a day."""
    try:
        return date.fromisoformat((block or {})[name])
    except (KeyError, TypeError, ValueError):
        return None


@bp.route("/catalog/pictures/<sha256>")
@public
def picture(sha256: str) -> ResponseReturnValue:
    """Give a picture of a product that the asker may see; its content never changes."""
    session = db_session()
    found = session.execute(queries.picture(sha256, visibility.scopes(session, actor()))).one_or_none()
    if found is None or found[0].media_type not in PICTURE_TYPES:
        raise NotFoundError("没有找到这张图片。", parameter="sha256")
    shown, scope = found
    try:
        content = FileStore(settings().files_dir).read(shown.sha256)
    except FileNotFoundError:
        raise NotFoundError("没有找到这张图片。", parameter="sha256") from None
    response = make_response(content)
    response.content_type = shown.media_type
    if scope is PublicationScope.PUBLIC:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "private, no-store"
    return response
