"""What each view says, in a sentence or two."""

from collections.abc import Callable, Mapping, Sequence

from schwung.core.money import exponent_of
from schwung.core.period import Unit
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.audit.views import BasePeriod, Cohort, OnePeriod, TwoPeriods

Money = Callable[[float], Text]
UNIT_WORDS: Mapping[str, Text] = {
    "month": Text("month", "Monat"),
    "quarter": Text("quarter", "Quartal"),
    "year": Text("year", "Jahr"),
}
_FACTOR_WORDS = {
    "customers": Text("the number of customers", "die Zahl der Kunden"),
    "orders_per_customer": Text("orders per customer", "die Bestellungen je Kunde"),
    "money_per_order": Text("the value of an order", "der Wert einer Bestellung"),
}
_LEAST = 100


def sentences(
    one: OnePeriod, two: TwoPeriods | None, cohort: Cohort | None, cohorts: Sequence[Cohort],
    base: Sequence[BasePeriod], unit: Unit, currency: str,
) -> dict[int, list[Text]]:  # fmt: skip
    """By the number of the view; a view without data says so."""

    def money(minor: float) -> Text:
        return said.money(minor / 10 ** exponent_of(currency), currency)

    word = UNIT_WORDS[unit]
    return {
        1: [*_differ(one), *_unvalued(one)],
        2: _changed(two, money),
        3: _aged(cohort, word, money),
        4: _compared(cohorts, word, money),
        5: _whole(base, word),
    }


def _differ(one: OnePeriod) -> list[Text]:
    if not one.customers:
        return [
            Text("No known customer ordered in this period.", "In diesem Zeitraum hat kein bekannter Kunde bestellt.")
        ]
    if one.minor <= 0:
        return [
            Text(
                "What known customers brought in this period is not above 0, so shares of it say nothing.",
                "Was bekannte Kunden in diesem Zeitraum brachten, liegt nicht über 0; Anteile daran sagen nichts.",
            )
        ]
    found = []
    best = one.deciles[0]
    if one.customers >= _LEAST and best.share is not None:
        needed = one.needed[80]
        found.append(
            Text(
                "The best tenth of the customers brought {best} of their revenue; 80% of it came from {needed} of them.",
                "Das beste Zehntel der Kunden brachte {best} ihres Umsatzes; 80 % davon kamen von {needed} von ihnen.",
            ).fill(best=said.share(best.share), needed=said.share(needed or 0.0))
        )
    found.append(
        Text("{once} ordered exactly once.", "{once} haben genau einmal bestellt.").fill(
            once=said.share(one.once or 0.0)
        )
    )
    if one.guests_minor:
        found.append(
            Text(
                "{share} of all revenue came from guests, who cannot be told apart.",
                "{share} des ganzen Umsatzes kamen von Gästen, die sich nicht unterscheiden lassen.",
            ).fill(share=said.share(one.guests_minor / one.total_minor if one.total_minor > 0 else 0.0))
        )
    return found


def _unvalued(one: OnePeriod) -> list[Text]:
    if not one.unvalued:
        return []
    return [
        Text(
            "Orders of the period whose amount is not known in the reporting currency, and not in its revenue: {n}; their rates are missing (schwung rate).",
            "Bestellungen des Zeitraums, deren Betrag in der Berichtswährung nicht bekannt und nicht im Umsatz ist: {n}; ihre Kurse fehlen (schwung rate).",
        ).fill(n=said.count(one.unvalued))
    ]


def _changed(two: TwoPeriods | None, money: Money) -> list[Text]:
    if two is None:
        return [
            Text(
                "The facts do not reach back over the whole period before, so there is nothing to compare with.",
                "Die Fakten reichen nicht über den ganzen Zeitraum davor zurück, daher fehlt der Vergleich.",
            )
        ]
    by_name = {move.name: move for move in two.moves}
    change = two.minor - two.minor_before
    found = [
        Text(
            "{stayed} of the customers of the period before ordered again. Revenue changed by {change}: {new} from new "
            "customers, {returned} from returning ones, {kept} from those who stayed, {gone} lost with those who did not "
            "order, {rest} from guests and from returns without an order.",
            "{stayed} der Kunden des Zeitraums davor haben wieder bestellt. Der Umsatz änderte sich um {change}: {new} "
            "durch neue Kunden, {returned} durch zurückgekehrte, {kept} durch gebliebene, {gone} verloren mit denen, die "
            "nicht bestellt haben, {rest} durch Gäste und Rückgaben ohne Bestellung.",
        ).fill(
            stayed=said.share(two.stayed or 0.0),
            change=money(change),
            new=money(by_name["new"].change_minor),
            returned=money(by_name["returned"].change_minor),
            kept=money(sum(by_name[name].change_minor for name in ("more", "same", "less"))),
            gone=money(by_name["gone"].change_minor),
            rest=money(by_name["guests"].change_minor + by_name["returns_only"].change_minor),
        )
    ]
    if two.factors:
        name = max(two.factors, key=lambda each: abs(two.factors[each]))
        found.append(
            Text("Most of it was {factor}: {money}.", "Das meiste machte {factor} aus: {money}.").fill(
                factor=_FACTOR_WORDS[name], money=money(two.factors[name])
            )
        )
    return found


