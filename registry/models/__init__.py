"""The records of the registry: columns and constraints, no verbs."""

from registry.models.accounts import (
    SEPARATED_ROLES,
    Invitation,
    PasswordReset,
    Role,
    RoleGrant,
    Throttle,
    User,
)
from registry.models.base import Base, Counter, SystemState
from registry.models.entries import (
    CatalogEntry,
    EntryKey,
    EntryPicture,
    EntryVersion,
    KeyKind,
    ListCode,
    Listing,
    ListingStatus,
    ListingVersion,
    NationalListing,
    PublicationScope,
)
from registry.models.organizations import Organization, OrganizationName
from registry.models.policy import CalendarOverride, NodeKind, PolicyParameter, TaxonomyNode
from registry.models.trail import (
    ClockRun,
    Lease,
    OutboxMessage,
    TrailDetail,
    TrailHead,
    TrailLine,
    TrailRoot,
)

__all__ = [
    "SEPARATED_ROLES",
    "Base",
    "CalendarOverride",
    "CatalogEntry",
    "ClockRun",
    "Counter",
    "EntryKey",
    "EntryPicture",
    "EntryVersion",
    "Invitation",
    "KeyKind",
    "Lease",
    "ListCode",
    "Listing",
    "ListingStatus",
    "ListingVersion",
    "NationalListing",
    "NodeKind",
    "Organization",
    "OrganizationName",
    "OutboxMessage",
    "PasswordReset",
    "PolicyParameter",
    "PublicationScope",
    "Role",
    "RoleGrant",
    "SystemState",
    "TaxonomyNode",
    "Throttle",
    "TrailDetail",
    "TrailHead",
    "TrailLine",
    "TrailRoot",
    "User",
]
