"""Industry scheme, districts and special areas: loaded from data, read by label or code."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models import NodeKind, TaxonomyNode

SHIPPED = Path(__file__).parent / "data" / "taxonomy.toml"


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one kind of class, in the scheme's order; `of` tolerates an unknown or absent code."""

    by_code: Mapping[str, str]
    groups: Mapping[str, str | None]

    def of(self, code: str | None) -> str | None:
        """Return a code's label, None for no code or a code no longer known."""
        return self.by_code.get(code) if code else None

    def code_of(self, label: str | None) -> str | None:
        """Return the code of a label as people write it: 浦东 is 浦东新区; None when it is no class."""
        if not label:
            return None
        label = label.strip()
        for code, known in self.by_code.items():
            if label in (code, known) or label == known.removesuffix("新区").removesuffix("区"):
                return code
        return None


def load_shipped(session: Session) -> None:
    """Insert the shipped classes that are missing; what stands already is left alone."""
    known = {
        (kind, scheme, code)
        for kind, scheme, code in session.execute(
            select(TaxonomyNode.kind, TaxonomyNode.scheme, TaxonomyNode.code)
        )
    }

    def add(
        kind: NodeKind, scheme: Mapping[str, str], code: str, label: str, position: int, **more: str | None
    ) -> None:
        if (kind, scheme["version"], code) not in known:
            session.add(
                TaxonomyNode(
                    kind=kind, scheme=scheme["version"], code=code, label=label, position=position,
                    basis_document=scheme["basis"], **more,
                )
            )  # fmt: skip

    for scheme in tomllib.loads(SHIPPED.read_text("utf-8"))["scheme"]:
        kind = NodeKind(scheme["kind"])
        for position, node in enumerate(scheme["nodes"], 1):
            add(kind, scheme, node["code"], node["label"], position, group_label=node.get("group"))
            for leaf, label in enumerate(node.get("leaves", ()), 1):
                add(NodeKind.LEAF, scheme, f"{node['code']}{leaf:02}", label, leaf, parent_code=node["code"])


def labels(session: Session, kind: NodeKind) -> Labels:
    """Return the classes of a kind under the newest scheme, in the scheme's order."""
    return labels_of(session, [kind])[kind]


def labels_of(session: Session, kinds: Collection[NodeKind]) -> Mapping[NodeKind, Labels]:
    """Return the classes of several kinds at once; see `labels`."""
    node = TaxonomyNode
    rows = session.execute(
        select(node.kind, node.scheme, node.code, node.label, node.group_label)
        .where(node.kind.in_(kinds))
        .order_by(node.scheme, node.position)
    ).all()
    newest = {row.kind: row.scheme for row in rows}
    found = {kind: [row for row in rows if row.kind is kind and row.scheme == newest[kind]] for kind in kinds}
    return {
        kind: Labels({row.code: row.label for row in nodes}, {row.code: row.group_label for row in nodes})
        for kind, nodes in found.items()
    }
