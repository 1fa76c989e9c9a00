"""What each step says, in a sentence or two."""

from collections.abc import Callable, Sequence

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.valuation import Basis
from schwung.predict.potential.concentration import Concentration
from schwung.predict.potential.frontier import LEAST
from schwung.predict.potential.portfolio import LEVEL_WORDS, Field
from schwung.predict.potential.views import Group, Similar, Source

Money = Callable[[float], Text]
BASIS: dict[Basis, Text] = {"revenue": Text("revenue", "Umsatz"), "margin": Text("margin", "Marge")}


def collected(
    sources: Sequence[Source], active: int, quiet: int, basis: Basis, objected: int, guests: int, foreign: int
) -> tuple[Text, ...]:
    lacking = [one for one in sources if not one.share]
    found = [
        Text(
            "{active} customers ordered within a year, {quiet} before; value is counted as {basis}.",
            "{active} Kunden haben binnen eines Jahres bestellt, {quiet} davor; Wert heißt hier {basis}.",
        ).fill(active=said.count(active), quiet=said.count(quiet), basis=BASIS[basis])
    ]  # fmt: skip
    if lacking:
        found.append(
            Text("Not known: {what}.", "Nicht bekannt: {what}.").fill(
                what=Text(", ".join(one.title.en for one in lacking), ", ".join(one.title.de for one in lacking))
            )
        )
    if foreign:
        found.append(
            Text(
                "Of {n} orders the amount is not known in the reporting currency; their rates are missing (schwung rate).",
                "Von {n} Bestellungen ist der Betrag in der Berichtswährung nicht bekannt; ihre Kurse fehlen (schwung rate).",
            ).fill(n=said.count(foreign))
        )
    if objected or guests:
        found.append(
            Text(
                "Left out: customers who objected to profiling ({objected}), and orders of guests, who cannot be told apart ({guests}).",
                "Nicht dabei: Kunden, die dem Profiling widersprochen haben ({objected}), und Bestellungen von Gästen, die sich nicht unterscheiden lassen ({guests}).",
            ).fill(objected=said.count(objected), guests=said.count(guests))
        )  # fmt: skip
    return tuple(found)


def analysed(found: Concentration, active: int) -> tuple[Text, ...]:
    top, gini, first = found.top_share, found.gini, found.classes[0]
    if top.value is None or gini.value is None:
        return (Text("Nobody brought anything in the year.", "Im Jahr hat niemand etwas gebracht."),)
    return (
        Text(
            "The best fifth of {n} customers brought {top} of the value{interval}; {a} customers ({share}) brought 80%.",
            "Das beste Fünftel von {n} Kunden brachte {top} des Wertes{interval}; {a} Kunden ({share}) brachten 80 %.",
        ).fill(
            n=said.count(active), top=said.share(top.value), interval=_interval(top.low, top.high),
            a=said.count(first.customers), share=said.share(first.share),
        ),
        Text("Gini coefficient: {gini}.", "Gini-Koeffizient: {gini}.").fill(gini=said.decimal(gini.value, 2)),
    )  # fmt: skip


def _interval(low: float | None, high: float | None) -> Text:
    if low is None or high is None:
        return Text("\u200b", "\u200b")
    return Text(" ({low} to {high})", " ({low} bis {high})").fill(low=said.share(low), high=said.share(high))


def segmented(groups: Sequence[Group], money: Money) -> tuple[Text, ...]:
    known = {group.name: group for group in groups}
    best, risk = known["best"], known["at_risk"]
    total = sum(group.minor for group in groups)
    if not total:
        return ()
    found = [
        Text(
            "“Best” are {n} customers, with {share} of the year's value.", "„Beste“ sind {n} Kunden, mit {share} des Jahreswerts."
        ).fill(n=said.count(best.customers), share=said.share(best.minor / total))
    ]  # fmt: skip
    if risk.customers:
        found.append(
            Text(
                "“At risk” are {n} who used to order often and brought {so_far} so far.",
                "„Gefährdet“ sind {n}, die oft bestellten und bisher {so_far} brachten.",
            ).fill(n=said.count(risk.customers), so_far=money(risk.so_far))
        )  # fmt: skip
    return tuple(found)


