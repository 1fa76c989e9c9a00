"""Which customers go into a saved list: those that a filter of the customer list shows, or those that a file names."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from schwung.app.customer_list import MOST_WORDS, check_kind, word_patterns
from schwung.app.lists import SavedList, create_list, nobody_fits
from schwung.app.refresh import fold
from schwung.app.wiring import Workspace
from schwung.unify.identifier import KINDS, normalize

_SLICE = 20_000
_HEADS = {"customer", "customer_id", "customerid", "id", "kunde", "kundennummer", "email", "e-mail", *KINDS}


@dataclass(frozen=True, slots=True)
class Named:
    """customer_ids: whom the lines name. unknown, ambiguous: lines that fit nobody, or more than one customer."""

    customer_ids: frozenset[int]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]


def list_from_filter(
    workspace: Workspace, name: str, *, kind: str = "", search: str = "", note: str = "", actor: str
) -> SavedList:
    """The customers that the customer list shows with this filter, as they are now."""
    check_kind(kind)
    words = sorted(fold(search).split(), key=len, reverse=True)[:MOST_WORDS]
    with workspace.store.read() as tx:
        ids = [row["customer_id"] for row in tx.rows("lists.matching", kind=kind, **word_patterns(words))]
    basis = {"kind": kind, "search": search.strip()}
    return create_list(workspace, name, ids, note=note, origin="filter", basis=basis, actor=actor)


def list_from_lines(
    workspace: Workspace, name: str, lines: Iterable[str], *, note: str = "", actor: str
) -> tuple[SavedList, Named]:
    """Whom the lines name: `customer:17`, `email:anna@x.de`, or a bare number or value."""
    found = whom(workspace, lines)
    if not found.customer_ids:
        raise nobody_fits()
    basis = {"unknown": len(found.unknown), "ambiguous": len(found.ambiguous)}
    return (
        create_list(workspace, name, found.customer_ids, note=note, origin="import", basis=basis, actor=actor),
        found,
    )


def lines_of(content: bytes) -> list[str]:
    """The first column of a text or CSV file, without its head."""
    text = content.decode("utf-8-sig", "replace")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    cells = [row[0].strip() for row in csv.reader(io.StringIO(text), delimiter=separator) if row and row[0].strip()]
    return cells[1:] if cells and cells[0].lower() in _HEADS else cells


def whom(workspace: Workspace, lines: Iterable[str]) -> Named:
    """The customers that lines name, looked up in sets."""
    texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    ids: set[int] = set()
    unknown: list[str] = []
    ambiguous: list[str] = []
    for at in range(0, len(texts), _SLICE):
        part = texts[at : at + _SLICE]
        found = look_up(workspace, part)
        for text in part:
            owners = found[text]
            if len(owners) == 1:
                ids |= owners
            else:
                (ambiguous if owners else unknown).append(text)
    return Named(frozenset(ids), tuple(unknown), tuple(ambiguous))


def look_up(workspace: Workspace, texts: list[str]) -> dict[str, set[int]]:
    """Text → the customers whom it names."""
    country = workspace.settings.workspace.country
    values: dict[str, list[tuple[str | None, str]]] = defaultdict(list)
    numbers: dict[int, list[str]] = defaultdict(list)
    for text in texts:
        kind, _, value = text.partition(":")
        if kind == "customer" or text.isdecimal():
            number = value if kind == "customer" else text
            if number.isdecimal() and len(number) < 16:
                numbers[int(number)].append(text)
        if kind in KINDS and value:
            known = normalize(kind, value, country)
            if known:
                values[known].append((kind, text))
        else:
            for name in KINDS:
                known = normalize(name, text, country)
                if known:
                    values[known].append((name, text))
    found: dict[str, set[int]] = defaultdict(set)
    with workspace.store.read() as tx:
        for row in tx.rows("lists.by_values", values=list(values)):
            for named, text in values[row["value"]]:
                if named == row["kind"]:
                    found[text].add(row["customer_id"])
        for row in tx.rows("lists.by_numbers", numbers=list(numbers)):
            for text in numbers[row["identifier_id"]]:
                # A bare number is the shop's own one first: ours may be the same by chance.
                if text.startswith("customer:") or not found[text]:
                    found[text].add(row["customer_id"])
    return found
