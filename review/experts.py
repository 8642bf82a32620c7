"""The pool: who is in it, what ties its people to units, and why somebody may not judge a product."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from registry import accounts, clock, trail
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import (
    Application,
    Capacity,
    NodeKind,
    Organization,
    OrganizationName,
    Participation,
    Role,
    TaxonomyNode,
    User,
)
from registry.permissions import require
from registry.statements import stated
from review.models import (
    Assignment,
    AssignmentState,
    Exclusion,
    Expert,
    ExpertAffiliation,
    ExpertKind,
    PanelItem,
    Relation,
)


def folded(name: str) -> str:
    """Return a unit's name as it is compared: full and half width, letter case and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


# --- the pool -----------------------------------------------------------------------------------------------------


def register(
    session: Session,
    actor: User,
    *,
    login: str,
    kind: ExpertKind,
    institution: str,
    title: str,
    fields: Sequence[str],
) -> Expert:
    """Take an account that holds the expert's role into the pool.

    Raises:
        RuleError: no such account, not an expert's, in the pool already, or a value breaks its rule.
    """
    require(actor, "expert:manage")
    user = accounts.named(session, login)
    if user is None or Role.EXPERT not in user.roles:
        raise RuleError("账号：没有这个账号，或者它还没有被授予评审专家角色。", parameter="login")
    if session.scalar(select(Expert.id).where(Expert.user_id == user.id)):
        raise RuleError("账号：已在专家库中。", parameter="login")
    expert = Expert(
        user_id=user.id, kind=kind, created_at=clock.now(), **_values(session, institution, title, fields)
    )
    session.add(expert)
    session.flush()  # the trail names it by its id
    trail.record(session, actor, "expert.register", subject="expert", subject_id=expert.id)
    return expert


def revise(
    session: Session,
    expert: Expert,
    actor: User,
    *,
    version: int,
    kind: ExpertKind,
    institution: str,
    title: str,
    fields: Sequence[str],
    is_available: bool,
) -> None:
    """Change what the pool says of an expert; panels that were drawn stay as they are.

    Raises:
        StaleError: somebody changed it since the page with `version` was shown.
    """
    require(actor, "expert:manage")
    if expert.version_id != version:
        raise StaleError("这位专家的信息刚刚被别人修改，请刷新页面后再操作。", parameter="version")
    for name, value in _values(session, institution, title, fields).items():
        setattr(expert, name, value)
    expert.kind, expert.is_available = kind, is_available
    trail.record(session, actor, "expert.revise", subject="expert", subject_id=expert.id)


def _values(session: Session, institution: str, title: str, fields: Sequence[str]) -> dict[str, object]:
    institution = stated(institution, "工作单位", "institution")
    known = set(session.scalars(select(TaxonomyNode.code).where(TaxonomyNode.kind == NodeKind.FIELD)))
    if not set(fields) <= known:
        raise RuleError("评审领域：请从列表中选择。", parameter="fields")
    return {"institution": institution, "title": title.strip(), "fields": sorted(set(fields))}


def of_user(session: Session, user: User) -> Expert:
    """Return the expert that an account is, with the ties it declared.

    Raises:
        NotFoundError: the account is not in the pool.
    """
    expert = session.scalars(
        select(Expert).where(Expert.user_id == user.id).options(selectinload(Expert.affiliations))
    ).one_or_none()
    if expert is None:
        raise NotFoundError("您的账号还没有进入专家库，请联系秘书处。")
    return expert


def affiliation(session: Session, expert: Expert, affiliation_id: int) -> ExpertAffiliation:
    """Return one tie of an expert.

    Raises:
        NotFoundError: there is none, or it is another's.
    """
    found = session.get(ExpertAffiliation, affiliation_id)
    if found is None or found.expert_id != expert.id:
        raise NotFoundError("没有这项关系。", parameter="affiliation")
    return found


