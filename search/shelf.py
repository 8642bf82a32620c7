"""What an account keeps under names of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from registry import policy
from registry.errors import NotFoundError, RuleError
from registry.models import User
from registry.models.base import Base
from registry.permissions import require


class Kept(Base):
    """A record under a name of its account; an account has each name once."""

    __abstract__ = True

    @declared_attr.directive
    def __table_args__(cls) -> tuple[UniqueConstraint, ...]:
        return (UniqueConstraint("user_id", "name"),)  # of each table its own

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]


T = TypeVar("T", bound=Kept)


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """All records of a kind; `noun` is what people call one of them."""

    kind: type[T]
    noun: str
    permission: str

    def of(self, user_id: int) -> Select[T]:
        """Select what an account keeps."""
        return select(self.kind).where(self.kind.user_id == user_id)

    def put(self, session: Session, actor: User, kept: T) -> T:
        """Keep a record that is not in the session yet.

        Raises:
            RuleError: the name is taken, or the account keeps as many as policy allows.
        """
        require(actor, self.permission)
        most = policy.value(session, "search.saved_most")
        held = select(func.count()).select_from(self.kind).where(self.kind.user_id == actor.id)
        if (session.scalar(held) or 0) >= most:
            raise RuleError(
                f"保存{self.noun}：每个账号最多保存 {most} 个，请先删除不用的。", parameter="name"
            )
        try:
            with session.begin_nested():
                session.add(kept)
        except IntegrityError:
            raise RuleError(
                f"名称：您已有名为“{kept.name}”的{self.noun}，请换一个名称。", parameter="name"
            ) from None
        return kept

    def own(self, session: Session, kept_id: int, actor: User) -> T:
        """Return one of the records that an account keeps.

        Raises:
            NotFoundError: the account keeps no such record.
        """
        require(actor, self.permission)
        found = session.scalars(self.of(actor.id).where(self.kind.id == kept_id)).one_or_none()
        if found is None:
            raise NotFoundError(f"没有这个已保存的{self.noun}。", parameter="id")
        return found

    def drop(self, session: Session, kept_id: int, actor: User) -> str:
        """Delete one of the records that an account keeps and return its name.

        Raises:
            NotFoundError: the account keeps no such record.
        """
        found = self.own(session, kept_id, actor)
        session.delete(found)
        return found.name
