"""Who acted on an application, and as what: nobody acts in two capacities on one."""

from sqlalchemy.orm import Session

from registry import clock
from registry.errors import NotAllowedError
from registry.models import Application, Capacity, Participation, User
from registry.terms import label


def take_part(session: Session, application: Application, user: User, capacity: Capacity) -> None:
    """Note that somebody acts on an application; a second time in the same capacity changes nothing.

    Raises:
        NotAllowedError: the person acted on it in another capacity before.
    """
    known = session.get(Participation, (application.id, user.id))
    if known is None:
        session.add(
            Participation(
                application_id=application.id, user_id=user.id, capacity=capacity, since=clock.now()
            )
        )
        session.flush()  # the primary key refuses a second capacity that comes at the same moment
    elif known.capacity is not capacity:
        raise NotAllowedError(
            f"您已作为{label(known.capacity)}参与过这项申报，不得再作为{label(capacity)}办理。",
            parameter="capacity",
        )
