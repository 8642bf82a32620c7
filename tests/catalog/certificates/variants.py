"""One certificate of each kind as it is issued: real words, a token in the QR code, signed under a key of its own."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from catalog.certificates import files, qr_tokens
from catalog.certificates.face import SCOPE_PRINTED_MAX, Face, face
from catalog.certificates.key_files import KeyPair, make
from catalog.certificates.payload import CertificatePayload, HospitalFacts, NationalList
from catalog.certificates.pdf import Renderer
from catalog.certificates.services import PURPOSE_MAX
from catalog.certificates.signing import PadesSigner, in_memory
from catalog.certificates.wording import Funds, Project
from catalog.models import BuyerNature, KeyUse
from registry.settings import Settings
from tests.catalog.certificates.conftest import DEVICE, SHORT_CODE, WORDS, payload_of
from tests.conftest import settings_for

NATIONAL = NationalList(
    name="示例国家级推广应用指导目录",
    year=2026,
    item="第12项",
    is_proven=True,
    effect_document="示例〔2026〕1号",
)
MACHINE = {
    "name": "五轴联动叶盘加工中心",
    "model": "SAMPLE-5X 800",
    "field": "高端装备 / 智能制造",
    "unit": {"name": "上海示例衡岳机床有限公司", "credit_code": "91310000MA1SAMP02L"},
}
RARE = {
    "name": "㸆烘䶮彩涂层中的𬭚同位素与𫟼含量在线测定仪（含 ±0.5 ℃ 恒温池、Ⅱ 型探头）",
    "model": "SAMPLE-Bh/Ds Ω",
    "field": None,
    "unit": {"name": "上海示例䶮𬭚分析仪器有限公司", "credit_code": None},
}
LONG = {
    "name": "面向城市轨道交通隧道结构长期服役状态感知与评估的分布式光纤应变、温度、振动一体化在线监测预警系统"
    * 4,
    "model": "SAMPLE-DOFS-A/B/C（主机、解调仪、现场采集站）；SAMPLE-DOFS-S1～S16（传感光缆）",
}
FULL = DEVICE.model_copy(
    update={
        "insurance_code": "CDEMO0000000000000000000001",
        "hospital": HospitalFacts(
            scope=(
                "用于符合介入治疗指征的患者的血管内成像、测量与路径规划，不适用于孕妇和植入心脏起搏器的患者；"
                * 5
            )[:SCOPE_PRINTED_MAX],
            registrant="上海示例澄海医疗科技（集团）股份有限公司心血管器械分公司",
            entrusted_maker="上海示例浦江精密医疗器械代工制造有限公司",
            equipment_permit="乙类大型医用设备",
            net_listing_number="示例挂网-2026-000001",
            is_chargeable=True,
        ),
    }
)
"""Everything that can be recorded of a device for hospitals, as long as it is printed."""

UNLISTED = {"document": None, "published_on": None, "recognised_on": None, "valid_until": None}

VARIANTS: dict[str, dict[str, Any]] = {
    "listing": {},
    "listing-four": {"lists": ("CX", "TZ", "PC", "RJ"), "product": MACHINE},
    "listing-long": {"product": LONG},
    "listing-rare": {"product": RARE, "listing": UNLISTED, "first_on_market": None},
    "hospital": {"nature": BuyerNature.PUBLIC_HOSPITAL, "device": DEVICE, "funds": Funds.SELF_RAISED},
    "hospital-fiscal": {"nature": BuyerNature.PUBLIC_HOSPITAL, "device": DEVICE, "funds": Funds.FISCAL},
    "hospital-private": {
        "nature": BuyerNature.PRIVATE_HOSPITAL,
        "device": DEVICE,
        "funds": Funds.SELF_RAISED,
    },
    "hospital-full": {
        "nature": BuyerNature.PUBLIC_HOSPITAL,
        "purpose": ("心血管介入中心设备更新与配套耗材采购项目（第一包），" * 9)[:PURPOSE_MAX],
        "device": FULL,
        "funds": Funds.FISCAL,
        "product": LONG,
        "lists": ("CX", "TZ"),
        "national": (NATIONAL,),
    },
    "soe": {"nature": BuyerNature.CITY_SOE, "buyer": "示例市城市建设集团有限公司", "product": MACHINE},
    "soe-national": {
        "nature": BuyerNature.CENTRAL_SOE,
        "buyer": "中国示例重型装备集团有限公司",
        "product": MACHINE,
        "lists": ("CX", "TZ"),
        "national": (NATIONAL,),
    },
    "project": {
        "nature": BuyerNature.PRIVATE_ENTERPRISE,
        "buyer": "上海示例隧道建设有限公司",
        "purpose": "示例市域铁路工程，3 套",
        "project": Project.MAJOR,
        "product": MACHINE,
    },
    "government": {
        "nature": BuyerNature.GOVERNMENT,
        "buyer": "示例市应急管理局",
        "purpose": "应急装备更新，1 套",
        "funds": Funds.FISCAL,
        "product": MACHINE,
    },
    "university": {
        "nature": BuyerNature.UNIVERSITY,
        "buyer": "示例大学",
        "purpose": "先进制造实训平台，1 台",
        "funds": Funds.SELF_RAISED,
        "product": MACHINE,
    },
    "enterprise": {
        "nature": BuyerNature.PRIVATE_ENTERPRISE,
        "buyer": "上海示例精密制造有限公司",
        "purpose": "生产线扩建，4 台",
        "funds": Funds.SELF_RAISED,
        "product": MACHINE,
    },
}


_data = TemporaryDirectory()  # the renderer reads its fonts from there as long as there is one


@cache
def _deployment() -> tuple[Settings, Renderer, dict[KeyUse, KeyPair]]:
    """Return a demonstration's settings, its renderer and its keys."""
    folder = Path(_data.name)
    settings = settings_for(folder, "sqlite://", keys_dir=folder)
    return settings, Renderer(settings), {use: make(settings, use) for use in KeyUse}


def frozen(name: str) -> CertificatePayload:
    """Return what a variant certifies."""
    return payload_of(**VARIANTS[name])


def face_of(name: str) -> Face:
    """Return a variant as it is printed."""
    payload = frozen(name)
    return face(
        payload,
        short_code=SHORT_CODE,
        verify_url=files.verify_url(_deployment()[0], payload.number),
        sentences=WORDS.sentences,
        signature=WORDS.signature.demonstration,
    )


def qr_of(name: str) -> str:
    """Return what a variant's QR code says."""
    settings, _renderer, keys = _deployment()
    payload = frozen(name)
    return f"{files.verify_url(settings, payload.number)}#{qr_tokens.sign(keys[KeyUse.QR], payload)}"


def qr_key() -> KeyPair:
    """Return the key that signs the codes."""
    return _deployment()[2][KeyUse.QR]


@cache
def signed(name: str) -> bytes:
    """Return a variant's file as it would be stored."""
    _settings, renderer, keys = _deployment()
    rendered = renderer.render(face_of(name), qr=qr_of(name), attachment=files.attachment(frozen(name), None))
    return PadesSigner(in_memory(keys[KeyUse.DOCUMENT]), reason=WORDS.signature.demonstration).sign(rendered)


def picture(content: bytes, target: Path, *, dpi: int) -> Path:
    """Write the first page as a PNG."""
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", "-", target.with_suffix("")],
        input=content,
        check=True,
    )
    return target.with_suffix(".png")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program and return what it said."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def needs(program: str) -> pytest.MarkDecorator:
    """Skip a test where a program is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")
