"""Units: makers and buyers alike, with the history of their names."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base


class Organization(Base):
    """A unit; the same one may make products and buy them."""

    __tablename__ = "organization"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str | None] = mapped_column(String(80))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    district: Mapped[str | None] = mapped_column(String(12))
    special_area: Mapped[str | None] = mapped_column(String(20))
    legal_representative: Mapped[str | None] = mapped_column(String(60))
    verified_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column()

    names: Mapped[list["OrganizationName"]] = relationship(
        back_populates="organization", lazy="raise", order_by="OrganizationName.id"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy


class OrganizationName(Base):
    """A name that a unit bore; search finds products under the old ones too."""

    __tablename__ = "organization_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]

    organization: Mapped[Organization] = relationship(back_populates="names", lazy="raise")
