"""What a result says in plain words: what is known, what is not, and what would have to be known."""

from schwung.act.experiment.design import TREATED, arm_shares, arm_title
from schwung.act.experiment.outcomes import Unit
from schwung.act.experiment.result import LEAST, Compared, Result
from schwung.core.clock import Instant, to_datetime
from schwung.core.text import Text
from schwung.measure import said

_MONEY = {
    "margin": Text("margin", "Marge"),
    "revenue": Text("revenue", "Umsatz"),
}


def amount(value: float, unit: Unit, currency: str) -> Text:
    """A mean or a difference of means."""
    if unit == "money":
        return said.money(value, currency)
    return said.points(value, 2 if abs(value) < 0.01 else 1) if unit == "share" else said.decimal(value, 3)


def interval(low: float, high: float, unit: Unit, currency: str) -> Text:
    """From the one to the other, the unit once where it stands at the end."""
    least = said.decimal(100 * low, 1) if unit == "share" else amount(low, unit, currency)
    most = said.points(high, 1) if unit == "share" else amount(high, unit, currency)
    return Text("{low} to {high}", "{low} bis {high}").fill(low=least, high=most)


def relative(value: float) -> Text:
    """Beside the control: +12%."""
    sign = "+" if value > 0 else ""
    told = Text("{sign}{value} on the control", "{sign}{value} gegenüber der Vergleichsgruppe")
    return told.fill(sign=sign, value=said.share(value))


def level_of(value: float, unit: Unit, currency: str) -> Text:
    """A mean of one group."""
    return said.share(value, 1 if value >= 0.1 else 2) if unit == "share" else amount(value, unit, currency)


def sentence(result: Result) -> Text:
    """The whole in a few sentences."""
    if result.state == "empty":
        return Text("Nobody has met it yet.", "Bisher ist niemand darauf getroffen.")
    if result.state == "broken":
        return _broken(result)
    if result.state == "early":
        return _early(result)
    parts = [_money(one, result.currency) for one in result.compared if one.outcome.name == result.main]
    parts += [_goal(one, result) for one in result.compared if one.outcome.name == "conversion"]
    parts += [_left(one, result) for one in result.compared if one.outcome.name == "unsubscribed"]
    if not any(group.means.get("unsubscribed") for group in result.groups):
        parts.append(Text("Nobody unsubscribed.", "Niemand hat sich abgemeldet."))
    return _joined([*parts, *_reserve(result)])


def short(result: Result) -> Text:
    """One line for a list."""
    found = result.of(result.main)
    if found is None or result.state in ("empty", "broken", "early"):
        return sentence(result)
    best = max(
        (one for one in result.compared if one.outcome.name == result.main),
        key=lambda one: one.effect.low,
        default=found,
    )
    return _money(best, result.currency)


def _money(one: Compared, currency: str) -> Text:
    low, high = said.money(one.effect.low, currency), said.money(one.effect.high, currency)
    what = _MONEY[one.outcome.name]
    values = {"arm": _action(one.arm), "low": low, "high": high, "what": what}
    if one.effect.low <= 0 <= one.effect.high:
        open_ = Text(
            "Not known yet whether {arm} brings {what}: between {low} and {high} a person. So many people would show a "
            "difference of {least} in four of five cases.",
            "Ob {arm} {what} bringt, ist noch nicht bekannt: zwischen {low} und {high} je Person. So viele Personen zeigen "
            "einen Unterschied von {least} in vier von fünf Fällen.",
        )
        return open_.fill(**values, least=said.money(one.detectable, currency))
    total, least, most = (said.money(value, currency) for value in one.total)
    more = Text("more", "mehr") if one.effect.value > 0 else Text("less", "weniger")
    told = Text(
        "{arm} brings {value} {more} {what} a person ({low} to {high}); among {n} people that is {total} ({least} to {most}).",
        "{arm} bringt je Person {value} {more} {what} ({low} bis {high}); bei {n} Personen sind das {total} ({least} bis {most}).",
    )
    value = said.money(abs(one.effect.value), currency)
    n = said.count(one.effect.n_treated)
    values |= {"arm": _action(one.arm, is_first=True)}
    return told.fill(**values, value=value, more=more, total=total, least=least, most=most, n=n)


