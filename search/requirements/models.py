"""What a buyer keeps of a match: the table as it was found, with the versions of that day."""

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from search.shelf import Kept


class RequirementMatch(Kept):
    """A table of requirements by products under a name; `content` is never changed, `content_hash` its SHA-256."""

    __tablename__ = "requirement_match"

    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
