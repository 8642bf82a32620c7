from registry import accounts, passwords
from registry.models import Role
from tests.factories import PASSWORD


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
