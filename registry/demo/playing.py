"""The play up to acceptance: units, rounds, drafts, submissions and formal review, each by its service."""

from collections.abc import Iterator
from datetime import datetime, time
from functools import partial

from sqlalchemy.orm import Session

from registry import applications, clock, formal_review, hooks, questions, rounds
from registry.demo import plan, stage
from registry.demo.codes import credit_code
from registry.demo.papers import typed, uploads
from registry.demo.plan import Fate, Product, Round
from registry.demo.stage import Stage, each, person
from registry.formal_review import Judgement, RefusalReason, correcting, looking
from registry.hooks import Context, DemoRequest, Step
from registry.models import Application, CallRound, CheckVerdict, Role, User
from registry.rounds.running import SETTLED

FIRM_SERIALS = 80_001  # of the credit codes, apart from those of the catalog's makers and buyers
DISTRICTS = ("310115", "310112", "310114", "310104", "310120", "310117", "310110", "310116")
OPENS, ENDS = time(9), time(17)  # Beijing
TEXT = (
    "一、申报对象：在本市登记、无严重失信记录的企事业单位（示例）。\n"
    "二、申报条件：产品拥有自主知识产权，技术先进，质量可靠，已经或者即将投放市场。\n"
    "三、申报方式：登录本系统在线填写，由签署人提交。\n"
    "本通知为演示内容，不是真实的申报通知。"
)
FAULT = "检测报告所载型号与填写的型号不一致，请更正型号或者补交报告。"
FAULTY = "models"
"""The question in which the examiner finds a fault."""


def firm(number: int) -> str:
    """Return the log-in that signs for a unit that applies; the first unit's two are the printed ones."""
    return f"firm{number + 1:02}" if number else "signatory"


def drafter(number: int) -> str:
    """Return the log-in that drafts for a unit."""
    return firm(number) if number else "maker"


def steps(context: Context, request: DemoRequest) -> Iterator[Step]:
    """Yield the registry's part."""
    play = _Play(Stage(context, request))
    yield Step(min(call.on(plan.CREATED) for call in play.stage.rounds), play.move_in)
    yield from play.stage.steps(
        (plan.CREATED, play.create),
        (plan.ANNOUNCED, play.announce),
        (plan.OPENED, play.turn),
        (plan.EXTENDED, play.extend),
        (plan.CLOSED, play.turn),
        (plan.EXAMINED, play.examine),
        (plan.CONFIRMED, play.confirm),
        (plan.RECONSIDERED, play.reconsider),
        (plan.ANSWERED, play.answer),
        (plan.EXAMINED_AGAIN, play.examine_again),
        (plan.EXAMINED_LATE, play.examine_late),
        (plan.LAPSED, play.turn),
        (plan.GIVEN_UP, play.give_up),
        (plan.ARCHIVED, play.archive),
    )
    for call in play.stage.rounds:
        for product in call.products:
            yield from play.apply(call, product)


