"""What a number needs and only a person or another source has: whether it is there, what lacks, and where it is entered.

A table of facts is there as soon as it has one row that fits; a rate, as soon as it is set.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.core.text import Text
from schwung.measure.metric import Metric
from schwung.measure.missing import IMPORT, Missing
from schwung.measure.question import Question
from schwung.measure.scope import TableOf
from schwung.measure.valuation import Valuation

Rows = Callable[[TableOf], ir.Table]
Run = Callable[[ir.Table], pa.Table]
SETTINGS = "/settings?section=value"
ENTER = Text("Enter it", "Eintragen")


@dataclass(frozen=True, slots=True)
class Input:
    """told: whether a setting answers it. rows: facts of which one suffices; with `spoils`, of which none may be."""

    missing: Missing
    told: Callable[[Valuation], bool] = lambda value: False
    rows: Rows | None = None
    spoils: bool = False


def _facts(name: str, en: str, de: str, rows: Rows, kind: str | None = None) -> Input:
    """Facts that are imported, or sent as events. kind: of the import, where it has another name."""
    return Input(Missing(name, Text(en, de), f"/imports/new?kind={kind or name}", IMPORT), rows=rows)


def _setting(
    name: str,
    en: str,
    de: str,
    told: Callable[[Valuation], bool],
    rows: Rows | None = None,
    *,
    spoils: bool = False,
) -> Input:
    return Input(Missing(name, Text(en, de), SETTINGS, ENTER), told, rows, spoils)


def _all(name: str) -> Rows:
    return lambda table: table(name, False)


def _coupons(table: TableOf) -> ir.Table:
    orders = table("orders", False).filter(lambda row: row.coupon.notnull())
    told = table("events", False).filter(lambda row: row.name == "coupon_redeemed")
    return orders.select(at="ordered_at").union(told.select(at="happened_at"))


def _state(name: str, *states: str) -> Rows:
    return lambda table: table(name, False).filter(lambda row: row.state.isin(states))


def _answers(metric: str) -> Rows:
    return lambda table: table("answers", False).filter(lambda row: (row.metric == metric) & row.value.notnull())


def _asked(metric: str, en: str, de: str) -> Input:
    text = Text(
        f"There is no answer to a question that is marked as {en}.",
        f"Es gibt keine Antwort auf eine Frage, die als {de} gekennzeichnet ist.",
    )
    return Input(Missing(f"answers_{metric}", text, "/imports/new?kind=answers", IMPORT), rows=_answers(metric))


INPUTS: Mapping[str, Input] = {
    found.missing.name: found
    for found in (
        _facts(
            "spend",
            "There is no spend on acquisition: amounts by day and channel.",
            "Es fehlen die Ausgaben für Akquisition: Beträge je Tag und Kanal.",
            lambda table: table("spend", False).filter(
                lambda row: (row.phase.isnull() | (row.phase == "attract")) & (row.amount_minor > 0)
            ),
        ),
        _facts("energy", "There is no spend.", "Es fehlen Ausgaben.", _all("spend"), "spend"),
        _facts(
            "hours",
            "There are no hours worked by phase.",
            "Es fehlen die Arbeitsstunden je Phase.",
            lambda table: table("spend", False).filter(lambda row: row.hours.notnull()),
            "spend",
        ),
        _setting(
            "margin",
            "Margins are not known: no product states its cost, and no flat margin rate is set.",
            "Die Margen sind nicht bekannt: Kein Artikel nennt seinen Einstandspreis, und kein Margensatz ist gesetzt.",
            lambda value: value.margin_rate is not None,
            lambda table: table("products", False).filter(lambda row: row.cost.notnull()),
        ),
        _setting(
            "tax",
            "Amounts are gross and their tax is not known.",
            "Die Beträge sind brutto, und ihre Steuer ist nicht bekannt.",
            lambda value: value.tax_rate is not None,
            lambda table: table("orders", False).filter(lambda row: ~row.is_net & row.tax_minor.isnull()),
            spoils=True,
        ),
        _setting(
            "point_value",
            "What a loyalty point is worth is not set.",
            "Was ein Treuepunkt wert ist, ist nicht gesetzt.",
            lambda value: value.point_value is not None,
        ),
        _asked("nps", "NPS (recommendation, 0 to 10)", "NPS (Weiterempfehlung, 0 bis 10)"),
        _asked("csat", "CSAT (satisfaction)", "CSAT (Zufriedenheit)"),
        _asked("ces", "CES (effort)", "CES (Aufwand)"),
        _asked("stars", "stars", "Sterne-Bewertung"),
        _facts(
            "answer_weights",
            "No answer states a weight.",
            "Keine Antwort nennt ein Gewicht.",
            lambda table: table("answers", False).filter(lambda row: row.weight.notnull()),
            "answers",
        ),
        _facts("leads", "There are no leads.", "Es gibt keine Interessenten-Fakten.", _all("leads")),
        _facts("carts", "There are no carts.", "Es gibt keine Warenkörbe.", _all("carts")),
        _facts("cases", "There are no cases.", "Es gibt keine Vorgänge.", _all("cases")),
        _facts("messages", "There are no messages.", "Es gibt keine Nachrichten.", _state("messages", "sent")),
        _facts(
            "control_group",
            "No message was held back: without a control group the effect of a measure is not known.",
            "Keine Nachricht wurde zurückgehalten: Ohne Vergleichsgruppe ist die Wirkung einer Maßnahme nicht bekannt.",
            _state("messages", "held_back"),
            "messages",
        ),
        _facts("subscriptions", "There are no subscriptions.", "Es gibt keine Abonnements.", _all("subscriptions")),
        _facts("points", "There are no loyalty points.", "Es gibt keine Treuepunkte.", _all("points")),
        _facts(
            "promises",
            "No delivery states until when it was promised.",
            "Keine Lieferung nennt, bis wann sie zugesagt war.",
            lambda table: table("deliveries", False).filter(lambda row: row.promised_at.notnull()),
            "deliveries",
        ),
        _facts(
            "discounts",
            "No order states its discount.",
            "Keine Bestellung nennt ihren Rabatt.",
            lambda table: table("orders", False).filter(lambda row: row.discount_minor.notnull()),
            "orders",
        ),
        _facts(
            "coupons",
            "No order states a coupon, and no event tells that one was redeemed.",
            "Keine Bestellung nennt einen Gutschein, und kein Ereignis meldet eine Einlösung.",
            _coupons,
            "orders",
        ),
        _facts(
            "surveys",
            "There are no events that tell which surveys were sent.",
            "Es fehlen Ereignisse, die sagen, welche Umfragen verschickt wurden.",
            lambda table: table("events", False).filter(lambda row: row.name == "survey_sent"),
            "events",
        ),
        _facts(
            "surveys_started",
            "There are no events that tell which surveys were begun.",
            "Es fehlen Ereignisse, die sagen, welche Umfragen begonnen wurden.",
            lambda table: table("events", False).filter(lambda row: row.name == "survey_started"),
            "events",
        ),
        _facts(
            "visits",
            "There are no visits: events that tell which pages were viewed.",
            "Es fehlen Besuche: Ereignisse, die sagen, welche Seiten angesehen wurden.",
            lambda table: table("events", False).filter(lambda row: row.name.isin(("page_viewed", "screen_viewed"))),
            "events",
        ),
        _facts(
            "referrals",
            "There are no referrals: events that tell who brought whom.",
            "Es fehlen Empfehlungen: Ereignisse, die sagen, wer wen gebracht hat.",
            lambda table: table("events", False).filter(lambda row: row.name == "referral_converted"),
            "events",
        ),
    )
}


def missing_of(
    metric: Metric, question: Question, table: TableOf, run: Run, known: set[str] | None = None
) -> tuple[Missing, ...]:
    """What the metric lacks. known: inputs whose facts were seen already; what is found is added to it."""
    seen = set() if known is None else known
    wanted = [name for name in metric.requires(question.value) if not INPUTS[name].told(question.value)]
    sought = [name for name in wanted if name not in seen and INPUTS[name].rows is not None]
    there = _there(sought, table, run) if sought else set()
    seen |= {name for name in there if not INPUTS[name].spoils}

    def lacks(name: str) -> bool:
        return name in there if INPUTS[name].spoils else name not in seen

    return tuple(INPUTS[name].missing for name in wanted if lacks(name))


def _there(names: Iterable[str], table: TableOf, run: Run) -> set[str]:
    """Those whose facts have a row; one statement."""
    found = []
    for name in names:
        rows = INPUTS[name].rows
        assert rows is not None
        found.append(rows(table).limit(1).select(name=ibis.literal(name)))
    return set(run(ibis.union(*found) if len(found) > 1 else found[0])["name"].to_pylist())
