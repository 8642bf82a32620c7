"""`catalog certify`."""

import io
from datetime import date, timedelta

import pypdf
import pytest

from catalog.certificates import keys
from registry import clock
from registry.models import ListCode

DEVICE = {"registration_number": "示例械注准20269990000", "valid_until": "2029-05-31"}


@pytest.fixture(autouse=True)
def _standing_still():
    with clock.standing_at(date(2026, 11, 21)):
        yield


@pytest.fixture
def certify(app, tmp_path):
    """Return a function that runs the command and returns its result and the page's text."""
    out = tmp_path / "out.pdf"

    def certify(*arguments):
        result = app.test_cli_runner().invoke(
            args=["catalog", "certify", arguments[0], str(out), *arguments[1:]]
        )
        text = pypdf.PdfReader(io.BytesIO(out.read_bytes())).pages[0].extract_text() if out.exists() else ""
        return result, text

    return certify


@pytest.fixture
def entry(session, make):
    """Return a device in two lists."""
    entry = make.entry(name="示例磁共振系统", device=DEVICE)
    make.listing(entry, list_code=ListCode.CX)
    make.listing(entry, list_code=ListCode.TZ)
    session.commit()
    return entry


def test_a_code_names_every_active_listing(certify, entry):
    result, text = certify(entry.code.lower())

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("ZM-2026-LR-000001-31 ")
    assert "CX-2026-01-0001" in text
    assert "TZ-2026-01-0001" in text


def test_a_listing_number_names_that_listing(certify, entry):
    _, text = certify("tz-2026-01-0001")

    assert "TZ-2026-01-0001" in text
    assert "CX-2026-01-0001" not in text


def test_a_buyer_and_a_purpose_make_a_procurement_certificate(certify, entry, make, session):
    buyer = make.buyer()
    session.commit()

    result, text = certify(
        entry.code, "--buyer", str(buyer.id), "--purpose", "影像科设备更新项目", "--funds", "self_raised"
    )

    assert result.stdout.startswith("ZM-2026-YL-000001-")
    assert "采购用途列入情况证明" in text
    assert "影像科设备更新项目" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["P999999"], "CODE: 没有代码或目录编号为 P999999 的产品。"),
        (["CX-2026-01-9999"], "CODE: 没有代码或目录编号为 CX-2026-01-9999 的产品。"),
        (["P000001", "--buyer", "1"], "--purpose: --buyer 与 --purpose 须同时给出。"),
        (["P000001", "--purpose", "用途"], "--buyer: --buyer 与 --purpose 须同时给出。"),
    ],
)
def test_one_sentence_names_the_parameter_when_something_is_wrong(certify, arguments, sentence):
    result, text = certify(*arguments)

    assert (result.exit_code, result.stderr.strip(), text) == (2, sentence, "")


def test_an_unknown_buyer_and_a_folder_that_is_not_there_are_named(app, entry, tmp_path):
    run = app.test_cli_runner().invoke
    unknown = run(args=["catalog", "certify", entry.code, "x.pdf", "--buyer", "99", "--purpose", "用途"])
    folder = run(args=["catalog", "certify", entry.code, str(tmp_path / "none" / "x.pdf")])

    assert (unknown.exit_code, unknown.stderr.strip()) == (2, "--buyer: 没有编号为 99 的采购方。")
    assert folder.exit_code == 2
    assert folder.stderr.startswith("OUT: 无法写入文件")


# --- keys ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(app):
    """Return a function that runs a command."""
    return lambda *arguments: app.test_cli_runner().invoke(args=list(arguments))


def test_keys_are_listed_replaced_and_revoked(run, session, app):
    before = run("catalog", "keys").stdout.splitlines()

    made = run("catalog", "rotate-key", "qr").stdout.strip()
    revoked = run("catalog", "revoke-key", made[:16], "--reason", "示例原因")

    assert len(before) == 2
    assert all(line.endswith(" in use") for line in before)
    assert revoked.stdout.strip() == made
    after = run("catalog", "keys").stdout.splitlines()
    assert after[0].startswith(f"{made} qr until ")
    assert after[0].endswith(" revoked")
    assert sorted(line.rpartition("-")[2][3:] for line in after[1:]) == ["in use", "retired"]


def test_a_key_that_is_not_there_is_named_in_one_sentence(run):
    result = run("catalog", "revoke-key", "zz", "--reason", "示例原因")

    assert (result.exit_code, result.stderr) == (2, "FINGERPRINT: 没有唯一一个指纹以 zz 开头的密钥。\n")


def test_the_doctor_has_nothing_to_say_of_new_keys_and_warns_of_old_ones(run, session):
    healthy = run("registry", "doctor")
    for key in keys.published(session):
        key.valid_until = clock.now() + timedelta(days=5)
    session.commit()
    warned = run("registry", "doctor")

    assert (healthy.exit_code, healthy.stdout) == (0, "")
    assert warned.exit_code == 1
    assert warned.stdout.count("请及时更换") == 2
