"""What is put aside: by whom, how much, and nothing that one may not see."""

import pytest
from sqlalchemy import select

from catalog import visibility
from catalog.shortlists import queries, services
from registry.errors import NotAllowedError, NotFoundError, RuleError
from registry.models import PolicyParameter, PublicationScope, Role


@pytest.fixture
def operator(make):
    """Return an account that buys for a verified unit."""
    return make.user(Role.BUYER_OPERATOR, organization=make.buyer().organization)


@pytest.fixture
def product(make):
    """Return a function that lists a product and returns its code."""

    def product(**content):
        entry = make.entry(**content)
        make.listing(entry)
        return entry.code

    return product


def kept(session, user):
    """Return the codes on a shortlist."""
    return [
        entry.code
        for entry in session.scalars(queries.shortlisted(user.id, visibility.scopes(session, user)))
    ]


def test_a_product_is_put_aside_once_and_taken_away(session, operator, product):
    first, second = product(), product()

    assert services.add(session, operator, codes=[first.lower(), first, second]) == 2
    assert services.add(session, operator, codes=[first]) == 0
    assert kept(session, operator) == [first, second]

    services.remove(session, operator, codes=[first, "P999999", "\x00"])
    assert kept(session, operator) == [second]


def test_everybody_has_a_list_of_his_own(session, operator, product, make):
    services.add(session, operator, codes=[product()])

    assert kept(session, make.user(Role.BUYER_OPERATOR, organization=operator.organization)) == []


@pytest.mark.parametrize("code", ["P999999", "示例", "P" * 500])
def test_a_product_that_is_none_is_not_found(session, operator, code):
    with pytest.raises(NotFoundError, match="没有找到产品"):
        services.add(session, operator, codes=[code])


def test_a_product_that_one_may_not_see_is_not_found_and_a_hidden_one_is_not_shown(
    session, operator, product, make
):
    hidden = product(scope=PublicationScope.NOT_PUBLISHED)
    restricted = product(scope=PublicationScope.VERIFIED_BUYERS)

    with pytest.raises(NotFoundError):
        services.add(session, operator, codes=[hidden])
    assert services.add(session, operator, codes=[restricted]) == 1
    with pytest.raises(NotFoundError):
        services.add(session, make.user(Role.BUYER_OPERATOR), codes=[restricted])


def test_a_list_does_not_grow_longer_than_policy_allows(session, operator, product):
    session.scalars(select(PolicyParameter).where(PolicyParameter.key == services.MOST)).one().value = 2
    session.flush()
    services.add(session, operator, codes=[product()])

    with pytest.raises(RuleError, match="最多 2 个产品，加上所选的共 3 个"):
        services.add(session, operator, codes=[product(), product()])
    with pytest.raises(RuleError, match="一次最多选择 2 个产品，现选择了 3 个"):
        services.add(session, operator, codes=[product(), product(), product()])


def test_nothing_chosen_is_told(session, operator):
    with pytest.raises(RuleError, match="请先选择产品"):
        services.add(session, operator, codes=[" "])


def test_who_does_not_buy_keeps_no_list(session, make, product):
    with pytest.raises(NotAllowedError):
        services.add(session, make.user(Role.APPLICANT_OPERATOR), codes=[product()])
