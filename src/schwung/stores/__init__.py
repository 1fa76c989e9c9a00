"""The operational store: what must change together and at once."""

from pathlib import Path
from typing import TYPE_CHECKING

from schwung.core.clock import Clock, system_clock
from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.stores.migrate import upgrade
from schwung.stores.sqlite import SQLiteStore

if TYPE_CHECKING:
    from schwung.stores.postgres import PostgresStore

__all__ = ["SQLiteStore", "open_store"]


def open_store(url: str, folder: Path, clock: Clock = system_clock) -> "SQLiteStore | PostgresStore":
    """The store at `url`, its schema brought up to date.

    url: `sqlite:///FILE` (relative to `folder`) or `postgresql://USER:PASSWORD@HOST/DATABASE`.
    SetupError when it cannot be opened, or was written by a newer schwung.
    """
    store = _store(url, folder)
    try:
        upgrade(store, folder, clock)
    except BaseException:
        store.close()
        raise
    return store


def _store(url: str, folder: Path) -> "SQLiteStore | PostgresStore":
    scheme = url.partition("://")[0]
    if scheme == "sqlite":
        return SQLiteStore(folder / url.removeprefix("sqlite:///"))
    if scheme in ("postgresql", "postgres"):
        from schwung.stores.postgres import PostgresStore

        return PostgresStore(url)
    raise SetupError(
        "store_url_invalid",
        Text(
            en="The store's address begins with “{scheme}”, which is neither sqlite nor postgresql.",
            de="Die Adresse des Speichers beginnt mit „{scheme}“; das ist weder sqlite noch postgresql.",
        ).fill(scheme=scheme),
        Text(
            en="Set [store] url to sqlite:///store.db or postgresql://USER:PASSWORD@HOST/DATABASE.",
            de="[store] url auf sqlite:///store.db oder postgresql://USER:PASSWORD@HOST/DATABASE setzen.",
        ),
    )
