"""What a dry run of an import found, as a table for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schwung.core.money import exponent_of
from schwung.core.period import day_of
from schwung.core.text import Language, Text

if TYPE_CHECKING:
    from schwung.app.wiring import Workspace

_LABELS: Mapping[str, Text] = {
    "read": Text("Rows read", "Zeilen gelesen"),
    "imported": Text("New", "Neu"),
    "known_already": Text("Known already", "Schon bekannt"),
    "updated": Text("Changed", "Geändert"),
    "rejected": Text("Rejected", "Abgelehnt"),
    "orders": Text("Orders", "Bestellungen"),
    "lines": Text("Lines", "Positionen"),
    "returns": Text("Returns", "Rückgaben"),
    "cancelled": Text("Cancelled orders", "Stornierte Bestellungen"),
    "guests": Text("Of guests", "Von Gästen"),
    "events": Text("Events", "Ereignisse"),
    "products": Text("Products", "Artikel"),
    "rows": Text("Facts", "Fakten"),
    "first_at": Text("First day", "Erster Tag"),
    "last_at": Text("Last day", "Letzter Tag"),
    "amount_minor": Text("Amount", "Betrag"),
    "customers": Text("Customers", "Kunden"),
    "new_customers": Text("New customers", "Neue Kunden"),
}
HEADS = (Text("What", "Was"), Text("How much", "Wie viel"))


def told(workspace: "Workspace", result: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """(name, value) of what is known; days in the workspace's zone, money in major units."""
    settings = workspace.settings.workspace
    rows = []
    for name, label in _LABELS.items():
        value = result.get(name)
        if value is None:
            continue
        if name.endswith("_at"):
            shown = day_of(value, settings.zone).isoformat()
        elif name == "amount_minor":
            shown = _money(value, result.get("currency") or settings.currency, language)
        else:
            shown = _grouped(f"{value:,}", language)
        rows.append((label.in_(language), shown))
    return rows


def _money(minor: int, currency: str, language: Language) -> str:
    digits = exponent_of(currency)
    return f"{_grouped(f'{minor / 10**digits:,.{digits}f}', language)} {currency}"


def _grouped(number: str, language: Language) -> str:
    return number.translate(str.maketrans(",.", ".,")) if language == "de" else number
