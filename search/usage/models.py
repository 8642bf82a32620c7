"""Records of searches: counts of texts without anybody's name, and searches that an account keeps."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base
from search.shelf import Kept


class SearchTally(Base):
    """How often a text was searched for on a day, and how often nothing was found; nobody is named."""

    __tablename__ = "search_tally"
    __table_args__ = (CheckConstraint("without_result <= searches", name="searches"),)

    on: Mapped[date] = mapped_column("day", primary_key=True)
    text: Mapped[str] = mapped_column(String(60), primary_key=True)
    searches: Mapped[int]
    without_result: Mapped[int]


class SavedSearch(Kept):
    """A search that an account keeps; `address` is its query string, `checked_at` when it was looked at last."""

    __tablename__ = "saved_search"

    address: Mapped[str] = mapped_column(Text)
    is_told: Mapped[bool]
    checked_at: Mapped[datetime]
