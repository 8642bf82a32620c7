"""Products field by field: what each states, and whether they state the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.models import CatalogEntry, NodeKind
from registry.taxonomy import Labels
from registry.terms import label
from search.requirements import indicators
from search.requirements.services import in_force
from search.requirements.text import fold

YES_NO: Mapping[Any, str] = {True: "是", False: "否"}
NOT_STATED = "未载"


@dataclass(frozen=True, slots=True)
class Row:
    """A field with what each product states, in the order of the products."""

    name: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Return whether the products state different things; spacing and width of characters make no difference."""
        return len({fold(cell) for cell in self.cells}) > 1


def facts(entries: Sequence[CatalogEntry], known: Mapping[NodeKind, Labels]) -> list[Row]:
    """Return the rows of what every product's page tells, without those that none of them states."""
    stated = [_facts(entry, known) for entry in entries]
    return _rows([(name, tuple(each[name] for each in stated)) for name in stated[0]])


def measured(entries: Sequence[CatalogEntry]) -> list[Row]:
    """Return the rows of the indicators; those of different products stand in one row when they mean the same."""
    labels: dict[indicators.Name, str] = {}
    cells: dict[indicators.Name, dict[str, str]] = {}
    for entry in entries:
        for kpi in entry.version.kpis or ():
            text = str(kpi.get("indicator") or "")
            name = indicators.name(fold(text))
            labels.setdefault(name, text)
            value = " ".join(str(kpi[key]) for key in ("ours", "unit") if kpi.get(key))
            row = cells.setdefault(name, {})
            row[entry.code] = f"{row[entry.code]}；{value}" if entry.code in row else value
    return _rows(
        [(labels[name], tuple(row.get(entry.code, "") for entry in entries)) for name, row in cells.items()]
    )


def _rows(named: Sequence[tuple[str, tuple[str, ...]]]) -> list[Row]:
    return [Row(name, tuple(cell or NOT_STATED for cell in cells)) for name, cells in named if any(cells)]


def _facts(entry: CatalogEntry, known: Mapping[NodeKind, Labels]) -> dict[str, str]:
    content, listed = entry.version, in_force(entry)
    device: Mapping[str, Any] = content.device or {}
    findings = {listing.first_on_market for listing in listed} - {None}
    return {
        "型号": content.model or "",
        "品牌": content.brand or "",
        "申报单位": content.organization_name or "",
        "产业领域": known[NodeKind.FIELD].of(content.field) or content.field_text or "",
        "细分类别": content.category or "",
        "所在区": known[NodeKind.DISTRICT].of(content.district) or content.district_text or "",
        "列入名单": "、".join(f"{label(listing.list_code)} {listing.number}" for listing in listed)
        or "目前不在有效名单中",
        "有效期至": "、".join(
            dict.fromkeys(
                listing.valid_until.isoformat() if listing.valid_until else "未设期限" for listing in listed
            )
        ),
        "首次投放市场（列入时的认定）": ("是" if True in findings else "否") if findings else "",
        "国家级目录": "、".join(national.name for national in entry.national_listings),
        "注册证编号": device.get("registration_number") or content.registration_number or "",
        "管理类别": device.get("management_class") or "",
        "注册证有效期至": device.get("valid_until") or "",
        "注册人": device.get("registrant") or "",
        "受托生产企业": device.get("entrusted_maker") or "",
        "适用范围": device.get("scope") or "",
        "UDI-DI": device.get("udi_di") or "",
        "医保耗材编码": device.get("insurance_code") or "",
        "挂网编号": device.get("net_listing_number") or "",
        "可另收费": YES_NO.get(device.get("is_chargeable"), ""),
        "配置许可类别": device.get("equipment_permit") or "",
        "产品简介": content.summary or "",
    }
