"""Signing in: Flask-Security over the appliance's accounts, and the one place where a password is checked."""

import threading
from datetime import timedelta
from typing import Any, cast

from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_babel import lazy_gettext
from flask_login import user_logged_out  # type: ignore[import-untyped]
from flask_security import (
    RoleMixin,
    Security,
    UserDatastore,
    UserMixin,
    current_user,
    hash_password,
    user_authenticated,
)
from flask_security.forms import LoginForm
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired

from appliance.accounts import Account, AccountService, Role
from web_admin.forms import at_most
from web_admin.paths import own_path
from web_admin.tries import one_password

_hashing = threading.BoundedSemaphore(2)
"""Each hash takes 64 MiB for its time: a crowd at the sign-in waits, instead of using up the machine's memory."""
MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 128


class OfficerRole(RoleMixin):
    """An account's role as Flask-Security wants it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions: list[str] = []


class Officer(UserMixin):
    """An account as Flask-Security wants it."""

    fs_uniquifier = ""  # Flask-Security looks for it on the class

    def __init__(self, account: Account) -> None:
        self.account = account
        self.id = account.id
        self.username = account.username
        self.password = account.password_hash
        self.active = account.is_active
        self.fs_uniquifier = account.session_key
        self.roles = [OfficerRole(account.role.value)]


class AccountDatastore(UserDatastore):
    """What Flask-Security asks of a datastore, answered by the account service. It creates and deletes nothing."""

    def __init__(self, accounts: AccountService) -> None:
        super().__init__(Officer, OfficerRole)
        self._accounts = accounts

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Officer | None:  # noqa: ARG002  its interface
        """Return the account with one given ``username``, ``fs_uniquifier`` or ``id``."""
        ((key, value),) = kwargs.items()
        find = {
            "username": self._accounts.by_username,
            "fs_uniquifier": self._accounts.by_session_key,
            "id": self._accounts.get,
        }[key]
        account = find(value)  # type: ignore[operator]
        return None if account is None else Officer(account)

    def find_role(self, role: str) -> OfficerRole | None:
        """Return a role by its name."""
        return OfficerRole(role) if role in set(Role) else None

    def put(self, model: Officer) -> Officer:
        """Keep a password hash that was renewed with newer parameters; nothing else changes here."""
        if model.password is not None and model.password != model.account.password_hash:
            self._accounts.set_password_hash(model.id, model.password)
        return model

    def commit(self) -> None:
        """Nothing is pending: every change was durable when it returned."""


class SignInForm(LoginForm):
    """Username and password; no e-mail address, and no cookie that outlives the browser."""

    email = None
    remember = None
    username = StringField(
        lazy_gettext("Username"), validators=[DataRequired(lazy_gettext("Please enter your username.")), at_most(32)]
    )
    password = PasswordField(
        lazy_gettext("Password"),
        validators=[DataRequired(lazy_gettext("Please enter your password.")), at_most(MAX_PASSWORD_LENGTH)],
    )
    submit = SubmitField(lazy_gettext("Sign in"))

    def validate(self, **kwargs: Any) -> bool:
        """Check as Flask-Security does; whether the username or the password was wrong is not told."""
        self.next.data = own_path(self.next.data or "") or ""
        self.ifield = self.username
        if not (self.username.data and self.password.data):
            return super().validate(**kwargs)  # says what is missing, and looks at no password
        self.user = _datastore().find_user(username=self.username.data)
        with one_password() as one, _hashing:
            if super().validate(**kwargs):
                one.was_right()
                return True
        self.username.errors, self.password.errors = [], [_WRONG_CREDENTIALS]
        return False


def install(app: Flask, accounts: AccountService) -> None:
    """Set Flask-Security up on ``app``: argon2id, generic errors, sign-in and sign-out routes only."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_LENGTH_MIN=MIN_PASSWORD_LENGTH,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": str, "case_insensitive": True}}],
        SECURITY_FRESHNESS=timedelta(-1),  # its "verify" page is not offered
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_LOGIN_USER_TEMPLATE="login/login.html",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/login",
        SECURITY_STATIC_FOLDER=None,
        SECURITY_CACHE_CONTROL=None,  # web_admin.security_headers says it
        SECURITY_API_ENABLED_METHODS=["session"],
    )
    Security(app, AccountDatastore(accounts), login_form=SignInForm)
    app.session_interface = _Sessions()
    app.login_manager.request_loader(_nobody)  # type: ignore[attr-defined]

    @user_authenticated.connect_via(app)
    def renew_token(_app: Flask, **_how: object) -> None:
        """What somebody knew of this browser's session before is worth nothing afterwards."""
        session.pop("csrf_token", None)

    @user_logged_out.connect_via(app)  # type: ignore[untyped-decorator]
    def end_every_session(_app: Flask, user: Any) -> None:
        """A cookie that was copied ends with the session that it was copied from."""
        if isinstance(user, Officer):
            accounts.renew_session_key(user.id)


class _Sessions(SecureCookieSessionInterface):
    """Flask's own sessions; their cookie is for encrypted connections only where it was made in one."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002  its interface
        """Return whether this request came encrypted."""
        return bool(request.is_secure)


def _nobody(_request: object) -> None:
    """Nobody is signed in by a token in a header, a query or a body: the session cookie is the one way."""


def normalised(password: str) -> str:
    """Return a password as it is hashed and compared (Unicode NFKD)."""
    return cast("str", _security().password_util.normalize(password))


def hashed(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _hashing:
        return hash_password(normalised(password))


def account_for(username: str, password: str) -> Account | None:
    """Return the active account with these credentials; takes as long when there is no such account."""
    officer = _datastore().find_user(username=username)
    with one_password() as one:
        if officer is None or not officer.password:
            hashed(password)
            return None
        with _hashing:
            is_right = officer.verify_and_update_password(normalised(password))
        if not (is_right and officer.active):
            return None
        one.was_right()
    return officer.account


def current_account() -> Account:
    """Return the account that is signed in; only for views that need one."""
    return cast("Account", current_user.account)


def is_signed_in(session_key: str) -> bool:
    """Return whether sessions with this key are still worth something: for answers that outlive their request."""
    officer = _datastore().find_user(fs_uniquifier=session_key)
    return officer is not None and officer.active


def _security() -> Any:
    return current_app.extensions["security"]


def _datastore() -> AccountDatastore:
    return cast("AccountDatastore", _security().datastore)


_WRONG_CREDENTIALS = lazy_gettext("This username and password do not belong together. Please try again.")
