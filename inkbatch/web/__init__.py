"""What inkbatch answers over HTTP: webhooks of Inkbox, and what agents ask and tell."""

from inkbatch.web.app import create_app
from inkbatch.web.server import serve

__all__ = ["create_app", "serve"]
