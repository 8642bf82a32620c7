"""Publish what was signed, in one transaction: entries, numbers, listings, one edition per list, the move `list`.

The catalog's revision is taken first. Its row stays locked until the commit, so two processes that publish, or one that
publishes while another imports, do so one after the other: batches and numbers are neither shared nor left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import editions, entries
from catalog.importing.rows import content_key
from catalog.models import EditionOrigin
from catalog.numbers import ListingNumber, counter_name
from catalog.publication import content, publications
from catalog.publication.models import Publication, PublicationItem, PublicationState
from catalog.publication.reckoning import free_batch, valid_until
from registry import clock, counters, rounds, trail, workflow
from registry.errors import RuleError
from registry.models import (
    Action,
    Application,
    CallRound,
    CatalogEntry,
    EntryKey,
    EntryPicture,
    EntryVersion,
    KeyKind,
    ListCode,
    Listing,
    ListingStatus,
    ListingVersion,
    PublicationScope,
    RoundState,
    User,
)
from registry.permissions import require
from registry.statements import stated
from registry.terms import label

LIVE = frozenset(
    {
        ListingStatus.PENDING_PUBLICATION,
        ListingStatus.ACTIVE,
        ListingStatus.SUSPENDED,
        ListingStatus.RENEWAL_PENDING,
    }
)
"""While a listing is one of these, its product does not get another in the same list."""


@dataclass(frozen=True, slots=True)
class Document:
    """The signed document as it is printed: typed by hand, never made up."""

    issuer: str
    number: str
    published_on: date


def publish(session: Session, publication: Publication, actor: User, *, document: Document) -> None:
    """Publish a signed publication under its document; the applicants are told, the index follows after the commit.

    Raises:
        StaleError: it is not signed, or published already.
        RuleError: the document is not told whole, its day lies before the notice's end or in the future, its number
            is used, a product has to wait, or stands in the list already.
    """
    require(actor, "publication:publish")
    publications.expect(publication, "发布", PublicationState.SIGNED)
    content.hold(session, publication.round_id, (item.application_id for item in publication.items))
    publications.ensure_ready(publication)
    document = _checked(session, publication, document)
    revision = entries.next_revision(session)
    publication.state = PublicationState.PUBLISHED
    publication.issuer, publication.document_number = document.issuer, document.number
    publication.published_on, publication.published_by_id = document.published_on, actor.id
    publication.published_at = clock.now()
    session.flush()  # the second of two clicks is refused here
    book = editions.Book(session, origin=EditionOrigin.ROUND)
    for list_code in ListCode:
        items = [item for item in publication.items if item.application.list_code == list_code]
        if items:
            _cut(session, book, publication.round, list_code, items, document, actor, revision)
    book.close()
    rounds.advance_round(session, publication.round, actor, RoundState.PUBLISHED)
    trail.record(
        session, actor, "publication.publish", subject="publication", subject_id=publication.id,
        detail={"document": document.number, "editions": list(book.changed)},
    )  # fmt: skip


def _checked(session: Session, publication: Publication, document: Document) -> Document:
    """Return the document with its texts trimmed."""
    why = "，按签发的文件填写"
    issuer = stated(document.issuer, "发布机关", "issuer", most=100, why=why)
    number = stated(document.number, "文号", "document_number", most=60, why=why)
    if session.scalar(select(Publication.id).where(Publication.document_number == number)):
        raise RuleError("文号：已用于另一份发布公告，请核对。", parameter="document_number")
    if document.published_on > clock.today():
        raise RuleError("发布日期：不得晚于今天。", parameter="published_on")
    noticed = [item.application.notice_closes_on for item in publication.items]
    if any(closes_on and document.published_on <= closes_on for closes_on in noticed):
        raise RuleError("发布日期：须在公示期届满之后。", parameter="published_on")
    return Document(issuer, number, document.published_on)


def batch_for(session: Session, book: editions.Book, call: CallRound, list_code: ListCode) -> int:
    """Return the batch of the edition that a round publishes next: its own, or the next that nobody has or will have.

    A batch is taken by an import, or by this round's earlier publication: an edition stays as it was signed.
    """
    others = session.execute(
        select(CallRound.batch, CallRound.lists).where(CallRound.year == call.year, CallRound.id != call.id)
    )
    reserved = {batch for batch, lists in others if list_code in lists}
    batch = free_batch(call.batch, taken=book.batches(list_code, call.year), reserved=reserved)
    if batch is None:
        raise RuleError(
            f"{label(list_code)}{call.year}年的批次号已经用完，请联系系统管理员。", parameter="batch"
        )
    return batch


def _cut(
    session: Session,
    book: editions.Book,
    call: CallRound,
    list_code: ListCode,
    items: Sequence[PublicationItem],
    document: Document,
    actor: User,
    revision: int,
) -> None:
    """Number the products of one list, restricted ones last, and cut their edition."""
    key = (list_code, call.year, batch_for(session, book, call, list_code))
    items = sorted(items, key=lambda item: item.notice_item.scope is not PublicationScope.PUBLIC)
    serials = range(first := counters.take(session, counter_name(*key), len(items)), first + len(items))
    lines = []
    for item, serial in zip(items, serials, strict=True):
        application = item.application
        answers = content.frozen_answers(session, application)
        published = item.notice_item.published
        entry, version = _entry(session, item, actor, answers, revision)
        listing = _listing(
            session, entry, ListingNumber(*key, serial),
            recorded_year=call.year, recognised_on=document.published_on, published_on=document.published_on,
            document=document.number, status=ListingStatus.ACTIVE, status_on=document.published_on,
            valid_until=valid_until(
                document.published_on,
                years=rounds.policy_value(call, "entry.validity_years"),
                licence_until=content.licence_of_device(published, call),
            ),
            first_on_market=content.finding_on_market(answers, call), first_on_market_as_of=call.reference_on,
        )  # fmt: skip
        item.listing, application.entry_id = listing, entry.id
        lines.append(editions.Line(listing.id, version.id, entry.scope is not PublicationScope.PUBLIC))
        trail.record(
            session, actor, "listing.add", subject="listing", subject_id=listing.number, version=listing.version,
            detail={"application": application.number, "document": document.number},
        )  # fmt: skip
        workflow.advance(session, application, actor, Action.LIST)
    book.add(key, lines, {"document": document.number, "published_on": document.published_on})


def existing(session: Session, application: Application, published: Mapping[str, Any]) -> CatalogEntry | None:
    """Return the entry that a product has already: of the same unit, under the same name and model.

    Raises:
        RuleError: it stands in the list for which the application is.
    """
    owner = CatalogEntry.organization_id == application.organization_id
    if code := published.get("credit_code"):  # imported, and nobody claimed it yet
        owner |= CatalogEntry.organization_id.is_(None) & (EntryVersion.credit_code == code)
    found = session.scalars(
        select(CatalogEntry)
        .join(
            EntryVersion,
            (EntryVersion.entry_id == CatalogEntry.id)
            & (EntryVersion.version == CatalogEntry.current_version),
        )
        .where(
            owner,
            EntryVersion.name == published["name"],
            EntryVersion.model.is_not_distinct_from(published.get("model")),
        )
        .order_by(CatalogEntry.id)
    ).first()
    if found is None:
        return None
    number = session.scalar(
        select(Listing.number).where(
            Listing.entry_id == found.id,
            Listing.list_code == application.list_code,
            Listing.status.in_(LIVE),
        )
    )
    if number:
        raise RuleError(
            f"“{published['name']}”已在{label(application.list_code)}中（{number}），不能重复列入，请退回修改。",
            parameter="items",
        )
    return found


def _entry(
    session: Session,
    item: PublicationItem,
    actor: User,
    answers: Mapping[str, Any],
    revision: int,
) -> tuple[CatalogEntry, EntryVersion]:
    """Return the product's entry, made or brought up to date, and the version that the edition shows."""
    application, published, scope = item.application, item.notice_item.published, item.notice_item.scope
    entry = existing(session, application, published)
    if entry is None:
        entry = CatalogEntry(
            code=entries.entry_code(counters.take(session, entries.CODE_COUNTER)),
            scope=scope,
            organization_id=application.organization_id,
            current_version=0,
            revision=revision,
            created_at=clock.now(),
        )
        session.add(entry)
        session.flush()  # versions and keys point at it
        _add_key(session, entry, published)
        _add_pictures(session, entry, published, answers)
    elif entry.scope is not scope:
        entries.set_scope(session, entry, actor, scope=scope)
    entry.revision, entry.organization_id = revision, application.organization_id
    return entry, _version(session, entry, published)


