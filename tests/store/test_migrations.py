"""The schema's history leads to the schema that the program is written against."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store, StoreUnavailable, migrations
from sesstim_caldav.store.schema import metadata


def test_the_migrations_lead_to_the_schema(store: Store) -> None:
    with store.database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_the_newest_revision_is_the_one_that_is_looked_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.__path__[0]))

    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_a_store_written_by_a_newer_version_is_left_alone(settings: Settings) -> None:
    with Store.open(settings) as store, store.changing() as change:
        change.session.driver.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreUnavailable, match="newer version"):
        Store.open(settings)
