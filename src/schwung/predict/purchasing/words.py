"""Expected purchases of a customer in words."""

from collections.abc import Mapping

from schwung.core.text import Text
from schwung.measure.said import decimal, money, share
from schwung.predict.days import day_text
from schwung.predict.model import Prediction, Wording

NO_ORDER = Text(
    "A further order is less likely than none.", "Eine weitere Bestellung ist weniger wahrscheinlich als keine."
)


def purchase_words(said: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """Whether still a customer, how many orders, when the next one."""
    known = {one.target: one for one in said if one.rank == 0}
    return tuple(
        text for text in (alive(known), orders(known, wording), next_order(known, wording)) if text is not None
    )


def alive(known: Mapping[str, Prediction]) -> Text | None:
    """Nothing of whom the model holds for a customer by assumption (BG/NBD of one-time buyers)."""
    one = known.get("p_alive")
    if one is None or one.value is None or one.value >= 1:
        return None
    return Text("Still a customer with a probability of {p}.", "Mit einer Wahrscheinlichkeit von {p} noch Kunde.").fill(
        p=share(one.value, 0)
    )


def orders(known: Mapping[str, Prediction], wording: Wording) -> Text | None:
    one = known.get("expected_orders")
    if one is None or one.value is None or one.low is None or one.high is None:
        return None
    return Text(
        "{n} orders expected within {days} days, most likely {low} to {high}.",
        "{n} Bestellungen in {days} Tagen erwartet, am ehesten {low} bis {high}.",
    ).fill(n=decimal(one.value, 1), days=wording.horizon_days, low=round(one.low), high=round(one.high))


def next_order(known: Mapping[str, Prediction], wording: Wording) -> Text | None:
    one = known.get("next_order")
    if one is None:
        return None
    if one.value is None or one.low is None or one.high is None:
        return NO_ORDER
    return Text(
        "Next order around {day}, most likely between {low} and {high}.",
        "Nächste Bestellung um den {day}, am ehesten zwischen {low} und {high}.",
    ).fill(
        **{name: day_text(at, wording.zone) for name, at in (("day", one.value), ("low", one.low), ("high", one.high))}
    )


def worth(known: Mapping[str, Prediction], target: str, wording: Wording, sentence: Text) -> Text | None:
    """A sentence about money with {value}, {low}, {high}, {days}."""
    one = known.get(target)
    if one is None or one.value is None:
        return None
    shown = {
        name: money((at if at is not None else one.value) / wording.scale, wording.currency)
        for name, at in (("value", one.value), ("low", one.low), ("high", one.high))
    }
    return sentence.fill(**shown, days=wording.horizon_days)
