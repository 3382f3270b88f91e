"""A TOML file that a person wrote: read and parsed, with a sentence for whatever is wrong."""

import tomllib
from pathlib import Path
from typing import Any

from inkbatch.domain.errors import CampaignFileError


def read_text(file: Path) -> str:
    """Return the text of a file; raises FileNotFoundError, or CampaignFileError for the rest."""
    try:
        content = file.read_text("utf-8")
    except FileNotFoundError:
        raise
    except NotADirectoryError:
        raise CampaignFileError(f"{file.parent} is a file; give the campaign's folder") from None
    except UnicodeDecodeError as error:
        raise CampaignFileError(f"{file} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise CampaignFileError(f"{file} cannot be opened: {error.strerror}") from error
    return content


def parse_toml(content: str, *, file: Path) -> dict[str, Any]:
    """Return what the text says; raises CampaignFileError where it is no TOML."""
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise CampaignFileError(
            f"{file} is not valid TOML, or only half written: {error}"
        ) from error
