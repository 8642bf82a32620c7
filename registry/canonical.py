"""The one way in which a record becomes bytes, so that a hash means the same everywhere."""

import hashlib
import json
from datetime import date, datetime
from typing import Any


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("a float has no canonical form; use an integer of a smaller unit or a string")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def canonical(value: Any) -> bytes:
    """Serialize to UTF-8 JSON with sorted keys and no spaces; dates become ISO 8601 strings.

    Raises:
        TypeError: the value holds a float or something JSON does not know.
    """
    text = json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def digest(value: Any) -> str:
    """Return the SHA-256 of `canonical(value)` in lower-case hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()
