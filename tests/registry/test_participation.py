import pytest

from registry.errors import NotAllowedError
from registry.models import Capacity, Participation
from registry.participation import take_part


def test_acting_twice_in_one_capacity_is_noted_once(session, make):
    application, user = make.application(), make.user()

    take_part(session, application, user, Capacity.EXPERT)
    take_part(session, application, user, Capacity.EXPERT)

    assert session.query(Participation).count() == 1


def test_acting_in_a_second_capacity_is_refused(session, make):
    application, user = make.application(), make.user()
    take_part(session, application, user, Capacity.FORMAL_REVIEWER)

    with pytest.raises(NotAllowedError, match="已作为形式审查员参与过"):
        take_part(session, application, user, Capacity.EXPERT)
