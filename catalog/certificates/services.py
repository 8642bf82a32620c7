"""Issue and revoke certificates. Numbers come from a locked counter; what was certified is frozen with the number."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import catalog.certificates.permissions  # noqa: F401 - its rows are asked for below
from catalog import visibility
from catalog.certificates import facts, fonts, wording
from catalog.certificates.numbers import CertificateNumber, new_short_code
from catalog.certificates.payload import CertificatePayload, Issuer, NationalList, Purpose, Unit, recorded
from catalog.certificates.wording import Funds, Project, PurchaseObject, Situation
from catalog.models import Buyer, BuyerNature, BuyerStatus, Certificate, CertificateKind, CertificateStatus
from registry import clock, counters, messages, outbox, policy, trail
from registry.canonical import digest
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import CatalogEntry, Listing, PublicationScope, User
from registry.permissions import Actor, require
from registry.statements import stated

USUAL_FUNDS = {
    BuyerNature.GOVERNMENT: Funds.FISCAL,
    BuyerNature.PUBLIC_INSTITUTION: Funds.FISCAL,
    BuyerNature.PUBLIC_HOSPITAL: Funds.FISCAL,
    BuyerNature.UNIVERSITY: Funds.FISCAL,
    BuyerNature.CITY_SOE: Funds.STATE_OWNED,
    BuyerNature.CENTRAL_SOE: Funds.STATE_OWNED,
    BuyerNature.PRIVATE_HOSPITAL: Funds.SELF_RAISED,
    BuyerNature.PRIVATE_ENTERPRISE: Funds.SELF_RAISED,
}
PURPOSE_MAX = 200  # characters; more does not fit beside the facts on one page in readable type


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """A certificate was issued; its file is rendered after the commit."""

    certificate_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a buyer wants the certificate for: the words that are printed, and the keys of the rule table.

    Without `funds` the buyer's usual ones are taken, the stricter regime where there are two.
    """

    text: str
    funds: Funds | None = None
    object: PurchaseObject = PurchaseObject.GOODS
    project: Project = Project.NONE


def issue_listing_certificate(
    session: Session,
    entry: CatalogEntry,
    actor: Actor | None,
    *,
    issuer: str,
    sealed: bool = False,
    only: Listing | None = None,
) -> Certificate:
    """Issue a 列入情况证明 and return it; asked again on the same day for the same facts, return the same one.

    It names every active listing, or just `only`. `issuer` is empty in a demonstration; `sealed` tells that its seal
    will be printed. An actor of None is the system itself (commands).

    Raises:
        NotFoundError: the actor may not know of the entry.
        RuleError: no active listing, no unit, not published, or a character that cannot be printed.
    """
    return _issue(session, entry, actor, issuer=issuer, sealed=sealed, only=only)


def issue_procurement_certificate(
    session: Session,
    entry: CatalogEntry,
    actor: Actor | None,
    *,
    buyer: Buyer,
    purchase: Purchase,
    issuer: str,
    sealed: bool = False,
    only: Listing | None = None,
    request_key: str = "",
) -> Certificate:
    """Issue a 采购用途列入情况证明 for one buyer and one purpose and return it.

    The same request (facts, purpose, `request_key`) on the same day finds the first one's certificate.

    Raises:
        NotAllowedError: the actor does not approve for that buyer.
        NotFoundError: the actor may not know of the entry.
        RuleError: as above; or the buyer is not verified, the purpose is empty or too long, or a device's
            registration is not known to be valid.
    """
    if actor is not None:
        require(actor, "certificate:issue_for_buyer", buyer)
    if buyer.status is not BuyerStatus.VERIFIED:
        raise RuleError("采购方尚未通过核验，不能出具采购用途列入情况证明。", parameter="buyer")
    purpose = Purpose(
        buyer=Unit(name=buyer.organization.name, credit_code=buyer.organization.credit_code),
        nature=buyer.nature,
        text=checked_purpose(purchase.text),
        funds=purchase.funds or USUAL_FUNDS[buyer.nature],
        object=purchase.object,
        project=purchase.project,
    )
    return _issue(
        session, entry, actor, issuer=issuer, sealed=sealed, only=only, buyer=buyer, purpose=purpose, request_key=request_key,
    )  # fmt: skip


