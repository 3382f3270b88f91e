"""Prefect flows over the engine: what a schedule runs and what a person sees on Prefect's page.

The engine decides and keeps the books; Prefect starts it, shows it and starts it again. No flow
has retries where something is dialed, and no phone number, name or key is in a parameter, a run's
name or an artifact.
"""

import os

# Before Prefect is imported: nothing is told to anybody about who uses it.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
