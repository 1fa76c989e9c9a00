"""Customers: the list, one customer with the whole timeline, merging and separating, export, erasure, the shell's search."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import FileResponse, Response

from schwung.act.legality import Verdict
from schwung.app import audit
from schwung.app.customer_list import Page as Rows
from schwung.app.customer_list import kind_counts, list_customers
from schwung.app.customers import ERASED, Customer, erased_among, find_customer, read_customer, show_customer
from schwung.app.export_person import export_person
from schwung.app.forget import forget
from schwung.app.law import may_all
from schwung.app.merge import merge, separable, unmerge
from schwung.app.timeline import Timeline, read_place, timeline
from schwung.collect.import_kinds.customers import KIND as CUSTOMERS
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.lifecycle import KINDS
from schwung.measure.metrics import METRICS
from schwung.unify.consent import CHANNELS, PURPOSES, TOPICS
from schwung.unify.identifier import ORDER
from schwung.unify.trait import RESERVED
from schwung.web.console.area import Area, areas
from schwung.web.console.customers import story
from schwung.web.console.page import Editor, Owner, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.texts import say

router = console_router()
AREA = Area("customers", path="/customers", group="customers", icon="users", router=router)

ROWS = 25
ENTRIES = 40
FOUND = 6
_CONTRACT = Text("Orders, invoices, account", "Bestellung, Rechnung, Konto")


@router.get("/customers")
def customers(
    page: Viewer,
    q: str = "",
    kind: str = "",
    sort: str = "last_order",
    up: int = 0,
    after: str = "",
    before: str = "",
    at: int = 1,
) -> Response:
    found = _rows(page, q, kind, sort, up, after, before)
    if q.strip():
        _note_search(page, found.count)
    counts = kind_counts(page.workspace)
    state = data_state(page.workspace)
    values: dict[str, Any] = {
        "found": found,
        "counts": counts,
        "kinds": KINDS,
        "q": q,
        "kind": kind,
        "sort": sort,
        "up": up,
        "at": max(1, at),
    }
    since = {row["customer_id"]: story.since_in_words(page, row["last_order_at"], state.until_on) for row in found.rows}
    return page.render(
        "customers/list.html",
        **values,
        state=state,
        since=since,
        named=_namer(page, found.rows),
        place=_place,
        size=ROWS,
    )


@router.get("/customers/{customer_id}")
def customer(page: Viewer, customer_id: int, show: str = "all") -> Response:
    stays = find_customer(page.workspace, f"customer:{customer_id}")
    if stays != customer_id:  # merged since the link was written
        return page.go(f"/customers/{stays}")
    found = show_customer(page.workspace, customer_id, page.actor)
    state = data_state(page.workspace)
    values: dict[str, Any] = {
        "one": found,
        "name": _name(page, found),
        "figures": found.figures,
        "kinds": KINDS,
        "grouped": _grouped(found),
        "traits": _traits(found),
        "consents": _consents(page, found),
        "sendable": [] if found.is_erased else _sendable(page, found),
        "channels": CHANNELS,
        "purposes": PURPOSES,
        "topic_names": lambda names: ", ".join(
            TOPICS[name].in_(page.language) if name in TOPICS else name for name in names
        ),
        "since": story.since_in_words(page, found.figures["last_order_at"], state.until_on) if found.figures else "",
        "rhythm": _rhythm(found),
    }
    show = show if show in story.FILTERS else "all"
    return page.render("customers/one.html", **values, show=show, filters=story.FILTERS)


@router.get("/customers/{customer_id}/timeline")
def more_timeline(page: Viewer, customer_id: int, after: str = "", show: str = "all") -> Response:
    """The timeline, or its next piece. The view was noted with the page that it belongs to."""
    with page.workspace.store.read() as tx:
        found = read_customer(tx, page.workspace, customer_id)
    return page.render("customers/timeline.html", one=found, is_first=not after, **_story(page, found, show, after))


@router.post("/customers/{customer_id}/merge")
def merge_with(page: Editor, customer_id: int, other: Annotated[str, Form(max_length=300)]) -> Response:
    goes = find_customer(page.workspace, other)
    stays = merge(page.workspace, customer_id, goes, page.actor)
    merges = show_customer(page.workspace, stays, page.actor).merges
    undo = f"/customers/{stays}/merges/{merges[0].merge_no}/undo" if merges else ""
    number = goes if goes != stays else customer_id
    return page.go(f"/customers/{stays}", toast=page.text("merge.done", number=str(number)), undo=undo)


@router.post("/customers/{customer_id}/merges/{merge_no}/undo")
def undo_merge(page: Editor, customer_id: int, merge_no: int) -> Response:
    found = show_customer(page.workspace, customer_id, page.actor)
    chosen = separable(found.merges, merge_no)
    unmerge(page.workspace, customer_id, chosen.proposal.leaving, page.actor)
    return page.go(f"/customers/{customer_id}", toast=page.text("merge.undone"))


@router.post("/customers/{customer_id}/separate")
def separate(page: Editor, customer_id: int, leaving: Annotated[list[int] | None, Form()] = None) -> Response:
    stays, left = unmerge(page.workspace, customer_id, leaving or [], page.actor)
    said = page.text("separate.done", number=str(left))
    return page.go(f"/customers/{stays}", toast=said, undo=f"/customers/{stays}/join/{left}")


@router.post("/customers/{customer_id}/join/{other}")
def join_again(page: Editor, customer_id: int, other: int) -> Response:
    stays = merge(page.workspace, customer_id, other, page.actor)
    return page.go(f"/customers/{stays}", toast=page.text("separate.rejoined"))


@router.post("/customers/{customer_id}/export")
def export(page: Editor, customer_id: int) -> Response:
    path = export_person(page.workspace, customer_id, page.actor)
    return FileResponse(path, media_type="application/zip", filename=f"customer-{customer_id}.zip")


@router.post("/customers/{customer_id}/erase")
def erase(
    page: Owner, customer_id: int, confirmation: Annotated[str, Form()], orders: Annotated[str, Form()] = ""
) -> Response:
    if confirmation.strip() != str(customer_id):
        return page.go(f"/customers/{customer_id}", toast=page.text("erase.not_typed"), bad=True)
    report = forget(page.workspace, customer_id, page.actor, delete_orders=bool(orders))
    facts = sum(report.lake_deleted.values())
    return page.go("/customers", toast=page.text("erase.done", identities=report.identifiers, lake=facts))


@router.get("/find")
def find(page: Viewer, q: str = "") -> Response:
    """What the shell's search shows while somebody types."""
    words = q.strip().casefold()
    links: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    if words:
        listed = [area for area in areas() if area.group and page.me.may(area.role)]
        named: list[tuple[str, str, str]] = [
            (str(say(area.name, "title", page.language)), area.path, area.icon) for area in listed
        ]
        named += [(one.title.in_(page.language), f"/metrics/{name}", "chart-line") for name, one in METRICS.items()]
        links = [{"name": name, "path": path, "icon": icon} for name, path, icon in named if words in name.casefold()][
            :FOUND
        ]
        rows = list_customers(page.workspace, search=words, limit=FOUND).rows
    return page.render("customers/found.html", q=q.strip(), links=links, rows=rows, named=_namer(page, rows))


