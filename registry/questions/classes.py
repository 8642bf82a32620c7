"""The taxonomy as questions use it: codes with labels, leaves under their field."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import taxonomy
from registry.models import NodeKind, TaxonomyNode
from registry.questions.table import ClassKind


@dataclass(frozen=True, slots=True)
class Classes:
    """Labels by code for each kind of class, in the scheme's order, and the field that each leaf belongs to."""

    labels: Mapping[ClassKind, Mapping[str, str]]
    field_of: Mapping[str, str]


def classes(session: Session) -> Classes:
    """Return the classes of the newest scheme."""
    kinds: dict[ClassKind, NodeKind] = {
        "field": NodeKind.FIELD,
        "leaf": NodeKind.LEAF,
        "district": NodeKind.DISTRICT,
        "special_area": NodeKind.SPECIAL_AREA,
    }
    leaves = session.execute(
        select(TaxonomyNode.code, TaxonomyNode.parent_code).where(TaxonomyNode.kind == NodeKind.LEAF)
    )
    return Classes(
        {name: taxonomy.labels(session, kind).by_code for name, kind in kinds.items()},
        {code: parent for code, parent in leaves if parent},
    )
