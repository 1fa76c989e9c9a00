"""Words that several rules share."""

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Evidence, Link, Money
from schwung.measure.diagnosis.rule import Context, priced

USUAL = Text("the three periods before", "die drei Zeiträume davor")
BEFORE = Text("the period right before", "der Zeitraum direkt davor")
JOURNEYS = Text("comes with the part “Act” (journeys)", "kommt mit dem Teil „Handeln“ (Strecken)")


def metric(name: str, title: Text) -> Link:
    """A look at a metric."""
    return Link(Text("Look at {title}", "{title} ansehen").fill(title=title), f"/metrics/{name}")


def save_list(outflow: str) -> Link:
    """The customers concerned as a saved list."""
    return Link(Text("Save the customers as a list", "Kunden als Liste sichern"), f"POST /flywheel/{outflow}/list")


def evidence(title: Text, change: Change, unit: str = "share") -> tuple[Evidence, ...]:
    """The number against the usual, and against the period before."""
    return (
        Evidence(title, unit, change.now, change.usual, USUAL),
        Evidence(title, unit, change.now, change.before, BEFORE),
    )


def of_slice(change: Change, lead: Text) -> Text:
    """“ (Email)” after a claim where it tells of a slice."""
    return (
        Text(" ({lead}: {name})", " ({lead}: {name})").fill(lead=lead, name=change.slice) if change.slice else NOTHING
    )


NOTHING = Text("\u200b", "\u200b")


def from_to(change: Change, digits: int = 1) -> dict[str, Text]:
    """Marks {now} and {usual} as shares."""
    assert change.now.value is not None and change.usual.value is not None
    return {"now": said.share(change.now.value, digits), "usual": said.share(change.usual.value, digits)}


def by_outflow(context: Context, change: Change, name: str, what: Text) -> Money | None:
    """Each case at the price of the wheel's outflow; None where that is not known."""
    flow = context.outflow(name)
    if flow is None or not flow.cases or not flow.amount:
        return None
    each, low, high = (part / flow.cases for part in (flow.amount, flow.low, flow.high))
    return priced(
        change, each, low, high,
        Text("{n} {what} more than usual × {each}, as on the wheel", "{n} {what} mehr als üblich × {each}, wie am Schwungrad").fill(
            n=said.count(change.excess.value or 0), what=what, each=said.money(each, context.currency)
        ),
    )  # fmt: skip


def by_orders(context: Context, change: Change, per_case: float = 1.0) -> Money | None:
    """Each missing order at the mean value of an order."""
    row = context.one("average_order_value", 365)
    if row is None or row.estimate.low is None or row.estimate.high is None:
        return None
    value, low, high = (per_case * (part or 0.0) for part in (row.estimate.value, row.estimate.low, row.estimate.high))
    return priced(
        change, value, low, high,
        Text("{n} orders fewer than usual × {each}", "{n} Bestellungen weniger als üblich × {each}").fill(
            n=said.count((change.excess.value or 0) * per_case), each=said.money(row.estimate.value or 0, context.currency)
        ),
    )  # fmt: skip


NOT_PRICED = Text(
    "What it costs is not known: too few such cases, or orders, for a comparison.",
    "Was es kostet, ist nicht bekannt: zu wenige solche Fälle oder Bestellungen für einen Vergleich.",
)
