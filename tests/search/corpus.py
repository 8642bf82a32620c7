"""A few thousand made-up products with skewed words, for tests that compare ways of searching."""

from __future__ import annotations

from datetime import date
from random import Random

from search.documents import LISTS, SCOPES, Document, ListedIn

HEADS = (
    "机器人",
    "超声诊断仪",
    "磁共振成像系统",
    "传感器",
    "减速机",
    "变频器",
    "锂电池隔膜",
    "工业软件",
    "质谱仪",
    "内窥镜",
)
TRAITS = (
    "手术",
    "工业",
    "高精度",
    "便携式",
    "智能",
    "低温",
    "数字化",
    "国产",
    "微型",
    "协作",
    "无线",
    "医用",
)
UNITS = ("示例澄海医疗科技", "示例启明自动化", "示例远山材料", "示例临港装备", "示例浦江软件")
SENTENCES = (
    "采用自研芯片，定位精度优于 0.1 mm。",
    "适用于医院影像科，可与 PACS 系统对接。",
    "支持 5G 远程操作，已完成首台（套）验证。",
    "面向锂电池产线，检测速度较上一代提高。",
)


def documents(size: int, seed: int = 7) -> list[Document]:
    """Make products of all scopes and lists; equal arguments make equal products."""
    random = Random(seed)  # noqa: S311 - no secret hangs on test data
    return [_document(random, serial) for serial in range(1, size + 1)]


def _document(random: Random, serial: int) -> Document:
    lists = random.sample(LISTS, k=random.choice((1, 1, 1, 2)))
    return Document(
        code=f"P{serial:06d}",
        name="".join(random.sample(TRAITS, k=random.randint(0, 2))) + random.choice(HEADS),
        source_ref=f"S-{serial}",
        model=random.choice((None, f"X-{random.randint(1, 40) * 50}", f"KL{random.randint(1, 9)}")),
        organization=f"上海{random.choice(UNITS)}有限公司",
        category=random.choice((None, "高端装备 / 机器人", "生命健康 / 医学影像")),
        summary="".join(random.sample(SENTENCES, k=random.randint(0, 3))) or None,
        registration_number=random.choice((None, f"示例械注准2026{serial:06d}")),
        field=random.choice((None, "high_end_equipment", "life_health")),
        district=random.choice((None, "310115", "310104")),
        year=random.choice((None, 2024, 2025, 2026)),
        first_on_market=random.choice((None, True, False)),
        lists=tuple(
            ListedIn(name, f"{name}-2026-01-{serial:04d}", date(2029, 1, 1), "active") for name in lists
        ),
        scope=random.choice((*["public"] * 8, *SCOPES)),
        listed_on=random.choice((None, date(2025, 5, random.randint(1, 28)))),
        revision=serial,
    )
