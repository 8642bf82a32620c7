"""The seam between Flask and the rules: guards, the actor, sessions, errors, headers."""

import functools
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import flask
from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from registry import accounts, clock, policy, presentation, redaction
from registry.db import Database
from registry.errors import NotAllowedError, RuleError
from registry.forms import LoginForm
from registry.hooks import Context
from registry.incoming import Request
from registry.kept import give_back, typed
from registry.models import User
from registry.permissions import VISITOR, Actor, may, require
from registry.settings import Settings

log = logging.getLogger(__name__)

FORM_MAX_BYTES = 2 * 1024 * 1024  # a form without files; uploads say their own limit on the view
FORM_MAX_PARTS = 2_000
UPLOAD_MAX_BYTES = (
    64 * 1024 * 1024
)  # one request with files, all in memory; each file has its limit by policy
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

csrf = CSRFProtect()
V = TypeVar("V", bound=Callable[..., ResponseReturnValue])


class Login(UserMixin):  # type: ignore[misc] # Flask-Login ships no types
    """An account as Flask-Login sees it; its id carries the session epoch, so that sessions can be ended."""

    def __init__(self, user: User) -> None:
        """Keep the account."""
        self.user = user

    def get_id(self) -> str:
        """Return what the session cookie keeps."""
        return f"{self.user.id}:{self.user.session_epoch}"


# --- guards -------------------------------------------------------------------------------------------------------


def public(view: V) -> V:
    """Mark a view that anybody may see."""
    view.guard = "public"  # type: ignore[attr-defined] # a mark for `check_guards`
    return view


def requires(permission: str) -> Callable[[V], V]:
    """Ask for a permission before the view runs; a visitor is sent to log in first."""

    def decorate(view: V) -> V:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            who = actor()
            if not may(who, permission):
                if who.id is None:
                    return _ask_to_log_in()
                require(who, permission)
            return view(*args, **kwargs)

        guarded.guard = permission  # type: ignore[attr-defined] # a mark for `check_guards`
        return cast(V, guarded)

    return decorate


def accepts_files(view: V) -> V:
    """Let a view take files, up to `UPLOAD_MAX_BYTES` a request instead of `FORM_MAX_BYTES`."""
    view.max_bytes = UPLOAD_MAX_BYTES  # type: ignore[attr-defined] # a mark for `prepare`
    return view


def check_guards(app: Flask) -> None:
    """Refuse to start with a view that says neither `@public` nor `@requires`."""
    open_doors = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static") and not hasattr(app.view_functions[rule.endpoint], "guard")
    ]
    if open_doors:
        raise RuntimeError(f"views without a guard: {', '.join(sorted(open_doors))}")


# --- what a view works with ---------------------------------------------------------------------------------------


def settings() -> Settings:
    """Return the deployment's settings."""
    return cast(Settings, current_app.extensions["registry.settings"])


def database() -> Database:
    """Return the deployment's database."""
    return cast(Database, current_app.extensions["registry.database"])


def context() -> Context:
    """Return what hooks work with; what they say goes to the log."""
    return Context(database(), settings(), log.info)


def db_session() -> Session:
    """Return the request's own session, for looking; it is closed with the request."""
    if "db_session" not in g:
        g.db_session = database().session()
    return cast(Session, g.db_session)


def close_reader() -> None:
    """Close the request's own session before something writes; SQLite: it would see the past, and hold back the log."""
    if "db_session" in g:
        g.pop("db_session").close()


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a writing session; see `Database.transaction`."""
    close_reader()
    with database().transaction() as session:
        yield session


def actor() -> Actor:
    """Return the account that asks, itself and not a proxy, or the visitor."""
    login = current_user._get_current_object()
    return login.user if isinstance(login, Login) else VISITOR


def account() -> User:
    """Return the signed-in account, for views behind a permission that no visitor has."""
    who = actor()
    if not isinstance(who, User):
        raise NotAllowedError("请先登录。")
    return who


def client_address() -> str:
    """Return the asker's network address as the trusted proxies tell it."""
    return request.remote_addr or "unknown"