def _rows(page: Page, q: str, kind: str, sort: str, up: int, after: str, before: str) -> Rows:
    asked: dict[str, Any] = {"kind": kind or None, "search": q, "sort": sort, "descending": not up, "limit": ROWS}
    return list_customers(page.workspace, **asked, after=_read_place(after, sort), before=_read_place(before, sort))


def _place(place: tuple[Any, int] | None) -> str:
    """A place in the list as it stands in an address: customer and the sort column's value."""
    return f"{place[1]}~{place[0]}" if place else ""


def _read_place(text: str, sort: str) -> tuple[Any, int] | None:
    if not text:
        return None
    number, _, value = text.partition("~")
    try:
        return (value if sort == "name" else int(value), int(number))
    except ValueError as error:
        raise InputError(
            "place_invalid",
            Text(en="This page of the list does not exist.", de="Diese Seite der Liste gibt es nicht."),
            Text(en="Start again from the first page.", de="Von der ersten Seite an beginnen."),
        ) from error


def _note_search(page: Page, count: int) -> None:
    with page.workspace.store.write() as tx:
        audit.add(tx, page.workspace.clock(), page.actor, "searched", None, found=count)


def _namer(page: Page, rows: list[dict[str, Any]]) -> Callable[[dict[str, Any]], str]:
    """How customers of the list are called: by name, e-mail, the shop's number; or erased."""
    nameless = {row["customer_id"] for row in rows if not (row["full_name"] or row["email"] or row["user_id"])}
    erased = erased_among(page.workspace, nameless)

    def named(row: dict[str, Any]) -> str:
        if row["customer_id"] in erased:
            return ERASED.in_(page.language)
        own = page.words("number", number=str(row["customer_id"]))
        return str(row["full_name"] or row["email"] or row["user_id"] or own)

    return named


