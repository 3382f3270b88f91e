"""Who gets in, from where, and what each may do; asked over a real socket."""

import re
import shutil

import pytest
from starlette.routing import Mount

from inkbatch.web.access import Role
from inkbatch.web.access.guard import COOKIE, HEALTH_PATHS, OPEN_PATHS
from inkbatch.web.desk_app import page_routes
from tests.served_page import served_page

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def filled(path):
    """Return a route's path with something in each of its places."""
    return re.sub(r"\{[^}]+\}", "1", path)


def every_route(page, *, fill=filled):
    """Return method and path of every route of the page but those that are open to all."""
    routes = list(all_routes(page_routes(page.office).routes))
    return [
        (method, fill(route.path))
        for route in routes
        if not isinstance(route, Mount) and route.path not in OPEN_PATHS | HEALTH_PATHS
        for method in sorted(route.methods - {"HEAD"})
    ]


def all_routes(routes):
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from all_routes(inner.routes)
        else:
            yield route


def test_every_route_refuses_whoever_was_not_let_in(page):
    """Without a session each route of the table answers 401, and nothing else."""
    asked = every_route(page)
    assert len(asked) > 20
    with page.stranger() as client:
        answers = {each: client.request(*each).status_code for each in asked}
    assert set(answers.values()) == {401}, answers


def test_every_route_that_changes_something_refuses_viewers(page):
    """A viewer may leave, and change nothing else."""
    unsafe = [each for each in every_route(page) if each[0] in UNSAFE]
    with page.visitor(Role.VIEWER) as client:
        answers = {
            each: client.request(*each).status_code for each in unsafe if each[1] != "/leave"
        }
    assert len(answers) > 8
    assert set(answers.values()) == {403}, answers


def test_a_link_lets_in_once(page):
    """The second use of a link is refused, and gives no session."""
    link = page.link()
    with page.stranger() as first, page.stranger() as second:
        assert first.get(link).status_code == 200
        assert second.get(link).status_code == 401
        assert first.get("/").status_code == 200
        assert second.get("/").status_code == 401


def test_the_cookie_is_for_this_page_alone(page):
    """No script reads it and no other site has it sent."""
    with page.stranger() as client:
        said = client.get(page.link()).headers["set-cookie"].lower()
    assert said.startswith(f"{COOKIE}=")
    assert "httponly" in said
    assert "samesite=strict" in said


def test_who_left_is_out(page):
    """The session ends at the server, not only in the browser."""
    with page.visitor() as client:
        token = client.cookies[COOKIE]
        assert client.post("/leave").status_code == 303
        assert client.get("/", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "localhost."])
def test_another_name_that_leads_here_is_refused(page, host):
    """DNS rebinding: a page of another name gets nothing, even with a session."""
    with page.visitor() as client:
        assert client.get("/", headers={"Host": host}).status_code in (400, 421)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN"])
def test_another_site_changes_nothing(enrolled, site):
    """A form of another site is refused although the browser sent the cookie along."""
    with enrolled.visitor() as client:
        answer = client.post("/campaigns/reminders/pause", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    with enrolled.office.store.reading() as tx:
        assert tx.campaign("reminders").state == "active"


def test_without_fetch_metadata_the_origin_decides(enrolled):
    """A browser on plain HTTP sends no Sec-Fetch-Site; then Origin has to be this very host."""
    with enrolled.visitor() as client:
        del client.headers["Sec-Fetch-Site"]
        pause = "/campaigns/reminders/pause"
        assert client.post(pause).status_code == 403
        assert client.post(pause, headers={"Origin": "null"}).status_code == 403
        assert client.post(pause, headers={"Origin": "http://evil.example"}).status_code == 403
        assert client.post(pause, headers={"Origin": enrolled.url}).status_code == 303


def test_every_answer_forbids_foreign_content(page):
    """Pages, refusals and files come with the policy that lets nothing in from elsewhere."""
    with page.visitor() as client, page.stranger() as stranger:
        answers = [client.get("/"), client.get("/nothing"), client.get("/static/page.css")]
        answers += [stranger.get("/"), stranger.get("/login")]
    for answer in answers:
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_was_done_stands_in_the_log(enrolled):
    """Who paused a campaign is known by name and role."""
    with enrolled.visitor() as client:
        client.post("/campaigns/reminders/pause")
    with enrolled.office.store.reading() as tx:
        latest = tx.audit_entries(limit=1)[0]
    assert (latest.who, latest.role, latest.action) == ("Maria", "operator", "paused")
    assert latest.subject == "reminders"


def test_paths_are_compared_whole(page):
    """What merely begins or ends like an open path is not open."""
    with page.stranger() as client:
        for path in ("/login/", "/x/login", "/enter/../", "/loginx", "//enter", "/STATIC/page.css"):
            assert client.get(path).status_code == 401, path


@pytest.mark.parametrize(
    ("web_url", "is_secure", "begins"),
    [
        ("https://calls.example.com/", True, "https://calls.example.com/enter?token="),
        ("https://calls.example.com:8443", True, "https://calls.example.com:8443/enter?token="),
        ("http://calls.example.com", False, "http://127.0.0.1:"),
        (None, False, "http://127.0.0.1:"),
    ],
)
def test_where_people_come_by_tls_cookie_and_links_are_for_tls(
    tmp_path, sqlite_template, web_url, is_secure, begins
):
    """What ends TLS hands requests on without it; only the setting tells how people come."""
    shutil.copy(sqlite_template, tmp_path / "page.db")
    with served_page(tmp_path, web_url=web_url) as page, page.stranger() as client:
        cookie = client.get(page.link()).headers["set-cookie"]
        session = {"Cookie": cookie.partition(";")[0]}
        made = client.post("/access", data={"name": "Ben", "role": "viewer"}, headers=session)
    assert ("; secure" in cookie.lower()) == is_secure
    assert f'value="{begins}' in made.text
