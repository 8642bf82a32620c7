"""`make`: fills in what a test does not say, and nothing surprising."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload
from stdnum.cn import uscc

from catalog.models import Buyer, BuyerNature, BuyerStatus
from registry import accounts, attachments, clock, counters, questions
from registry.applications import unit_facts
from registry.canonical import digest
from registry.models import (
    FROZEN_STATES,
    Application,
    ApplicationRevision,
    Attachment,
    AttachmentVisibility,
    CallRound,
    CatalogEntry,
    Decision,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    ListingVersion,
    Organization,
    PolicyParameter,
    PublicationScope,
    Role,
    RoundState,
    State,
    User,
)
from tests import answers
from tests.review.committee.factories import CommitteeMake
from tests.review.factories import ReviewMake

PASSWORD = "Correct-Horse-7"
_serial = count(1)


class Make(ReviewMake, CommitteeMake):
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

    def round(self, *, state: RoundState = RoundState.OPEN, **values: Any) -> CallRound:
        """Return a round of this year for all lists, open since yesterday for a month, with today's policy frozen."""
        now = clock.now()
        values.setdefault("year", 2026)
        taken = self.session.scalar(
            select(func.coalesce(func.max(CallRound.batch), 0)).where(CallRound.year == values["year"])
        )
        values.setdefault("batch", (taken or 0) + 1)
        values.setdefault("title", f"{values['year']}年第{values['batch']}批申报通知")
        values.setdefault("lists", [code.value for code in ListCode])
        values.setdefault("opens_at", now - timedelta(days=1))
        values.setdefault("closes_at", now + timedelta(days=29))
        values.setdefault("created_by_id", self.user(Role.SECRETARIAT_LEAD).id)
        if state is not RoundState.DRAFT:
            frozen = self.session.scalars(
                select(PolicyParameter).where(PolicyParameter.effective_to.is_(None))
            )
            values.setdefault("announced_at", now - timedelta(days=10))
            values.setdefault("policy", {row.key: {"id": row.id, "value": row.value} for row in frozen})
        defaults = {"reference_on": date(2026, 12, 31), "sealed": False, "text": "", "created_at": now}
        call = CallRound(state=state, **{**defaults, **values})
        self.session.add(call)
        self.session.flush()
        return call

    def unit(self, **values: Any) -> Organization:
        """Return a verified unit that can apply: with a valid credit code and a district."""
        body = f"91310000MA{next(_serial):07}"
        values.setdefault("credit_code", body + uscc.calc_check_digit(body))
        values.setdefault("district", "310115")
        values.setdefault("verified_at", clock.now())
        return self.organization(**values)

    def applicant(self, organization: Organization | None = None, *roles: Role) -> User:
        """Return an account of a unit, a new one unless told, its signatory unless told."""
        return self.user(*(roles or (Role.APPLICANT_SIGNATORY,)), organization=organization or self.unit())

    def application(self, *, state: State = State.DRAFT, **values: Any) -> Application:
        """Return an application in a state, with a complete draft and the evidence that the state asks for.

        Beyond the columns it takes `round`, `organization`, `list_code` and `answers`, changes to the sample draft.
        """
        call = values.pop("round", None) or self.round()
        unit = values.pop("organization", None) or self.unit()
        list_code = values.pop("list_code", ListCode.CX)
        by = values.pop("created_by_id", None) or self.applicant(unit).id
        now = clock.now()
        draft = answers.draft(list_code, **values.pop("answers", {}))
        application = Application(
            round_id=call.id, list_code=list_code, organization_id=unit.id, product_name=draft["product_name"],
            field=draft.get("field"), state=State.DRAFT, state_since=now, draft=draft, draft_saved_at=now,
            draft_saved_by_id=by, draft_version=1, revision=0, created_by_id=by, created_at=now,
        )  # fmt: skip
        self.session.add(application)
        self.session.flush()
        application.draft = {
            **draft,
            **{key: [self._file(application, key, by)] for key in answers.FILE_QUESTIONS},
        }
        checked = questions.check(
            list_code, application.draft, unit=unit_facts(unit), classes=questions.classes(self.session)
        )
        evidence = {"is_complete": not checked.problems, **_evidence(state)}
        if state not in (State.DRAFT, State.WITHDRAWN):
            assert checked.problems == []
            evidence |= self._submitted(application, checked.answers, by, frozen=state in FROZEN_STATES)
        if state is State.LISTED:
            evidence["entry_id"] = self.entry().id
        for name, value in {**evidence, "state": state, **values}.items():
            setattr(application, name, value)
        application.round, application.organization = call, unit
        self.session.flush()
        return application

    def _file(self, application: Application, kind: str, by: int) -> dict[str, Any]:
        attachment = Attachment(
            sha256=digest({"file": next(_serial)}), name=f"{kind}.png", media_type="image/png", size=1000,
            kind=kind, visibility=AttachmentVisibility.RESTRICTED, organization_id=application.organization_id,
            application_id=application.id, uploaded_by_id=by, uploaded_at=clock.now(),
        )  # fmt: skip
        self.session.add(attachment)
        self.session.flush()
        return attachments.facts(attachment)

    def _submitted(
        self, application: Application, given: dict[str, Any], by: int, *, frozen: bool
    ) -> dict[str, Any]:
        filed = ApplicationRevision(
            application_id=application.id, number=1, answers=given, hash=digest(given),
            submitted_by_id=by, submitted_at=clock.now(),
        )  # fmt: skip
        self.session.add(filed)
        content = {"frozen_hash": filed.hash, "frozen_revision": 1} if frozen else {}
        return {
            **content, "number": f"SB-TEST-{next(_serial):05}", "revision": 1, "submitted_at": clock.now(),
            "commitment_signed_at": clock.now(), "commitment_signed_by_id": by,
        }  # fmt: skip


def _evidence(state: State) -> dict[str, Any]:
    """Return what review, committee and notice would have written on the way to a state."""
    today = clock.today()
    path = list(FROZEN_STATES)
    reached = path.index(state) if state in path else -1
    evidence: dict[str, Any] = {}
    if state is State.CORRECTION_REQUIRED:
        evidence |= {
            "correction_rounds": 1,
            "correction_due_on": today + timedelta(days=14),
            "open_corrections": 1,
        }
    if state in (State.NOT_ACCEPTED, State.NOT_SELECTED, State.REJECTED):
        evidence["reason_code"] = "other"
    if reached >= 0:
        evidence["accepted_on"] = today
    if reached >= path.index(State.PANEL_READY):
        evidence |= {"panel_size": 5, "min_panel": 5}
    if reached >= path.index(State.SCORED):
        above = state is not State.NOT_SELECTED
        evidence |= {
            "locked_sheets": 5,
            "official_score": 82_000 if above else 61_000,
            "recommend_share": 800,
        }
        evidence["is_above_line"] = above
    decisions = {State.REJECTED: Decision.REJECTED, State.DEFERRED: Decision.DEFERRED}
    if state in decisions or state in (State.APPROVED, State.IN_NOTICE, State.OBJECTION_HOLD, State.LISTED):
        evidence |= {"decision": decisions.get(state, Decision.APPROVED), "decided_on": today}
    if state in (State.IN_NOTICE, State.OBJECTION_HOLD, State.LISTED):
        evidence |= {"notice_closes_on": today + timedelta(days=6), "leak_scan_at": clock.now()}
    if state is State.OBJECTION_HOLD:
        evidence["open_objections"] = 1
    return evidence


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