def _version(session: Session, entry: CatalogEntry, published: Mapping[str, Any]) -> EntryVersion:
    """Return the entry's version with this content, a new one unless it stands already."""
    now = session.scalars(
        select(EntryVersion).where(
            EntryVersion.entry_id == entry.id, EntryVersion.version == entry.current_version
        )
    ).one_or_none()
    known = {name: value for name, value in published.items() if name in entries.CONTENT_FIELDS}
    values = {**(entries.content_of(now) if now else {}), **{k: v for k, v in known.items() if v is not None}}
    hashed = entries.content_hash(values)
    if now is not None and now.content_hash == hashed:
        return now
    entry.current_version += 1
    version = EntryVersion(
        entry_id=entry.id,
        version=entry.current_version,
        content_hash=hashed,
        created_at=clock.now(),
        **values,
    )
    session.add(version)
    session.flush()  # the edition's line points at it
    return version


def _add_key(session: Session, entry: CatalogEntry, published: Mapping[str, Any]) -> None:
    """Let a later import of the same product find this entry."""
    value = content_key(published)
    if session.get(EntryKey, (KeyKind.CONTENT, value)) is None:
        session.add(EntryKey(kind=KeyKind.CONTENT, value=value, entry_id=entry.id))


def _add_pictures(
    session: Session, entry: CatalogEntry, published: Mapping[str, Any], answers: Mapping[str, Any]
) -> None:
    for position, picture in enumerate(answers.get(content.PICTURES) or (), 1):
        session.add(
            EntryPicture(
                entry_id=entry.id, position=position, sha256=picture["sha256"], media_type=picture["media_type"],
                caption=published["name"],
            )
        )  # fmt: skip


def _listing(session: Session, entry: CatalogEntry, number: ListingNumber, **facts: Any) -> Listing:
    listing = Listing(
        entry_id=entry.id, list_code=number.list_code, year=number.year, batch=number.batch, serial=number.serial,
        number=str(number), version=1, created_at=clock.now(), **facts,
    )  # fmt: skip
    session.add(listing)
    session.flush()  # its version and the edition's line point at it
    session.add(
        ListingVersion(
            listing_id=listing.id, version=1, facts=entries.plain_facts(facts), from_at=clock.now()
        )
    )
    return listing
