"""What follows from a score: before the committee, or back to the applicant, who learns why but not by whom."""

from decimal import Decimal

from sqlalchemy.orm import Session

from registry import clock, trail, workflow
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Action, State, User
from registry.permissions import Actor, may, require
from registry.statements import stated
from registry.terms import label
from review import results, scoring, sheets
from review.models import PanelItem, ReviewResult
from review.results import Case

MASK = "××"
COMMENTS_MAX = 10_000


def move_below_line(session: Session, application_id: int, actor: User, *, reason: str) -> None:
    """Put a written motion to bring a product below the line before the committee; it goes among the exceptions.

    Raises:
        StaleError: it is not scored, not below the line, or moved for already.
        RuleError: no reason.
    """
    this = _scored(session, application_id, actor)
    if this.application.is_above_line or this.application.motion_at is not None:
        raise StaleError("这个产品已达入选线，或者已有书面动议。", parameter="state")
    reason = stated(reason, "动议理由", "reason", why="，书面动议将列入例外事项")
    this.application.motion_at = clock.now()
    results.latest(session, application_id).motion = reason
    trail.record(
        session, actor, "review.motion", subject="application", subject_id=application_id,
        detail={"reason": reason},
    )  # fmt: skip


def refer(session: Session, application_id: int, actor: User) -> None:
    """Bring a scored product before the committee.

    Raises:
        StaleError: it is not scored any more.
        RuleError: below the line without a motion, or a recusal is open.
    """
    this = _scored(session, application_id, actor)
    workflow.advance(session, this.application, actor, Action.REFER)
    _end(session, this)


def not_select(session: Session, application_id: int, actor: User, *, comments: str) -> None:
    """Tell the applicant that a product below the line is not selected, with means and comments cleared of names.

    Raises:
        StaleError: it is not scored any more.
        RuleError: above the line, moved for, too long comments, or comments that name an expert.
    """
    this = _scored(session, application_id, actor)
    result = results.latest(session, application_id)
    if this.application.motion_at is not None:
        raise RuleError("这个产品已有书面动议，应提交编审委员会。", parameter="state")
    if len(comments) > COMMENTS_MAX:
        raise RuleError(f"意见：不超过 {COMMENTS_MAX} 个字。", parameter="comments")
    if cleared(comments, this) != comments:
        raise RuleError("意见：含有评审专家的姓名或者工作单位，请隐去后再告知。", parameter="comments")
    result.comments = comments.strip()
    this.application.reason_code = result.failing
    workflow.advance(session, this.application, actor, Action.NOT_SELECT, reason=reason_text(this, result))
    _end(session, this)


def reason_text(this: Case, result: ReviewResult) -> str:
    """Return why a product is not selected, as the letter tells it: reason and rule, no score of anybody."""
    rule = results.rule_of(this)
    return (
        f"{label(result.failing)}。规则：平均分不低于 {rule.pass_mark} 分，"
        f"推荐不少于有效评分表的 {rule.recommend_share:.0%}，且没有被提出同一否决项达 {rule.veto_share:.0%}。"
    )


def draft_comments(session: Session, this: Case) -> str:
    """Return the remarks of the counted sheets, cleared of names, for the secretariat to read over before it tells."""
    rubric = {
        criterion.key: criterion.label for criterion in sheets.rubric(this.panel.round, this.application)
    }
    lines = []
    for sheet in results.counting(session, this):
        lines += [
            f"{rubric[item.criterion]}：{item.reason}"
            for item in sorted(sheet.items, key=lambda item: list(rubric).index(item.criterion))
            if item.reason
        ]
        lines += [f"总体意见：{sheet.comment}"] if sheet.comment else []
    return cleared("\n".join(sorted(set(lines))), this)


def cleared(text: str, this: Case) -> str:
    """Return a text without the names and institutions of the product's experts."""
    for seat in this.seats:
        for name in (seat.expert.user.display_name, seat.expert.institution):
            text = text.replace(name, MASK) if name else text
    return text


def means_of(this: Case, result: ReviewResult) -> list[tuple[str, Decimal, Decimal]]:
    """Return label, mean and maximum of each criterion, in the rubric's order."""
    return [
        (criterion.label, scoring.from_points(result.means[criterion.key]), criterion.weight)
        for criterion in sheets.rubric(this.panel.round, this.application)
    ]


def _scored(session: Session, application_id: int, actor: User) -> Case:
    require(actor, "panel:manage")
    this = results.case(session, application_id, lock=True)
    if this.application.state is not State.SCORED:
        raise StaleError(
            f"申报现处于“{label(this.application.state)}”，请刷新页面查看最新状态。", parameter="state"
        )
    if this.recusals:
        raise RuleError("还有未处理的回避事项，请先处理并重新汇总。", parameter="recusals")
    if not results.is_current(session, this):
        raise RuleError("汇总后有专家回避，请先重新汇总得分。", parameter="sheets")
    return this


def _end(session: Session, this: Case) -> None:
    item = session.get_one(PanelItem, (this.panel.id, this.application.id))
    item.ended_at = clock.now()


def told(session: Session, actor: Actor, application_id: int) -> Case:
    """Return a product that was not selected, for its applicant.

    Raises:
        NotFoundError: there is none, it is another's, or it was not turned away by the review.
    """
    this = results.case(session, application_id)
    if this.application.state is not State.NOT_SELECTED or not may(actor, "result:view", this.application):
        raise NotFoundError("没有可以查看的评审结果。", parameter="application")
    return this
