"""What tests read from the review's pages and post to them."""

import re

from sqlalchemy import select

from registry.models import Application, User
from review.models import Expert
from review.scoring import rubric_of

REASON = "示例理由" * 5


def text(response):
    return response.get_data(as_text=True)


def refusals(response):
    """Return what the error summary says."""
    return re.findall(r'<li>(?:<a href="#[^"]+">)?([^<]+)(?:</a>)?</li>', text(response))


def state_of(session, application):
    session.expire_all()
    return session.get(Application, application.id).state


def account_of(session, seat):
    return session.scalars(
        select(User).join(Expert, Expert.user_id == User.id).where(Expert.id == seat.expert_id)
    ).one()


def filled(rubric, share="0.8", **values):
    """Return what an expert posts: every criterion of a rubric with a share of its maximum."""
    return {
        **{f"points-{one.key}": f"{float(one.weight) * float(share):g}" for one in rubric_of(rubric)},
        **{f"reason-{one['key']}": REASON for one in rubric},
        "recommends": "yes",
        "version": "",
        "act": "lock",
        **values,
    }