def start_session(user: User, *, until: datetime) -> None:
    """Sign the account in until an instant."""
    login_user(Login(user))
    flask.session["until"] = until.timestamp()


def local_path(target: str | None) -> str | None:
    """Return an address of our own to go back to, None for anything that could lead elsewhere."""
    if (
        not target
        or not target.startswith("/")
        or target.startswith(("//", "/\\"))
        or re.search(r"[\x00-\x1f\\]", target)
    ):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


# --- errors -------------------------------------------------------------------------------------------------------


def _wants_json() -> bool:
    return request.path.startswith("/api/")


def _give_back_for_login(path: str | None) -> ResponseReturnValue:
    return give_back("登录已过期，您填写的内容没有丢失。", 401, path=path, form=LoginForm(prefix="again-"))


def _ask_to_log_in() -> ResponseReturnValue:
    if request.method == "POST":
        return _give_back_for_login(None)
    return redirect(url_for("registry.log_in", next=request.full_path.rstrip("?")))


def _problem(sentence: str, status: int, parameter: str | None = None) -> ResponseReturnValue:
    if _wants_json():
        return flask.jsonify(error={"parameter": parameter, "message": sentence}), status
    posted = request.method == "POST"
    return render_template(
        "errors/problem.html",
        sentence=sentence,
        status=status,
        fields=typed() if posted and status != 413 else [],  # what is too large cannot be read
        back=_page_before() if posted else None,
    ), status


def _page_before() -> str | None:
    """Return the page of ours whose form was sent, None where the browser does not tell."""
    came = urlsplit(request.referrer or "")
    return local_path(came._replace(scheme="", netloc="").geturl()) if came.netloc == request.host else None


SENTENCES = {
    400: "请求的内容无法识别，请返回检查后重试。",
    404: "没有找到这个页面，可能已移动，或者地址有误。",
    405: "此地址不接受这种操作，请从页面上的按钮进入。",
    413: "提交的内容过大，请减少内容或压缩文件后重试。",
    414: "地址过长，请缩短查询内容。",
    415: "提交的内容格式不被接受。",
    429: "操作过于频繁，请稍后再试。",
}


BUSY = "系统正忙，您的操作没有生效，请稍后重试。"


def _forget_account() -> None:
    """Go on as a visitor where the account could not be read: the page of the error must not try again."""
    if "_login_user" not in g:
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined] # set by Flask-Login


def _register_errors(app: Flask) -> None:
    @app.errorhandler(RuleError)
    def on_rule(problem: RuleError) -> ResponseReturnValue:
        return _problem(problem.sentence, problem.status, problem.parameter)

    @app.errorhandler(StaleDataError)
    def on_stale(_problem_: StaleDataError) -> ResponseReturnValue:
        return _problem("这条记录刚刚被别人修改，请刷新页面后再操作。", 409)

    @app.errorhandler(DataError)
    @app.errorhandler(OverflowError)  # what SQLite's driver says to a number beyond 64 bits
    def on_unfit_value(_problem_: Exception) -> ResponseReturnValue:
        return _problem("内容中有无法保存的字符或过大的数字，请检查后重试。", 400)

    @app.errorhandler(CSRFError)
    def on_csrf(_problem_: CSRFError) -> ResponseReturnValue:
        if _wants_json():
            return _problem(SENTENCES[400], 400, "csrf_token")
        again = local_path(request.form.get("again-path"))
        guard = getattr(app.view_functions.get(request.endpoint or ""), "guard", "public")
        if actor().id is None and (again or guard != "public"):
            return _give_back_for_login(again)
        return give_back("页面停留过久，安全校验已过期，您填写的内容没有丢失。", 400)

    @app.errorhandler(OperationalError)
    def on_busy(problem: OperationalError) -> ResponseReturnValue:
        log.warning(
            "the database is busy or away on %s %s: %s",
            request.method,
            request.path,
            type(problem.orig).__name__,
        )
        _forget_account()
        return _problem(BUSY, 503)

    @app.errorhandler(HTTPException)
    def on_http(problem: HTTPException) -> ResponseReturnValue:
        if isinstance(problem, RequestEntityTooLarge):
            view = app.view_functions.get(request.endpoint or "")
            too_large = getattr(view, "too_large", None)  # how it answers with its form
            return too_large() if too_large else _problem(SENTENCES[413], 413)
        status = problem.code or 500
        if isinstance(problem, SecurityError):  # an untrusted host: no address can be built for a page
            return SENTENCES[400], status, {"Content-Type": "text/plain; charset=utf-8"}
        if status < 400:
            return problem.get_response()
        return _problem(
            SENTENCES.get(status, SENTENCES[400] if status < 500 else "系统出错，请稍后重试。"), status
        )

    @app.errorhandler(Exception)
    def on_defect(problem: Exception) -> ResponseReturnValue:
        if app.testing or app.debug:
            raise problem
        reference = secrets.token_hex(4)
        log.exception("unexpected error %s on %s %s", reference, request.method, request.path)
        _forget_account()
        return _problem(f"系统出错，请稍后重试；如仍不行，请告知编号 {reference}。", 500)


