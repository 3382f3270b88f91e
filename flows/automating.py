"""The automations that ship: on a Prefect server, and up to date."""

from importlib.resources import files
from typing import Any

import yaml
from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound

from inkbatch.domain.errors import UserMistake

SHIPPED = files("flows") / "deployment" / "automations.yaml"
PLACEHOLDER = "BLOCK_DOCUMENT_ID"


def shipped_automations(block_document_id: str) -> list[AutomationCore]:
    """Return the automations of the file that ships, with the id of the block that tells."""
    text = SHIPPED.read_text("utf-8").replace(PLACEHOLDER, block_document_id)
    documents: list[dict[str, Any]] = yaml.safe_load(text)["automations"]
    return [AutomationCore.model_validate(each) for each in documents]


async def automate(block: str) -> tuple[str, ...]:
    """Register the automations with a notification block, such as `slack-webhook/operators`.

    Those that are there under the same name are changed; whether they are enabled stays. Returns
    their names. Raises UserMistake where there is no such block.
    """
    async with get_client() as client:
        automations = shipped_automations(await _id_of(client, block))
        for automation in automations:
            known = await client.read_automations_by_name(automation.name)
            if not known:
                await client.create_automation(automation)
            for each in known:
                kept = automation.model_copy(update={"enabled": each.enabled})
                await client.update_automation(each.id, kept)
    return tuple(automation.name for automation in automations)


async def _id_of(client: PrefectClient, block: str) -> str:
    type_, _, name = block.partition("/")
    try:
        found = await client.read_block_document_by_name(name, block_type_slug=type_)
    except ObjectNotFound:
        raise UserMistake(
            f"there is no block {block} on the Prefect server. Make one on its page under Blocks, "
            "such as a Slack Webhook, and name it as in slack-webhook/operators."
        ) from None
    return str(found.id)
