"""What every request meets first: the host, where it comes from, who sends it, what it may do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkbatch.ports import Clock
from inkbatch.web.access.scripts import CLOSED, SAFE_METHODS, is_for_scripts, script_refusal
from inkbatch.web.access.sessions import Person, Sessions
from inkbatch.web.access.tokens import Tokens

COOKIE = "inkbatch_session"
OPEN_PATHS = frozenset({"/enter", "/login"})
"""Where nobody is known yet; compared whole."""

HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
"""Open to all under any name: they say yes or no, and a probe asks by address."""

OPEN_FOLDER = "/static/"
"""Style and script of the page; they say nothing of anybody."""

VIEWERS_MAY = frozenset({"/leave"})
"""What changes something and is open to viewers."""

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
SAID_OF_ALL = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}

KEPT = {"Cache-Control": "no-cache"}
"""Style and script may be kept by the browser, which asks each time whether they changed."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """An ASGI app around another, which sees only requests of people who were let in.

    `hosts` are the names by which it may be asked, so that no other site's name leads here. An
    endpoint finds the person in `request.state.person`, None on the paths open to all.
    """

    app: ASGIApp
    sessions: Sessions
    tokens: Tokens
    clock: Clock
    hosts: Collection[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is refused; hand on all else."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no page here speaks WebSocket
        scope.setdefault("state", {})["person"] = None
        refused = await self._refusal(scope)
        is_static = scope["path"].startswith(OPEN_FOLDER)
        said = {**SAID_OF_ALL, **KEPT} if is_static else SAID_OF_ALL
        await (refused or self.app)(scope, receive, _with_headers(send, said))

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that goes no further; else write down who sent it."""
        path = scope["path"]
        if path in HEALTH_PATHS:
            return None
        if not _is_known_host(Headers(scope=scope), self.hosts):
            said = "This page is not served under that name."
            return _no(HTTPStatus.MISDIRECTED_REQUEST, said)
        if is_for_scripts(path):
            return await script_refusal(scope, self.tokens, now=self.clock.now())
        return self._refusal_of_person(HTTPConnection(scope), method=scope["method"])

    def _refusal_of_person(self, connection: HTTPConnection, *, method: str) -> Response | None:
        path, changes = connection.scope["path"], method not in SAFE_METHODS
        if changes and not _is_same_origin(connection.headers):
            return _no(HTTPStatus.FORBIDDEN, "This was sent from another page, so it is refused.")
        token = connection.cookies.get(COOKIE, "")
        person = self.sessions.person(token, now=self.clock.now()) if token else None
        connection.scope["state"]["person"] = person
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDER):
            return None
        if person is None:
            return _unknown(connection.headers, method=method)
        if changes and not person.may_change and path not in VIEWERS_MAY:
            return _no(HTTPStatus.FORBIDDEN, "You may look here, and change nothing.")
        return None


def person_of(connection: HTTPConnection) -> Person:
    """Return who sent a request that the guard let through."""
    person: Person | None = connection.state.person
    if person is None:
        raise PermissionError("nobody was let in")
    return person


def only_operators(request: Request) -> None:
    """Answer 403 to viewers: what is here holds whole numbers or other cells of a list."""
    if not person_of(request).may_change:
        raise HTTPException(HTTPStatus.FORBIDDEN, "This shows whole numbers: for operators alone.")


def sees_masks_alone(request: Request) -> bool:
    """Return whether whole numbers are kept from who asks, in what is searched too."""
    return not person_of(request).may_change


def _is_known_host(headers: Headers, hosts: Collection[str]) -> bool:
    given = headers.getlist("host")
    if len(given) != 1:
        return False
    try:
        name = urlsplit(f"//{given[0]}").hostname
    except ValueError:
        return False
    return name in hosts


def _is_same_origin(headers: Headers) -> bool:
    """Go by what the browser says of where a request comes from.

    Without TLS on a network browsers leave Sec-Fetch-Site out; then the Origin must be this host.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == headers.get("host")


def _unknown(headers: Headers, *, method: str) -> Response:
    """Lead a person to the door; a script and a part of a page get a plain no."""
    is_page = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if is_page:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    return _no(HTTPStatus.UNAUTHORIZED, "Open the link that `inkbatch web` prints on its terminal.")


def _no(status: HTTPStatus, sentence: str) -> Response:
    return PlainTextResponse(sentence, status, headers=CLOSED)


def _with_headers(send: Send, said: Mapping[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in said.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
