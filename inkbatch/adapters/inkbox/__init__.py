"""Inkbox's calls API over HTTP: the only place that knows its wire, its errors and its headers."""

from inkbatch.adapters.inkbox.client import InkboxTelephony
from inkbatch.adapters.inkbox.in_process import in_process

__all__ = ["InkboxTelephony", "in_process"]
