"""What a demonstration does not hold by itself, so that the rooms for it are not seen empty."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.certificates import files, keys, qr_tokens
from catalog.certificates.payload import CertificatePayload
from catalog.models import Certificate, CertificateStatus, KeyUse
from registry import clock, reconsideration, trail
from registry.models import Application, BanReason, Organization, Role, RoleGrant, User
from registry.organizations import bans
from search.synonyms import table
from search.synonyms.models import SynonymKind
from search.usage.models import SavedSearch
from tests.browser.conftest import Site


def furnish(site: Site) -> dict[str, str]:
    """Let people do a little more, and return where that is to be seen."""
    with site.database.reading() as session:
        issued = session.scalars(select(Certificate.id)).all()
    with ThreadPoolExecutor(
        1
    ) as pool:  # the browser's event loop holds this thread, and signing asks for one
        for certificate_id in issued:
            pool.submit(files.ensure_file, site.context, certificate_id).result()
    with site.database.transaction() as session:
        trail.keep_root(session, clock.today() - clock.ONE_DAY)
        _keep_searches(session)
        return {
            "ban": f"/office/units/bans/{_ban(session)}",
            "synonym": f"/office/synonyms/changes/{_synonym(session)}",
            "reconsidered": f"/office/reconsiderations/{_reconsideration(session)}",
            **_certificate(session, site),
        }


def _user(session: Session, name: str) -> User:
    return (
        session.scalars(select(User).where(User.username == name).options(joinedload(User.grants)))
        .unique()
        .one()
    )


def _ban(session: Session) -> int:
    unit = session.scalars(
        select(Organization).where(Organization.merged_into_id.is_(None)).order_by(Organization.id.desc())
    ).first()
    assert unit is not None
    return bans.propose(
        session,
        unit,
        _user(session, "reviewer"),
        reason=BanReason.FALSE_MATERIAL,
        basis="申报书所附检验报告编号不存在，示例检验机构已书面答复未出具过该报告。",
        from_on=clock.today(),
    ).id


def _synonym(session: Session) -> int:
    return table.propose(
        session,
        _user(session, "reviewer"),
        kind=SynonymKind.SAME,
        expressions=("质子刀", "质子放疗设备"),
        reason="检索情况中“质子刀”没有找到产品，临床科室习惯这样称呼。",
    ).id


def _reconsideration(session: Session) -> int:
    turned_away = session.scalars(
        select(Application)
        .where(Application.state.in_(reconsideration.OUTCOMES))
        .options(joinedload(Application.round), joinedload(Application.organization))
        .order_by(Application.id.desc())
    )
    application = next(each for each in turned_away if reconsideration.is_open(session, each))
    signatory = (
        session.scalars(
            select(User)
            .join(RoleGrant, RoleGrant.user_id == User.id)
            .where(
                User.organization_id == application.organization_id,
                RoleGrant.role == Role.APPLICANT_SIGNATORY,
            )
            .options(joinedload(User.grants))
        )
        .unique()
        .first()
    )
    assert signatory is not None
    grounds = "告知中所列缺少的材料，我单位已在期限内提交并有系统回执，请核实审查程序。"
    return reconsideration.ask(session, application, signatory, grounds=grounds).id


def _certificate(session: Session, site: Site) -> dict[str, str]:
    """Return a buyer's certificate, what its QR code says, and a check of it with a wrong code."""
    certificate = session.scalars(
        select(Certificate)
        .where(Certificate.status == CertificateStatus.ISSUED, Certificate.buyer_id.is_not(None))
        .order_by(Certificate.id)
    ).first()
    assert certificate is not None
    pair = keys.current(session, site.context.settings, KeyUse.QR).pair
    address = f"/verify/{certificate.number}"
    return {
        "scanned": f"{address}#{qr_tokens.sign(pair, CertificatePayload.read(certificate.payload))}",
        "mistyped": f"{address}?code=AAAA-AAAA-AAAA",
        "record": f"/certificates/{certificate.number}",
    }


def _keep_searches(session: Session) -> None:
    hospital = _user(session, "hospital")
    now = clock.now()
    for name, address in (("手术机器人", "q=手术机器人"), ("首台套影像设备", "q=影像&list=TZ")):
        session.add(
            SavedSearch(
                user_id=hospital.id, name=name, address=address, is_told=True, checked_at=now, created_at=now
            )
        )
