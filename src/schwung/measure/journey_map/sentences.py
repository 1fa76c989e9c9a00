"""What stands out on a journey map, each with what can be done about it."""

from collections.abc import Iterator, Sequence

from schwung.core.text import Text
from schwung.measure.friction import HAND_OVERS, Outflow
from schwung.measure.journey_map.journey_map import LEAST, Column, Sentence
from schwung.measure.phase import PHASES
from schwung.measure.said import count, decimal, money, points, share


def sentences(columns: Sequence[Column], losses: Sequence[Outflow], currency: str) -> tuple[Sentence, ...]:
    """losses: largest first."""
    found = [
        *_low_point(columns),
        *_loss(losses, currency),
        *_drops(columns),
        *_crowded(columns),
        *_few_answers(columns),
    ]
    if not found:
        return (Sentence(Text("Nothing stands out in this period.", "In diesem Zeitraum fällt nichts auf.")),)
    return tuple(found)


def _low_point(columns: Sequence[Column]) -> Iterator[Sentence]:
    known = [one for one in columns if one.emotion.value is not None and one.emotion.n >= LEAST]
    if len(known) < 2:
        return
    low = min(known, key=lambda one: one.emotion.value or 0.0)
    rest = [one for one in known if one is not low]
    next_low = min(one.emotion.low or 0.0 for one in rest)
    clear = low.emotion.high is not None and low.emotion.high < next_low
    text = (
        Text("{phase} is the low point: {value} of 100 ({low} to {high}).", "{phase} ist der Tiefpunkt: {value} von 100 ({low} bis {high}).")
        if clear
        else Text("Feeling is lowest in {phase}: {value} of 100 ({low} to {high}), not clearly apart from the next.", "Am schlechtesten ist die Stimmung bei {phase}: {value} von 100 ({low} bis {high}), nicht klar vom nächsten verschieden.")
    )  # fmt: skip
    values = {"value": decimal(low.emotion.value or 0, 0), "low": decimal(low.emotion.low or 0, 0), "high": decimal(low.emotion.high or 0, 0)}  # fmt: skip
    yield Sentence(
        text.fill(phase=PHASES[low.phase], **values), "/metrics/csat", Text("See the answers", "Antworten ansehen")
    )


def _loss(losses: Sequence[Outflow], currency: str) -> Iterator[Sentence]:
    if not losses or losses[0].amount <= 0:
        return
    worst = losses[0]
    place = HAND_OVERS[worst.hand_over]
    yield Sentence(
        Text("Most value is lost at {place}: {amount} by “{title}”, {n} customers.", "Am meisten Wert geht bei {place} verloren: {amount} durch „{title}“, {n} Kunden.").fill(
            place=place, amount=money(worst.amount, currency), title=worst.title, n=count(worst.customers)
        ),
        "/flywheel",
        Text("See the factors, save those concerned", "Faktoren ansehen, Betroffene speichern"),
    )  # fmt: skip


def _drops(columns: Sequence[Column]) -> Iterator[Sentence]:
    fallen = [one for one in columns if one.phase != "use" and one.change and one.change.word == "clearly_lower"]
    for one in sorted(fallen, key=lambda one: one.change.value if one.change and one.change.value else 0.0)[:1]:
        change = abs(one.change.value) if one.change and one.change.value is not None else 0.0
        yield Sentence(
            Text("Fewer go on from {phase}: {change} less than in the period before.", "Von {phase} gehen weniger weiter: {change} weniger als im Zeitraum davor.").fill(
                phase=PHASES[one.phase], change=points(change)
            ),
            "/lifecycle",
            Text("Save who is there as a list", "Als Liste speichern, wer dort ist"),
        )  # fmt: skip


def _crowded(columns: Sequence[Column]) -> Iterator[Sentence]:
    use = next(one for one in columns if one.phase == "use")
    if use.change and use.change.word == "clearly_higher" and use.onward and use.onward.value is not None:
        yield Sentence(
            Text("More customers need help: {share} of those in Use asked.", "Mehr Kunden brauchen Hilfe: {share} derer in Nutzen fragten.").fill(share=share(use.onward.value)),
            "/metrics/complaint_rate",
            Text("See the cases", "Vorgänge ansehen"),
        )  # fmt: skip


def _few_answers(columns: Sequence[Column]) -> Iterator[Sentence]:
    few = [one for one in columns if one.people and one.emotion.n < LEAST]
    if not few:
        return
    parts = [(PHASES[one.phase], one.emotion.n) for one in few]
    named = Text(
        ", ".join(f"{phase.en} ({n})" for phase, n in parts), ", ".join(f"{phase.de} ({n})" for phase, n in parts)
    )
    yield Sentence(
        Text("Too few answers for a feeling: {named}; at least {least}.", "Zu wenige Antworten für eine Stimmung: {named}; mindestens {least}.").fill(named=named, least=LEAST),
        "/imports/new?kind=answers",
        Text("Import answers", "Antworten einlesen"),
    )  # fmt: skip
