"""Accounts, roles, invitations, password resets and the throttle."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base
from registry.models.organizations import Organization
from registry.types import enum_of


class Role(StrEnum):
    """What an account may act as."""

    APPLICANT_OPERATOR = "applicant_operator"
    APPLICANT_SIGNATORY = "applicant_signatory"
    DISTRICT_OFFICER = "district_officer"
    FORMAL_REVIEWER = "formal_reviewer"
    SECRETARIAT_LEAD = "secretariat_lead"
    EXPERT = "expert"
    COMMITTEE_MEMBER = "committee_member"
    COMMITTEE_CHAIR = "committee_chair"
    PUBLISHER = "publisher"
    BUYER_OPERATOR = "buyer_operator"
    BUYER_APPROVER = "buyer_approver"
    DISCIPLINE_OBSERVER = "discipline_observer"
    SYS_ADMIN = "sys_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ADMIN_ROLES = frozenset({Role.SYS_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""The three administrators of 等保 level 3 (GB/T 22239-2019): never two of them in one hand, and no other role."""

SOLITARY_ROLES = ADMIN_ROLES | {Role.DISCIPLINE_OBSERVER}
SEPARATED_ROLES = frozenset(
    frozenset({solitary, other}) for solitary in SOLITARY_ROLES for other in Role if other != solitary
)
"""Pairs of roles that one account may not hold: administrators and the observer hold nothing else."""


class User(Base):
    """An account of one person."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    mobile: Mapped[str | None] = mapped_column(String(20), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column()

    organization: Mapped[Organization | None] = relationship(lazy="raise")
    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="user", lazy="raise", foreign_keys="RoleGrant.user_id", order_by="RoleGrant.id"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy

    @property
    def roles(self) -> frozenset[Role]:
        """Return the roles held now; `grants` must have been loaded."""
        return frozenset(grant.role for grant in self.grants if grant.revoked_at is None)


class RoleGrant(Base):
    """A role given to an account by another person, and when it was taken back."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_active",
            "user_id",
            "role",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_of(Role, "role"))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    granted_at: Mapped[datetime]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="grants", lazy="raise", foreign_keys=[user_id])


class Invitation(Base):
    """An invitation to open an account; only the hash of its token is kept.

    The role is proposed here and granted by the security administrator, never by the invitation.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    display_name: Mapped[str] = mapped_column(String(60))
    proposed_role: Mapped[Role | None] = mapped_column(enum_of(Role, "proposed_role"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class PasswordReset(Base):
    """A request to set a new password; only the hash of its token is kept."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """Attempts under one hashed key (an account, a network address) and until when it is held off."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempts: Mapped[int]
    window_started_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
