"""An example agent that holds the conversation of a TOML file, and posts what came of it."""

from inkbatch.agent.script.handler import scripted_handler
from inkbatch.agent.script.loading import Script, load_script

__all__ = ["Script", "load_script", "scripted_handler"]