def checked_purpose(text: str) -> str:
    """Return a purpose as certificates print it.

    Raises:
        RuleError: it is empty or too long, has a word that no certificate says, or a character that none prints.
    """
    text = " ".join(text.split())
    if not 0 < len(text) <= PURPOSE_MAX:
        raise RuleError(f"用途：应为 1 至 {PURPOSE_MAX} 个字。", parameter="purpose")
    wording.check_purpose(text)
    try:
        fonts.check_coverage(text)  # before anything else reads it: it may hold half a character
    except RuleError as problem:
        problem.parameter = "purpose"
        raise
    return text


def revoke(session: Session, certificate: Certificate, actor: User, *, reason: str) -> None:
    """Revoke an issued certificate, and tell the buyer; a check shows it from now on.

    Raises:
        NotAllowedError: the actor may not.
        RuleError: no reason is given.
        StaleError: it is not in force any more.
    """
    require(actor, "certificate:revoke", certificate)
    reason = stated(reason, "撤销原因", "reason")
    if certificate.status is not CertificateStatus.ISSUED:
        raise StaleError("该证明已不是有效状态，请刷新页面后再操作。")
    _revoke(session, actor, certificate, reason)


def end_unprintable(session: Session, certificate_id: int, *, reason: str) -> None:
    """Revoke a certificate of which no file can be made, so that no check calls valid what nobody holds."""
    certificate = session.get_one(Certificate, certificate_id)
    if certificate.status is CertificateStatus.ISSUED:
        _revoke(session, None, certificate, reason)


def _revoke(session: Session, actor: Actor | None, certificate: Certificate, reason: str) -> None:
    certificate.status = CertificateStatus.REVOKED
    certificate.status_at = clock.now()
    certificate.status_reason = reason
    _record(session, actor, "certificate.revoke", certificate, reason=reason)
    if buyer := certificate.buyer_id and session.get(Buyer, certificate.buyer_id):
        messages.tell(
            session,
            messages.members(session, buyer.organization_id, visibility.BUYER_ROLES),
            subject=f"证明 {certificate.number} 已被撤销",
            body=f"你单位取得的证明 {certificate.number} 已被撤销，不再有效。\n原因：{certificate.status_reason}",
            path=f"/certificates/{certificate.number}",
        )


def _issue(
    session: Session,
    entry: CatalogEntry,
    actor: Actor | None,
    *,
    issuer: str,
    sealed: bool,
    only: Listing | None,
    buyer: Buyer | None = None,
    purpose: Purpose | None = None,
    request_key: str = "",
) -> Certificate:
    today = clock.today()
    # Whoever is just revoking a listing is waited for, and whoever comes later waits: then the facts still hold.
    session.scalars(select(Listing.id).where(Listing.entry_id == entry.id).with_for_update(read=True)).all()
    entry = session.scalars(facts.entry_query(entry.id)).one()
    if entry.scope not in visibility.scopes(session, actor):
        raise NotFoundError("没有找到该产品。", parameter="code")
    if actor is not None and entry.scope is PublicationScope.NOT_PUBLISHED:
        raise RuleError("该产品不公开，不出具证明。", parameter="code")
    named = [listing for listing in entry.listings if only is None or listing.id == only.id]
    listings = facts.active_listings(named, on=today)
    if purpose:
        facts.check_device(entry.version, on=today)
    unnumbered = _payload(session, entry, listings, issuer=issuer, sealed=sealed, purpose=purpose)
    fonts.check_coverage(unnumbered.words())
    certificate, is_new = _numbered(session, unnumbered, request_key=request_key, listings=listings)
    if is_new:
        certificate.entry_id, certificate.entry_version = entry.id, entry.current_version
        certificate.buyer_id = buyer.id if buyer else None
        certificate.issued_by_id = actor.id if actor else None
        session.add(certificate)
        session.flush()  # the trail and the event name its id
        _record(session, actor, "certificate.issue", certificate, purpose=purpose.text if purpose else None)
        outbox.emit(session, CertificateIssued(certificate.id, certificate.number))
        if purpose:
            _supersede_earlier(session, actor, certificate, purpose)
    return certificate


def _supersede_earlier(
    session: Session, actor: Actor | None, certificate: Certificate, purpose: Purpose
) -> None:
    """Let the new certificate take the place of those that the buyer had for the same purpose and listings.

    A 列入情况证明 is never superseded: anybody may ask for one, and must not undo what another has on file.
    """
    earlier = session.scalars(
        select(Certificate)
        .where(
            Certificate.entry_id == certificate.entry_id,
            Certificate.buyer_id == certificate.buyer_id,
            Certificate.status == CertificateStatus.ISSUED,
            Certificate.id != certificate.id,
        )
        .options(selectinload(Certificate.listings))
    )
    for old in earlier:
        known = recorded(old)
        served = known and known.purpose
        if served and served.text == purpose.text and set(old.listings) == set(certificate.listings):
            old.status = CertificateStatus.SUPERSEDED
            old.status_at = clock.now()
            old.status_reason = f"已重新出具，新的证明编号为 {certificate.number}"
            _record(session, actor, "certificate.supersede", old, reason=old.status_reason)