class _Play:
    """The registry's part, act by act."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def move_in(self) -> None:
        """Open the units that apply, each with an account that drafts and signs."""
        both = (Role.APPLICANT_OPERATOR, Role.APPLICANT_SIGNATORY)
        with self.stage.session() as session:
            people = []
            for number in range(1, plan.UNITS):
                name = plan.unit_name(number)
                unit = stage.found_unit(
                    session, name=name, credit_code=credit_code(FIRM_SERIALS + number),
                    district=DISTRICTS[number % len(DISTRICTS)],
                )  # fmt: skip
                people.append((firm(number), f"{name[:4]}签署人", unit, both))
            stage.open_accounts(session, people)

    # --- the round ------------------------------------------------------------------------------------------------

    def create(self, planned: Round) -> None:
        """Prepare a round; one that is to be extended ends earlier at first."""
        end = plan.FIRST_END if planned.of(Fate.RETURNED) and planned.of(Fate.UNANSWERED) else plan.END
        with self.stage.session() as session:
            rounds.create(
                session, person(session, "lead"),
                plan=rounds.Plan(
                    year=planned.opens_on.year, batch=planned.batch, title=planned.title, lists=planned.lists, text=TEXT,
                    opens_at=_at(planned, plan.OPENED, OPENS), closes_at=_at(planned, end, ENDS),
                    reference_on=planned.on(plan.END),
                ),
            )  # fmt: skip

    def announce(self, planned: Round) -> None:
        """Publish the call."""
        with self.stage.session() as session:
            rounds.announce(session, _call(session, planned), person(session, "lead"))

    def turn(self, _planned: Round) -> None:
        """Let the clocks do what falls due: open, close, let lapse."""
        rounds.turn(self.stage.context)
        formal_review.work.turn(self.stage.context)

    def extend(self, planned: Round) -> None:
        """Give the units of a round a few more days, where it ends early."""
        end = _at(planned, plan.END, ENDS)
        with self.stage.session() as session:
            call = _call(session, planned)
            if call.closes_at < end:
                rounds.extend(
                    session,
                    call,
                    person(session, "lead"),
                    closes_at=end,
                    reason="部分单位的检测报告正在出具（示例）",
                )

    def archive(self, planned: Round) -> None:
        """Put a round away in which nothing waits for anybody."""
        with self.stage.session() as session:
            call = _call(session, planned)
            if not any(one.state not in SETTLED for one in each(session, planned.products)):
                rounds.archive(session, call, person(session, "lead"))

    # --- the applicants -------------------------------------------------------------------------------------------

    def apply(self, call: Round, product: Product) -> Iterator[Step]:
        """Yield what the unit of a product does until the close."""
        yield from self.stage.step(call, product.submitted - 1, partial(self.draft, call, product))
        if product.fate is Fate.LEFT:
            return
        yield from self.stage.step(call, product.submitted, partial(self.submit, product))
        after = {
            Fate.RETURNED: (self.take_back, self.submit),
            Fate.WITHDRAWN: (self.withdraw,),
            Fate.EARLY: (self.begin_early,),
        }
        for day, act in enumerate(after.get(product.fate, ()), product.submitted + 1):
            yield from self.stage.step(call, day, partial(act, product))

    def draft(self, call: Round, product: Product) -> None:
        """Draft an application: type everything, upload the files."""
        with self.stage.session() as session:
            actor = person(session, drafter(product.unit))
            made = applications.create(
                session, _call(session, call), actor, list_code=product.list_code, product_name=product.name
            )
            application = applications.held(session, made.id)
            asked = questions.questions(product.list_code)
            applications.save_draft(
                session,
                application,
                actor,
                typed=typed(product),
                remembered=questions.seen(application.draft, asked),
            )
            by_key = questions.by_key()
            for key, name, content in uploads(product):
                applications.attach(
                    session,
                    self.stage.files,
                    application,
                    actor,
                    question=by_key[key],
                    name=name,
                    content=content,
                )

    def submit(self, product: Product) -> None:
        """Sign and submit."""
        with self.stage.session() as session:
            for application in each(session, [product]):
                applications.submit(
                    session, application, person(session, firm(product.unit)), commitment=True
                )

    def take_back(self, product: Product) -> None:
        """Take a submission back into the draft."""
        with self.stage.session() as session:
            for application in each(session, [product]):
                applications.return_to_draft(session, application, person(session, firm(product.unit)))

    def withdraw(self, product: Product) -> None:
        """Withdraw for good."""
        with self.stage.session() as session:
            for application in each(session, [product]):
                applications.withdraw(
                    session,
                    application,
                    person(session, firm(product.unit)),
                    reason="产品改型，下一批次再申报",
                )

    def give_up(self, planned: Round) -> None:
        """Withdraw what was scored already."""
        for product in planned.of(Fate.GIVEN_UP):
            self.withdraw(product)

    def begin_early(self, product: Product) -> None:
        """Open a submission before the close."""
        with self.stage.session() as session:
            for application in each(session, [product]):
                formal_review.begin(session, application, person(session, "reviewer"))

    # --- formal review --------------------------------------------------------------------------------------------

    def examine(self, planned: Round) -> None:
        """Examine what was submitted: accept it, ask for a correction, or propose not to accept it."""
        with self.stage.session() as session:
            actor = person(session, "reviewer")
            for product in planned.without(Fate.LEFT, Fate.WITHDRAWN, Fate.LATE):
                self._examine(session, actor, product)

    def examine_late(self, planned: Round) -> None:
        """Examine what had to wait."""
        with self.stage.session() as session:
            for product in planned.of(Fate.LATE):
                self._examine(session, person(session, "reviewer"), product)

    def _examine(self, session: Session, actor: User, product: Product) -> None:
        (application,) = each(session, [product])
        if application.opened_at is None:
            formal_review.begin(session, application, actor)
        is_faulty = product.fate in (Fate.CORRECTED, Fate.UNANSWERED, Fate.REFUSED, Fate.RECONSIDERED)
        _judge(session, application, actor, fault=FAULTY if is_faulty else None)
        if product.fate in (Fate.CORRECTED, Fate.UNANSWERED):
            formal_review.require_correction(session, application, actor)
        elif is_faulty:
            formal_review.propose_refusal(
                session, application, actor, code=RefusalReason.PRODUCT_NOT_ELIGIBLE,
                reason="所报型号没有检测报告支持，不符合申报条件。",
            )  # fmt: skip
        else:
            formal_review.accept(session, application, actor)

    def confirm(self, planned: Round) -> None:
        """Confirm what the examiner proposed."""
        with self.stage.session() as session:
            actor = person(session, "lead")
            for application in each(session, planned.of(Fate.REFUSED, Fate.RECONSIDERED)):
                proposal = formal_review.case(session, actor, application.id).proposal
                if proposal is not None:
                    formal_review.confirm_refusal(session, application, actor, proposal_id=proposal.id)

    def reconsider(self, planned: Round) -> None:
        """Take back into examination what was refused by mistake."""
        with self.stage.session() as session:
            for application in each(session, planned.of(Fate.RECONSIDERED)):
                formal_review.reconsider(
                    session, application, person(session, "lead"), reason="复核查明检测报告附页载有所报型号。"
                )

    def answer(self, planned: Round) -> None:
        """Answer the correction letters."""
        with self.stage.session() as session:
            for product in planned.of(Fate.CORRECTED):
                (application,) = each(session, [product])
                actor = person(session, firm(product.unit))
                applications.save_draft(
                    session, application, actor, typed={FAULTY: f"SL-{product.place + 501}"},
                    remembered=questions.seen(application.draft, [questions.by_key()[FAULTY]]),
                )  # fmt: skip
                letter = formal_review.letters(session, application)[-1]
                formal_review.save_answers(
                    session, application, actor, remembered=correcting.seen(letter),
                    typed={item.id: "已按检测报告更正型号。" for item in letter.items},
                )  # fmt: skip
                formal_review.answer(session, application, actor, commitment=True)

    def examine_again(self, planned: Round) -> None:
        """Accept what was corrected or reconsidered."""
        with self.stage.session() as session:
            actor = person(session, "reviewer")
            for application in each(session, planned.of(Fate.CORRECTED, Fate.RECONSIDERED)):
                _judge(session, application, actor)
                formal_review.accept(session, application, actor)


def _judge(session: Session, application: Application, actor: User, *, fault: str | None = None) -> None:
    rows = looking.items(session, application)
    judgements = {row.key: Judgement(CheckVerdict.PASSED) for row in rows}
    if fault:
        judgements[fault] = Judgement(CheckVerdict.FAILED, FAULT)
    formal_review.judge(session, application, actor, judgements)


def _call(session: Session, planned: Round) -> CallRound:
    return rounds.locked(session, stage.call_of(session, planned).id)


def _at(planned: Round, day: int, hour: time) -> datetime:
    return datetime.combine(planned.on(day), hour, clock.BEIJING)


def _logins(context: Context, _request: DemoRequest) -> None:
    context.say(f"更多演示账号：申报单位 {firm(1)} 至 {firm(plan.UNITS - 1)}（经办并签署）；密码相同。")


hooks.demo_steps.append(steps)
hooks.demo.append(_logins)
