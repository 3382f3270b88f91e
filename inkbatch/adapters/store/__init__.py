"""The database behind everything that must survive: SQLite by default, PostgreSQL by URL."""

from inkbatch.adapters.store.backup import backup
from inkbatch.adapters.store.engine import storage
from inkbatch.adapters.store.revisions import current_revision, upgrade
from inkbatch.adapters.store.store import SqlStore, open_store

__all__ = ["SqlStore", "backup", "current_revision", "open_store", "storage", "upgrade"]
