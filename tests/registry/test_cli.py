import pytest

from registry import accounts, passwords
from registry.models import Role
from tests.conftest import settings_for
from tests.factories import PASSWORD
from wsgi import create_app


def test_an_account_is_created_with_the_password_on_standard_input(app, session):
    result = app.test_cli_runner().invoke(
        args=["registry", "create-user", "first", "--role", "sys_admin"], input=f"{PASSWORD}\n"
    )

    assert (result.exit_code, result.output) == (0, "first: sys_admin\n")
    user = accounts.named(session, "first")
    assert user.roles == {Role.SYS_ADMIN}
    assert passwords.matches(user, PASSWORD) is True


def test_no_account_is_created_when_nothing_is_on_standard_input(app, session):
    result = app.test_cli_runner().invoke(
        args=["registry", "create-user", "first", "--role", "sys_admin"], input=""
    )

    assert result.exit_code == 2
    assert "密码：长度应为" in result.output
    assert accounts.named(session, "first") is None


def test_the_trail_is_verified_when_it_is_whole(app, session):
    result = app.test_cli_runner().invoke(args=["registry", "verify-trail"])

    assert (result.exit_code, result.output) == (0, "the trail is whole\n")


@pytest.mark.parametrize("command", ["init", "check", "verify-trail"])
def test_a_database_that_is_away_is_told_in_one_sentence(tmp_path, command):
    app = create_app(settings_for(tmp_path, "postgresql://nobody:x@127.0.0.1:1/x"))

    answer = app.test_cli_runner().invoke(args=["registry", command])

    assert answer.exit_code == 2
    assert answer.stderr == "REGISTRY_DATABASE_URL: 数据库无法连接，请检查地址、账号和数据库服务。\n"
