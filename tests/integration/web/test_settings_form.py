"""The settings form over campaign.toml: what it saves, what it keeps, and what it refuses."""

from html.parser import HTMLParser

import pytest

from inkbatch.adapters.campaign_files import load_campaign, write_new_campaign
from inkbatch.domain.disposition import Disposition
from inkbatch.web.access import Role
from inkbatch.web.setup.hours import DAYS

SETUP = "/campaigns/spring/setup"


@pytest.fixture
def spring(page):
    """A new campaign's commented file, with a list of two people."""
    folder = page.office.folder / "spring"
    write_new_campaign(folder, "spring")
    (folder / "call_list.csv").write_text("Phone,First name\n0,Bad\n+12125550100,Ann B\n", "utf-8")
    file = folder / "campaign.toml"
    file.write_text(file.read_text("utf-8").replace("call_list.xlsx", "call_list.csv"), "utf-8")
    return folder


class SentForm(HTMLParser):
    """What a browser would send of a form as it stands."""

    def __init__(self, html):
        super().__init__()
        self.sent, self._open, self._select, self._area = {}, False, None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        """Take down what a control holds."""
        said = dict(attributes)
        name, value = said.get("name"), said.get("value", "")
        match tag:
            case "form":
                self._open = said.get("action") == SETUP
            case "input" if self._open and said.get("type") == "checkbox":
                self.sent.setdefault(name, [])
                self.sent[name] += [value] if "checked" in said else []
            case "input" if self._open:
                self.sent[name] = value
            case "select" if self._open:
                self.sent[name], self._select = None, name
            case "option" if self._open and self.sent[self._select] is None:
                self.sent[self._select] = value  # the first, unless another is selected
            case "option" if self._open and "selected" in said:
                self.sent[self._select] = value
            case "textarea" if self._open:
                self.sent[name], self._area = "", name

    def handle_data(self, data):
        """Take down what a text area holds."""
        if self._area:
            self.sent[self._area] += data

    def handle_endtag(self, tag):
        """Leave what ends."""
        if tag == "form":
            self._open = False
        if tag == "textarea":
            self._area = None


def fields(html):
    """Return what a browser would send of the settings as they stand."""
    return SentForm(html).sent


def test_saving_what_is_shown_changes_nothing_of_what_it_means(page, spring):
    """The form shows all that it writes, so that saving it untouched is harmless."""
    before = load_campaign(spring)
    with page.visitor() as client:
        sent = fields(client.get(SETUP).text)
        assert len(sent) > 30
        assert client.post(SETUP, data=sent).status_code == 303
    assert load_campaign(spring) == before


def test_comments_of_the_file_stay(page, spring):
    """What a person wrote beside the keys is there after the page saved."""
    file = spring / "campaign.toml"
    file.write_text(file.read_text("utf-8") + "\n# mine: ask Maria before changing this\n", "utf-8")
    comments = [line for line in file.read_text("utf-8").splitlines() if line.startswith("# ")]
    with page.visitor() as client:
        sent = fields(client.get(SETUP).text)
        client.post(SETUP, data={**sent, "calls_at_once": "7", "monday": "10:00-11:00"})
    saved = file.read_text("utf-8")
    assert load_campaign(spring).pacing.calls_at_once == 7
    assert [line for line in comments if line not in saved] == []


