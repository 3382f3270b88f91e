"""A new campaign's file, commented, to be filled in by a person."""

import json
import re
from importlib.resources import files
from pathlib import Path

from inkbatch.adapters.campaign_files.document import CampaignDocument, campaign_json_schema
from inkbatch.adapters.campaign_files.loading import FILE_NAME
from inkbatch.adapters.campaign_files.values import NAME_PATTERN
from inkbatch.domain.errors import CampaignFileError

SCHEMA_FILE_NAME = "campaign.schema.json"
NAME_IN_TEMPLATE = "new campaign"


def write_new_campaign(folder: Path, name: str) -> Path:
    """Write `campaign.toml` and its JSON Schema into a folder; returns the former's path.

    The folder is made where it is missing. Raises CampaignFileError for a name that is not
    allowed, and where a campaign file exists: none is ever overwritten.
    """
    _require_name(name)
    file = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(template_text(name))
        (folder / SCHEMA_FILE_NAME).write_text(schema_text(), "utf-8")
    except FileExistsError as error:
        raise CampaignFileError(
            f"{error.filename} exists already; choose another name, or delete it first"
        ) from error
    except OSError as error:
        raise CampaignFileError(f"{file} cannot be written: {error.strerror}") from error
    return file


def template_text(name: str) -> str:
    """Return the commented file for a campaign of this name."""
    template = files(__package__).joinpath("template.toml").read_text("utf-8")
    return template.replace(f'"{NAME_IN_TEMPLATE}"', json.dumps(name, ensure_ascii=False), 1)


def schema_text() -> str:
    """Return the JSON Schema as it stands beside a campaign file."""
    return json.dumps(campaign_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _require_name(name: str) -> None:
    if not re.fullmatch(NAME_PATTERN, name):
        allowed = CampaignDocument.model_fields["name"].description
        raise CampaignFileError(f"{name!r} cannot be a campaign's name; a name is: {allowed}")
