"""The API as people and machines read it, and what no page of it may do."""

import re

import pytest

PATHS = [
    ("post", "/place-call"),
    ("get", "/numbers"),
    ("get", "/numbers/{phone_number_id}"),
    ("patch", "/numbers/{phone_number_id}"),
    ("get", "/numbers/{phone_number_id}/calls"),
    ("get", "/numbers/{phone_number_id}/calls/{call_id}"),
    ("get", "/calls"),
    ("get", "/calls/{call_id}"),
    ("post", "/calls/{call_id}/hangup"),
    ("get", "/calls/{call_id}/transcripts"),
    ("get", "/calls/{call_id}/tool-invocations"),
    ("get", "/numbers/{phone_number_id}/search"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_every_path_is_documented_with_its_answers(line, method, path):
    """openapi.json tells the key, the body of a 200 and the refusals."""
    document = (await line.a.get("http://sandbox.test/openapi.json")).json()
    operation = document["paths"][f"/api/v1/phone{path}"][method]
    assert operation["security"] == [{"ApiKey": []}]
    assert operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert "401" in operation["responses"]
    assert ("403" in operation["responses"]) == (path not in {"/numbers", "/calls"})


async def test_a_429_is_documented_with_its_headers(line):
    """Retry-After and X-RateLimit-* are promised."""
    document = (await line.a.get("http://sandbox.test/openapi.json")).json()
    refused = document["paths"]["/api/v1/phone/place-call"]["post"]["responses"]["429"]
    assert set(refused["headers"]) == {
        "Retry-After",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
    }


async def test_the_page_shows_every_path_and_needs_nothing_from_elsewhere(line):
    """It works on a machine that reaches nobody: no script, no style, no font of another host."""
    answer = await line.a.get("http://sandbox.test/docs")
    page = answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for method, path in PATHS:
        assert f"{method.upper()} /api/v1/phone{path}</code></a>" in page
    for told in ("webhook_url", "Telnyx dial failed", "recipient_blocked", "PlacedCall"):
        assert told in page
    assert "<script" not in page
    assert set(re.findall(r"https?://[^/\s<]+", page)) == {"http://sandbox.test"}


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/sandbox/ledger", "/api/v1/phone/calls"]
)
async def test_no_page_of_another_site_may_read_or_place_anything(line, path):
    """CORS is off: no answer allows another origin."""
    answer = await line.a.get(
        f"http://sandbox.test{path}", headers={"Origin": "https://elsewhere.example"}
    )
    asked = await line.a.options(
        "/place-call",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
        },
    )
    told = [*answer.headers, *asked.headers]
    assert asked.status_code == 405
    assert not [name for name in told if name.lower().startswith("access-control")]
