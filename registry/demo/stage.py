"""What every part of the play needs: the database, the people by their log-ins, a round and its applications."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import accounts, applications, clock, trail
from registry.demo import plan
from registry.demo.plan import Fate, Product, Round
from registry.files import FileStore
from registry.hooks import Context, DemoRequest, Step
from registry.models import Application, CallRound, Organization, Role, User

Act = Callable[[Round], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """The demonstration that is being played. Everybody has the password that the first accounts have."""

    context: Context
    request: DemoRequest

    @property
    def files(self) -> FileStore:
        """Return where uploads go."""
        return FileStore(self.context.settings.files_dir)

    @property
    def rounds(self) -> list[Round]:
        """Return the rounds of the play."""
        return plan.rounds(self.request.today)

    @property
    def fates(self) -> dict[str, Fate]:
        """Return what becomes of each product, by its name."""
        return {product.name: product.fate for call in self.rounds for product in call.products}

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a transaction."""
        with self.context.database.transaction() as session:
            yield session

    def steps(self, *acts: tuple[int, Act]) -> Iterator[Step]:
        """Yield, for every round, what has happened by the day of the demonstration; each act with its day."""
        for call in self.rounds:
            for day, act in acts:
                yield from self.step(call, day, partial(act, call))

    def step(self, call: Round, day: int, act: Callable[[], None]) -> Iterator[Step]:
        """Yield what happens on a day of a round, nothing where the day is still to come."""
        if call.on(day) <= self.request.today:
            yield Step(call.on(day), act)


def person(session: Session, username: str) -> User:
    """Return the account of a log-in."""
    user = accounts.named(session, username)
    if user is None:
        raise LookupError(username)
    return user


def open_accounts(
    session: Session, people: Iterable[tuple[str, str, Organization | None, Sequence[Role]]]
) -> list[User]:
    """Open accounts of user name, name, unit and roles, with the password of those that stand already."""
    hashed = person(session, "lead").password_hash  # hashing is slow on purpose
    users = []
    for username, name, unit, roles in people:
        user = accounts.create_user(
            session, None, username=username, password=None, display_name=name, organization=unit, roles=roles
        )
        user.password_hash = hashed
        users.append(user)
    return users


def call_of(session: Session, planned: Round) -> CallRound:
    """Return the record of a planned round."""
    return session.scalars(select(CallRound).where(CallRound.title == planned.title)).one()


def each(session: Session, products: Iterable[Product]) -> Iterator[Application]:
    """Yield the applications of planned products, held for changing them."""
    for product in products:
        found = session.scalars(select(Application.id).where(Application.product_name == product.name)).one()
        yield applications.held(session, found)


def ids(session: Session, products: Iterable[Product]) -> list[int]:
    """Return the ids of the applications of planned products."""
    names = [product.name for product in products]
    return list(
        session.scalars(
            select(Application.id).where(Application.product_name.in_(names)).order_by(Application.id)
        )
    )


def found_unit(session: Session, *, name: str, credit_code: str, district: str) -> Organization:
    """Return a new, verified unit."""
    unit = Organization(
        name=name, credit_code=credit_code, district=district, verified_at=clock.now(), created_at=clock.now()
    )
    session.add(unit)
    session.flush()  # accounts point at it
    trail.record(
        session, None, "unit.register", subject="organization", subject_id=unit.id, detail={"name": name}
    )
    return unit
