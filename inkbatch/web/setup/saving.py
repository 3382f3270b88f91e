"""Saving a campaign's settings: checked by the rules of its file, then written into it."""

import tomlkit
from tomlkit import TOMLDocument

from inkbatch.adapters.campaign_files import Problem, check_campaign
from inkbatch.web.access import Person
from inkbatch.web.campaigns.entries import Entry
from inkbatch.web.office import Office
from inkbatch.web.setup.files import write_document


def save_settings(
    office: Office, person: Person, entry: Entry, document: TOMLDocument
) -> tuple[Problem, ...]:
    """Write the document if nothing is wrong with it; else return what is, changing nothing."""
    content = tomlkit.dumps(document)
    problems = check_campaign(content, folder=entry.folder)
    if not problems:
        write_document(entry.folder, content)
        office.note(person, "changed the settings", entry.name)
    return problems
