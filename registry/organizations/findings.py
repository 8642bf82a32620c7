"""What the registry itself can say about a request, for whoever decides it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.models import Organization, UnitRequest, UnitRequestKind
from registry.organizations import kinds, lookup
from registry.organizations.codes import is_credit_code


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was compared, in a sentence; a doubtful one asks for a closer look and decides nothing."""

    sentence: str
    is_doubtful: bool = False


def of(session: Session, request: UnitRequest, organization: Organization) -> list[Finding]:
    """Return the findings on a request, in the order in which they are read."""
    match request.kind:
        case UnitRequestKind.CLAIM:
            return _claim(session, request, organization)
        case UnitRequestKind.MERGE:
            return _merge(request, organization)
        case _:
            return [_code(organization), *_namesakes(session, organization)]


def _code(organization: Organization) -> Finding:
    if organization.credit_code and is_credit_code(organization.credit_code):
        return Finding("统一社会信用代码的格式和校验位相符。")
    return Finding("统一社会信用代码没有填写，或者格式、校验位不符。", is_doubtful=True)


def _namesakes(session: Session, organization: Organization) -> list[Finding]:
    others = [unit for unit in lookup.by_name(session, organization.name) if unit.id != organization.id]
    return [
        Finding(
            f"另有登记单位用过同一名称（代码 {unit.credit_code or '未填'}），可能是重复登记。",
            is_doubtful=True,
        )
        for unit in others
    ]


def _claim(session: Session, request: UnitRequest, organization: Organization) -> list[Finding]:
    name, code = request.detail["published_unit"], request.detail["published_code"]
    same_name = name in kinds.own_names(session, organization)
    same_code = code is not None and code == organization.credit_code
    return [
        Finding(
            f"发布时的申报单位是“{name or '未载明'}”，与本单位的现名称或者曾用名称{'相同' if same_name else '不同'}。",
            is_doubtful=not same_name,
        ),
        Finding(
            f"发布时的统一社会信用代码是 {code or '未载明'}，与本单位{'相同' if same_code else '不同'}。",
            is_doubtful=not same_code,
        ),
    ]


def _merge(request: UnitRequest, organization: Organization) -> list[Finding]:
    other = request.detail["other_code"]
    if other and organization.credit_code and other != organization.credit_code:
        return [
            Finding(
                f"两个单位的统一社会信用代码不同（{organization.credit_code}，{other}），请核对是否同一单位。",
                is_doubtful=True,
            )
        ]
    return [Finding("只有一方填有统一社会信用代码，合并后沿用。")]