def test_each_field_reaches_its_key(page, spring):
    """Hours by the day, waits, caps, schedule and pilot mean what the form says."""
    said = {
        "client_websocket_url": "wss://agent.example.com/?n={contact.first_name}",
        "sunday": "10:00-12:00",
        "exceptions": "2026-12-25 closed\n2026-12-31 09:00-12:00",
        "holidays": "US",
        "zone": "Europe/London",
        "rules": ["us-federal"],
        "tries": "2",
        "wait_no_answer": "3",
        "unit_no_answer": "d",
        "other_no_answer": "yes",
        "number_no_answer": "yes",
        "unit_voicemail": "stop",
        "cap_0": "1",
        "cap_wait_0": "7",
        "cap_unit_0": "d",
        "schedule_time": "08:30",
        "schedule_days": ["1", "2"],
        "schedule_zone": "Europe/London",
        "pilot_calls": "20",
        "calls_per_minute": "",
    }
    with page.visitor() as client:
        sent = {**fields(client.get(SETUP).text), **said}
        assert client.post(SETUP, data=sent).status_code == 303
    campaign = load_campaign(spring)
    assert [str(span) for span in campaign.window.weekdays[6]] == ["10:00-12:00"]
    assert {str(day): len(spans) for day, spans in campaign.window.exceptions.items()} == {
        "2026-12-25": 0,
        "2026-12-31": 1,
    }
    assert campaign.window.zone == "Europe/London"
    assert [rules.name for rules in campaign.rules] == ["us-federal"]
    assert campaign.retry.attempts_max == 2
    assert campaign.retry.delays[Disposition.NO_ANSWER].days == 3
    assert campaign.retry.other_hour == {Disposition.NO_ANSWER}
    assert campaign.retry.other_number == {Disposition.NO_ANSWER}
    assert campaign.retry.delays[Disposition.VOICEMAIL] is None
    assert [(cap.attempts, cap.period.days) for cap in campaign.retry.caps] == [(1, 7)]
    assert (campaign.schedule.cron, campaign.schedule.zone) == ("30 8 * * 1,2", "Europe/London")
    assert campaign.pilot.calls == 20
    assert campaign.pacing.calls_per_minute is None


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("monday", "9-5", "Hours are written as"),
        ("tuesday", "09:00-12:00, 11:00-13:00", "overlap"),
        ("client_websocket_url", "https://agent.example.com", "begins with wss://"),
        ("from_numbers", "5550100", "E.164"),
        ("tries", "0", "A whole number from 1 to 100"),
        ("wait_no_answer", "", "A duration is a whole number"),
        ("minutes_max", "0.5", "make it at most that"),
        ("schedule_zone", "Mars/Base", "A zone is an IANA name"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(page, spring, field, text, says):
    """The file's own rule stands in the page with what was typed, and the file stays as it was."""
    before = (spring / "campaign.toml").read_bytes()
    with page.visitor() as client:
        sent = {**fields(client.get(SETUP).text), field: text, "schedule_time": "08:00"}
        answer = client.post(SETUP, data={"schedule_zone": "UTC", **sent} | {field: text})
    assert answer.status_code == 422
    assert says in answer.text.replace("&#34;", '"')
    assert (spring / "campaign.toml").read_bytes() == before


@pytest.mark.usefixtures("spring")
def test_the_address_is_shown_for_a_real_row(page):
    """The first row that can be called fills the agent's address, encoded as it will be."""
    url = "wss://agent.example.com/?n={contact.first_name}"
    with page.visitor() as client:
        told = client.get(f"{SETUP}/address", params={"client_websocket_url": url}).text
        missing = client.get(
            f"{SETUP}/address", params={"client_websocket_url": url.replace("first", "last")}
        ).text
    assert "row 3" in told
    assert "?n=Ann%20B&amp;inkbatch_attempt=" in told
    assert "no column last_name" in missing


def forecast_of(client, **typed):
    """Return what stands beside the form when some of it is typed anew."""
    sent = fields(client.get(SETUP).text)
    return client.post(f"{SETUP}/forecast", data={**sent, **typed})


@pytest.mark.parametrize("is_taken_in", [False, True])
def test_the_forecast_follows_the_form_before_it_is_saved(page, spring, is_taken_in):
    """What is typed is looked ahead with, of a draft's list too, and nothing of it is written."""
    before = (spring / "campaign.toml").read_text("utf-8")
    with page.visitor() as client:
        if is_taken_in:
            assert client.post("/campaigns/spring/prepare").status_code == 303
        told = forecast_of(client)
        never = forecast_of(client, holidays="", exceptions="", **dict.fromkeys(DAYS[:-1], ""))
        wrong = forecast_of(client, tries="0")
    assert "of 1 people" in told.text, told.text
    assert "as they are in this form" in told.text
    assert never.text != told.text
    assert "It cannot be told" in wrong.text
    assert str(spring) not in wrong.text
    assert (spring / "campaign.toml").read_text("utf-8") == before


def test_a_viewer_has_no_forecast_of_a_form(page, spring):
    """A viewer changes nothing, so the forecast of the saved settings is all there is."""
    with page.visitor(Role.VIEWER) as client:
        assert client.post(f"{SETUP}/forecast", data={}).status_code == 403
        assert client.get(SETUP).status_code == 403
    assert spring.exists()