def _aged(cohort: Cohort | None, word: Text, money: Money) -> list[Text]:
    whole = [age for age in cohort.ages if not age.so_far] if cohort else []
    if cohort is None or not whole:
        return [Text("There is no cohort yet.", "Es gibt noch keine Kohorte.")]
    found = []
    if cohort.may_be_older:
        found.append(
            Text(
                "The facts begin with this cohort: customers who had ordered earlier are counted as new in it.",
                "Mit dieser Kohorte beginnen die Fakten: wer schon früher bestellt hatte, zählt hier als neu.",
            )
        )
    if cohort.size < _LEAST:
        return [
            *found,
            Text("Too few customers for shares (at least 100).", "Zu wenige Kunden für Anteile (mindestens 100)."),
        ]
    if len(whole) > 1:
        found.append(
            Text(
                "Of {size} customers {share} ordered in the {word} after the first.",
                "Von {size} Kunden haben {share} im {word} nach dem ersten bestellt.",
            ).fill(size=said.count(cohort.size), share=said.share(whole[1].active_share), word=word)
        )
    if cohort.first_share is not None:
        found.append(
            Text(
                "So far each brought {each}, {share} of it with the first order.",
                "Bisher brachte jeder {each}, davon {share} mit der ersten Bestellung.",
            ).fill(each=money(cohort.ages[-1].cumulated), share=said.share(cohort.first_share))
        )
    return found


def _compared(cohorts: Sequence[Cohort], word: Text, money: Money) -> list[Text]:
    """At the highest age that at least three cohorts have reached."""
    fair = [one for one in cohorts if one.size >= _LEAST and not one.may_be_older]
    reached = {one.name: max((age.age for age in one.ages if not age.so_far), default=-1) for one in fair}
    ages = sorted(reached.values(), reverse=True)
    if len(ages) < 3 or ages[2] < 0:
        return [
            Text(
                "Too few cohorts to compare (at least three).",
                "Zu wenige Kohorten für einen Vergleich (mindestens drei).",
            )
        ]
    age = ages[2]
    ranked = sorted((one.ages[age].cumulated, one.name) for one in fair if reached[one.name] >= age)
    (low, worst), (high, best) = ranked[0], ranked[-1]
    return [
        Text(
            "Counted over {span} each, customers of {best} brought most, {high} each; those of {worst} least, {low}.",
            "Jeweils über {span} gezählt, brachten Kunden aus {best} am meisten, je {high}; die aus {worst} am wenigsten, "
            "je {low}.",
        ).fill(span=_span(age + 1, word), best=_named(best), high=money(high), worst=_named(worst), low=money(low))
    ]  # fmt: skip


def _named(label: str) -> str:
    """2026-Q1 as Q1 2026; months and years as they are."""
    year, _, part = label.partition("-")
    return f"{part} {year}" if part.startswith("Q") else label


def _span(count: int, word: Text) -> Text:
    if count == 1:
        return Text("their first {word}", "das erste {word}" if word.de != "Monat" else "den ersten {word}").fill(
            word=word
        )
    return Text("{count} {word}s", "{count} {word}e").fill(count=count, word=word)


def _whole(base: Sequence[BasePeriod], word: Text) -> list[Text]:
    over = [one for one in base if not one.so_far]
    whole = [one for one in over if one.minor > 0]
    if not over:
        return [Text("No period is over yet.", "Noch ist kein Zeitraum vorbei.")]
    if not whole:
        return [Text("No period that is over brought revenue.", "Kein vergangener Zeitraum brachte Umsatz.")]
    last = whole[-1]
    old = sum(minor for cohort, minor in last.by_cohort.items() if cohort != last.name)
    return [
        Text(
            "Customers who ordered in {name}: {active}, of them for the first time: {new}; {old} of the revenue came from "
            "customers of earlier cohorts.",
            "Kunden mit Bestellung in {name}: {active}, davon zum ersten Mal: {new}; {old} des Umsatzes kamen von Kunden "
            "früherer Kohorten.",
        ).fill(
            name=_named(last.name),
            active=said.count(last.active),
            new=said.count(last.new),
            old=said.share(old / last.minor),
        )
    ]