def _name(page: Page, found: Customer) -> str:
    if found.is_erased:
        return ERASED.in_(page.language)
    return found.name or page.words("number", number=_number(found))


def _number(found: Customer) -> str:
    """The shop's own number for the customer, else ours."""
    return next((one.value for one in found.identities if one.kind == "user_id"), str(found.customer_id))


def _grouped(found: Customer) -> list[tuple[Text, list[Any]]]:
    kinds = sorted({one.kind for one in found.identities}, key=lambda kind: ORDER.get(kind, len(ORDER)))
    groups = [[one for one in found.identities if one.kind == kind] for kind in kinds]
    return [(group[0].title, group) for group in groups]


def _traits(found: Customer) -> list[tuple[Text, Text, Any]]:
    rows = [(name, json.loads(one.value), one) for name, one in found.traits.items()]
    return [(_title(name), _shown(value), one) for name, value, one in rows if value is not None]


def _title(trait: str) -> Text:
    """As people call it, where it is one of ours or one that customers are imported with."""
    if trait in RESERVED:
        return RESERVED[trait].title
    said = trait.replace("_", " ")
    return next((one.title for one in CUSTOMERS.fields if said in (one.name, *one.synonyms)), Text(said, said))


def _shown(value: Any) -> Text:
    if isinstance(value, bool):
        return Text("yes", "ja") if value else Text("no", "nein")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Text(text, text) if text.strip() else Text("–", "–")


def _consents(page: Page, found: Customer) -> dict[str, Any]:
    forced = found.permissions.in_force
    channels = [channel for channel in CHANNELS if any(key[1] == channel for key in forced)]
    purposes = [purpose for purpose in PURPOSES if any(key[0] == purpose for key in forced)]
    statements = found.permissions.statements
    return {
        "cells": forced,
        "channels": channels,
        "purposes": purposes,
        "latest": statements[-1] if statements else None,
    }


def _sendable(page: Page, found: Customer) -> list[tuple[Text, Verdict]]:
    """For each purpose whether an e-mail may go to this person, by what right or why not."""
    with page.workspace.store.read() as tx:
        verdicts = may_all(tx, found.customer_id, "email", page.workspace.clock())
    return [(PURPOSES.get(purpose, _CONTRACT), verdict) for purpose, verdict in verdicts.items()]


def _rhythm(found: Customer) -> int | None:
    figures = found.figures
    return (
        story.days_between(figures["first_order_at"], figures["last_order_at"], figures["order_count"])
        if figures
        else None
    )


def _story(page: Page, found: Customer, show: str, after: str) -> dict[str, Any]:
    show = show if show in story.FILTERS else "all"
    limit = ENTRIES if show == "all" else ENTRIES * 4
    piece: Timeline = timeline(page.workspace, found.customer_id, after=read_place(after), limit=limit)
    return {
        "days": story.days(page, piece.entries, show),
        "next": piece.next,
        "show": show,
        "filters": story.FILTERS,
    }
