"""What templates may ask for, and its values: of the customer, his products, the company, the journey."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.act.price import day, price
from schwung.act.template import Template
from schwung.app.profiles import traits_of
from schwung.app.template_goods import BLOCKS, Catalog, Goods, read_goods
from schwung.app.wiring import Workspace
from schwung.core.period import day_of
from schwung.core.text import LANGUAGES, Language, Text

_TRAITS = ("first_name", "last_name", "title", "city", "country", "language", "email")
_FIXED: Mapping[str, Text] = {
    "customer.name": Text("name of the customer, as the customer list has it", "Name des Kunden, wie in der Kundenliste"),
    "customer.order_count": Text("number of orders", "Anzahl der Bestellungen"),
    "customer.revenue": Text("revenue with the customer, as money", "Umsatz mit dem Kunden, als Geldbetrag"),
    "customer.first_order_on": Text("day of the first order", "Tag der ersten Bestellung"),
    "customer.last_order_on": Text("day of the last order", "Tag der letzten Bestellung"),
    "products.viewed": Text("products looked at in 60 days, the last first", "in 60 Tagen angesehene Artikel, der letzte zuerst"),
    "products.cart": Text("products in the cart", "Artikel im Warenkorb"),
    "products.bought": Text("products bought, the last first", "gekaufte Artikel, der letzte zuerst"),
    "products.recommended": Text("next products by the prediction", "nächste Artikel laut Vorhersage"),
    "order": Text("last order: number, ordered_on, amount", "letzte Bestellung: number, ordered_on, amount"),
    "company.name": Text("name of the company", "Name der Firma"),
    "company.imprint": Text("imprint", "Impressum"),
    "company.sender": Text("address of the sender", "Adresse des Absenders"),
    "company.website": Text("address of the shop: the first of its domains", "Adresse des Shops: die erste seiner Domains"),
    "unsubscribe_url": Text("link that unsubscribes", "Link zum Abmelden"),
    "preferences_url": Text("link to the preference centre", "Link zu den Einstellungen der Person"),
    "today": Text("today's date", "heutiges Datum"),
    "language": Text("language of the reader: en or de", "Sprache der Leser: en oder de"),
    "currency": Text("currency", "Währung"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class People:
    """What is known of some customers. goods are there where they were asked for."""

    traits: Mapping[int, Mapping[str, Any]]
    rows: Mapping[int, Mapping[str, Any]]
    goods: Mapping[int, Goods]
    catalog: Catalog | None
    names: Sequence[str]
    """Traits that a template may ask for even where a customer has none."""

    def language(self, customer_id: int | None, fallback: Language) -> Language:
        """The customer's own where it is one of ours."""
        told = str(self.traits.get(customer_id or 0, {}).get("language") or "")[:2].lower()
        return told if told in LANGUAGES else fallback


def known_variables(workspace: Workspace, template: Template | None = None) -> dict[str, Text]:
    """Each variable with what it is."""
    found = {f"customer.{name}": Text("trait of the customer", "Merkmal des Kunden") for name in _traits(workspace)}
    journey = {
        f"journey.{name}": Text("handed over by the journey", "von der Strecke übergeben")
        for name in (template.expects if template else ())
    }
    return found | dict(_FIXED) | journey


def wanted_goods(names: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Which blocks of products a template asks for."""
    found: set[str] = set()
    for path in names:
        if path[0] == "order":
            found.add("order")
        elif path[0] == "products":
            found |= {path[1]} if len(path) > 1 and path[1] in BLOCKS else set(BLOCKS)
    return frozenset(found)


def read_people(
    workspace: Workspace,
    customer_ids: Sequence[int],
    goods: frozenset[str] = frozenset(),
    names: Sequence[str] | None = None,
) -> People:
    """All that templates may ask of these customers: one query per table. names: traits that are asked for; None: all that anybody has."""
    ids = sorted(set(customer_ids))
    with workspace.store.read() as tx:
        raw = traits_of(tx, ids) if ids else {}
        rows = {row["customer_id"]: row for row in tx.rows("templates.customers", customer_ids=ids)}
        owned: dict[int, list[int]] = {one: [] for one in ids}
        for customer, identifier in tx.tuples("templates.identifiers", customer_ids=ids) if goods else ():
            owned[customer].append(identifier)
    traits = {one: {name: json.loads(value) for name, value in told.items()} for one, told in raw.items()}
    found, catalog = read_goods(workspace, owned, goods) if goods else ({}, None)
    return People(traits, rows, found, catalog, _traits(workspace) if names is None else names)


def values_of(
    workspace: Workspace,
    people: People,
    customer_id: int | None,
    language: Language,
    *,
    journey: Mapping[str, Any],
    links: Mapping[str, str],
) -> dict[str, Any]:
    """Of one customer, in one language."""
    about, email = workspace.settings.workspace, workspace.settings.email
    row, traits = people.rows.get(customer_id or 0, {}), people.traits.get(customer_id or 0, {})
    customer: dict[str, Any] = dict.fromkeys(people.names) | dict(traits)
    customer["email"] = customer.get("email") or row.get("email")
    customer["name"] = row.get("full_name") or " ".join(
        str(part) for part in (traits.get("first_name"), traits.get("last_name")) if part
    )
    customer["order_count"] = row.get("order_count") or 0
    customer["revenue"] = price(row.get("revenue_minor") or 0, about.currency, language)
    for name in ("first_order", "last_order"):
        at = row.get(f"{name}_at") or 0
        customer[f"{name}_on"] = day(day_of(at, about.zone), language) if at and customer["order_count"] else None
    shown = {}
    if people.catalog is not None:
        shown = people.catalog.shown(people.goods.get(customer_id or 0, Goods({})), language)
    return {
        "customer": customer,
        "company": {
            "name": about.name,
            "imprint": imprint(workspace),
            "sender": email.sender,
            "website": website(workspace),
        },
        "journey": journey,
        "today": day(day_of(workspace.clock(), about.zone), language),
        "language": language,
        "currency": about.currency,
        **links,
        **shown,
    }


def website(workspace: Workspace) -> str:
    domains = workspace.settings.email.shop_domains
    return f"https://{domains[0]}" if domains else ""


def imprint(workspace: Workspace) -> str:
    return workspace.settings.email.imprint.replace("\\n", "\n").strip()


def values_for_preview(
    workspace: Workspace,
    template: Template,
    people: People,
    customer_id: int | None,
    variables: Mapping[str, Any] | None,
    language: Language,
) -> dict[str, Any]:
    """As `values_of`, with the template's examples; links lead to where a link would."""
    base = (workspace.settings.serve.public_url or "https://example.org").rstrip("/")
    links = {"unsubscribe_url": f"{base}/p/unsubscribe", "preferences_url": f"{base}/p/preferences"}
    journey = {**template.expects, **(variables or {})}
    return values_of(workspace, people, customer_id, language, journey=journey, links=links)


def _traits(workspace: Workspace) -> tuple[str, ...]:
    with workspace.store.read() as tx:
        names = {str(name) for (name,) in tx.tuples("templates.traits")}
    return tuple(sorted(names | set(_TRAITS)))
