"""Campaign files: a folder with `campaign.toml` becomes a `Campaign`, or says why it cannot."""

from inkbatch.adapters.campaign_files.document import campaign_json_schema
from inkbatch.adapters.campaign_files.loading import campaign_of, check_campaign, load_campaign
from inkbatch.adapters.campaign_files.problems import Problem
from inkbatch.adapters.campaign_files.rule_files import load_rule_set, preset_names, preset_text
from inkbatch.adapters.campaign_files.template import write_new_campaign

__all__ = [
    "Problem",
    "campaign_json_schema",
    "campaign_of",
    "check_campaign",
    "load_campaign",
    "load_rule_set",
    "preset_names",
    "preset_text",
    "write_new_campaign",
]
