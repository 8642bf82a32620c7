import json

import pytest

from review import panels
from review.models import PanelState


@pytest.fixture
def proof(make):
    return panels.proof(make.panel(state=PanelState.DRAWN))


def test_a_draw_that_holds_is_said_to_hold(app, tmp_path, proof):
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof), "utf-8")

    result = app.test_cli_runner().invoke(args=["review", "verify-draw", str(file)])

    assert (result.exit_code, result.output) == (
        0,
        "the draw holds: 16 in the pool, 7 picked in 1 steps\n",
    )


def test_a_draw_that_was_changed_ends_with_one(app, tmp_path, proof):
    file = tmp_path / "proof.json"
    file.write_text(json.dumps({**proof, "public_value": "1"}), "utf-8")

    result = app.test_cli_runner().invoke(args=["review", "verify-draw", str(file)])

    assert (result.exit_code, result.stderr) == (1, "step 1 picks others\n")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pool": 1}', '{"pool": [1]}', "null"])
def test_what_is_no_proof_is_refused_in_one_sentence(app, tmp_path, content):
    file = tmp_path / "proof.json"
    file.write_text(content, "utf-8")

    result = app.test_cli_runner().invoke(args=["review", "verify-draw", str(file)])

    assert (result.exit_code, result.stderr) == (2, f"FILE: {file} 不是抽取证明。\n")


def test_a_file_that_is_not_there_is_refused(app, tmp_path):
    result = app.test_cli_runner().invoke(args=["review", "verify-draw", str(tmp_path / "absent")])

    assert result.exit_code == 2
    assert "无法读取文件" in result.stderr
