"""A complete draft for each list, as an applicant would type it."""

from typing import Any

from registry.models import ListCode

_CORE: dict[str, Any] = {
    "unit_kind": "enterprise",
    "founded_on": "2015-06-01",
    "legal_representative": "示例甲",
    "contact_name": "示例乙",
    "contact_phone": "021-00000000",
    "employees": "120",
    "revenue": "58,000,000",
    "research_spending": "6400000.50",
    "marks": ["high_tech"],
    "good_credit": "yes",
    "product_name": "示例光纤陀螺仪",
    "brand": "示例",
    "models": "SL-100\nSL-200",
    "field": "HE",
    "leaf": "HE02",
    "summary": "用于示例设备的姿态测量，闭环光路，温漂小。",
    "innovation_points": "闭环光路\n全数字解调\n小型化封装",
    "kpis": [
        {
            "indicator": "零偏稳定性",
            "unit": "°/h",
            "ours": "0.01",
            "domestic_best": "0.02",
            "source": "检测报告",
        }
    ],
    "technology_level": "domestic_leading",
    "readiness": "8",
    "is_green": "no",
    "is_digital": "yes",
    "rights": [
        {
            "kind": "invention",
            "number": "ZL202419999001.2",
            "title": "一种示例光路",
            "owner": "示例单位",
            "granted_on": "2025-03-04",
        }
    ],
    "licence_kind": "none",
    "is_sold": "yes",
    "first_sale_on": "2026-02-03",
    "contracts": [{"buyer": "示例采购单位", "amount": "1200000", "signed_on": "2026-02-03"}],
}
_TRACK: dict[ListCode, dict[str, Any]] = {
    ListCode.CX: {},
    ListCode.TZ: {
        "equipment_class": "machine",
        "tier": "domestic",
        "unit_serial": "SL-0001",
        "price_per_set": "3000000",
        "localisation": "92.5",
    },
    ListCode.PC: {
        "material_class": "composite",
        "grade": "SL-T800",
        "form": "板材",
        "batch_number": "B-01",
        "batch_quantity": "12 吨",
        "downstream_part": "示例机翼蒙皮",
    },
    ListCode.RJ: {
        "version": "V1.0",
        "copyright_number": "2025SR0999999",
        "copyright_name": "示例光纤陀螺仪",
        "self_written": "85",
        "platform": "示例处理器，示例操作系统",
    },
}
FILE_QUESTIONS = ("business_licence", "right_proofs", "test_reports", "pictures")


def draft(list_code: ListCode = ListCode.CX, **changes: Any) -> dict[str, Any]:
    """Return a complete draft but for its files; None as a value takes an answer out."""
    typed = {**_CORE, **_TRACK[list_code], **changes}
    return {key: value for key, value in typed.items() if value is not None}
