"""Products of the demonstration as requirements see them."""

from collections.abc import Callable
from datetime import date

import pytest

from catalog.demo.cast import Cast
from registry.models import PublicationScope
from search.requirements import facts
from search.requirements.facts import Listed, Product

TODAY = date(2026, 11, 21)
PRODUCTS = 1600
FIELDS = {
    "产品名称": "name",
    "型号": "model",
    "细分类别": "category",
    "产品简介": "summary",
    "注册证号": "registration_number",
}


@pytest.fixture(scope="session")
def demonstrated() -> Callable[[str], Product]:
    """Return a product of the demonstration by its 来源编号."""
    publications = [one for one in Cast(PRODUCTS, TODAY).publications if one.scope is PublicationScope.PUBLIC]
    specimens = {one.source_ref: one for publication in publications for one in publication.specimens}

    def find(ref: str) -> Product:
        specimen = specimens[ref]
        rows = [(one.batch, row) for one in publications for row in one.rows if row["来源编号"] == ref]
        content = {field: specimen.row[header] or None for header, field in FIELDS.items()}
        return facts.product(
            content | {"kpis": list(specimen.kpis), "device": specimen.device},
            code=ref,
            version=1,
            listed=[
                Listed(
                    batch.list_code, row["目录编号"], {"是": True, "否": False}.get(row["首次投放市场"][:1])
                )
                for batch, row in rows
            ],
            national=[specimen.row["国家级目录"]] if specimen.row["国家级目录"] else (),
        )

    return find
