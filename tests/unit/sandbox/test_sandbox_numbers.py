"""Setting a phone number, and what calls placed from it go by afterwards."""

import pytest

from inkbatch.sandbox import phone_number_id

OWN = phone_number_id("+14155550100")
FOREIGN = phone_number_id("+12125550100")
URL = "wss://agent.example/stored"


async def update(line, number_id=OWN, **settings):
    """Set something of a number of organisation A."""
    return await line.a.patch(f"/numbers/{number_id}", json=settings)


async def test_a_number_has_every_field_that_clients_have_seen(line):
    """The whole object, as GET /numbers/{id} tells it."""
    number = (await line.a.get(f"/numbers/{OWN}")).json()
    assert number == {
        "id": str(OWN),
        "number": "+14155550100",
        "type": "local",
        "status": "active",
        "sms_status": "ready",
        "incoming_call_action": "auto_reject",
        "client_websocket_url": None,
        "incoming_call_webhook_url": None,
        "forwarding_target_type": None,
        "forwarding_phone_number": None,
        "forwarding_sip_uri": None,
        "filter_mode": "blacklist",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "state": None,
        "agent_identity_id": None,
    }


async def test_an_update_sets_what_it_names_and_leaves_the_rest(line):
    """The answer is the number as it is now, and so is what the next reader sees."""
    told = await update(
        line,
        incoming_call_action="webhook",
        client_websocket_url=URL,
        incoming_call_webhook_url="https://hooks.example/in",
    )
    again = await update(line, filter_mode="whitelist")
    number = again.json()
    assert (told.status_code, again.status_code) == (200, 200)
    assert number["incoming_call_action"] == "webhook"
    assert number["client_websocket_url"] == URL
    assert number["incoming_call_webhook_url"] == "https://hooks.example/in"
    assert number["filter_mode"] == "whitelist"
    assert number["updated_at"] == "2026-03-02T18:00:00Z"
    assert (await line.a.get(f"/numbers/{OWN}")).json() == number
    assert (await line.a.get("/numbers")).json()[0] == number


async def test_calls_fall_back_to_the_url_that_was_set_last(line):
    """A call keeps the URL of its own moment; null takes the number's URL away."""
    before = (await line.place()).json()
    await update(line, client_websocket_url=URL)
    within = (await line.place()).json()
    await update(line, client_websocket_url=None)
    after = (await line.place()).json()
    urls = [call["client_websocket_url"] for call in (before, within, after)]
    assert urls == [None, URL, None]
    listed = (await line.a.get(f"/numbers/{OWN}/calls/{within['id']}")).json()
    assert listed["client_websocket_url"] == URL


async def test_an_update_of_nothing_and_unknown_fields_change_no_setting(line):
    """A newer client's fields are ignored; so are those that nobody may set."""
    before = (await line.a.get(f"/numbers/{OWN}")).json()
    answer = await update(line, number="+14155550199", status="inactive", sms_colour="red")
    assert {**answer.json(), "updated_at": before["updated_at"]} == before


@pytest.mark.parametrize(
    "settings",
    [
        {"incoming_call_action": "explode"},
        {"incoming_call_action": None},
        {"client_websocket_url": "https://agent.example"},
        {"incoming_call_webhook_url": "wss://agent.example"},
        {"filter_mode": "greylist"},
    ],
)
async def test_a_setting_that_cannot_be_is_a_422_and_sets_nothing(line, settings):
    """Also beside one that could be."""
    before = (await line.a.get(f"/numbers/{OWN}")).json()
    answer = await update(line, **{"client_websocket_url": URL, **settings})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", *settings]
    assert (await line.a.get(f"/numbers/{OWN}")).json() == before


async def test_numbers_of_others_and_of_nobody_cannot_be_set(line):
    """403 and 404, as for reading them."""
    assert (await update(line, FOREIGN, client_websocket_url=URL)).status_code == 403
    nobody = "00000000-0000-4000-8000-000000000000"
    assert (await update(line, nobody, client_websocket_url=URL)).status_code == 404
    assert (await line.b.get("/numbers")).json()[0]["client_websocket_url"] is None
