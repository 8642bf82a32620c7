"""Who may do what in the review; see `docs/permissions.md`."""

from registry.models import Role, State
from registry.permissions import (
    PERMISSIONS,
    Rule,
    has_role,
    is_audit_admin,
    is_discipline_observer,
    is_secretariat_lead,
)
from registry.workflow import is_applicant
from review.models import AssignmentState

SCORING_STATES = (State.UNDER_REVIEW, State.SCORED)
"""An application is scored while under review; once scored, only by whom a late recusal brought in."""

is_expert = has_role(Role.EXPERT)
is_own_assignment = Rule(
    lambda actor, assignment: assignment is None or actor.id == assignment.expert.user_id
)
has_no_conflict = Rule(
    lambda _actor, assignment: (
        assignment is None
        or assignment.state in (AssignmentState.DECLARED, AssignmentState.SCORING, AssignmentState.LOCKED)
    )
)
"""The expert declared that there is none, and it stayed so: before that no content is shown."""
is_open = Rule(
    lambda _actor, assignment: (
        assignment is None
        or (
            assignment.state in (AssignmentState.DECLARED, AssignmentState.SCORING)
            and assignment.application.state in SCORING_STATES
        )
    )
)
is_locked = Rule(lambda _actor, assignment: assignment is None or assignment.state is AssignmentState.LOCKED)

PERMISSIONS.update(
    {
        "expert:manage": is_secretariat_lead,
        "panel:view": is_secretariat_lead | is_discipline_observer,
        "panel:manage": is_secretariat_lead,
        "panel:prove": is_discipline_observer | is_audit_admin,
        "assignment:list": is_expert,
        "assignment:declare": is_expert & is_own_assignment,
        "sheet:view": (is_expert & is_own_assignment & has_no_conflict) | (is_secretariat_lead & is_locked),
        "result:view": is_applicant,
        "sheet:score": is_expert & is_own_assignment & is_open,
    }
)