def assessed(
    found: Similar | None, brings: int, by_clv: bool, stay: float | None, total: Field | None, money: Money
) -> tuple[Text, ...]:
    """brings: customers who brought something in the year. total: sums of all fields."""
    expected = _expected(by_clv, stay)
    if found is None or total is None or total.potential.low is None or total.potential.high is None:
        few = Text(
            "Customers who brought something within a year: {n}; a frontier of similar customers takes {least}.",
            "Kunden, die binnen eines Jahres etwas gebracht haben: {n}; eine Grenze ähnlicher Kunden braucht {least}.",
        ).fill(n=said.count(brings), least=LEAST)  # fmt: skip
        return few, expected
    alike = Text(", ".join(one.en for one in found.alike), ", ".join(one.de for one in found.alike))
    return (
        Text(
            "If every customer reached what the best tenth of similar customers pass, {gap} more a year would come ({low} to {high}, 80%).",
            "Erreichte jeder Kunde, was das beste Zehntel ähnlicher Kunden übertrifft, kämen im Jahr {gap} mehr ({low} bis {high}, 80 %).",
        ).fill(gap=money(total.potential.value or 0.0), low=money(total.potential.low), high=money(total.potential.high)),
        Text(
            "Alike are customers by: {alike}. Of customers kept out {below} lie below the frontier; 90% are intended.",
            "Ähnlich sind Kunden nach: {alike}. Von zurückgehaltenen Kunden liegen {below} unter der Grenze; gedacht sind 90 %.",
        ).fill(alike=alike, below=said.share(found.below)),
        expected,
    )  # fmt: skip


def _expected(by_clv: bool, stay: float | None) -> Text:
    if by_clv:
        return Text("The expected value is the predicted CLV.", "Der erwartete Wert ist der vorhergesagte CLV.")
    if stay is None:
        return Text(
            "The expected value is the value of the year: the facts do not reach back far enough to tell how many customers stay. Train a CLV model for better: schwung train.",
            "Der erwartete Wert ist der Jahreswert: Die Fakten reichen nicht weit genug zurück, um zu sagen, wie viele Kunden bleiben. Besser wird es mit einem trainierten CLV-Modell: schwung train.",
        )
    return Text(
        "The expected value is the simple formula: the value of the year × the share of customers who stay ({stay}). Train a CLV model for better: schwung train.",
        "Der erwartete Wert ist die einfache Formel: Wert des Jahres × Anteil der Kunden, die bleiben ({stay}). Besser wird es mit einem trainierten CLV-Modell: schwung train.",
    ).fill(stay=said.share(stay))


def prioritised(fields: Sequence[Field], money: Money) -> tuple[Text, ...]:
    first = [one for one in sorted(fields, key=lambda one: one.priority) if one.stance.win and one.customers][:2]
    return tuple(
        Text(
            "{place}. {stance}: {n} customers with {value} value and {potential} potential. Target: win {share} of it, {target} in twelve months.",
            "{place}. {stance}: {n} Kunden mit {value}em Wert und {potential}em Potenzial. Ziel: {share} davon gewinnen, {target} in zwölf Monaten.",
        ).fill(
            place=at, stance=one.stance.title, n=said.count(one.customers), value=_stem(one.value_level),
            potential=_stem(one.potential_level), share=said.share(one.stance.win, 0), target=money(one.target),
        )
        for at, one in enumerate(first, 1)
    )  # fmt: skip


def _stem(level: str) -> Text:
    """hoch → hoh(em), mittel → mittler(em)."""
    word = LEVEL_WORDS[level]
    return Text(word.en, {"hoch": "hoh", "mittel": "mittler"}.get(word.de, word.de))


def implemented(fields: Sequence[Field]) -> tuple[Text, ...]:
    if not any(one.customers for one in fields):
        return ()
    return (
        Text(
            "Each field can be saved as a customer list; every metric and funnel can then be cut by it, so that the target can be followed.",
            "Jedes Feld lässt sich als Kundenliste sichern; jede Kennzahl und jeder Trichter lässt sich dann danach schneiden, um das Ziel zu verfolgen.",
        ),
    )
