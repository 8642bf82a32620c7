import re

import pytest
from sqlalchemy import select

from registry.models import Role
from review.models import Expert
from tests.review.views.reading import refusals, text

OFFICE = "/office/review/"


# --- the pool ---------------------------------------------------------------------------------------------------------


def test_an_account_with_the_role_is_taken_into_the_pool_once(client, lead, make, session):
    user = make.user(Role.EXPERT, display_name="示例专家")
    session.commit()
    form = {"login": user.username, "kind": "technical", "institution": "示例研究所", "fields": ["IC", "AI"]}

    assert client.post("/office/experts/new", data=form).status_code == 302
    again = client.post("/office/experts/new", data=form)

    assert (again.status_code, refusals(again)) == (422, ["账号：已在专家库中。"])
    assert session.scalars(select(Expert.fields)).all() == [["AI", "IC"]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"login": "nobody"}, "账号：没有这个账号，或者它还没有被授予评审专家角色。"),
        ({"institution": " "}, "工作单位：必填。"),
        ({"kind": "wizard"}, "类别：请从列表中选择。"),
        ({"fields": ["ZZ"]}, "评审领域：请从列表中选择。"),
    ],
)
def test_an_expert_with_a_wrong_value_is_refused(client, lead, make, session, change, sentence):
    user = make.user(Role.EXPERT)
    session.commit()
    form = {"login": user.username, "kind": "technical", "institution": "示例研究所", **change}

    answer = client.post("/office/experts/new", data=form)

    assert (answer.status_code, refusals(answer)) == (422, [sentence])


def test_two_who_change_an_expert_at_once_do_not_overwrite_each_other(client, lead, make, session):
    expert = make.expert()
    session.commit()
    address = f"/office/experts/{expert.id}"
    version = re.search(r'name="version" type="hidden" value="(\d+)"', text(client.get(address))).group(1)
    form = {"kind": "user", "institution": "示例医院", "version": version}

    assert client.post(address, data=form).location == address
    assert client.post(address, data=form).status_code == 409


def test_an_expert_declares_and_ends_a_tie(browser, make, session):
    expert = make.expert()
    session.commit()
    mine = browser(expert.user)
    form = {"name": "示例甲有限公司", "relation": "shareholder", "from_on": "2024-03-01", "until_on": ""}

    assert mine.post("/review/profile", data=form).location == "/review/profile"
    wrong = mine.post("/review/profile", data={**form, "until_on": "2023-01-01"})
    assert (wrong.status_code, refusals(wrong)) == (422, ["止：不得早于起。"])
    tie = re.search(r"/review/profile/affiliations/(\d+)/end", text(mine.get("/review/profile"))).group(1)
    end = f"/review/profile/affiliations/{tie}/end"
    assert mine.post(end, data={"until_on": "2023-01-01"}).status_code == 422
    assert mine.post(end, data={"until_on": "2026-01-31"}).location == "/review/profile"
    assert mine.post(end, data={"until_on": "2026-01-31"}).status_code == 409


def test_an_expert_cannot_end_another_s_tie(browser, make, session):
    mine, other = make.expert(), make.expert()
    session.commit()
    theirs = browser(other.user)
    theirs.post("/review/profile", data={"name": "示例甲有限公司", "relation": "kin"})
    tie = re.search(r"affiliations/(\d+)/end", text(theirs.get("/review/profile"))).group(1)

    answer = browser(mine.user).post(
        f"/review/profile/affiliations/{tie}/end", data={"until_on": "2026-01-31"}
    )

    assert answer.status_code == 404
