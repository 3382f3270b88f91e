"""The file that `inkbatch init` writes, and the schema beside it."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from inkbatch.adapters.campaign_files import (
    campaign_json_schema,
    load_campaign,
    write_new_campaign,
)
from inkbatch.adapters.campaign_files.document import CampaignDocument
from inkbatch.adapters.campaign_files.template import schema_text, template_text
from inkbatch.domain.errors import CampaignFileError

SAMPLE = Path(__file__).parents[3] / "campaigns" / "appointment_reminder"
COMMENTED_KEY = re.compile(r"^# ((?:\[[a-z_.]+\]|[a-z_]+ = .+|2026-\d\d-\d\d = .+))$")


def uncommented(text):
    """The template with its commented keys and tables in force: examples and defaults alike."""
    return "\n".join(COMMENTED_KEY.sub(r"\1", line) for line in text.splitlines())


def keys_of(table, prefix=""):
    """Every dotted key of the models, without those of tables inside lists."""
    for name, field in table.model_fields.items():
        inner = [
            part
            for part in getattr(field.annotation, "__args__", (field.annotation,))
            if hasattr(part, "model_fields") and not str(field.annotation).startswith("list[")
        ]
        if inner:
            yield from keys_of(inner[0], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def flat(table, prefix=""):
    """The values of nested tables by dotted key."""
    for key, value in table.items():
        if isinstance(value, dict) and key != "exceptions":
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def test_a_new_campaign_loads_as_it_is(tmp_path):
    """A person starts from a file that works, under the name they gave."""
    file = write_new_campaign(tmp_path / "spring", "It is spring 2027")
    assert file == tmp_path / "spring" / "campaign.toml"
    assert load_campaign(tmp_path / "spring").name == "It is spring 2027"


def test_nothing_is_overwritten(tmp_path):
    """A second init leaves the work of the first alone."""
    file = write_new_campaign(tmp_path, "first")
    before = file.read_text("utf-8")
    with pytest.raises(CampaignFileError, match=r"campaign\.toml exists already"):
        write_new_campaign(tmp_path, "second")
    assert file.read_text("utf-8") == before


def test_a_name_that_no_campaign_may_have_is_refused(tmp_path):
    """Nothing is written under a name that would not load."""
    with pytest.raises(CampaignFileError, match="at most 80 letters"):
        write_new_campaign(tmp_path / "x", 'quote " me')
    assert not (tmp_path / "x").exists()


def test_the_editor_finds_the_schema(tmp_path):
    """The first line points to the schema, which is written beside the file."""
    file = write_new_campaign(tmp_path, "spring")
    assert file.read_text("utf-8").startswith("#:schema ./campaign.schema.json\n")
    schema = json.loads((tmp_path / "campaign.schema.json").read_text("utf-8"))
    assert schema == campaign_json_schema()


def test_the_template_documents_every_key():
    """Undocumented is unfinished."""
    written = dict(flat(tomllib.loads(uncommented(template_text("x")))))
    days = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    shown_by_monday = {f"calling_window.{day}" for day in days}
    assert set(keys_of(CampaignDocument)) - shown_by_monday == set(written)


def test_every_default_in_the_template_is_the_one_that_holds():
    """What is commented out, and no example, changes nothing when it is put in force."""
    template = template_text("x")
    bare = CampaignDocument.model_validate(tomllib.loads(template))
    full = CampaignDocument.model_validate(tomllib.loads(uncommented(template)))
    examples = {
        "sheet",
        "default_region",
        "client_websocket_url",
        "webhook_url",
        "notice_url",
        "rules",
        "state_column",
        "expires",
        "cool_down",
        "columns",
        "pilot",
        "schedule",
    }
    window = {"monday", "holidays", "exceptions"}
    figures = ("share", "calls", "minutes")
    parts = {f"{part}_{what}" for part in ("guaranteed", "ceiling") for what in figures}
    left_out = examples | {"calling_window", "budget"}
    assert full.model_dump(exclude=left_out) == bare.model_dump(exclude=left_out)
    assert full.calling_window.model_dump(exclude=window) == bare.calling_window.model_dump(
        exclude=window
    )
    assert full.budget.model_dump(exclude=parts) == bare.budget.model_dump(exclude=parts)
    assert all(getattr(bare, key) != getattr(full, key) for key in examples)


@pytest.mark.parametrize("text", [uncommented(template_text("x")), template_text("x")])
def test_the_schema_accepts_what_the_loader_accepts(text):
    """An editor marks nothing red in a file that is right."""
    jsonschema.Draft202012Validator(campaign_json_schema()).validate(tomllib.loads(text))


@pytest.mark.parametrize(
    "change",
    [
        {"prority": 1},
        {"name": ""},
        {"from_numbers": []},
        {"pacing": {"calls_per_minute": 0}},
        {"attempts": {"retry": {"no_answer": "4 hours"}}},
        {"calling_window": {"monday": ["9-10"]}},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(change):
    """An editor marks a mistake before anybody runs the campaign."""
    document = tomllib.loads(template_text("x")) | change
    assert not jsonschema.Draft202012Validator(campaign_json_schema()).is_valid(document)


def test_the_sample_campaign_fits_its_schema():
    """The shipped schema is the current one, and the shipped campaign is right by it."""
    assert (SAMPLE / "campaign.schema.json").read_text("utf-8") == schema_text()
    document = tomllib.loads((SAMPLE / "campaign.toml").read_text("utf-8"))
    jsonschema.Draft202012Validator(campaign_json_schema()).validate(document)
