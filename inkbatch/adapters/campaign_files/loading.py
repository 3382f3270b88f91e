"""From a folder to a `Campaign`, with every problem named at once."""

from pathlib import Path

from pydantic import ValidationError

from inkbatch.adapters.campaign_files.building import build_campaign
from inkbatch.adapters.campaign_files.document import CampaignDocument
from inkbatch.adapters.campaign_files.problems import Problem, problem_lines, problems_of
from inkbatch.adapters.campaign_files.toml_files import parse_toml, read_text
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import CampaignFileError

FILE_NAME = "campaign.toml"


def load_campaign(folder: Path) -> Campaign:
    """Read and check `campaign.toml` in a folder; paths in it are relative to the folder.

    Raises CampaignFileError with one line for each problem, naming file, key, value and what is
    allowed. Whether the files that it names exist is found out by those who read them.
    """
    return campaign_of(_content(folder, folder / FILE_NAME), folder=folder)


def campaign_of(content: str, *, folder: Path) -> Campaign:
    """Return what the text of a campaign file says; raises CampaignFileError as above."""
    file = folder / FILE_NAME
    try:
        document = CampaignDocument.model_validate(parse_toml(content, file=file))
    except ValidationError as error:
        lines = problem_lines(error, file=file, document=CampaignDocument)
        raise CampaignFileError("\n".join(lines)) from error
    return build_campaign(document, folder=folder.resolve())


def check_campaign(content: str, *, folder: Path) -> tuple[Problem, ...]:
    """Return what is wrong with the text of a campaign file for this folder; empty: nothing."""
    file = folder / FILE_NAME
    try:
        document = CampaignDocument.model_validate(parse_toml(content, file=file))
        build_campaign(document, folder=folder.resolve())
    except ValidationError as error:
        return tuple(problems_of(error, document=CampaignDocument))
    except CampaignFileError as error:
        return (Problem(key="", sentence=str(error)),)
    return ()


def _content(folder: Path, file: Path) -> str:
    try:
        content = read_text(file)
    except FileNotFoundError:
        missing = f"file {file}" if folder.is_dir() else f"folder {folder}"
        raise CampaignFileError(
            f"there is no {missing}; give a campaign's folder, or make one with `inkbatch init`"
        ) from None
    if not content.strip():
        raise CampaignFileError(f"{file} is empty; `inkbatch init` writes one to start from")
    return content
