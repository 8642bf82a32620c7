"""The people of one application's life, and how each of them makes each move of the table through its service."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.publication import notices, objections, publications, publishing
from catalog.publication.models import NoticeItem, Objection, ObjectionGround, ObjectionKind, ObjectionState
from catalog.publication.notices import Heading
from catalog.publication.objections import Objector
from catalog.publication.publishing import Document
from registry import applications, clock, formal_review, questions, reconsideration, workflow
from registry.applications.looking import held
from registry.files import FileStore
from registry.formal_review import Judgement, RefusalReason, correcting, looking
from registry.models import Action, Application, CheckVerdict, Decision, PolicyParameter, Role, State, User
from registry.workflow import SYSTEM, TRANSITIONS
from review import outcomes, panels, results, seats
from review.committee import ballots, decisions, recalling, sittings
from review.committee.ballots import Answer
from review.committee.models import AgendaItem, Sitting, SittingKind, SittingState, Vote
from review.committee.representatives import UNITS
from review.committee.sittings import Plan
from review.models import Assignment, Expert, Panel, Relation
from tests.factories import Make
from tests.review.committee.factories import LEADS, OTHERS, REPLY

BEGUN = date(2026, 11, 23)  # a Monday
NINE, DAY, MINUTE = time(9), timedelta(days=1), timedelta(minutes=1)
FAULTY = "models"
DEPARTMENTS = (*LEADS, OTHERS[0])
SMALL: dict[str, dict[str, Any]] = {
    "review.panel": {"size": 3, "least": 2, "seats": {"field": 1}},
    "review.aggregation": {"least_valid": 2},
}
"""What makes a panel of the walks smaller than the shipped policy's: a walk passes many of them."""


