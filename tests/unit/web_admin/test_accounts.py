"""Accounts and one-time codes, without a page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from appliance.accounts import AccountError, AccountService, CodeNotValid, Role, UsernameTaken
from appliance.keys import Keys
from appliance.storage.database import Database

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
ADMIN = {"username": "bithu", "display_name": "Mẫu Thị Sen", "password_hash": "$argon2id$"}


@pytest.fixture
def accounts(tmp_path):
    database = Database(tmp_path / "thechip.sqlite3")
    database.upgrade(Keys.load_or_create(tmp_path / "keys"))
    yield AccountService(database)
    database.close()


def test_a_set_up_code_makes_one_administrator_and_is_spent(accounts):
    code = accounts.issue_setup_token(at=NOW)
    account = accounts.set_up(code, **ADMIN, at=NOW)
    assert account.role is Role.ADMINISTRATOR
    assert account.is_active
    with pytest.raises(CodeNotValid):
        accounts.set_up(code, **{**ADMIN, "username": "other"}, at=NOW)


def test_a_set_up_code_is_too_old_after_a_day(accounts):
    code = accounts.issue_setup_token(at=NOW)
    with pytest.raises(CodeNotValid):
        accounts.set_up(code, **ADMIN, at=NOW + timedelta(hours=24))
    assert accounts.needs_set_up()


def test_a_new_set_up_code_voids_the_earlier_one(accounts):
    first = accounts.issue_setup_token(at=NOW)
    second = accounts.issue_setup_token(at=NOW)
    with pytest.raises(CodeNotValid):
        accounts.set_up(first, **ADMIN, at=NOW)
    accounts.set_up(second, **ADMIN, at=NOW)


def test_no_set_up_code_is_issued_once_somebody_can_sign_in(accounts):
    accounts.set_up(accounts.issue_setup_token(at=NOW), **ADMIN, at=NOW)
    with pytest.raises(AccountError):
        accounts.issue_setup_token(at=NOW)


def test_a_code_is_forgiving_of_how_it_is_typed_but_not_of_what(accounts):
    zeros = AccountService(accounts._database, random=bytes)
    assert zeros.issue_setup_token(at=NOW) == "0000-0000-0000-0000"
    with pytest.raises(CodeNotValid):
        accounts.set_up("0000-0000-0000-0001", **ADMIN, at=NOW)
    accounts.set_up(" oooo 0000oooo-0000 ", **ADMIN, at=NOW)


def test_a_code_is_never_in_the_database_file(accounts, tmp_path):
    code = accounts.issue_setup_token(at=NOW)
    accounts._database.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("thechip.sqlite3*"))
    assert code.encode() not in stored
    assert code.replace("-", "").encode() not in stored


def test_of_many_who_use_one_code_at_once_one_gets_the_account(accounts):
    code = accounts.issue_setup_token(at=NOW)

    def try_it(number: int) -> bool:
        try:
            accounts.set_up(code, **{**ADMIN, "username": f"user{number}"}, at=NOW)
        except CodeNotValid:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, range(8))) == 1
    assert len(accounts.all()) == 1


def test_an_invited_officer_is_active_only_after_choosing_a_password(accounts):
    admin = accounts.set_up(accounts.issue_setup_token(at=NOW), **ADMIN, at=NOW)
    who = {"username": "canbo", "display_name": "Mẫu Văn Tre", "role": Role.OFFICER}
    invited, code = accounts.invite(**who, invited_by=admin.id, at=NOW)
    assert not invited.is_active
    assert accounts.invited(code, at=NOW) == invited
    assert accounts.accept(code, password_hash="h", at=NOW).is_active
    assert accounts.invited(code, at=NOW) is None
    with pytest.raises(CodeNotValid):
        accounts.accept(code, password_hash="other", at=NOW)
    with pytest.raises(AccountError):
        accounts.invite_again(invited.id, at=NOW)


def test_an_invitation_is_no_set_up_and_a_set_up_no_invitation(accounts):
    set_up = accounts.issue_setup_token(at=NOW)
    with pytest.raises(CodeNotValid):
        accounts.accept(set_up, password_hash="h", at=NOW)
    admin = accounts.set_up(set_up, **ADMIN, at=NOW)
    _, code = accounts.invite(username="cb", display_name="B", role=Role.OFFICER, invited_by=admin.id, at=NOW)
    with pytest.raises(CodeNotValid):
        accounts.set_up(code, **ADMIN, at=NOW)


def test_a_username_is_one_however_it_is_written(accounts):
    admin = accounts.set_up(accounts.issue_setup_token(at=NOW), **{**ADMIN, "username": "Bí.Thư"}, at=NOW)
    with pytest.raises(UsernameTaken):
        accounts.invite(username="BI\u0301.THƯ", display_name="B", role=Role.OFFICER, invited_by=admin.id, at=NOW)
    assert accounts.by_username(" bí.thư ") == admin


def test_neither_the_person_nor_a_secret_is_in_the_repr(accounts):
    account = accounts.set_up(accounts.issue_setup_token(at=NOW), **ADMIN, at=NOW)
    for hidden in (account.username, account.display_name, account.password_hash, account.session_key):
        assert hidden not in repr(account)