def _action(arm: str, *, is_first: bool = False) -> Text:
    """What a group got, as the subject of a sentence."""
    if arm == TREATED:
        return Text("The treatment", "Die Behandlung") if is_first else Text("the treatment", "die Behandlung")
    return Text("“{arm}”", "„{arm}“").fill(arm=arm_title(arm))


def _goal(one: Compared, result: Result) -> Text:
    control = result.groups[0].means["conversion"]
    treated = next(group for group in result.groups if group.arm == one.arm).means["conversion"]
    values = {
        "treated": level_of(treated, "share", result.currency),
        "control": level_of(control, "share", result.currency),
        "arm": Text("the treated", "den Behandelten") if one.arm == TREATED else _action(one.arm),
        "range": interval(one.effect.low, one.effect.high, "share", result.currency),
        "clear": _clear(one),
    }
    return Text(
        "{treated} of {arm} reached the goal, of the control {control}: {clear} ({range}).",
        "{treated} von {arm} erreichten das Ziel, von der Vergleichsgruppe {control}: {clear} ({range}).",
    ).fill(**values)


def _clear(one: Compared) -> Text:
    if one.effect.low > 0:
        return Text("clearly more", "deutlich mehr")
    return (
        Text("clearly fewer", "deutlich weniger")
        if one.effect.high < 0
        else Text("no clear difference", "kein klarer Unterschied")
    )


def _left(one: Compared, result: Result) -> Text:
    high = amount(one.effect.high, "share", result.currency)
    if one.effect.low > 0:
        return Text(
            "Clearly more unsubscribe ({low} to {high}).", "Deutlich mehr melden sich ab ({low} bis {high})."
        ).fill(low=amount(one.effect.low, "share", result.currency), high=high)
    if one.effect.high < 0:
        return Text("Clearly fewer unsubscribe.", "Deutlich weniger melden sich ab.")
    return Text(
        "That it drives people away is not shown; up to {high} more is possible.",
        "Dass es Menschen vertreibt, zeigt sich nicht; bis zu {high} mehr sind möglich.",
    ).fill(high=high)


def _reserve(result: Result) -> list[Text]:
    found = []
    waiting = result.people - result.followed
    if waiting:
        found.append(
            Text(
                "{n} people are still within their {days} days.", "{n} Personen sind noch in ihren {days} Tagen."
            ).fill(n=said.count(waiting), days=result.design.window_days)
        )
    if result.mixed:
        found.append(
            Text(
                "{n} people stand in two groups since they were merged, and are left out.",
                "{n} Personen stehen seit einer Zusammenführung in zwei Gruppen und zählen nicht mit.",
            ).fill(n=said.count(result.mixed))
        )
    if result.missing:
        found.append(
            Text("Margins are not known; revenue stands in.", "Die Margen sind nicht bekannt; dafür steht der Umsatz.")
        )
    return found


def _broken(result: Result) -> Text:
    planned = arm_shares((one.arm, one.share) for one in result.groups)
    came = ", ".join(f"{one.arm} {one.people:,}" for one in result.groups)
    return Text(
        "The groups did not come out as they were drawn ({planned}; in fact {came}). Until the reason is found, no figure here "
        "can be trusted.",
        "Die Gruppen sind nicht so ausgefallen, wie sie gelost wurden ({planned}; tatsächlich {came}). Bis der Grund gefunden "
        "ist, ist keiner Zahl hier zu trauen.",
    ).fill(planned=planned, came=Text(came, came.replace(",", "\0").replace("\0 ", ", ").replace("\0", ".")))


def _early(result: Result) -> Text:
    values = {"followed": said.count(result.followed), "people": said.count(result.people), "least": LEAST}
    told = Text(
        "Too early: {followed} of {people} people have been followed to the end; each group needs {least}.",
        "Zu früh: {followed} von {people} Personen sind bis zum Ende verfolgt; jede Gruppe braucht {least}.",
    ).fill(**values)
    if result.next_at is None:
        return told
    nearest = Text("The next one is on {day}.", "Die nächste ist es am {day}.").fill(day=_day(result.next_at))
    return _joined([told, nearest])


def _day(at: Instant) -> Text:
    day = to_datetime(at).date()
    return Text(day.isoformat(), f"{day.day}.{day.month}.{day.year}")


def _joined(parts: list[Text]) -> Text:
    return Text(" ".join(one.en for one in parts), " ".join(one.de for one in parts))
