"""Certificate numbers with check digits, and the short codes that are typed from paper."""

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from catalog.models import CertificateKind

SHORT_CODE_ALPHABET = "ABCDEFGHJKMNPRSTWXYZ"  # no I L O Q U V: they are taken for others when read from paper
SHORT_CODE_LENGTH = 12
SHORT_CODE_GROUP = 4
INPUT_LIMIT = 200  # characters of a typed number or code that are looked at; nobody types more

_DASHES = re.compile(r"[‐-―−﹣_\s-]+")
_NUMBER = re.compile(
    rf"ZM-?(?P<year>\d{{4}})-?(?P<kind>{'|'.join(CertificateKind)})-?(?P<serial>\d{{6,12}})-?(?P<check>\d{{2}})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """A certificate's number; `str()` writes it with its check digits (ISO 7064, MOD 97-10)."""

    year: int
    kind: CertificateKind
    serial: int

    def __str__(self) -> str:
        """Write the number as it is printed, such as `ZM-2026-LR-000123-59`."""
        return f"ZM-{self.year:04}-{self.kind}-{self.serial:06}-{self.check_digits}"

    @property
    def check_digits(self) -> str:
        """Return the two check digits over everything before them."""
        return str(mod_97_10.calc_check_digits(f"ZM{self.year:04}{self.kind}{self.serial:06}"))


def parse(text: str) -> CertificateNumber | None:
    """Read a number as people type it; None when it is none or its check digits are wrong.

    Full-width letters, lower case, spaces and any dash are accepted; hyphens may be missing. A longer serial is read
    with hyphens or without, since the check digits are always the last two.
    """
    match = _NUMBER.fullmatch(_normal(text, joint="-"))
    if match is None or (len(match["serial"]) > 6 and match["serial"].startswith("0")):
        return None
    try:
        mod_97_10.validate(f"ZM{match['year']}{match['kind']}{match['serial']}{match['check']}")
    except ValidationError:
        return None
    return CertificateNumber(int(match["year"]), CertificateKind(match["kind"]), int(match["serial"]))


def looks_like(text: str) -> bool:
    """Return whether a text has the shape of a number, its check digits right or not."""
    return _NUMBER.fullmatch(_normal(text, joint="-")) is not None


def new_short_code() -> str:
    """Draw a short code of twelve letters (about 51 bits) from the system's randomness."""
    return "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(SHORT_CODE_LENGTH))


def grouped(short_code: str) -> str:
    """Write a short code in groups of four, as it is printed."""
    return "-".join(
        short_code[start : start + SHORT_CODE_GROUP] for start in range(0, len(short_code), SHORT_CODE_GROUP)
    )


def normal_short_code(text: str) -> str:
    """Return typed input as upper-case letters without dashes and spaces; it need not be a valid code."""
    return _normal(text, joint="")


def same_short_code(typed: str, stored: str) -> bool:
    """Compare a typed code with the stored one in a time that does not tell how much was right."""
    return hmac.compare_digest(normal_short_code(typed).encode(), stored.encode())


def _normal(text: str, *, joint: str) -> str:
    plain = unicodedata.normalize("NFKC", text[:INPUT_LIMIT]).encode(errors="replace").decode()
    return _DASHES.sub(joint, plain.strip().upper())
