"""The demonstration's accounts and buyers: units that do not exist, one log-in for each role."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.demo.units import Unit
from catalog.models import Buyer, BuyerNature, BuyerStatus
from registry import accounts, clock, passwords, taxonomy, trail
from registry.demo.codes import credit_code
from registry.models import NodeKind, Organization, Role, User
from registry.terms import label

PASSWORD = "Shili-Yanshi-2026"  # noqa: S105 - printed for everyone who tries the demonstration
BUYER_SERIALS = 90_001  # of the credit codes; makers' begin at 1


@dataclass(frozen=True, slots=True)
class Person:
    """A log-in: what it may do and for which unit, by the unit's key."""

    username: str
    display_name: str
    roles: tuple[Role, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class BuyingUnit:
    """A unit that buys. `registry` is the start of its credit code: 11 authority, 12 institution, 52, 91 company."""

    key: str
    name: str
    nature: BuyerNature
    registry: str
    district: str
    is_verified: bool = True


BUYING = (Role.BUYER_OPERATOR, Role.BUYER_APPROVER)
MAKER = "maker"

# fmt: off
PEOPLE = (
    Person("lead", "示例秘书处负责人", (Role.SECRETARIAT_LEAD,)),
    Person("reviewer", "示例形式审查员", (Role.FORMAL_REVIEWER,)),
    Person("publisher", "示例发布员", (Role.PUBLISHER,)),
    Person("observer", "示例纪检监督员", (Role.DISCIPLINE_OBSERVER,)),
    Person("sysadmin", "示例系统管理员", (Role.SYS_ADMIN,)),
    Person("secadmin", "示例安全管理员", (Role.SECURITY_ADMIN,)),
    Person("auditor", "示例审计管理员", (Role.AUDIT_ADMIN,)),
    Person("district", "示例区级经办员", (Role.DISTRICT_OFFICER,)),
    Person("expert", "示例评审专家", (Role.EXPERT,)),
    Person("member", "示例编审委员", (Role.COMMITTEE_MEMBER,)),
    Person("chair", "示例编审委员会主任", (Role.COMMITTEE_CHAIR,)),
    Person("maker", "示例申报经办人", (Role.APPLICANT_OPERATOR,), MAKER),
    Person("signatory", "示例法定代表人", (Role.APPLICANT_SIGNATORY,), MAKER),
    Person("hospital", "示例医院采购员", BUYING, "hospital"),
    Person("operator", "示例医院经办员", (Role.BUYER_OPERATOR,), "hospital"),
    Person("clinic", "示例民营医院采购员", BUYING, "clinic"),
    Person("soe", "示例市属国企采购员", BUYING, "soe"),
    Person("central", "示例央企采购员", BUYING, "central"),
    Person("university", "示例高校采购员", BUYING, "university"),
    Person("government", "示例机关采购员", BUYING, "government"),
    Person("institution", "示例事业单位采购员", BUYING, "institution"),
    Person("company", "示例民企采购员", BUYING, "company"),
    Person("newcomer", "示例待核验单位采购员", BUYING, "newcomer"),
)

BUYERS = (
    BuyingUnit("hospital", "示例市第一示范医院", BuyerNature.PUBLIC_HOSPITAL, "12", "徐汇区"),
    BuyingUnit("clinic", "示例仁和康复医院有限公司", BuyerNature.PRIVATE_HOSPITAL, "91", "长宁区"),
    BuyingUnit("soe", "示例城市建设发展集团有限公司", BuyerNature.CITY_SOE, "91", "黄浦区"),
    BuyingUnit("central", "示例中央能源装备集团有限公司", BuyerNature.CENTRAL_SOE, "91", "浦东新区"),
    BuyingUnit("university", "示例理工大学", BuyerNature.UNIVERSITY, "12", "杨浦区"),
    BuyingUnit("government", "示例区数据管理局", BuyerNature.GOVERNMENT, "11", "静安区"),
    BuyingUnit("institution", "示例市环境监测中心", BuyerNature.PUBLIC_INSTITUTION, "12", "普陀区"),
    BuyingUnit("company", "示例精密制造有限公司", BuyerNature.PRIVATE_ENTERPRISE, "91", "嘉定区"),
    BuyingUnit("newcomer", "示例新城社区卫生服务中心", BuyerNature.PUBLIC_HOSPITAL, "12", "奉贤区", is_verified=False),
)
# fmt: on


def move_in(session: Session, *, maker: Unit) -> Mapping[str, User]:
    """Open the accounts of everybody with their units; return the accounts by user name."""
    units = {MAKER: _organization(session, maker.name, maker.credit_code, maker.district)}
    for place, buying in enumerate(BUYERS):
        code = credit_code(BUYER_SERIALS + place, registry=buying.registry)
        units[buying.key] = _organization(session, buying.name, code, buying.district)
    for person in PEOPLE:
        passwords.check(session, PASSWORD, username=person.username)
    hashed = passwords.hashed(PASSWORD)  # once: hashing is slow on purpose, and everyone knows the password
    people = {
        person.username: accounts.create_user(
            session, None, username=person.username, password=None, display_name=person.display_name,
            email=f"{person.username}@example.org", organization=units.get(person.unit or ""), roles=person.roles,
        )
        for person in PEOPLE
    }  # fmt: skip
    for user in people.values():
        user.password_hash = hashed
    lead = people["lead"]
    for buying in BUYERS:
        organization = units[buying.key]
        buyer = Buyer(
            organization_id=organization.id, nature=buying.nature, created_at=clock.now(),
            status=BuyerStatus.VERIFIED if buying.is_verified else BuyerStatus.APPLIED,
            verified_by_id=lead.id if buying.is_verified else None,
            verified_at=clock.now() if buying.is_verified else None,
        )  # fmt: skip
        session.add(buyer)
        session.flush()  # the trail names its id
        if buying.is_verified:
            trail.record(session, lead, "buyer.verify", subject="buyer", subject_id=buyer.id)
    return people


def logins() -> list[str]:
    """Return a line for each log-in, and one with the password that all of them share."""
    lines = [
        f"  {person.username:<12}{person.display_name}（{'、'.join(label(role) for role in person.roles)}）"
        for person in PEOPLE
    ]
    return ["演示账号：", *lines, f"演示密码（各账号相同）：{PASSWORD}"]


def _organization(session: Session, name: str, code: str, district: str) -> Organization:
    organization = Organization(
        name=name, credit_code=code, district=taxonomy.labels(session, NodeKind.DISTRICT).code_of(district),
        verified_at=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    session.add(organization)
    session.flush()  # accounts and buyers point at it
    return organization
