"""Classes by kind, read as they stand under the newest scheme."""

from sqlalchemy import select

from registry import taxonomy
from registry.models import NodeKind, TaxonomyNode


def test_the_classes_of_the_newest_scheme_count_when_an_older_one_stands_beside_it(session):
    known = taxonomy.labels(session, NodeKind.DISTRICT)
    scheme = session.scalars(
        select(TaxonomyNode.scheme).where(TaxonomyNode.kind == NodeKind.DISTRICT)
    ).first()
    session.add_all(
        TaxonomyNode(kind=NodeKind.DISTRICT, scheme=f"{scheme}-2", code=code, label=label, position=position, basis_document="示例")
        for position, (code, label) in enumerate([("B", "示例乙区"), ("A", "示例甲区")])
    )  # fmt: skip

    found = taxonomy.labels(session, NodeKind.DISTRICT)

    assert known.of("A") is None
    assert list(found.by_code.items()) == [("B", "示例乙区"), ("A", "示例甲区")]


def test_several_kinds_are_read_by_one_query(session, queries):
    kinds = [NodeKind.FIELD, NodeKind.DISTRICT, NodeKind.SPECIAL_AREA]
    apart = {kind: taxonomy.labels(session, kind) for kind in kinds}

    with queries() as asked:
        together = taxonomy.labels_of(session, kinds)

    assert len(asked) == 1
    assert together == apart
