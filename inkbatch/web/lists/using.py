"""What an operator makes of an upload, by the page or by a script; all is written in the log."""

from inkbatch.domain.errors import CampaignFileError, UserMistake
from inkbatch.web.access import Person
from inkbatch.web.campaigns.entries import SLUG, find_entry
from inkbatch.web.lists.uploads import Upload
from inkbatch.web.office import Office
from inkbatch.web.setup.files import new_campaign_with_list, replace_list

NAME_RULE = "A name has letters, digits, spaces, dots, dashes and underscores: at most 80."
NAME_TAKEN = "There is a campaign of this name already."


def make_campaign(office: Office, person: Person, upload: Upload, *, name: str) -> str:
    """Make a campaign with the uploaded list, and return its slug; raises UserMistake."""
    if not SLUG.fullmatch(name) or name.startswith("~") or name == "new":
        raise UserMistake(NAME_RULE)
    try:
        folder = new_campaign_with_list(office.folder, name, upload)
    except CampaignFileError:
        raise UserMistake(NAME_TAKEN) from None
    office.note(person, "made a campaign", name)
    upload.forget()
    return folder.name


def use_for_campaign(office: Office, person: Person, upload: Upload) -> str:
    """Put the upload in the place of its campaign's list, and return the slug; answers 404."""
    entry = find_entry(office, upload.campaign)
    replace_list(entry.folder, upload)
    office.note(person, "replaced the list", entry.name)
    upload.forget()
    return entry.slug
