"""What a frozen application publishes: the fields of its entry, what a notice prints of them, what the scan suspects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.publication.leak_scan import Words, scan
from catalog.publication.models import EntryField, NoticeItem
from catalog.publication.reckoning import first_on_market
from registry import policy, questions, rounds, taxonomy
from registry.canonical import digest
from registry.errors import RuleError
from registry.models import Application, ApplicationRevision, CallRound, NodeKind, PublicationScope
from registry.terms import label

policy.SHIPPED.append(Path(__file__).parents[1] / "data" / "publication.toml")

NEVER_WITHHELD = frozenset({EntryField.NAME, EntryField.ORGANIZATION_NAME})
"""A product without its name and unit cannot be published."""

PICTURES = "pictures"
SCOPE, SCOPE_REASON = "publication_scope", "publication_scope_reason"
IS_SOLD, FIRST_SALE = "is_sold", "first_sale_on"
"""Keys of the question table that publication reads beside `publish_as`."""


def frozen_answers(session: Session, application: Application) -> Mapping[str, Any]:
    """Return the answers that acceptance froze.

    Raises:
        RuleError: they are not what stands under the hash.
    """
    revision = session.scalars(
        select(ApplicationRevision).where(
            ApplicationRevision.application_id == application.id,
            ApplicationRevision.number == application.frozen_revision,
        )
    ).one_or_none()
    if revision is None or application.frozen_hash not in (revision.hash, digest(revision.answers)):
        raise RuleError(
            f"{application.number}：内容与受理时固定的不一致，请联系系统管理员核查。", parameter="frozen_hash"
        )
    return revision.answers


def hold(session: Session, round_id: int, applications: Iterable[int]) -> None:
    """Lock a round and some of its applications until the commit, and read them anew.

    Always before the first line of the trail: whoever takes its head first and a row second meets who does the reverse.
    """
    rounds.locked(session, round_id)
    session.scalars(
        select(Application)
        .where(Application.id.in_(sorted(applications)))
        .order_by(Application.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def scanned(session: Session, application: Application, call: CallRound) -> dict[str, Any]:
    """Return what a notice keeps of an application: its public content, what the scan suspects in it, and for whom."""
    answers = frozen_answers(session, application)
    content = questions.public_content(answers, questions.classes(session))
    words = Words(**rounds.policy_value(call, "notice.leak_words"))
    findings = [{**asdict(finding), "field": finding.field} for finding in scan(content, words=words)]
    return {"content": content, "findings": findings, "scope": asked_scope(answers)}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who shall see a product as the applicant asks, and why."""

    scope: PublicationScope
    reason: str


def asked(session: Session, items: Sequence[NoticeItem]) -> dict[int, Asked]:
    """Return what the applicants ask for, by application."""
    rows = session.execute(
        select(Application.id, ApplicationRevision.answers)
        .join(
            ApplicationRevision,
            (ApplicationRevision.application_id == Application.id)
            & (ApplicationRevision.number == Application.frozen_revision),
        )
        .where(Application.id.in_([item.application_id for item in items]))
    )
    return {
        application_id: Asked(asked_scope(answers), answers.get(SCOPE_REASON) or "")
        for application_id, answers in rows
    }


def asked_scope(answers: Mapping[str, Any]) -> PublicationScope:
    """Return who shall see the product as the applicant asks; an unanswered question means everybody."""
    return PublicationScope(answers.get(SCOPE) or PublicationScope.PUBLIC)


def finding_on_market(answers: Mapping[str, Any], call: CallRound) -> bool | None:
    """Return the finding 首次投放市场 at the round's reference date; None where the answers do not tell."""
    first_sale = answers.get(FIRST_SALE)
    return first_on_market(
        is_sold=answers.get(IS_SOLD),
        first_sale_on=date.fromisoformat(first_sale) if first_sale else None,
        reference_on=call.reference_on,
        months=rounds.policy_value(call, "first_on_market.months"),
    )


def licence_of_device(content: Mapping[str, Any], call: CallRound) -> date | None:
    """Return the end of a device's registration where the round's policy lets it cap the validity."""
    until = (content.get("device") or {}).get("valid_until")
    return (
        date.fromisoformat(until)
        if until and rounds.policy_value(call, "entry.licence_caps_devices")
        else None
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A product as a notice prints it: one text for each of the notice's fields, in their order."""

    item: NoticeItem
    texts: Sequence[str]


def fields(call: CallRound) -> list[EntryField]:
    """Return what the round's notices print of a product, in order."""
    return [EntryField(name) for name in rounds.policy_value(call, "notice.public_fields")]


def printed(session: Session, items: Sequence[NoticeItem], chosen: Sequence[EntryField]) -> list[Row]:
    """Return the rows of a notice; `item.application` must have been loaded."""
    labels = {
        EntryField.FIELD: taxonomy.labels(session, NodeKind.FIELD),
        EntryField.DISTRICT: taxonomy.labels(session, NodeKind.DISTRICT),
    }

    def text(item: NoticeItem, field: EntryField) -> str:
        if field is EntryField.LIST:
            return label(item.application.list_code)
        value = item.published.get(field.value)
        return (labels[field].of(value) if field in labels else value) or ""

    return [Row(item, [text(item, field) for field in chosen]) for item in items]
