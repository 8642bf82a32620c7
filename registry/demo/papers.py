"""What a unit of the demonstration types into its application, and the files that it uploads."""

import struct
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from registry import clock
from registry.demo.plan import Product
from registry.models import ListCode

PICTURE = "pictures"
NO_LICENCE = "none"
DEVICE = "device_registration"
_SIDE = (320, 200)  # pixels

_TRACK: Mapping[ListCode, Mapping[str, str]] = {
    ListCode.CX: {},
    ListCode.TZ: {
        "equipment_class": "machine", "tier": "domestic", "unit_serial": "SL-0001", "price_per_set": "6800000",
        "localisation": "92.5", "running_hours": "2600",
    },
    ListCode.PC: {
        "material_class": "composite", "grade": "SL-T800", "form": "卷", "batch_number": "SL-B01",
        "batch_quantity": "12 吨", "downstream_part": "示例结构件",
    },
    ListCode.RJ: {
        "version": "V1.0", "copyright_number": "2025SR9990001", "self_written": "86",
        "platform": "示例处理器，示例操作系统，示例数据库",
    },
}  # fmt: skip


def typed(product: Product) -> dict[str, Any]:
    """Return everything that is typed into the form of a product."""
    today, facts = clock.today(), product.facts
    indicator, unit, ours, best = facts["indicator"]
    licence = facts.get("licence")
    is_software = product.list_code is ListCode.RJ
    answers: dict[str, Any] = {
        "unit_kind": "enterprise",
        "founded_on": "2012-06-01",
        "legal_representative": "示例甲",
        "contact_name": "示例乙",
        "contact_phone": "021-00000000",
        "employees": str(60 + product.place),
        "revenue": str(48_000_000 + 1_000_000 * product.place),
        "research_spending": str(5_200_000 + 90_000 * product.place),
        "marks": ["high_tech"],
        "good_credit": "yes",
        "product_name": product.name,
        "brand": "示例",
        "models": f"SL-{product.place + 101}",
        "field": product.field,
        "leaf": facts["leaf"],
        "summary": facts["summary"],
        "innovation_points": "结构与现有产品不同\n关键工艺自主掌握\n核心指标经第三方检测",
        "kpis": [
            {
                "indicator": indicator,
                "unit": unit,
                "ours": ours,
                "domestic_best": best,
                "source": "示例检测报告",
            }
        ],
        "technology_level": "domestic_leading",
        "readiness": "8",
        "is_green": "yes" if product.place % 3 else "no",
        "is_digital": "yes" if is_software or product.place % 2 else "no",
        "rights": [_right(product, is_software=is_software)],
        "licence_kind": DEVICE if licence else NO_LICENCE,
        "is_sold": "yes",
        "first_sale_on": (today - timedelta(days=150 + product.place)).isoformat(),
        "contracts": [
            {
                "buyer": "示例采购单位",
                "amount": str(900_000 + 10_000 * product.place),
                "signed_on": (today - timedelta(days=150 + product.place)).isoformat(),
            }
        ],
        **_TRACK[product.list_code],
    }
    if is_software:
        answers["copyright_name"] = product.name
    if licence:
        answers |= {
            "licence_number": licence,
            "licence_valid_until": (today + timedelta(days=900)).isoformat(),
            "management_class": "2",
        }
    return answers


def _right(product: Product, *, is_software: bool) -> dict[str, str]:
    granted_on = clock.today() - timedelta(days=200 + product.place)
    if is_software:
        kind, number = "software", f"{granted_on.year}SR999{product.place:04}"
    else:
        digits = f"{granted_on.year - 2}1999{product.place:04}"
        weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
        total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
        kind, number = "invention", f"ZL{digits}.{'0123456789X'[total % 11]}"
    return {
        "kind": kind,
        "number": number,
        "title": product.name,
        "owner": "示例申报单位",
        "granted_on": granted_on.isoformat(),
    }


def uploads(product: Product) -> list[tuple[str, str, bytes]]:
    """Return question, name and content of the files of a product."""
    proof = _proof()
    files = [
        ("business_licence", "示例营业执照.pdf", proof),
        ("right_proofs", "示例权利证明.pdf", proof),
        ("test_reports", "示例检测报告.pdf", proof),
        (PICTURE, "示例产品照片.png", _picture(product.place)),
    ]
    return [*files, ("licence_proofs", "示例注册证.pdf", proof)] if "licence" in product.facts else files


def _picture(number: int) -> bytes:
    """Return a picture of one colour, one of a few."""
    width, height = _SIDE
    row = b"\x00" + bytes((60 + number % 4 * 40, 120, 200 - number % 4 * 30)) * width

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(row * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _proof() -> bytes:
    """Return an empty page."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start, count = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
