"""The agent's URL: filled with a contact's own values, and carrying the attempt back to us."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.agent_url import (
    agent_url,
    attempt_id_in,
    extension_field,
    missing_columns,
    placeholders,
)

TEMPLATE = "wss://agent.example/talk/{contact.first_name}?lang={contact.lang}&v=1#part"


def test_fills_the_template_and_adds_the_attempt():
    """Values are encoded, and query and fragment that were there stay."""
    url = agent_url(TEMPLATE, {"first_name": "Ana María/2", "lang": "es"}, attempt_id="a-1")
    assert url == (
        "wss://agent.example/talk/Ana%20Mar%C3%ADa%2F2?lang=es&v=1&inkbatch_attempt=a-1#part"
    )


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("wss://agent.example", "wss://agent.example?inkbatch_attempt=a1"),
        ("wss://agent.example/?", "wss://agent.example/?inkbatch_attempt=a1"),
        ("wss://agent.example/x#f", "wss://agent.example/x?inkbatch_attempt=a1#f"),
        ("wss://agent.example/{name}", "wss://agent.example/{name}?inkbatch_attempt=a1"),
        ("wss://agent.example/{contact.x}", "wss://agent.example/?inkbatch_attempt=a1"),
        ("wss://a.example:9/?inkbatch_attempt=z", "wss://a.example:9/?inkbatch_attempt=z&inkbatch_attempt=a1"),
    ],
)  # fmt: skip
def test_every_form_of_template_takes_the_attempt(template, url):
    """A query is begun or continued, and a missing value is empty."""
    assert agent_url(template, {}, attempt_id="a1") == url
    assert attempt_id_in(url) == "a1"


def test_names_its_placeholders_in_order():
    """A campaign file is checked against the columns of its list by these."""
    assert placeholders("wss://a/{contact.b}/{contact.a c}?{other}={contact.b}") == (
        "b",
        "a c",
        "b",
    )


@pytest.mark.parametrize(
    "value",
    [
        "a&inkbatch_attempt=evil",
        "?inkbatch_attempt=evil#",
        "{contact.lang}",
        "../../admin",
        "@evil.example/",
        "line\r\nbreak\ttab\x00",
        "%26inkbatch_attempt%3Devil",
        "\ud800 half a character",
        "=1+1",
        "🙂" * 50,
    ],
)
def test_no_value_of_a_sheet_breaks_out_of_its_place(value):
    """Whatever a cell holds, the host stays, and the attempt in the URL is ours."""
    url = agent_url(TEMPLATE, {"first_name": value, "lang": value}, attempt_id="a1")
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("wss", "agent.example", "part")
    assert list(parse_qs(parts.query)) == ["lang", "v", "inkbatch_attempt"]
    assert parse_qs(parts.query)["inkbatch_attempt"] == ["a1"]
    assert parse_qs(parts.query)["lang"] == [value.encode(errors="replace").decode()]
    assert attempt_id_in(url) == "a1"
    assert url.isascii()


@given(
    first_name=st.text(max_size=30),
    lang=st.text(max_size=30),
    attempt_id=st.text(min_size=1, max_size=40).filter(str.isascii),
)
def test_the_attempt_comes_back_whatever_surrounds_it(first_name, lang, attempt_id):
    """Round trip: what goes into the URL comes out of it."""
    url = agent_url(TEMPLATE, {"first_name": first_name, "lang": lang}, attempt_id=attempt_id)
    assert attempt_id_in(url) == attempt_id
    assert parse_qs(urlsplit(url).query, keep_blank_values=True)["lang"] == [lang]


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "wss://agent.example/",
        "wss://agent.example/?x=1",
        "wss://agent.example/?inkbatch_attempt=",
        "wss://agent.example/#inkbatch_attempt=a1",
        "wss://[broken/?inkbatch_attempt=a1",
        "not a url at all",
    ],
)
def test_a_url_without_our_parameter_carries_no_attempt(url):
    """Calls made by others, with whatever URL, are not ours and crash nothing."""
    assert attempt_id_in(url) is None


def test_columns_that_a_template_asks_for_in_vain_are_named_once():
    """A template that would say nothing to the agent is found before the first call."""
    template = "wss://agent.example/{contact.name}?a={contact.clinic}&b={contact.name}"
    assert missing_columns(template, ("clinic",)) == ("name",)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        (("name",), "extension"),
        (("name", "extension"), "phone_extension"),
        (("extension", "phone_extension"), "phone_extension_2"),
        (("extension", "phone_extension", "phone_extension_2"), "phone_extension_3"),
    ],
)
def test_a_template_may_use_the_extension_of_a_number(columns, field):
    """The agent can key it in; it never takes the place of a column, and is empty without one."""
    template = f"wss://agent.example.com/?ext={{contact.{field}}}"
    assert extension_field(columns) == field
    assert missing_columns(template, columns) == ()
    assert missing_columns("{contact.phone_extension_9}", columns) == ("phone_extension_9",)
    assert agent_url(template, {field: "7"}, attempt_id="a").startswith(
        "wss://agent.example.com/?ext=7&"
    )
    assert agent_url(template, {}, attempt_id="a").startswith("wss://agent.example.com/?ext=&")
