"""The people of an application's life, and the time that passes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.looking import held
from registry.files import FileStore
from registry.models import Action, Application, PolicyParameter, Role, User
from registry.workflow import SYSTEM
from review.committee.representatives import UNITS
from tests.factories import Make
from tests.review.committee.factories import LEADS, OTHERS

BEGUN = date(2026, 11, 23)  # a Monday
NINE, DAY, MINUTE = time(9), timedelta(days=1), timedelta(minutes=1)
FAULTY = "models"
DEPARTMENTS = (*LEADS, OTHERS[0])
SMALL: dict[str, dict[str, Any]] = {
    "review.panel": {"size": 3, "least": 2, "seats": {"field": 1}},
    "review.aggregation": {"least_valid": 2},
}
"""What makes a panel of the walks smaller than the shipped policy's: a walk passes many of them."""


class Cast:
    """One application after the other of one unit, with everybody who may move it. Time goes on, never back."""

    def __init__(self, session: Session, files: FileStore) -> None:
        """Bring the people in."""
        self.session, self.files, self.make = session, files, Make(session)
        self.on, self.serial = BEGUN, count(1)
        self.experts: list[User] = []
        self.records: dict[str, int] = {}
        self.acts = 0
        self._lessen()
        with clock.standing_at(self.on):
            self.unit = self.make.unit()
            self.signatory = self.make.applicant(self.unit)
            self.reviewer = self.make.user(Role.FORMAL_REVIEWER)
            self.lead = self.make.user(Role.SECRETARIAT_LEAD)
            self.chair = self.make.user(Role.COMMITTEE_CHAIR)
            self.publisher = self.make.user(Role.PUBLISHER)
            self.speakers = {unit: self.make.representative(unit).user for unit in DEPARTMENTS}
            self.strangers = (
                self.make.applicant(), self.make.user(Role.SYS_ADMIN), self.make.user(Role.EXPERT),
            )  # fmt: skip
        self.people = (self.signatory, self.reviewer, self.lead, SYSTEM, self.chair, self.publisher)

    def _lessen(self) -> None:
        """Let panels and committee be small, in the policy that rounds freeze."""
        for row in self.session.scalars(
            select(PolicyParameter).where(PolicyParameter.effective_to.is_(None))
        ):
            if row.key in SMALL:
                row.value = {**row.value, **SMALL[row.key]}
            elif row.key == UNITS:
                row.value = [unit for unit in row.value if unit["unit"] in DEPARTMENTS]

    def begin(self, *, is_good: bool) -> None:
        """Draft the unit's next application in a round of its own; a good one is scored above the line."""
        self.is_good = is_good
        with clock.standing_at(self.on):
            self.application = self.make.application(
                organization=self.unit, answers={"product_name": f"示例产品{next(self.serial)}"}
            )
        self.session.commit()

    def take(self, action: Action) -> None:
        """Make a move through its service, by who may make it, on the application as the database has it."""
        self.ready(action)
        with self.standing():
            getattr(self, action.value)()

    def ready(self, action: Action) -> None:
        """Do what comes before a move, so that nothing but the move itself is left."""
        self.read_again()
        with self.standing():
            getattr(self, f"ready_{action}", lambda: None)()

    def read_again(self) -> Application:
        """Return the application afresh, as a request reads it."""
        self.application = held(self.session, self.application.id)
        return self.application

    def ids(self) -> dict[str, int]:
        """Return the ids of the records in which the application stands now, by the names of their pages."""
        return {"application": self.application.id, "round": self.application.round_id, **self.records}

    @contextmanager
    def standing(self, day: date = BEGUN) -> Iterator[None]:
        """Hold the clock, a minute later than before, on the day reached or on a later one."""
        self.on, self.acts = max(self.on, day), self.acts + 1
        with clock.standing_at(datetime.combine(self.on, NINE, clock.BEIJING) + self.acts * MINUTE):
            yield
