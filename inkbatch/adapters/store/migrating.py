"""Running the migrations, by Alembic."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def migrate(connection: Connection) -> None:
    """Bring the database to the newest revision, inside the caller's transaction."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configuration() -> Config:
    """Return what tells Alembic where the migrations are."""
    config = Config()
    config.set_main_option("script_location", "inkbatch.adapters.store:migrations")
    return config
