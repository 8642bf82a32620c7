"""The record of what is put aside."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base


class ShortlistItem(Base):
    """A product on an account's shortlist."""

    __tablename__ = "shortlist_item"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), primary_key=True, index=True)
    added_at: Mapped[datetime]
