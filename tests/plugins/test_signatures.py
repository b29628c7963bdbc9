"""What the plugins rely on inside Radicale, whose inner signatures change between minor versions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from radicale import config
from radicale.app import Application
from radicale.app.base import ApplicationBase
from radicale.auth import BaseAuth
from radicale.item import Item
from radicale.item.filter import simplify_prefilters
from radicale.rights import BaseRights
from radicale.storage import BaseCollection, BaseStorage
from radicale.web import BaseWeb


def test_the_version_is_the_one_read() -> None:
    assert version("radicale").startswith("3.9.")


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (Application.__init__, ["self", "configuration"]),
        (Application.__call__, ["self", "environ", "start_response"]),
        (BaseAuth.__init__, ["self", "configuration"]),
        (BaseAuth._login_ext, ["self", "login", "password", "context"]),
        (BaseAuth.login, ["self", "login", "password", "context"]),
        (BaseAuth._sleep_for_constant_exec_time, ["self", "time_ns_begin"]),
        (BaseRights.authorization, ["self", "user", "user_groups", "path"]),
        (BaseWeb.get, ["self", "environ", "base_prefix", "path", "user", "user_groups", "request_info"]),
        (BaseStorage.__init__, ["self", "configuration"]),
        (BaseStorage.discover, ["self", "path", "depth", "child_context_manager", "user_groups"]),
        (BaseStorage.move, ["self", "item", "to_collection", "to_href"]),
        (BaseStorage.create_collection, ["self", "href", "items", "props"]),
        (BaseStorage.acquire_lock, ["self", "mode", "user", "args", "kwargs"]),
        (BaseStorage.verify, ["self"]),
        (BaseCollection.upload, ["self", "href", "item"]),
        (BaseCollection.delete, ["self", "href"]),
        (BaseCollection.get_multi, ["self", "hrefs"]),
        (BaseCollection.get_all, ["self"]),
        (BaseCollection.get_filtered, ["self", "filters"]),
        (BaseCollection.has_uid, ["self", "uid"]),
        (BaseCollection.sync, ["self", "old_token"]),
        (BaseCollection.get_meta, ["self", "key"]),
        (BaseCollection.set_meta, ["self", "props"]),
        (BaseCollection.serialize, ["self", "vcf_to_ics", "ShareActions"]),
        (simplify_prefilters, ["filters", "collection_tag"]),
        (config.Configuration.update, ["self", "config", "source", "privileged"]),
    ],
)
def test_the_signatures_relied_on_are_as_they_were(function: Callable[..., Any], parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters) == parameters


def test_an_item_takes_what_it_is_given() -> None:
    taken = set(inspect.signature(Item.__init__).parameters)
    assert {"collection", "href", "text", "etag", "uid", "name", "component_name", "last_modified"} <= taken


def test_a_collection_has_no_other_way_to_be_written() -> None:
    """A new method of these classes may be a new door past the reception: look at it, then add it here."""
    assert {name for name in vars(BaseCollection) if not name.startswith("_")} == {
        *("path", "owner", "is_principal", "etag", "tag", "sync", "get_multi", "get_all", "get_filtered", "has_uid"),
        *("upload", "delete", "get_meta", "set_meta", "last_modified", "serialize"),
    }
    assert {name for name in vars(BaseStorage) if not name.startswith("_")} == {
        *("discover", "move", "create_collection", "acquire_lock", "verify"),
    }


def test_the_application_holds_the_plugins_under_the_names_used() -> None:
    assert {"_auth", "_rights", "_storage", "_web"} <= set(ApplicationBase.__annotations__)
