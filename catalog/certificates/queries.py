"""What is looked up of certificates: functions that return a `Select` and touch nothing."""

from collections.abc import Collection

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from catalog.certificates.permissions import sees_every_certificate
from catalog.models import Buyer, Certificate, CertificateCheck
from catalog.visibility import is_buyer
from registry.models import CatalogEntry
from registry.permissions import Actor


def certificates(actor: Actor, *, holding: str = "") -> Select[Certificate]:
    """Select the certificates that an account may see, the newest first.

    `holding` is a part of the number, or the product's code.
    """
    query = (
        select(Certificate)
        .options(joinedload(Certificate.entry), joinedload(Certificate.buyer).joinedload(Buyer.organization))
        .order_by(Certificate.id.desc())
    )
    if not sees_every_certificate(actor):
        own = Certificate.issued_by_id == actor.id
        if is_buyer(actor):
            units = select(Buyer.id).where(Buyer.organization_id == actor.organization_id)
            own = or_(own, Certificate.buyer_id.in_(units))
        query = query.where(own)
    if wanted := holding.strip().upper():
        coded = select(CatalogEntry.id).where(CatalogEntry.code == wanted)
        query = query.where(
            or_(Certificate.number.contains(wanted, autoescape=True), Certificate.entry_id.in_(coded))
        )
    return query


def checks(certificate: Certificate) -> Select[CertificateCheck]:
    """Select the checks of a certificate, the newest first."""
    return (
        select(CertificateCheck)
        .where(CertificateCheck.certificate_id == certificate.id)
        .order_by(CertificateCheck.id.desc())
    )


def check_counts(certificates: Collection[Certificate]) -> Select[int, int]:
    """Select how often each of some certificates was checked; one that never was is not among them."""
    return (
        select(CertificateCheck.certificate_id, func.count())
        .where(CertificateCheck.certificate_id.in_([certificate.id for certificate in certificates]))
        .group_by(CertificateCheck.certificate_id)
    )
