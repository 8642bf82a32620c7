"""Formats of numbers and names that a question may ask for; each check returns the rule that is broken, or None."""

import re
import unicodedata
from collections.abc import Callable, Mapping

PATENT_WEIGHTS = (
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    2,
    3,
    4,
    5,
)  # since October 2003; the old numbers use the first eight
PATENT_TYPES = {
    "invention": "18",
    "utility": "29",
    "design": "3",
}  # 8 and 9: from an international application
DEVICE = re.compile(
    r"(?P<issuer>国|京|津|沪|渝|冀|晋|蒙|辽|吉|黑|苏|浙|皖|闽|赣|鲁|豫|鄂|湘|粤|桂|琼|川|贵|云|藏|陕|甘|青|宁|新|示例)"
    r"械注(?P<form>准|进|许)(?P<year>\d{4})(?P<class>[23])\d{2}\d{4}"
)  # 示例 is no issuer: it marks the made-up numbers of demonstrations


def fold(text: str) -> str:
    """Return a text for comparison: width, case and spaces do not count."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def patent(number: str, kind: str) -> str | None:
    """Check a Chinese patent number, with or without ZL, for its check character and its type.

    `kind` is invention, utility or design. Numbers of before October 2003 have eight digits.
    """
    match = re.fullmatch(r"(?:ZL)?(\d{12}|\d{8})\.?([\dX])", fold(number).upper())
    if match is None:
        return "应形如 ZL201710601862.3"
    digits, check = match.groups()
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, PATENT_WEIGHTS, strict=False)) % 11
    if check != "0123456789X"[remainder]:
        return "校验位不符，请核对每一位"
    if digits[4 if len(digits) == 12 else 2] not in PATENT_TYPES[kind]:
        return "号码中的专利类型与所选类型不符"
    return None


def software_copyright(number: str) -> str | None:
    """Check the registration number of a 软件著作权 (not the number of its certificate)."""
    return (
        None if re.fullmatch(r"\d{4}SR\d{6,7}", fold(number).upper()) else "应形如 2023SR0123456，不是证书号"
    )


def device_registration(number: str) -> str | None:
    """Check a 医疗器械注册证 number for its shape, and issuer and class against each other."""
    match = DEVICE.fullmatch(unicodedata.normalize("NFKC", number).strip())
    if match is None:
        return "应形如 沪械注准20262010001"
    if match["form"] == "准" and match["issuer"] != "示例":
        wanted = "3" if match["issuer"] == "国" else "2"
        if match["class"] != wanted:
            return "核发部门与管理类别不符"
    return None


def phone(number: str) -> str | None:
    """Check a mobile or fixed-line number of the mainland."""
    digits = re.sub(r"[\s\-—()（）+]", "", unicodedata.normalize("NFKC", number))
    return (
        None
        if re.fullmatch(r"(86)?1\d{10}|0\d{9,11}(\d{1,5})?", digits)
        else "应为手机号，或者带区号的固定电话"
    )


def industry(code: str) -> str | None:
    """Check the shape of a class of GB/T 4754-2017."""
    return (
        None if re.fullmatch(r"[A-Ta-t]\d{2,4}", code.strip()) else "应为门类字母加 2 至 4 位数字，如 C3491"
    )


def plain_name(name: str) -> str | None:
    """Refuse names that stand for more than one product."""
    return "不得使用“系列”“等”，请写具体的名称" if re.search(r"系列|等$|等(型号|规格|产品)", name) else None


FORMATS: Mapping[str, Callable[[str], str | None]] = {
    "software_copyright": software_copyright,
    "phone": phone,
    "industry": industry,
    "plain_name": plain_name,
}
