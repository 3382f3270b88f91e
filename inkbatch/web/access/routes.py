"""Coming in by a link or a password, inviting others, and leaving."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from inkbatch.ports.access import Role
from inkbatch.web.access.guard import COOKIE, person_of
from inkbatch.web.access.sessions import SESSION_LASTS, Person, person_name
from inkbatch.web.forms import read_form
from inkbatch.web.office import Office
from inkbatch.web.templating import page

USED = "This link was used, or is over. Ask for a new one, or start `inkbatch web` anew."


def access_routes(office: Office) -> APIRouter:
    """Return the door."""
    router, sessions = APIRouter(), office.sessions

    @router.get("/enter")
    def enter(request: Request, token: str = "") -> Response:
        """Let the holder of a link in, once; the address in the browser keeps no token."""
        session = sessions.enter_by_link(token, now=office.now())
        if session is None:
            return _door(office, request, HTTPStatus.UNAUTHORIZED, problem=USED)
        return _let_in(office, request, page(request, "access/entered.html"), session)

    @router.get("/login")
    def login(request: Request) -> HTMLResponse:
        return _door(office, request, HTTPStatus.OK)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        form, now = await read_form(request), office.now()
        if sessions.is_slowed(now=now):
            return _door(
                office,
                request,
                HTTPStatus.TOO_MANY_REQUESTS,
                problem="Too many wrong passwords. Wait five minutes, then try again.",
            )
        session = sessions.enter_by_password(form["name"], form["password"], now=now)
        if session is None:
            return _door(
                office, request, HTTPStatus.UNAUTHORIZED, problem="This is not the password."
            )
        return _let_in(office, request, RedirectResponse("/", HTTPStatus.SEE_OTHER), session)

    @router.post("/leave")
    def leave(request: Request) -> Response:
        sessions.leave(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    return router


def invitation_routes(office: Office) -> APIRouter:
    """Return the page on which operators make links for others."""
    router = APIRouter()

    @router.get("/access")
    def access(request: Request) -> HTMLResponse:
        return page(request, "access/invite.html", link=None, invited=None)

    @router.post("/access")
    async def invite(request: Request) -> HTMLResponse:
        """Make a link that lets somebody else in once."""
        form = await read_form(request)
        role = Role.OPERATOR if form["role"] == Role.OPERATOR else Role.VIEWER
        invited = Person(name=person_name(form["name"]), role=role)
        token = office.sessions.new_link_token(invited, now=office.now())
        office.note(person_of(request), f"invited a new {role}", invited.name)
        link = f"{_origin(office, request)}/enter?token={quote(token)}"
        return page(request, "access/invite.html", link=link, invited=invited)

    return router


def _origin(office: Office, request: Request) -> str:
    return office.tls_origin or f"{request.url.scheme}://{request.headers['host']}"


def _let_in(office: Office, request: Request, answer: Response, session: str) -> Response:
    answer.set_cookie(
        COOKIE,
        session,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_origin(office, request).startswith("https:"),
        path="/",
    )
    return answer


def _door(
    office: Office, request: Request, status: HTTPStatus, *, problem: str | None = None
) -> HTMLResponse:
    return page(
        request,
        "access/login.html",
        http_status=status,
        problem=problem,
        has_password=bool(office.sessions.passwords),
    )
