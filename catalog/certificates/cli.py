"""`catalog certify`: a certificate by one command."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.certificates import files, keys, services
from catalog.certificates.numbers import grouped
from catalog.certificates.wording import Funds, Project, PurchaseObject
from catalog.cli import group
from catalog.models import Buyer, KeyUse
from catalog.numbers import ListingNumber
from registry import clock
from registry.cli import context, sentences
from registry.errors import NotFoundError, RuleError
from registry.models import CatalogEntry, Listing


@group.command("certify")
@click.argument("code")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--buyer", "buyer_id", type=int, help="A verified buyer's id: issues a 采购用途列入情况证明.")
@click.option("--purpose", help="What the buyer wants it for; printed.")
@click.option(
    "--funds",
    type=click.Choice([member.value for member in Funds]),
    help="Where the money comes from; by default what is usual for the buyer.",
)
@click.option(
    "--object",
    "bought",
    type=click.Choice([member.value for member in PurchaseObject]),
    default=PurchaseObject.GOODS.value,
)
@click.option(
    "--project", type=click.Choice([member.value for member in Project]), default=Project.NONE.value
)
@sentences
def certify(
    code: str,
    out: Path,
    buyer_id: int | None,
    purpose: str | None,
    funds: str | None,
    bought: str,
    project: str,
) -> None:
    """Issue a certificate for CODE, an entry's code or a listing number, and write it to OUT.

    With an entry's code it names every active listing, with a listing number that listing.
    """
    if (buyer_id is None) != (purpose is None):
        raise RuleError("--buyer 与 --purpose 须同时给出。", parameter="--purpose" if buyer_id else "--buyer")
    here = context()
    with here.database.transaction() as session:
        entry, only = _find(session, code)
        issuer, sealed = here.settings.issuer_name, here.settings.is_sealed
        if buyer_id is None:
            certificate = services.issue_listing_certificate(
                session, entry, None, issuer=issuer, sealed=sealed, only=only
            )
        else:
            certificate = services.issue_procurement_certificate(
                session,
                entry,
                None,
                buyer=_buyer(session, buyer_id),
                purchase=services.Purchase(
                    text=purpose or "",
                    funds=Funds(funds) if funds else None,
                    object=PurchaseObject(bought),
                    project=Project(project),
                ),
                issuer=issuer,
                sealed=sealed,
                only=only,
            )
    content = files.ensure_file(here, certificate.id)
    try:
        out.write_bytes(content)
    except OSError as problem:
        raise RuleError(f"无法写入文件 {out}：{problem.strerror}。", parameter="OUT") from None
    click.echo(f"{certificate.number} {grouped(certificate.short_code)}")


def _find(session: Session, code: str) -> tuple[CatalogEntry, Listing | None]:
    """Return the entry that a code names, with the listing where the code is a listing's number."""
    code = code.strip()
    if number := ListingNumber.parse(code):
        listing = session.scalars(
            select(Listing).where(Listing.number == str(number)).options(joinedload(Listing.entry))
        ).one_or_none()
        if listing:
            return listing.entry, listing
    entry = session.scalars(select(CatalogEntry).where(CatalogEntry.code == code.upper())).one_or_none()
    if entry is None:
        raise NotFoundError(f"没有代码或目录编号为 {code} 的产品。", parameter="CODE")
    return entry, None


def _buyer(session: Session, buyer_id: int) -> Buyer:
    buyer = session.scalars(
        select(Buyer).where(Buyer.id == buyer_id).options(joinedload(Buyer.organization))
    ).one_or_none()
    if buyer is None:
        raise NotFoundError(f"没有编号为 {buyer_id} 的采购方。", parameter="--buyer")
    return buyer


@group.command("keys")
@sentences
def list_keys() -> None:
    """List the keys that sign certificates, the newest first."""
    with context().database.reading() as session:
        for key in keys.published(session):
            state = "revoked" if key.revoked_at else "retired" if key.retired_at else "in use"
            click.echo(f"{key.fingerprint} {key.kind} until {clock.day_of(key.valid_until)} {state}")


@group.command("rotate-key")
@click.argument("use", type=click.Choice([member.value for member in KeyUse]))
@sentences
def rotate_key(use: str) -> None:
    """Make a new key for files (document) or QR codes (qr); what the old one signed goes on holding."""
    here = context()
    with here.database.transaction() as session:
        click.echo(keys.rotate(session, here.settings, KeyUse(use)).fingerprint)


@group.command("revoke-key")
@click.argument("fingerprint")
@click.option("--reason", required=True, help="Published with the key.")
@sentences
def revoke_key(fingerprint: str, reason: str) -> None:
    """Revoke a key by the beginning of its FINGERPRINT: what it signed does not hold any more."""
    with context().database.transaction() as session:
        click.echo(keys.revoke(session, fingerprint, reason=reason).fingerprint)
