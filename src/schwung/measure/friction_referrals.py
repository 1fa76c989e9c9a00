"""Delight → attract: promoters whom nobody asked to refer. Lost: the new customers whom asked promoters bring more."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.friction import Outflow
from schwung.measure.friction_pricing import Stake, Words, Worth, effect_of, outflow
from schwung.measure.missing import Missing, lacks
from schwung.measure.referrals import asked, conversions
from schwung.measure.rolling import ByDay, Windows, local_day
from schwung.measure.scope import Scope

ASK_DAYS = 14
"""A promoter who is not asked for so long after the answer was not asked."""
FOLLOW_DAYS = 60
PROMOTER = 9
NOT_ASKED = Words(
    "not_asked",
    "delight_attract",
    Text("Promoters not asked to refer", "Nicht um Empfehlung gebeten"),
    Text("not asked to refer", "nicht um Empfehlung gebeten"),
    Text("promoters not asked", "nicht gefragte Fürsprecher"),
    Text(
        f"Of promoters who were asked, {{expected}} bring a new customer within {FOLLOW_DAYS} days of their answer.",
        f"Von gefragten Fürsprechern bringen {{expected}} binnen {FOLLOW_DAYS} Tagen nach der Antwort einen neuen Kunden.",
    ),
    Text("Of those not asked: {happened}.", "Von nicht gefragten: {happened}."),
    Text(
        f"Promoter: answered 9 or 10; asked: within {ASK_DAYS} days, by a message of a referral campaign. Compared within the same "
        "month: {n} not asked with {others} asked ones of 12 months. A new customer counts with one order.",
        f"Fürsprecher: antwortete 9 oder 10; gefragt: binnen {ASK_DAYS} Tagen durch eine Nachricht einer Empfehlungskampagne. "
        "Verglichen im selben Monat: {n} nicht gefragte mit {others} gefragten aus 12 Monaten. Ein neuer Kunde zählt mit einer "
        "Bestellung.",
    ),
)


def sums(scope: Scope, windows: Windows, campaigns: Sequence[str]) -> ir.Table:
    """By day on which it was decided, is_hit (not asked): n, again (brought a new customer within `FOLLOW_DAYS`); level 1."""
    rows = promoters(scope, campaigns)
    rows = rows.filter(rows.day >= windows.first, rows.day <= windows.last)
    found = rows.group_by(["day", "is_hit"]).agg(n=_.count(), again=_.again.sum())
    return found.mutate(level=ibis.literal(1).cast("int64"), again_squared=_.again)


def promoters(scope: Scope, campaigns: Sequence[str]) -> ir.Table:
    """Promoters' answers, one within `ASK_DAYS`: customer_id, day on which it was decided, is_hit (not asked), again."""
    answers = scope.table("answers", True).filter(
        _.metric == "nps", _.value >= PROMOTER, _.answered_at < scope.question.until_at, _.customer_id.notnull()
    )
    here = ibis.window(group_by="customer_id", order_by=["answered_at", "answer_key"])
    answers = answers.select("customer_id", "answer_key", "answered_at").mutate(last_at=_.answered_at.lag().over(here))
    answers = answers.filter(_.last_at.isnull() | (_.answered_at - _.last_at > ASK_DAYS * DAY))
    was_asked = _within(answers, asked(scope, campaigns), "asked_at", ASK_DAYS)
    brought = _within(answers, conversions(scope), "converted_at", FOLLOW_DAYS)
    answers = answers.left_join(was_asked, "answer_key", rname="asked_{name}")
    answers = answers.left_join(brought, "answer_key", rname="brought_{name}")
    return answers.select(
        "customer_id",
        day=local_day(scope, answers.answered_at) + ASK_DAYS,
        is_hit=answers.asked_at.isnull(),
        again=ibis.cases((answers.converted_at.notnull(), 1), else_=0),
    )


def _within(answers: ir.Table, others: ir.Table, time: str, days: int) -> ir.Table:
    """answer_key and the first instant in column `time` of the same customer within so many days after the answer."""
    met = answers.join(others, "customer_id", rname="other_{name}")
    soon = (met[time] >= met.answered_at) & (met[time] <= met.answered_at + days * DAY)
    return met.filter(soon).group_by("answer_key").agg(met[time].min().name(time))


def not_asked(rows: ByDay, windows: Windows, worth: Worth, currency: str) -> Outflow | Missing:
    """Promoters not asked × new customers whom asked ones bring more × value of an order."""
    if not len(rows):
        return lacks(
            "answers",
            "No recommendation question (0 to 10) is answered: who would refer is not known.",
            "Keine Empfehlungsfrage (0 bis 10) ist beantwortet: Wer empfehlen würde, ist nicht bekannt.",
        )
    effect = effect_of(rows, windows, FOLLOW_DAYS - ASK_DAYS)
    if effect is None:
        return Missing(
            "referral_campaigns",
            Text(
                "Too few promoters were asked to refer: what asking brings is not known. Which campaigns ask stands in the settings.",
                "Zu wenige Fürsprecher wurden um Empfehlung gebeten: Was die Bitte bringt, ist nicht bekannt. Welche Kampagnen "
                "darum bitten, steht in den Einstellungen.",
            ),
            "/settings",
            Text("Settings", "Einstellungen"),
        )
    hits = rows.where(rows["is_hit"].astype(bool))
    cases = hits.within(windows.now).total("n")
    basis = Text(
        "{n} {what} × {rate} more who refer when asked × {worth}",
        "{n} {what} × {rate} mehr Empfehlungen auf Bitte × {worth}",
    )
    return outflow(
        NOT_ASKED,
        windows,
        effect,
        Stake(lambda window: hits.total_in("n", window), lambda window: worth.value, worth.error),
        basis.fill(
            n=said.count(cases),
            what=NOT_ASKED.cases,
            rate=said.points(effect.lost),
            worth=said.money(worth.value, currency),
        ),
        customers=round(cases),
        first_day=int(rows["day"].min()),
    )
