"""The booking office of one site: all that CalDAV, the command line and the pages work with, opened together."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sesstim_caldav.accounts import Accounts
from sesstim_caldav.accounts.registration import Registration
from sesstim_caldav.accounts.resets import Resets
from sesstim_caldav.accounts.subscriptions import Subscriptions
from sesstim_caldav.feeds import Feeds
from sesstim_caldav.mail.messages import Messages
from sesstim_caldav.mail.outbox import Outbox
from sesstim_caldav.publication import Publication
from sesstim_caldav.reception import Reception
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store


@dataclass(frozen=True, slots=True)
class Office:
    """What is written goes through `reception`, what is read comes from `publication`; `accounts` tells who asks."""

    settings: Settings
    store: Store
    accounts: Accounts
    publication: Publication
    reception: Reception
    subscriptions: Subscriptions
    feeds: Feeds
    messages: Messages
    outbox: Outbox
    registration: Registration
    resets: Resets

    @classmethod
    def open(cls, settings: Settings, key: bytes | None = None) -> Office:
        """Opens the store (creating or migrating it) and what stands on it; `key` as for `Accounts`.

        Raises `StoreUnavailable` when the store cannot be opened.
        """
        store = Store.open(settings)
        accounts = Accounts(store, settings, key)
        subscriptions = Subscriptions(store, settings)
        messages, outbox = Messages(settings), Outbox(store)
        return cls(
            settings,
            store,
            accounts,
            Publication(store, settings),
            Reception(store, accounts, settings),
            subscriptions,
            Feeds(subscriptions),
            messages,
            outbox,
            Registration(accounts, outbox, messages),
            Resets(accounts, outbox, messages),
        )

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
