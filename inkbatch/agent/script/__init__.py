"""An example agent that holds the conversation of a TOML file, and posts what came of it."""

from inkbatch.agent.script.loading import Script, load_script
from inkbatch.agent.script.serving import scripted_handler, serve_script

__all__ = ["Script", "load_script", "scripted_handler", "serve_script"]
