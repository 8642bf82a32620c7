"""What the office may look at again: malformed codes and unknown classes, taken as they stand."""

import re
from collections.abc import Mapping
from typing import Any

from registry.organizations.codes import is_credit_code

HINTS = {
    "credit_code": "统一社会信用代码的格式或校验位不符",
    "registration_number": "注册证号不是已知的格式",
    "field": "产业领域不在现行分类之内",
    "district": "所在区不是本市的区",
}
"""A hint's code, as an entry's version keeps it, and what the office reads."""

_REGION = "[国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新]"
_DRUG = r"[HZSBTJ][CS]?\d{8}"  # how a drug's number ends; no device's does
_REGISTRATIONS = re.compile(
    "|".join(
        (
            rf"{_REGION}械注[准进许]\d{{4}}[23]\d{{2}}\d{{4}}",  # devices of class II and III, from 2014
            rf"{_REGION}\w{{0,3}}械备\d{{8}}号?",  # devices of class I
            rf"{_REGION}食?药?监械[（(][准进许][)）]字\d{{4}}第[123]\d{{6}}号",  # devices, before 2014
            rf"(国药准字|国药证字|国药试字)?{_DRUG}",  # drugs
        )
    )
)


def hints_of(content: Mapping[str, Any]) -> list[str] | None:
    """Return the codes of the hints that an entry's content gives, None when there is none."""
    credit_code, registration = content.get("credit_code"), content.get("registration_number")
    found = [
        name
        for name, is_doubtful in (
            ("credit_code", credit_code and not is_credit_code(credit_code)),
            ("registration_number", registration and not _is_registration(registration)),
            ("field", content.get("field_text") and not content.get("field")),
            ("district", content.get("district_text") and not content.get("district")),
        )
        if is_doubtful
    ]
    return found or None


def names_device(number: str | None) -> bool:
    """Return whether a 注册证号 is, or may be, a medical device's; only those of drugs are known not to be."""
    return any(not re.search(f"{_DRUG}$", part) for part in _parts(number or ""))


def _is_registration(text: str) -> bool:
    return all(map(_REGISTRATIONS.fullmatch, _parts(text)))


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,，;；、/]+", text) if part]
