"""Where the rooms of a demonstration are, and who may enter them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Certificate, CertificateStatus
from catalog.publication.models import NoticeState, Objection, ObjectionState, Publication, PublicNotice
from registry.models import (
    Application,
    CallRound,
    CatalogEntry,
    EntryVersion,
    Listing,
    ListingStatus,
    PublicationScope,
    Role,
    RoleGrant,
    RoundState,
    State,
    User,
)
from review.committee.models import Representative, Sitting, SittingState, SittingUnit
from review.models import Assignment, AssignmentState, Expert, Panel
from tests.browser.conftest import Site
from tests.browser.furnishing import furnish

UPLOAD = """产品名称,型号,申报单位,统一社会信用代码,所在区,产业领域,认定日期,有效期至,备注
示例便携式超声仪,SL-1,上海示例影像设备有限公司,91310000DEM000014U,浦东新区,生命健康,2026-11-01,2029-10-31,甲
示例质谱仪,SL-2,上海示例仪器有限公司,12345,徐汇区,高端装备,2026-11-01,2029-10-31,乙
,SL-3,上海示例仪器有限公司,,徐汇区,高端装备,2026-11-01,2029-10-31,丙
示例光谱仪,SL-4,上海示例仪器有限公司,,松江区,高端装备,2026-13-01,,丁
"""


def found(site: Site) -> dict[str, str]:
    """Return the addresses and log-ins that depend on what the demonstration holds."""
    extra = furnish(site)
    with site.database.reading() as session:
        certificates = select(Certificate).order_by(Certificate.id.desc())
        valid = session.scalars(certificates.where(Certificate.status == CertificateStatus.ISSUED)).first()
        ended = session.scalars(certificates.where(Certificate.status != CertificateStatus.ISSUED)).first()
        upload = f"/office/import/{site.files.put(UPLOAD.encode())}?name=示例目录.csv&list=CX"
        return {
            "valid": f"/verify/{valid.number}?code={valid.short_code}",
            "ended": f"/verify/{ended.number}?code={ended.short_code}",
            "upload": upload,
            **extra,
            **_of_catalog(session),
            **_of_applications(session),
            **_of_review(session),
            **_of_publication(session),
        }


def _of_catalog(session: Session) -> dict[str, str]:
    public = (
        select(CatalogEntry.code)
        .join(Listing, Listing.entry_id == CatalogEntry.id)
        .join(
            EntryVersion,
            (EntryVersion.entry_id == CatalogEntry.id)
            & (EntryVersion.version == CatalogEntry.current_version),
        )
        .where(CatalogEntry.scope == PublicationScope.PUBLIC)
        .order_by(CatalogEntry.id)
    )
    device = session.scalars(
        public.where(
            Listing.status == ListingStatus.ACTIVE,
            Listing.first_on_market.is_(True),
            EntryVersion.device.is_not(None),
            EntryVersion.kpis.is_not(None),
        )
    ).first()
    revoked = session.scalars(public.where(Listing.status == ListingStatus.REVOKED)).first()
    alike = session.scalars(
        public.where(Listing.list_code == "CX", Listing.status == ListingStatus.ACTIVE)
        .where(EntryVersion.category == "装备")
        .limit(3)
    )
    newest = session.scalars(
        select(Listing).where(Listing.list_code == "CX").order_by(Listing.id.desc())
    ).first()
    return {
        "device": f"/catalog/products/{device}",
        "revoked": f"/catalog/products/{revoked}",
        "alike": "&".join(f"code={code}" for code in alike),
        "edition": f"/editions/CX-{newest.year}-{newest.batch:02}",
    }


def _of_applications(session: Session) -> dict[str, str]:
    def one(state: State, **more: int) -> Application:
        return session.scalars(
            select(Application)
            .where(Application.state == state)
            .filter_by(**more)
            .order_by(Application.id)
            .limit(1)
        ).one()

    def owner(application: Application) -> str:
        """Return a log-in that may sign for an application's unit."""
        return session.scalars(
            select(User.username)
            .join(RoleGrant, RoleGrant.user_id == User.id)
            .where(
                User.organization_id == application.organization_id,
                RoleGrant.role == Role.APPLICANT_SIGNATORY,
            )
        ).first()

    maker = session.scalars(select(User.organization_id).where(User.username == "signatory")).one()
    draft, correction, told = one(State.DRAFT), one(State.CORRECTION_REQUIRED), one(State.NOT_SELECTED)
    opened = select(Application.id).where(
        Application.state == State.FORMAL_REVIEW, Application.opened_at.is_not(None)
    )
    call = session.scalars(select(CallRound.id).where(CallRound.state == RoundState.OPEN)).first()
    return {
        "listed": f"/apply/applications/{one(State.LISTED, organization_id=maker).id}",
        "drafting": owner(draft),
        "draft": f"/apply/applications/{draft.id}",
        "correcting": owner(correction),
        "correction": f"/apply/applications/{correction.id}",
        "told": owner(told),
        "result": f"/apply/applications/{told.id}",
        "examined": f"/office/formal-review/{session.scalars(opened).first()}",
        "call": f"/rounds/{call}",
        "round": f"/office/rounds/{call}",
    }


def _of_review(session: Session) -> dict[str, str]:
    scoring = session.execute(
        select(User.username, Assignment.id, Application.id, Application.round_id, Panel.id)
        .join(Expert, Expert.user_id == User.id)
        .join(Assignment, Assignment.expert_id == Expert.id)
        .join(Application, Application.id == Assignment.application_id)
        .join(Panel, Panel.id == Assignment.panel_id)
        .where(Application.state == State.UNDER_REVIEW, Assignment.state == AssignmentState.DECLARED)
    ).first()
    letter = session.scalars(select(Sitting.id).where(Sitting.state == SittingState.VOTING)).first()
    silent = session.execute(
        select(User.username, SittingUnit.unit)
        .join(Representative, Representative.user_id == User.id)
        .join(SittingUnit, SittingUnit.unit == Representative.unit)
        .where(SittingUnit.sitting_id == letter, SittingUnit.answered_at.is_(None))
        .order_by(User.id)
    ).first()
    sealed = session.scalars(select(Sitting.id).where(Sitting.state == SittingState.SEALED)).first()
    return {
        "scorer": scoring[0],
        "sheet": f"/review/assignments/{scoring[1]}",
        "case": f"/office/review/applications/{scoring[2]}",
        "panels": f"/office/review/?round={scoring[3]}",
        "panel": f"/office/review/panels/{scoring[4]}",
        "letter": f"/office/committee/{letter}",
        "sealed": f"/office/committee/{sealed}",
        "voter": silent[0],
        "ballot": f"/review/committee/{letter}",
    }


def _of_publication(session: Session) -> dict[str, str]:
    notice = session.scalars(select(PublicNotice).where(PublicNotice.state == NoticeState.OPEN)).first()
    publication = session.scalars(select(Publication.id).order_by(Publication.id.desc())).first()
    challenged = session.scalars(
        select(Objection.id).where(Objection.state == ObjectionState.INVESTIGATING)
    ).first()
    return {
        "notice": f"/notices/{notice.id}",
        "announcement": f"/notices/publications/{publication}",
        "publication": f"/office/publications/{publication}",
        "drafted": f"/office/publications/new?round={notice.round_id}",
        "challenged": f"/office/objections/{challenged}",
    }
