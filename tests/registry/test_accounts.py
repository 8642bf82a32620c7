from datetime import timedelta

import pytest
from sqlalchemy import func, select

from registry import accounts, clock, invitations, passwords
from registry.errors import NotAllowedError, NotFoundError, RuleError, TooManyError
from registry.models import SEPARATED_ROLES, InboxMessage, PasswordReset, Role, TrailLine
from tests.factories import PASSWORD


def test_an_account_is_found_by_name_or_address(session, make):
    user = make.user(username="li.ming", email="li@example.org")

    assert accounts.named(session, "LI.MING") is user
    assert accounts.named(session, " li@example.org ") is user
    assert accounts.named(session, "") is None


def test_the_right_password_matches_and_no_other(make):
    user = make.user()

    assert passwords.matches(user, PASSWORD) is True
    assert passwords.matches(user, PASSWORD + "x") is False
    assert passwords.matches(None, PASSWORD) is False
    assert passwords.matches(user, "\ud800") is False


def test_attempts_are_held_off_after_five_and_free_again_after_the_window(session):
    for _ in range(5):
        accounts.count_attempt(session, login="a", address="1")

    with pytest.raises(TooManyError):
        accounts.count_attempt(session, login="A ", address="2")
    with clock.standing_at(clock.now() + timedelta(minutes=16)):
        accounts.count_attempt(session, login="a", address="1")


def test_a_log_in_clears_the_account_s_count(session):
    for _ in range(4):
        accounts.count_attempt(session, login="a", address="1")
    accounts.forget_attempts(session, login="a", address="1")

    for _ in range(4):
        accounts.count_attempt(session, login="a", address="1")


@pytest.mark.parametrize("password", ["Short-1", "alllowercaseletters", "user.one-Password-1", "长" * 201])
def test_a_weak_password_is_refused_with_its_rule(session, password):
    with pytest.raises(RuleError) as caught:
        accounts.create_user(session, None, username="user.one", password=password)

    assert caught.value.parameter == "password"
    assert caught.value.sentence.startswith("密码：")


@pytest.mark.parametrize("username", ["", "ab", "1abc", "张三", "a b c", "x" * 61])
def test_a_malformed_user_name_is_refused(session, username):
    with pytest.raises(RuleError) as caught:
        accounts.create_user(session, None, username=username, password=PASSWORD)

    assert caught.value.parameter == "username"


def test_nobody_gives_himself_a_role(session, make):
    security = make.user(Role.SECURITY_ADMIN)

    with pytest.raises(NotAllowedError):
        accounts.grant_role(session, security, security, role=Role.PUBLISHER)
    assert security.roles == {Role.SECURITY_ADMIN}


def test_only_the_security_administrator_gives_roles(session, make):
    user = make.user()

    for role in set(Role) - {Role.SECURITY_ADMIN}:
        with pytest.raises(NotAllowedError):
            accounts.grant_role(session, user, make.user(role), role=Role.PUBLISHER)


def test_a_role_is_granted_once_and_taken_back_with_every_session(session, make):
    user, security = make.user(), make.user(Role.SECURITY_ADMIN)

    accounts.grant_role(session, user, security, role=Role.PUBLISHER)
    accounts.grant_role(session, user, security, role=Role.PUBLISHER)
    assert [grant.role for grant in user.grants] == [Role.PUBLISHER]

    epoch = user.session_epoch
    accounts.revoke_role(session, user, security, role=Role.PUBLISHER)
    assert user.roles == frozenset()
    assert user.session_epoch == epoch + 1


@pytest.mark.parametrize("pair", sorted(SEPARATED_ROLES, key=sorted), ids=lambda pair: "+".join(sorted(pair)))
def test_separated_roles_never_meet_in_one_account(session, make, pair):
    first, second = sorted(pair)
    user, security = make.user(first), make.user(Role.SECURITY_ADMIN)

    with pytest.raises(RuleError) as caught:
        accounts.grant_role(session, user, security, role=second)

    assert caught.value.parameter == "role"
    assert user.roles == {first}


def test_an_invitation_opens_an_account_without_a_role_once(session, make):
    admin = make.user(Role.SYS_ADMIN)
    _, token = invitations.invite(
        session, admin, email="New@Example.org", display_name="示例", proposed_role=Role.PUBLISHER
    )

    user = invitations.accept_invitation(session, token, username="newcomer", password=PASSWORD)

    assert user.email == "new@example.org"
    assert user.roles == frozenset()
    with pytest.raises(NotFoundError):
        invitations.open_invitation(session, token)


def test_an_invitation_runs_out(session, make):
    _, token = invitations.invite(
        session, make.user(Role.SYS_ADMIN), email="a@example.org", display_name="示例"
    )

    with clock.standing_at(clock.now() + timedelta(days=8)), pytest.raises(NotFoundError):
        invitations.open_invitation(session, token)


def test_a_reset_sets_the_password_once_and_ends_sessions(session, make):
    user = make.user(email="li@example.org")
    epoch = user.session_epoch
    token, token_hash = invitations._token()
    session.add(
        PasswordReset(
            user_id=user.id,
            token_hash=token_hash,
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(hours=1),
        )
    )
    session.flush()

    invitations.reset_password(session, token, password="Another-Horse-8")

    assert passwords.matches(user, "Another-Horse-8") is True
    assert user.session_epoch == epoch + 1
    with pytest.raises(NotFoundError):
        invitations.reset_password(session, token, password="Another-Horse-9")


def test_the_office_makes_a_reset_for_an_account_without_an_address(session, make):
    user = make.user(mobile="13800000001")

    _, token = invitations.issue_reset(session, make.user(Role.SECURITY_ADMIN), user, reason="当面核对了证件")
    invitations.reset_password(session, token, password="Another-Horse-8")

    assert passwords.matches(user, "Another-Horse-8") is True
    assert session.scalars(select(InboxMessage.user_id)).all() == [user.id]
    assert session.scalar(select(func.count()).where(TrailLine.action == "user.issue_reset")) == 1


def test_nobody_makes_a_reset_for_the_own_account_or_without_a_reason(session, make):
    admin, user = make.user(Role.SECURITY_ADMIN), make.user()

    with pytest.raises(NotAllowedError):
        invitations.issue_reset(session, admin, admin, reason="示例")
    with pytest.raises(NotAllowedError):
        invitations.issue_reset(session, make.user(Role.SYS_ADMIN), user, reason="示例")
    with pytest.raises(RuleError, match="理由：必填。"):
        invitations.issue_reset(session, admin, user, reason=" ")


def test_a_disabled_account_is_not_found_any_more(session, make):
    user, admin = make.user(), make.user(Role.SYS_ADMIN)

    accounts.disable_user(session, user, admin)
    session.flush()

    assert accounts.find(session, user.id) is None
    assert accounts.named(session, user.username) is None
