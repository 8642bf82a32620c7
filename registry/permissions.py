"""Who may do what: small predicates joined by `&` and `|`, named `<resource>:<action>`.

`docs/permissions.md` is the agreed matrix, compared by a test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from registry.errors import NotAllowedError
from registry.models import Role


class Actor(Protocol):
    """Whoever asks: an account, or a visitor."""

    @property
    def id(self) -> int | None:
        """Return the account's id, None for a visitor."""

    @property
    def organization_id(self) -> int | None:
        """Return the unit for which the account acts."""

    @property
    def roles(self) -> frozenset[Role]:
        """Return the roles held now."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user without role or organization."""

    id: None = None
    organization_id: None = None
    roles: frozenset[Role] = frozenset()


VISITOR = Visitor()


@dataclass(frozen=True, slots=True)
class Rule:
    """A predicate over an actor and, where the rule needs one, a subject."""

    test: Callable[[Actor, Any], bool]

    def __call__(self, actor: Actor, subject: Any = None) -> bool:
        """Return whether the rule holds."""
        return self.test(actor, subject)

    def __and__(self, other: "Rule") -> "Rule":
        """Return a rule that holds when both do."""
        return Rule(lambda actor, subject: self.test(actor, subject) and other.test(actor, subject))

    def __or__(self, other: "Rule") -> "Rule":
        """Return a rule that holds when one of them does."""
        return Rule(lambda actor, subject: self.test(actor, subject) or other.test(actor, subject))


def has_role(*roles: Role) -> Rule:
    """Return a rule that holds for an account with one of the roles."""
    wanted = frozenset(roles)
    return Rule(lambda actor, _subject: bool(actor.roles & wanted))


STAFF = (Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD, Role.PUBLISHER)

is_signed_in = Rule(lambda actor, _subject: actor.id is not None)
is_staff = has_role(*STAFF)
is_sys_admin = has_role(Role.SYS_ADMIN)
is_security_admin = has_role(Role.SECURITY_ADMIN)
is_audit_admin = has_role(Role.AUDIT_ADMIN)
is_discipline_observer = has_role(Role.DISCIPLINE_OBSERVER)
is_publisher = has_role(Role.PUBLISHER)
is_secretariat_lead = has_role(Role.SECRETARIAT_LEAD)
is_another = Rule(lambda actor, subject: subject is None or actor.id != subject.id)
"""The subject is another account than the actor's own; True while no subject is named yet (a page's gate)."""

PERMISSIONS: dict[str, Rule] = {
    "home:view": is_signed_in,
    "account:change_password": is_signed_in,
    "user:list": is_sys_admin | is_security_admin,
    "user:invite": is_sys_admin,
    "user:disable": is_sys_admin & is_another,
    "user:reset": is_security_admin & is_another,
    "role:grant": is_security_admin & is_another,
    "role:revoke": is_security_admin & is_another,
    "round:view": is_staff | is_discipline_observer,
    "round:manage": is_secretariat_lead,
    "policy:view": is_staff | is_discipline_observer | is_audit_admin,
    "policy:propose": is_staff,
    "policy:confirm": is_secretariat_lead,
    "trail:view": is_discipline_observer | is_audit_admin,
}


def may(actor: Actor, permission: str, subject: Any = None) -> bool:
    """Return whether the actor may; an unknown permission is a programming error (KeyError)."""
    return PERMISSIONS[permission](actor, subject)


def require(actor: Actor, permission: str, subject: Any = None) -> None:
    """Refuse an actor who may not.

    Raises:
        NotAllowedError: the rule does not hold.
    """
    if not may(actor, permission, subject):
        raise NotAllowedError("您没有办理此事项的权限。", parameter=permission)
