"""Records of synonyms: what staff add to the shipped groups of expressions, and what they take out of use."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models import ProposalState
from registry.models.base import Base
from registry.types import enum_of


class SynonymAct(StrEnum):
    """What a change does to a group."""

    ADD = "add"
    RETIRE = "retire"


class SynonymKind(StrEnum):
    """How the expressions of a group stand to one another."""

    SAME = "same"
    ONE_WAY = "one_way"


class SynonymChange(Base):
    """A group of expressions that one person proposed to add or to retire, and another decided on.

    The groups in force are the shipped ones with all confirmed changes, in the order in which they were confirmed.
    """

    __tablename__ = "synonym_change"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id != proposed_by_id", name="two_persons"),
        CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("state != 'declined' OR answer IS NOT NULL", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[SynonymAct] = mapped_column(enum_of(SynonymAct, "act"))
    kind: Mapped[SynonymKind] = mapped_column(enum_of(SynonymKind, "kind"))
    expressions: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[ProposalState] = mapped_column(enum_of(ProposalState, "state"), index=True)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - read once by SQLAlchemy
