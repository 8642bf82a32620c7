"""Where an application stands as its applicant sees it: stages, and who must act next. Never who reviews."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.models import State


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the way with the states that lie in it."""

    title: str
    states: frozenset[State]


STAGES: Sequence[Stage] = (
    Stage("填报", frozenset({State.DRAFT})),
    Stage(
        "形式审查",
        frozenset({State.SUBMITTED, State.FORMAL_REVIEW, State.CORRECTION_REQUIRED, State.NOT_ACCEPTED}),
    ),
    Stage(
        "评审",
        frozenset({State.ACCEPTED, State.PANEL_READY, State.UNDER_REVIEW, State.SCORED, State.NOT_SELECTED}),
    ),
    Stage("审议", frozenset({State.COMMITTEE_PENDING, State.APPROVED, State.DEFERRED, State.REJECTED})),
    Stage("公示", frozenset({State.IN_NOTICE, State.OBJECTION_HOLD})),
    Stage("入目", frozenset({State.LISTED})),
)
ENDED = frozenset({State.NOT_ACCEPTED, State.NOT_SELECTED, State.REJECTED, State.WITHDRAWN})

NEXT: dict[State, str] = {
    State.DRAFT: "由你单位填写完整，签署人提交。",
    State.SUBMITTED: "由秘书处形式审查。在有人查阅之前、申报截止之前，可以退回草稿修改。",
    State.FORMAL_REVIEW: "由秘书处形式审查；需要补正的，会一次列全。",
    State.CORRECTION_REQUIRED: "由你单位逐项答复补正事项，签署人重新提交。",
    State.NOT_ACCEPTED: "对程序有异议的，可以由签署人在期限内申请复核。",
    State.NOT_SELECTED: "对程序有异议的，可以由签署人在期限内申请复核。",
    State.REJECTED: "对程序有异议的，可以由签署人在期限内申请复核。",
    State.DEFERRED: "由编审委员会在下一次会议或者书面征求意见时再议。",
    State.IN_NOTICE: "公示期满、没有未办结的异议的，由秘书处办理发布。",
    State.OBJECTION_HOLD: "由秘书处核查异议，办结前暂缓发布。",
    State.LISTED: "产品已在目录中，可以出具列入情况证明。",
    State.WITHDRAWN: "本申报已经结束；需要的可以在申报期内重新申报。",
    **dict.fromkeys(
        (State.ACCEPTED, State.PANEL_READY, State.UNDER_REVIEW, State.SCORED), "由秘书处组织评审。"
    ),
    **dict.fromkeys((State.COMMITTEE_PENDING, State.APPROVED), "由编审委员会审议、秘书处安排公示。"),
}


def stage_of(state: State) -> int | None:
    """Return the index of the stage in which a state lies, None for a withdrawn application."""
    return next((index for index, stage in enumerate(STAGES) if state in stage.states), None)
