"""The campaigns of a folder that have a schedule, as their files say it at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inkbatch.cli.output import say
from inkbatch.domain.campaign import Schedule
from inkbatch.domain.errors import CampaignFileError, UserMistake
from inkbatch.wiring import load_campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Nights:
    """The nights of one campaign, each of which so many runs may dial together."""

    campaign: str
    schedule: Schedule
    shifts_at_once: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """Nights by the folder of their campaign, and what keeps other files from being read."""

    nights: Mapping[Path, Nights] = field(default_factory=dict)
    problems: Mapping[Path, str] = field(default_factory=dict)


def scheduled_in(folder: Path) -> Scheduled:
    """Read the campaign files of a folder's folders; of two with one name the first counts."""
    nights, problems, folder_of = dict[Path, Nights](), dict[Path, str](), dict[str, Path]()
    for path in sorted(path.parent for path in folder.resolve().glob("*/campaign.toml")):
        try:
            campaign = load_campaign(path)
        except CampaignFileError as error:
            problems[path] = str(error)
            continue
        other = folder_of.setdefault(campaign.name, path)
        if other != path:
            problems[path] = f"campaign {campaign.name} stands in {other} already; rename one"
        elif campaign.schedule:
            nights[path] = Nights(
                campaign=campaign.name,
                schedule=campaign.schedule,
                shifts_at_once=campaign.pacing.shifts_at_once,
            )
    return Scheduled(nights=nights, problems=problems)


def require_scheduled(folder: Path) -> Scheduled:
    """Do the same; raises UserMistake where a file cannot be read or nothing has a schedule."""
    found = scheduled_in(folder)
    if found.problems:
        raise UserMistake(" ".join(found.problems.values()))
    if not found.nights:
        raise UserMistake(
            f"no campaign in {folder} has a [schedule], so there is nothing to serve. "
            "Add one to a campaign.toml, or dial once with `inkbatch run`."
        )
    return found


def say_nights(nights: Mapping[Path, Nights]) -> None:
    """Say when each campaign is called."""
    for path, each in nights.items():
        say(f"{each.campaign} ({path}): {each.schedule.cron} {each.schedule.zone}")