def _payload(
    session: Session,
    entry: CatalogEntry,
    listings: list[Listing],
    *,
    issuer: str,
    sealed: bool,
    purpose: Purpose | None,
) -> CertificatePayload:
    """Return what is to be certified, still without a number."""
    today = clock.today()
    words = wording.current(session)
    recorded = facts.registration(entry.version)
    national = facts.national_lists(entry.national_listings)
    conclusion = words.conclude(
        _situation(listings, purpose, national, device=bool(recorded and recorded.is_device))
    )
    ends = [listing.valid_until for listing in listings if listing.valid_until]
    return CertificatePayload(
        number="",
        kind=conclusion.kind,
        title=conclusion.title,
        opening=conclusion.opening,
        issuer=Issuer(name=issuer or words.sentences.demonstration_issuer, is_demonstration=not issuer),
        issued_on=today,
        valid_until=min([today + timedelta(days=policy.value(session, "certificate.validity_days")), *ends]),
        product=facts.certified_product(
            session, entry, for_hospital=conclusion.kind is CertificateKind.HOSPITAL
        ),
        listings=tuple(facts.certified_listing(listing, words) for listing in listings),
        first_on_market=facts.first_on_market(listings),
        national=national,
        purpose=purpose,
        paragraphs=conclusion.paragraphs,
        limits=words.sentences.limits,
        seal_statement="" if sealed else words.sentences.unsealed,
    )


def _situation(
    listings: list[Listing],
    purpose: Purpose | None,
    national: tuple[NationalList, ...],
    *,
    device: bool,
) -> Situation:
    return Situation(
        buyer=BuyerNature(purpose.nature) if purpose else None,
        funds=Funds(purpose.funds) if purpose else None,
        object=PurchaseObject(purpose.object) if purpose else None,
        project=Project(purpose.project) if purpose else None,
        lists=frozenset(listing.list_code for listing in listings),
        national=tuple(item for item in national if item.is_proven),
        registered_device=device,
    )


def _numbered(
    session: Session, unnumbered: CertificatePayload, *, request_key: str, listings: list[Listing]
) -> tuple[Certificate, bool]:
    """Return the certificate in force that was issued for this request, or a new one with the next number."""
    request = digest({"request": request_key, "facts": unnumbered.digest()})
    key, known = _known(session, request)
    if known:
        return known, False
    kind, year = unnumbered.kind, unnumbered.issued_on.year
    with session.begin_nested() as attempt:
        serial = counters.take(session, f"certificate.{kind}-{year}")
        key, known = _known(session, request)  # the counter's lock may have waited for the other click
        if known:
            attempt.rollback()
            return known, False
    payload = unnumbered.model_copy(update={"number": str(CertificateNumber(year, kind, serial))})
    now = clock.now()
    certificate = Certificate(
        number=payload.number,
        kind=kind,
        year=year,
        serial=serial,
        payload=payload.canonical().decode(),
        payload_hash=payload.digest(),
        request_key=key,
        short_code=new_short_code(),
        status=CertificateStatus.ISSUED,
        status_at=now,
        issued_at=now,
        valid_until=payload.valid_until,
        listings=list(listings),
    )
    return certificate, True


def _known(session: Session, request: str) -> tuple[str, Certificate | None]:
    """Return the key under which a request is kept, and its certificate in force; a revoked one gives way."""
    for attempt in count():
        key = digest([request, attempt])
        known = session.scalars(
            select(Certificate).where(Certificate.request_key == key).options(selectinload(Certificate.file))
        ).one_or_none()
        if known is None or known.status is CertificateStatus.ISSUED:
            return key, known
    raise AssertionError("count() never ends")


def _record(
    session: Session, actor: Actor | None, action: str, certificate: Certificate, **detail: str | date | None
) -> None:
    trail.record(
        session,
        actor if isinstance(actor, User) else None,
        action,
        subject="certificate",
        subject_id=certificate.id,
        detail={"number": certificate.number, "payload_hash": certificate.payload_hash, **detail},
    )