class RecordNumber(IntegerConverter):
    """A record's number in an address; one that no database can hold leads nowhere."""

    def __init__(self, url_map: Map, **limits: Any) -> None:
        """Set the largest number, of 64 bits."""
        super().__init__(url_map, **{"max": 2**63 - 1, **limits})


# --- the application ----------------------------------------------------------------------------------------------


def _register_login(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # an address may change on the way; the epoch and the end do the work

    @manager.user_loader  # type: ignore[untyped-decorator] # Flask-Login ships no types
    def load_user(key: str) -> Login | None:
        user_id, _, epoch = key.partition(":")
        if flask.session.get("until", 0) < clock.now().timestamp() or not (
            user_id.isdigit() and epoch.isdigit()
        ):
            return None
        user = accounts.find(db_session(), int(user_id), epoch=int(epoch))
        return Login(user) if user else None


def session_end(session: Session) -> datetime:
    """Return until when a session that begins now counts."""
    return datetime.fromtimestamp(
        clock.now().timestamp() + 3600 * policy.value(session, "account.session_hours"), clock.BEIJING
    )


def prepare(app: Flask, chosen: Settings) -> None:
    """Set up what every page stands on: sessions, CSRF, log-in, errors, headers."""
    app.extensions["registry.settings"] = chosen
    app.extensions.setdefault("registry.database", Database(chosen.database))
    app.config.update(
        SECRET_KEY=chosen.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="registry",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=chosen.base_url.startswith("https:"),
        MAX_CONTENT_LENGTH=FORM_MAX_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_MAX_BYTES,
        MAX_FORM_PARTS=FORM_MAX_PARTS,
        TRUSTED_HOSTS=[urlsplit(chosen.base_url).hostname or "", "127.0.0.1", "localhost", "[::1]"],
        WTF_CSRF_TIME_LIMIT=None,  # it lives as long as the session
        WTF_CSRF_SSL_STRICT=False,  # SameSite and the token do it; a proxy may strip the referrer
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.request_class = Request
    app.jinja_env.undefined = StrictUndefined
    app.url_map.converters["int"] = RecordNumber
    if chosen.proxies:
        count = chosen.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]

    @app.before_request
    def limit() -> None:  # before the CSRF check, which reads the form
        view = app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "max_bytes", FORM_MAX_BYTES)

    csrf.init_app(app)
    Bootstrap5(app)
    presentation.register(app)
    redaction.register(app)
    _register_login(app)
    _register_errors(app)

    @app.before_request
    def no_nul_in_the_address() -> None:
        if "\0" in request.path:  # PostgreSQL keeps none in a text, so nothing can have such an address
            flask.abort(404)

    @app.context_processor
    def names() -> dict[str, Any]:
        return {"actor": actor(), "may": functools.partial(may, actor()), "settings": settings()}

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if settings().base_url.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if current_user.is_authenticated or request.method == "POST":
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.teardown_appcontext
    def close(_problem_: BaseException | None) -> None:
        if "db_session" in g:
            g.pop("db_session").close()