class Life:
    """One application after the other of one unit, with everybody who may move it. Time goes on, never back."""

    def __init__(self, session: Session, files: FileStore) -> None:
        """Bring the people in."""
        self.session, self.files, self.make = session, files, Make(session)
        self.on, self.serial = BEGUN, count(1)
        self.experts: list[User] = []
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
        self.read_again()
        self.acts += 1
        with clock.standing_at(datetime.combine(self.on, NINE, clock.BEIJING) + self.acts * MINUTE):
            getattr(self, action.value)()

    def read_again(self) -> Application:
        """Return the application afresh, as a request reads it."""
        self.application = held(self.session, self.application.id)
        return self.application

    @contextmanager
    def later(self, day: date) -> Iterator[None]:
        """Let time go on to a day."""
        self.on = max(self.on, day)
        with clock.standing_at(self.on):
            yield

    # --- applicant and formal review ------------------------------------------------------------------------------

    def submit(self) -> None:
        applications.submit(self.session, self.application, self.signatory, commitment=True)

    def return_to_draft(self) -> None:
        applications.return_to_draft(self.session, self.application, self.signatory)

    def withdraw(self) -> None:
        applications.withdraw(self.session, self.application, self.signatory, reason="示例")

    def begin_formal_review(self) -> None:
        formal_review.begin(self.session, self.application, self.reviewer)

    def accept(self) -> None:
        self._judge()
        formal_review.accept(self.session, self.application, self.reviewer)

    def require_correction(self) -> None:
        self._judge(fault=FAULTY)
        formal_review.require_correction(self.session, self.application, self.reviewer)

    def answer_correction(self) -> None:
        applications.save_draft(
            self.session, self.application, self.signatory, typed={FAULTY: f"SL-{next(self.serial)}"},
            remembered=questions.seen(self.application.draft, [questions.by_key()[FAULTY]]),
        )  # fmt: skip
        letter = formal_review.letters(self.session, self.application)[-1]
        formal_review.save_answers(
            self.session, self.application, self.signatory, remembered=correcting.seen(letter),
            typed={item.id: "已更正" for item in letter.items},
        )  # fmt: skip
        formal_review.answer(self.session, self.application, self.signatory, commitment=True)

    def lapse(self) -> None:
        with self.later(self.application.correction_due_on + DAY):
            formal_review.lapse(self.session, self.application)

    def refuse(self) -> None:
        self._judge(fault=FAULTY)
        code = RefusalReason.PRODUCT_NOT_ELIGIBLE
        formal_review.propose_refusal(self.session, self.application, self.reviewer, code=code, reason="示例")
        proposal = workflow.open_proposal(self.session, self.application)
        formal_review.confirm_refusal(self.session, self.application, self.lead, proposal_id=proposal.id)

    def reconsider(self) -> None:
        if self.application.state is not State.NOT_ACCEPTED:
            reconsideration.ask(self.session, self.application, self.signatory, grounds="示例")
        reconsideration.grant(self.session, self.application, self.lead, reason="示例")

    def _judge(self, *, fault: str | None = None) -> None:
        if self.application.opened_at is None:
            formal_review.begin(self.session, self.application, self.reviewer)
        rows = looking.items(self.session, self.application)
        judgements = {row.key: Judgement(CheckVerdict.PASSED) for row in rows}
        if fault:
            judgements[fault] = Judgement(CheckVerdict.FAILED, "示例")
        formal_review.judge(self.session, self.application, self.reviewer, judgements)

    # --- review ---------------------------------------------------------------------------------------------------

    def form_panel(self) -> None:
        """Draw a panel from a pool with new people in it: who sat before is left out."""
        for expert in self.make.experts(technical=4, user=1, finance=1):
            self._keep(expert)
        made = panels.prepare(self.session, self.lead, [self.application])
        self.panel_id = made.id
        panels.draw_lot(self.session, self._panel(), self.lead, public_value=str(next(self.serial)))
        panels.form(self.session, self._panel(), self.lead)

    def begin_review(self) -> None:
        """Let one expert decline, the next of the lot follow, and all declare."""
        first = self._own(self._panel().assignments[0])
        seats.decline(self.session, first, first.expert.user, reason="另有公务")
        self._declare()
        panels.begin(self.session, self._panel(), self.lead)

    def aggregate(self) -> None:
        self._score()
        results.aggregate(self.session, self.application.id, self.lead)

    def refer(self) -> None:
        self._settle()
        if not self.application.is_above_line:
            outcomes.move_below_line(self.session, self.application.id, self.lead, reason="填补国内空白")
        outcomes.refer(self.session, self.application.id, self.lead)

    def not_select(self) -> None:
        self._settle()
        outcomes.not_select(self.session, self.application.id, self.lead, comments="依据不足")

    def recall(self) -> None:
        """Let an expert find out late that there is a conflict, and bring the product back."""
        seat = self._own(results.case(self.session, self.application.id).locked[0])
        seats.recuse(self.session, seat, seat.expert.user, relation=Relation.KIN, reason="亲属任职")
        recalling.recall(self.session, self.application.id, self.lead)

    def _keep(self, expert: Expert) -> Expert:
        """Keep an expert's account in sight with its roles: a session forgets what nobody holds."""
        self.experts.append(expert.user)
        return expert

    def _panel(self) -> Panel:
        return panels.whole(self.session, self.panel_id, lock=True)

    def _own(self, seat: Assignment) -> Assignment:
        return seats.own(self.session, seat.expert.user, seat.id)

    def _declare(self) -> None:
        for seat in results.case(self.session, self.application.id).waiting:
            if seat.declared_at is None:
                seats.declare(self.session, self._own(seat), seat.expert.user)

    def _score(self) -> None:
        for seat in results.case(self.session, self.application.id).waiting:
            self.make.locked_sheet(seat, share="0.8" if self.is_good else "0.6")

    def _settle(self) -> None:
        """Settle what a recall left open: go on with those who remain, or with one appointed by hand."""
        this = results.case(self.session, self.application.id)
        for seat in (left := this.recusals):
            if self.application.panel_size < this.panel.rule["least"]:
                another = self._keep(self.make.expert())
                seats.appoint(
                    self.session, this.panel, self.application, self.lead, expert=another, reason="序列用尽"
                )
            seats.settle(self.session, seat, self.lead, refilling=False, reason="人数符合规定")
        if left:
            self._declare()
            self._score()
            results.aggregate(self.session, self.application.id, self.lead)

    # --- committee ------------------------------------------------------------------------------------------------

    def approve(self) -> None:
        self._decide(Decision.APPROVED, Vote.AGREE)

    def reject(self) -> None:
        self._decide(Decision.REJECTED, Vote.OBJECT)

    def defer(self) -> None:
        self._decide(Decision.DEFERRED, Vote.OBJECT)

    def resume(self) -> None:
        self._sit()

    def _sit(self) -> Sitting:
        """Put the product on an agenda: of a letter and of a meeting in turn."""
        is_letter = next(self.serial) % 2
        made = sittings.prepare(
            self.session, self.lead, self.application.round, application_ids=[self.application.id],
            plan=Plan(SittingKind.OPINION_ROUND, due_on=self.on + 14 * DAY) if is_letter else Plan(
                SittingKind.MEETING, held_at=datetime.combine(self.on + DAY, NINE, clock.BEIJING), place="示例会议室"
            ),
        )  # fmt: skip
        self.session.flush()
        return sittings.locked(self.session, made.id)

    def _decide(self, decision: Decision, vote: Vote) -> None:
        """Call the departments, let all but the last vote, and let the chair decide as the ballots allow."""
        sitting = self._agenda() or self._sit()
        is_letter = sitting.kind is SittingKind.OPINION_ROUND
        if sitting.state is SittingState.PREPARED:
            if is_letter and sitting.due_on <= self.on:
                self.on = sitting.due_on - DAY
            sittings.call_units(self.session, sitting, self.lead)
        if not is_letter:
            vote = Vote.DISAGREE if vote is Vote.OBJECT else vote
            present = {unit.id for unit in sitting.units}
            sittings.begin_voting(
                self.session, sittings.locked(self.session, sitting.id), self.lead, present=present
            )
        reason = "" if vote is Vote.AGREE else "指标没有实测"
        for user in [self.speakers[unit] for unit in DEPARTMENTS[: 3 if is_letter else 4]]:
            held_by_voters = sittings.locked(self.session, sitting.id, shared=True)
            ballots.cast(
                self.session, ballots.voice(self.session, user, held_by_voters), user, files=self.files,
                answers={item.id: Answer(vote, reason) for item in held_by_voters.items},
                reply=REPLY if is_letter else None,
            )  # fmt: skip
        with self.later(sitting.due_on + DAY if is_letter else self.on):
            if is_letter:
                sittings.close_due(self.session)
            else:
                sittings.close(self.session, sittings.locked(self.session, sitting.id), self.lead)
            closed = sittings.locked(self.session, sitting.id)
            decisions.decide(
                self.session, closed, self.chair, item_id=closed.items[0].id, decision=decision,
                reason="" if decision is Decision.APPROVED else "指标没有实测",
            )  # fmt: skip
            decisions.write_minutes(self.session, closed, self.lead, text=decisions.draft_minutes(closed))
            self.session.flush()
            decisions.seal(self.session, sittings.locked(self.session, sitting.id), self.chair)

    def _agenda(self) -> Sitting | None:
        found = self.session.scalar(
            select(AgendaItem.sitting_id).where(
                AgendaItem.application_id == self.application.id, AgendaItem.ended_at.is_(None)
            )
        )
        return None if found is None else sittings.locked(self.session, found)

    # --- notice and publication -----------------------------------------------------------------------------------

    def open_notice(self) -> None:
        call = self.application.round
        words = notices.default_heading(self.session, call)
        heading = Heading(
            words.title, words.opening, "示例受理处", "021-00000000", "示例路1号", words.methods
        )
        made = notices.draft(
            self.session, call, self.publisher, applications=[self.application.id], heading=heading
        )
        notices.open_notice(self.session, notices.find(self.session, made.id, lock=True), self.publisher)

    def hold(self) -> None:
        """Let somebody object, and take the objection up."""
        made, _receipt = objections.file(
            self.session, self._item(), None, files=self.files, kind=ObjectionKind.INDIVIDUAL,
            objector=Objector(name="示例异议人", phone="13900000000"), statement=f"示例事实{next(self.serial)}",
        )  # fmt: skip
        objection = objections.find(self.session, made.id, lock=True)
        objections.admit(self.session, objection, self.lead, gist="反映指标不符")

    def release(self) -> None:
        objections.dismiss(self.session, self._reported(), self.chair, reason="查证不成立")

    def reject_on_objection(self) -> None:
        ground = ObjectionGround.FALSE_MATERIAL
        objections.uphold(self.session, self._reported(), self.chair, reason="查证属实", ground=ground)

    def order_new_panel(self) -> None:
        objections.order_new_panel(self.session, self._reported(), self.chair, reason="须重新评审")

    def list(self) -> None:
        """Draft, check, sign and publish by three persons, on the day after the notice's last."""
        call = self.application.round
        with self.later(self.application.notice_closes_on + DAY):
            made = publications.draft(
                self.session, call, self.publisher, items=[self._item().id], title="示例公告", text="示例正文"
            )
            publications.check(self.session, publications.find(self.session, made.id, lock=True), self.lead)
            publications.sign(self.session, publications.find(self.session, made.id, lock=True), self.chair)
            document = Document("示例发布机关", f"示例文〔2026〕{next(self.serial)}号", self.on)
            signed = publications.find(self.session, made.id, lock=True)
            publishing.publish(self.session, signed, self.publisher, document=document)

    def _item(self) -> NoticeItem:
        found = self.session.scalars(
            select(NoticeItem)
            .where(NoticeItem.application_id == self.application.id)
            .order_by(NoticeItem.id.desc())
        ).first()
        notice = notices.find(self.session, found.notice_id)
        return next(item for item in notice.items if item.id == found.id)

    def _reported(self) -> Objection:
        found = self.session.scalars(
            select(Objection.id)
            .join(NoticeItem, NoticeItem.id == Objection.item_id)
            .where(
                NoticeItem.application_id == self.application.id,
                Objection.state == ObjectionState.INVESTIGATING,
            )
        ).one()
        objection = objections.find(self.session, found, lock=True)
        objections.report(self.session, objection, self.lead, text="已核对原件")
        return objection


def way_to(source: State, action: Action) -> list[Action]:
    """Return the shortest way from a draft to a move, the move included."""
    ways: dict[State, list[Action]] = {State.DRAFT: []}
    waiting = [State.DRAFT]
    for state in waiting:
        for row in TRANSITIONS:
            if row.source is state and row.target not in ways:
                ways[row.target] = [*ways[state], row.action]
                waiting.append(row.target)
    return [*ways[source], action]
