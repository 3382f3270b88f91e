"""Rule sets by name: those that ship with inkbatch, and a person's own files."""

from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from inkbatch.adapters.campaign_files.problems import problem_lines
from inkbatch.adapters.campaign_files.rule_document import RuleDocument
from inkbatch.adapters.campaign_files.toml_files import parse_toml, read_text
from inkbatch.adapters.campaign_files.windows import build_window
from inkbatch.domain.calling_rules import RuleSet
from inkbatch.domain.errors import CampaignFileError
from inkbatch.domain.retry_policy import AttemptCap

SUFFIX = ".toml"
_PRESETS = files(__package__) / "rules"


def preset_names() -> tuple[str, ...]:
    """Return the names of the rule sets that ship with inkbatch."""
    found = (Path(entry.name) for entry in _PRESETS.iterdir())
    return tuple(sorted(path.stem for path in found if path.suffix == SUFFIX))


def preset_text(name: str) -> str:
    """Return the file of a rule set that ships, as it stands; raises CampaignFileError."""
    if name not in preset_names():
        raise CampaignFileError(
            f"there is no rule set {name!r}. There are: {', '.join(preset_names())}; a file of "
            f"your own is given by its path, which ends with {SUFFIX}"
        )
    return (_PRESETS / f"{name}{SUFFIX}").read_text("utf-8")


def load_rule_set(name: str, *, folder: Path) -> RuleSet:
    """Return a rule set by its name, or by the path of a file, from the campaign's folder.

    Raises CampaignFileError for one that does not exist or says something not allowed: without
    its rules nobody is called.
    """
    if not name.endswith(SUFFIX):
        return parse_rule_set(preset_text(name), name=name, file=Path(f"{name}{SUFFIX}"))
    file = folder / name
    try:
        content = read_text(file)
    except FileNotFoundError:
        raise CampaignFileError(
            f"there is no rule file {file}; `inkbatch rules NAME > FILE` makes one to start from"
        ) from None
    return parse_rule_set(content, name=name, file=file)


def parse_rule_set(content: str, *, name: str, file: Path) -> RuleSet:
    """Return the rule set of a file's text; raises CampaignFileError, with a line a problem."""
    try:
        document = RuleDocument.model_validate(parse_toml(content, file=file))
    except ValidationError as error:
        lines = problem_lines(error, file=file, document=RuleDocument)
        raise CampaignFileError("\n".join(lines)) from error
    window = document.calling_window
    return RuleSet(
        name=name,
        title=document.title,
        window=None if window is None else build_window(window),
        caps=tuple(AttemptCap(attempts=cap.attempts, period=cap.period) for cap in document.per),
        cool_downs=document.cool_down.periods,
        state=document.state,
        sources=tuple(f"{source.where}: {source.says}" for source in document.sources),
        checked=document.checked,
    )
