"""Links, passwords and sessions, at times that are said and not waited for."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from inkbatch.web.access.sessions import (
    LINK_LASTS,
    SESSION_LASTS,
    TRIES_MAX,
    TRIES_WITHIN,
    Person,
    Role,
    Sessions,
    person_name,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MARIA = Person(name="Maria", role=Role.VIEWER)
PASSWORDS = {Role.OPERATOR: SecretStr("ink"), Role.VIEWER: SecretStr("paper")}


def test_a_link_is_good_once_and_for_an_hour():
    """Neither a second use nor one after its time lets anybody in."""
    sessions = Sessions()
    used = sessions.new_link_token(MARIA, now=NOW)
    late = sessions.new_link_token(MARIA, now=NOW)
    assert sessions.enter_by_link(used, now=NOW) is not None
    assert sessions.enter_by_link(used, now=NOW) is None
    assert sessions.enter_by_link(late, now=NOW + LINK_LASTS) is None
    assert sessions.enter_by_link("", now=NOW) is None


def test_a_session_ends_by_itself():
    """After its time nobody knows the holder any more."""
    sessions = Sessions()
    token = sessions.enter_by_link(sessions.new_link_token(MARIA, now=NOW), now=NOW)
    last = NOW + SESSION_LASTS - timedelta(seconds=1)
    assert sessions.person(token, now=last) == MARIA
    assert sessions.person(token, now=NOW + SESSION_LASTS) is None
    assert sessions.person(token, now=NOW) is None


@pytest.mark.parametrize(
    ("password", "role"),
    [("ink", Role.OPERATOR), ("paper", Role.VIEWER), ("Ink", None), ("", None), ("ink ", None)],
)
def test_a_password_tells_the_role(password, role):
    """Each password lets in as what it is for; anything else lets nobody in."""
    sessions = Sessions(passwords=PASSWORDS)
    token = sessions.enter_by_password("Ann", password, now=NOW)
    person = sessions.person(token, now=NOW) if token else None
    assert (person.role if person else None) == role


def test_guessing_is_slowed_and_forgiven():
    """After so many wrong ones even the right one is refused, until a while has passed."""
    sessions = Sessions(passwords=PASSWORDS)
    for _ in range(TRIES_MAX):
        assert sessions.enter_by_password("x", "wrong", now=NOW) is None
    assert sessions.enter_by_password("x", "ink", now=NOW) is None
    assert sessions.enter_by_password("x", "ink", now=NOW + TRIES_WITHIN) is not None


def test_without_a_password_none_is_right():
    """An empty password lets nobody in where none is set."""
    assert Sessions().enter_by_password("x", "", now=NOW) is None


def test_a_name_is_one_short_line():
    """What somebody types as a name cannot make a second line of the log."""
    assert person_name("  Ann\n2026 root\x1b[31m  ") == "Ann 2026 root [31m"
    assert len(person_name("x" * 500)) == 60
    assert person_name(" \n") == "somebody"