def affiliate(
    session: Session,
    expert: Expert,
    actor: User,
    *,
    name: str,
    relation: Relation,
    from_on: date | None,
    until_on: date | None,
) -> ExpertAffiliation:
    """Record a tie between an expert and a unit; the expert declares it, or the secretariat learns of it."""
    if actor.id != expert.user_id:
        require(actor, "expert:manage")
    name = stated(name, "单位", "name")
    if from_on and until_on and until_on < from_on:
        raise RuleError("止：不得早于起。", parameter="until_on")
    unit = session.scalars(select(Organization.id).where(Organization.name == name)).first()
    affiliation = ExpertAffiliation(
        expert_id=expert.id, organization_id=unit, name=name, relation=relation, from_on=from_on,
        until_on=until_on, recorded_by_id=actor.id, recorded_at=clock.now(),
    )  # fmt: skip
    session.add(affiliation)
    trail.record(session, actor, "expert.affiliate", subject="expert", subject_id=expert.id)
    return affiliation


def end_affiliation(session: Session, affiliation: ExpertAffiliation, actor: User, *, on: date) -> None:
    """Say on which day a tie ended; it goes on counting as long as the policy looks back."""
    expert = session.get_one(Expert, affiliation.expert_id)
    if actor.id != expert.user_id:
        require(actor, "expert:manage")
    if affiliation.until_on is not None:
        raise StaleError("这项关系已经填写过终止日期。", parameter="until_on")
    if affiliation.from_on and on < affiliation.from_on:
        raise RuleError("止：不得早于起。", parameter="until_on")
    affiliation.until_on = on
    trail.record(session, actor, "expert.end_affiliation", subject="expert", subject_id=expert.id)


# --- recusal ------------------------------------------------------------------------------------------------------


def years_before(day: date, years: int) -> date:
    """Return the same day so many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def exclusions(
    session: Session, experts: Sequence[Expert], applications: Sequence[Application], *, years: int
) -> dict[int, Exclusion]:
    """Return, by expert, why somebody may not judge one of the applications; who may is absent.

    Ties that ended no longer than `years` ago count. Users with their roles and affiliations must have been loaded.
    """
    units = _kin_of(session, {application.organization_id for application in applications})
    names = {
        folded(name)
        for name in (
            *session.scalars(select(Organization.name).where(Organization.id.in_(units))),
            *session.scalars(
                select(OrganizationName.name).where(OrganizationName.organization_id.in_(units))
            ),
        )
    }
    since = years_before(clock.today(), years)
    ids = [application.id for application in applications]
    acted = set(
        session.scalars(
            select(Participation.user_id).where(
                Participation.application_id.in_(ids), Participation.capacity != Capacity.EXPERT
            )
        )
    )
    declared = set(
        session.scalars(
            select(Assignment.expert_id)
            .join(Application, Application.id == Assignment.application_id)
            .where(
                Assignment.state == AssignmentState.RECUSED,
                Application.organization_id.in_(units),
                Assignment.left_at >= clock.start_of(since),
            )
        )
    )
    sat = set(
        session.scalars(
            select(Assignment.expert_id)
            .join(
                PanelItem,
                (PanelItem.panel_id == Assignment.panel_id)
                & (PanelItem.application_id == Assignment.application_id),
            )
            .where(Assignment.application_id.in_(ids), PanelItem.ended_at.is_not(None))
        )
    )

    def reason(expert: Expert) -> Exclusion | None:
        if not expert.is_available or not expert.user.is_active or Role.EXPERT not in expert.user.roles:
            return Exclusion.NOT_AVAILABLE
        if expert.user.organization_id in units or folded(expert.institution) in names:
            return Exclusion.SAME_UNIT
        ties = [
            tie for tie in expert.affiliations if tie.organization_id in units or folded(tie.name) in names
        ]
        if any(tie.until_on is None or tie.until_on >= clock.today() for tie in ties):
            return Exclusion.SAME_UNIT
        if any(tie.until_on is not None and tie.until_on >= since for tie in ties):
            return Exclusion.RECENT_UNIT
        if expert.id in declared:
            return Exclusion.DECLARED
        if expert.user_id in acted:
            return Exclusion.OTHER_CAPACITY
        return Exclusion.SAT_BEFORE if expert.id in sat else None

    return {expert.id: why for expert in experts if (why := reason(expert)) is not None}


def _kin_of(session: Session, units: Iterable[int]) -> set[int]:
    """Return the units with those merged into them and those they were merged into."""
    wanted = set(units)
    rows = session.execute(
        select(Organization.id, Organization.merged_into_id).where(
            or_(Organization.id.in_(wanted), Organization.merged_into_id.in_(wanted)),
            Organization.merged_into_id.is_not(None),
        )
    )
    return wanted | {part for row in rows for part in row if part is not None}
