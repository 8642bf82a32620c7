"""Certificates to test with: everything fictitious, everything that a test does not say filled in."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from catalog.certificates import key_files, numbers, wording
from catalog.certificates.face import Face, face
from catalog.certificates.payload import (
    CertificatePayload,
    CertifiedListing,
    CertifiedProduct,
    FirstOnMarket,
    HospitalFacts,
    Issuer,
    NationalList,
    Purpose,
    Registration,
    Unit,
)
from catalog.certificates.pdf import Renderer
from catalog.certificates.wording import Conclusion, Funds, Project, PurchaseObject, Situation
from catalog.models import BuyerNature, CertificateKind
from registry.models import ListCode
from tests.conftest import settings_for

WORDS = wording.shipped()
SHORT_CODE = "ABCDEFGHJKMN"
DEVICE = Registration(
    number="示例械注准20269990000",
    is_device=True,
    management_class="第三类医疗器械",
    valid_until=date(2029, 5, 31),
    udi_di="06900000000018",
    hospital=HospitalFacts(
        scope="适用于人体影像检查，供医疗机构影像诊断使用。",
        registrant="上海示例澄海医疗科技有限公司",
        entrusted_maker=None,
        equipment_permit="乙类大型医用设备",
        net_listing_number=None,
        is_chargeable=None,
    ),
)


def _listing(code: str, **given: Any) -> CertifiedListing:
    """Return a listing of the first batch of 2026."""
    facts: dict[str, Any] = {
        "list": code,
        "list_name": WORDS.lists[ListCode(code)],
        "number": f"{code}-2026-01-0123",
        "year": 2026,
        "batch": 1,
        "document": "示例〔2026〕12号",
        "published_on": date(2026, 5, 1),
        "recognised_on": date(2026, 4, 30),
        "valid_until": date(2029, 4, 30),
    }
    return CertifiedListing(**(facts | given))


def payload_of(
    *,
    nature: BuyerNature | None = None,
    buyer: str = "示例市第九人民医院",
    purpose: str = "影像科设备更新项目，2 台",
    funds: Funds = Funds.STATE_OWNED,
    project: Project = Project.NONE,
    lists: Sequence[str] = ("CX",),
    national: tuple[NationalList, ...] = (),
    device: Registration | None = None,
    demonstration: bool = True,
    product: dict[str, Any] | None = None,
    conclusion: Conclusion | None = None,
    listing: dict[str, Any] | None = None,
    **given: Any,
) -> CertificatePayload:
    """Return a payload as the services freeze it; with `nature` it is for a buyer."""
    situation = Situation(
        buyer=nature,
        funds=funds if nature else None,
        object=PurchaseObject.GOODS if nature else None,
        project=project if nature else None,
        lists=frozenset(ListCode(code) for code in lists),
        national=national,
        registered_device=device is not None,
    )
    conclusion = conclusion or WORDS.conclude(situation)
    if device and conclusion.kind is not CertificateKind.HOSPITAL:
        device = device.model_copy(update={"hospital": None})
    facts: dict[str, Any] = {
        "number": str(numbers.CertificateNumber(2026, conclusion.kind, 123)),
        "kind": conclusion.kind,
        "title": conclusion.title,
        "opening": conclusion.opening,
        "issuer": Issuer(name=WORDS.sentences.demonstration_issuer, is_demonstration=demonstration),
        "issued_on": date(2026, 11, 21),
        "valid_until": date(2027, 2, 19),
        "product": CertifiedProduct(
            **(
                {
                    "code": "P000123",
                    "version": 1,
                    "name": "磁共振成像系统（1.5T，无液氦超导）",
                    "model": "SAMPLE-MR 150X",
                    "field": "高端装备 / 高端医疗",
                    "unit": Unit(name="上海示例澄海医疗科技有限公司", credit_code="91310000MA1SAMP01X"),
                    "registration": device,
                }
                | (product or {})
            )
        ),
        "listings": tuple(_listing(code, **(listing or {})) for code in lists),
        "first_on_market": FirstOnMarket(found=True, as_of=date(2026, 3, 31)),
        "national": national,
        "purpose": Purpose(
            buyer=Unit(name=buyer, credit_code=None),
            nature=nature,
            text=purpose,
            funds=funds,
            object=PurchaseObject.GOODS,
            project=project,
        )
        if nature
        else None,
        "paragraphs": conclusion.paragraphs,
        "limits": WORDS.sentences.limits,
        "seal_statement": WORDS.sentences.unsealed,
    }
    return CertificatePayload(**(facts | given))


def _printed(**given: Any) -> Face:
    """Return the face of a payload."""
    frozen = payload_of(**given)
    return face(
        frozen,
        short_code=SHORT_CODE,
        verify_url=f"http://127.0.0.1:8000/verify/{frozen.number}",
        sentences=WORDS.sentences,
    )


@pytest.fixture
def payload() -> Callable[..., CertificatePayload]:
    """Return a function that makes a payload as the services freeze it."""
    return payload_of


@pytest.fixture
def printed() -> Callable[..., Face]:
    """Return a function that makes a payload and lays it out."""
    return _printed


@pytest.fixture
def listing() -> Callable[..., CertifiedListing]:
    """Return a function that makes a certified listing."""
    return _listing


@pytest.fixture
def device() -> Registration:
    """Return a fictitious registration."""
    return DEVICE


@pytest.fixture(scope="session")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """Return the one renderer of this process."""
    return Renderer(settings_for(tmp_path_factory.mktemp("certificates"), "sqlite://"))


@pytest.fixture
def render(renderer: Renderer) -> Callable[[Face], bytes]:
    """Return a function that renders a face as it is issued, with a QR code of the usual length."""

    def render(face: Face) -> bytes:
        return renderer.render(face, qr=f"{face.verify_url}#{'x' * 184}", attachment=b'{"format":1}')

    return render


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[bytes], Path]:
    """Return a function that writes a PDF for the command-line tools to look at."""

    def save(pdf: bytes) -> Path:
        target = tmp_path / "certificate.pdf"
        target.write_bytes(pdf)
        return target

    return save


@pytest.fixture
def pkcs12_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a PKCS#12 file."""

    def write(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, password: bytes = b"secret") -> Path:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "示例认证机构 签名")])
        certificate = key_files._certificate(name, key, issuer=name, issuer_key=key, days=365, is_root=False)
        encryption = serialization.BestAvailableEncryption(password)
        target = tmp_path / "signer.p12"
        target.write_bytes(
            pkcs12.serialize_key_and_certificates(b"signer", key, certificate, None, encryption)
        )
        return target

    return write
