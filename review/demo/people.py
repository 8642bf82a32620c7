"""Sixty experts who do not exist, and somebody who speaks for each department."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy.orm import Session

from registry import accounts, clock, hooks, policy
from registry.demo import plan, stage
from registry.demo.stage import Stage, person
from registry.hooks import Context, DemoRequest, Step
from registry.models import Role, User
from review import experts
from review.committee import representatives
from review.models import ExpertKind, Relation

EXPERTS = {ExpertKind.TECHNICAL: 44, ExpertKind.USER: 8, ExpertKind.FINANCE: 8}
FIELDS = ("AI", "AM", "DE", "EI", "HE", "LH")
NAMES = "甲乙丙丁戊己庚辛壬癸"
TITLES = ("教授级高工", "研究员", "教授", "高级工程师")


def expert_name(number: int) -> str:
    """Return the log-in of an expert; the first is the printed one."""
    return f"expert{number + 1:02}" if number else "expert"


def member_name(number: int) -> str:
    """Return the log-in of who speaks for the n-th department; the first is the printed one."""
    return f"member{number + 1:02}" if number else "member"


def account(session: Session, user_id: int) -> User:
    """Return an account with its roles."""
    user = accounts.find(session, user_id)
    if user is None:
        raise LookupError(user_id)
    return user


def steps(context: Context, request: DemoRequest) -> Iterator[Step]:
    """Yield the day on which they come."""
    stage_ = Stage(context, request)
    yield Step(min(call.on(plan.CREATED) for call in stage_.rounds), partial(move_in, stage_))


def move_in(playing: Stage) -> None:
    """Take sixty experts into the pool and let somebody speak for every department."""
    kinds = [kind for kind, count in EXPERTS.items() for _ in range(count)]
    with playing.session() as session:
        lead = person(session, "lead")
        departments = [row["unit"] for row in policy.value(session, representatives.UNITS)]
        stage.open_accounts(
            session,
            [
                *((expert_name(number), f"示例专家{_name(number)}", None, (Role.EXPERT,)) for number in range(1, len(kinds))),
                *(
                    (member_name(number), f"示例委员{_name(number)}", None, (Role.COMMITTEE_MEMBER,))
                    for number in range(1, len(departments))
                ),
            ],
        )  # fmt: skip
        for number, kind in enumerate(kinds):
            experts.register(
                session, lead, login=expert_name(number), kind=kind, institution=f"示例研究机构第{number + 1}室",
                title=TITLES[number % len(TITLES)],
                fields=[FIELDS[number % len(FIELDS)], FIELDS[(number + 1 + number // len(FIELDS)) % len(FIELDS)]],
            )  # fmt: skip
        session.flush()
        expert = experts.of_user(session, person(session, expert_name(1)))
        experts.affiliate(
            session, expert, person(session, expert_name(1)), name=plan.unit_name(1), relation=Relation.OFFICE,
            from_on=clock.today(), until_on=None,
        )  # fmt: skip
        for number, unit in enumerate(departments):
            user = person(session, member_name(number))
            representatives.appoint(session, lead, user_id=user.id, unit=unit, from_on=clock.today())


def _name(number: int) -> str:
    return NAMES[number // len(NAMES)] + NAMES[number % len(NAMES)]


def _logins(context: Context, _request: DemoRequest) -> None:
    with context.database.reading() as session:
        members = len(representatives.departments(session))
    count = sum(EXPERTS.values())
    context.say(
        f"评审专家 {expert_name(1)} 至 {expert_name(count - 1)}；委员单位代表 {member_name(1)} 至 {member_name(members - 1)}。"
    )


hooks.demo_steps.append(steps)
hooks.demo.append(_logins)
