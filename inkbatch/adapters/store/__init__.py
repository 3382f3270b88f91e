"""The database behind everything that must survive: SQLite by default, PostgreSQL by URL."""

from inkbatch.adapters.store.revisions import current_revision, upgrade
from inkbatch.adapters.store.store import SqlStore, open_store

__all__ = ["SqlStore", "current_revision", "open_store", "upgrade"]
