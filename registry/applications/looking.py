"""What the applicant's side looks up: applications of the own unit, their revisions, their check, the quota."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from registry import questions, rounds
from registry.errors import NotFoundError, StaleError
from registry.models import Application, ApplicationRevision, CallRound, Organization, State
from registry.permissions import PERMISSIONS, Actor, require
from registry.questions import Checked, Classes
from registry.workflow import is_applicant, is_signatory

PERMISSIONS.update(
    {
        "application:create": is_applicant,
        "application:view": is_applicant,
        "application:edit": is_applicant,
        "application:submit": is_signatory,
        "application:withdraw": is_signatory,
    }
)

COUNTED = tuple(state for state in State if state not in (State.DRAFT, State.WITHDRAWN))
"""States of an application that use up the unit's quota in a round."""


def own(session: Session, actor: Actor, application_id: int) -> Application:
    """Return an application of the actor's unit with its round and unit.

    Raises:
        NotFoundError: there is none, or it is another unit's.
    """
    application = session.scalars(
        select(Application)
        .where(Application.id == application_id, Application.organization_id == actor.organization_id)
        .options(joinedload(Application.round), joinedload(Application.organization))
    ).one_or_none()
    if application is None:
        raise NotFoundError("没有找到这份申报。", parameter="application")
    require(actor, "application:view", application)
    return application


def locked(session: Session, actor: Actor, application_id: int, *, version: int | None = None) -> Application:
    """Return an application of the actor's unit for changing it; see `held`."""
    return held(
        session, application_id, Application.organization_id == actor.organization_id, version=version
    )


def held(
    session: Session, application_id: int, *where: ColumnElement[bool], version: int | None = None
) -> Application:
    """Return an application with its round and unit for changing it; others wait until the commit.

    Raises:
        NotFoundError: there is none that fulfils `where`.
        StaleError: it was changed since the page with `version` was shown.
    """
    session.execute(  # first the round, as closing does: two who lock in one order never wait for each other
        select(CallRound.id)
        .join(Application, Application.round_id == CallRound.id)
        .where(Application.id == application_id)
        .with_for_update(read=True, of=CallRound)
    )
    application = session.scalars(
        select(Application)
        .where(Application.id == application_id, *where)
        .options(joinedload(Application.round), joinedload(Application.organization))
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if application is None:
        raise NotFoundError("没有找到这份申报。", parameter="application")
    if version is not None and application.version_id != version:
        raise StaleError("这份申报在您打开页面后有变化，请刷新页面，核对后再办理。", parameter="version")
    return application


def unit_facts(unit: Organization) -> dict[str, str | None]:
    """Return what the form takes from the unit's record rather than asking."""
    return {
        "name": unit.name,
        "credit_code": unit.credit_code,
        "district": unit.district,
        "special_area": unit.special_area,
    }


@dataclass(frozen=True, slots=True)
class Draft:
    """What a page needs of a draft: its check, and the classes by which answers are read."""

    checked: Checked
    classes: Classes


def draft(session: Session, application: Application) -> Draft:
    """Check the draft as it stands against every rule; its unit must have been loaded."""
    classes = questions.classes(session)
    unit = unit_facts(application.organization)
    return Draft(
        questions.check(application.list_code, application.draft, unit=unit, classes=classes), classes
    )


def revision(session: Session, application: Application, number: int | None = None) -> ApplicationRevision:
    """Return a submitted revision, the latest unless told.

    Raises:
        NotFoundError: it was never submitted.
    """
    found = session.scalars(
        select(ApplicationRevision).where(
            ApplicationRevision.application_id == application.id,
            ApplicationRevision.number == (application.revision if number is None else number),
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("没有这个提交版本。", parameter="revision")
    return found


def quota_left(session: Session, organization_id: int, call: CallRound) -> int | None:
    """Return how many applications a unit may still submit in a round, None where there is no limit."""
    quota: int = rounds.policy_value(call, "application.quota_per_unit")
    if not quota:
        return None
    used = session.scalar(
        select(func.count()).where(
            Application.organization_id == organization_id,
            Application.round_id == call.id,
            Application.state.in_(COUNTED),
        )
    )
    return max(0, quota - (used or 0))
