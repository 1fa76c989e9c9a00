"""How customers and the shop were in touch: visits, carts, messages, answers, cases, points, late parcels."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.scope import Scope
from schwung.measure.scores import scores
from schwung.measure.visits import AWAY
from schwung.predict.features.feature import Feature, Group, before

_LONG = 365
_PER = ["customer_id", "moment_at"]

VISITS = (
    Feature("days_since_visit", Text("Days since the last visit", "Tage seit dem letzten Besuch"), "days",
            Text("last visit {value} ago", "letzter Besuch vor {value}"), "visits", absent=None,
            unknown=Text("no visit in a year", "seit einem Jahr kein Besuch")),
    Feature("visit_days_30", Text("Days with a visit, of 30", "Tage mit Besuch, von 30"), "count",
            Text("here on {value} of 30 days", "an {value} von 30 Tagen hier"), "visits",
            one=Text("here on one of 30 days", "an einem von 30 Tagen hier"),
            zero=Text("no visit in 30 days", "kein Besuch in 30 Tagen")),
    Feature("visit_days_90", Text("Days with a visit, of 90", "Tage mit Besuch, von 90"), "count",
            Text("here on {value} of 90 days", "an {value} von 90 Tagen hier"), "visits",
            one=Text("here on one of 90 days", "an einem von 90 Tagen hier"),
            zero=Text("no visit in 90 days", "kein Besuch in 90 Tagen")),
    Feature("things_seen_30", Text("Products looked at in 30 days", "Angesehene Artikel in 30 Tagen"), "count",
            Text("looked at products {value} times in 30 days", "{value}-mal Artikel angesehen in 30 Tagen"), "interest",
            one=Text("looked at a product once in 30 days", "einmal einen Artikel angesehen in 30 Tagen"),
            zero=Text("looked at no product in 30 days", "keinen Artikel angesehen in 30 Tagen")),
    Feature("put_in_cart_30", Text("Put into the cart in 30 days", "In den Warenkorb gelegt in 30 Tagen"), "count",
            Text("put something into the cart {value} times in 30 days", "{value}-mal etwas in den Warenkorb gelegt in 30 Tagen"),
            "cart",
            one=Text("put something into the cart once in 30 days", "einmal etwas in den Warenkorb gelegt in 30 Tagen"), zero=Text("nothing put into the cart in 30 days", "nichts in den Warenkorb gelegt in 30 Tagen")),
    Feature("account_deleted", Text("Account deleted", "Konto gelöscht"), "count",
            Text("account deleted", "Konto gelöscht"), "account", zero=Text("account kept", "Konto behalten")),
    Feature("came_by", Text("Came by", "Kam über"), "channel",
            Text("came by {value}", "kam über {value}"), "came_by", absent=None),
)  # fmt: skip

MESSAGES = (
    Feature("messages_90", Text("Messages in 90 days", "Nachrichten in 90 Tagen"), "count",
            Text("{value} messages in 90 days", "{value} Nachrichten in 90 Tagen"), "messages",
            one=Text("one message in 90 days", "eine Nachricht in 90 Tagen"),
            zero=Text("no message in 90 days", "keine Nachricht in 90 Tagen")),
    Feature("opened_90", Text("Messages opened in 90 days", "Geöffnete Nachrichten in 90 Tagen"), "count",
            Text("{value} messages opened in 90 days", "{value} Nachrichten geöffnet in 90 Tagen"), "opened",
            one=Text("one message opened in 90 days", "eine Nachricht geöffnet in 90 Tagen"),
            zero=Text("no message opened in 90 days", "keine Nachricht geöffnet in 90 Tagen")),
    Feature("clicked_90", Text("Messages clicked in 90 days", "Angeklickte Nachrichten in 90 Tagen"), "count",
            Text("{value} messages clicked in 90 days", "{value} Nachrichten angeklickt in 90 Tagen"), "opened",
            one=Text("one message clicked in 90 days", "eine Nachricht angeklickt in 90 Tagen"),
            zero=Text("no message clicked in 90 days", "keine Nachricht angeklickt in 90 Tagen")),
    Feature("unsubscribed", Text("Unsubscribed", "Abgemeldet"), "count",
            Text("unsubscribed from messages", "von Nachrichten abgemeldet"), "unsubscribed",
            zero=Text("never unsubscribed", "nie abgemeldet")),
)  # fmt: skip

ANSWERS = (
    Feature("last_score", Text("Last answer (0–100)", "Letzte Antwort (0–100)"), "score",
            Text("last answer {value} of 100", "letzte Antwort {value} von 100"), "answers", absent=None,
            unknown=Text("never answered a question", "nie eine Frage beantwortet")),
    Feature("mean_score", Text("Answers on average (0–100)", "Antworten im Schnitt (0–100)"), "score",
            Text("answers of {value} of 100 on average", "Antworten im Schnitt bei {value} von 100"), "answers", absent=None),
    Feature("answers_365", Text("Answers in a year", "Antworten in einem Jahr"), "count",
            Text("{value} answers in a year", "{value} Antworten in einem Jahr"), "answered",
            one=Text("one answer in a year", "eine Antwort in einem Jahr"),
            zero=Text("no answer in a year", "keine Antwort in einem Jahr")),
)  # fmt: skip

CASES = (
    Feature("complaints_365", Text("Complaints in a year", "Beschwerden in einem Jahr"), "count",
            Text("{value} complaints in a year", "{value} Beschwerden in einem Jahr"), "cases",
            one=Text("one complaint in a year", "eine Beschwerde in einem Jahr"),
            zero=Text("no complaint in a year", "keine Beschwerde in einem Jahr")),
    Feature("cases_365", Text("Cases in a year", "Vorgänge in einem Jahr"), "count",
            Text("{value} cases in a year", "{value} Vorgänge in einem Jahr"), "cases",
            one=Text("one case in a year", "ein Vorgang in einem Jahr"),
            zero=Text("no case in a year", "kein Vorgang in einem Jahr")),
    Feature("open_cases", Text("Open cases", "Offene Vorgänge"), "count",
            Text("{value} cases still open", "{value} Vorgänge noch offen"), "open_cases",
            one=Text("one case still open", "ein Vorgang noch offen"),
            zero=Text("no open case", "kein offener Vorgang")),
)  # fmt: skip

POINTS = (
    Feature("points", Text("Points", "Punkte"), "count", Text("{value} points", "{value} Punkte"), "points",
            zero=Text("no points", "keine Punkte")),
    Feature("points_redeemed_365", Text("Points redeemed in a year", "Eingelöste Punkte in einem Jahr"), "count",
            Text("{value} points redeemed in a year", "{value} Punkte eingelöst in einem Jahr"), "points",
            zero=Text("no points redeemed in a year", "keine Punkte eingelöst in einem Jahr")),
)  # fmt: skip

DELIVERIES = (
    Feature("late_parcels_180", Text("Late parcels in 180 days", "Verspätete Pakete in 180 Tagen"), "count",
            Text("{value} late parcels in 180 days", "{value} verspätete Pakete in 180 Tagen"), "late",
            one=Text("one late parcel in 180 days", "ein verspätetes Paket in 180 Tagen"),
            zero=Text("no late parcel in 180 days", "kein verspätetes Paket in 180 Tagen")),
)  # fmt: skip


def _count(test: ir.BooleanValue) -> ir.FloatingScalar:
    return ibis.cases((test, 1.0), else_=0.0).sum()


def _visits(scope: Scope, moments: ir.Table) -> ir.Table:
    """Days on which a customer was here: days of UTC, which are whole on every engine. The channel is that of the first touch."""
    events = scope.facts("events").filter(
        _.customer_id.notnull(), _["name"].notin(AWAY) | (_["name"] == "account_deleted")
    )
    events = events.mutate(
        day=_.happened_at // DAY,
        seen=_["name"].isin(("product_viewed", "product_clicked")),
        put=_["name"] == "product_added",
        is_gone=_["name"] == "account_deleted",
    )
    met = before(moments, events, "happened_at").filter((_.age <= _LONG) | _.is_gone | _.channel.notnull())
    here = ~met.is_gone
    return met.group_by(_PER).agg(
        days_since_visit=ibis.cases((here & (met.age <= _LONG), met.age)).min(),
        visit_days_30=ibis.cases((here & (met.age <= 30), met.day)).nunique().cast("float64"),
        visit_days_90=ibis.cases((here & (met.age <= 90), met.day)).nunique().cast("float64"),
        things_seen_30=_count(met.seen & (met.age <= 30)),
        put_in_cart_30=_count(met.put & (met.age <= 30)),
        account_deleted=ibis.cases((met.is_gone, 1.0), else_=0.0).max(),
        came_by=met.channel.argmin(ibis.cases((met.channel.notnull(), met.event_no))),
    )


def _messages(scope: Scope, moments: ir.Table) -> ir.Table:
    met = before(moments, scope.facts("messages").filter(_.customer_id.notnull()), "happened_at")
    return met.group_by(_PER).agg(
        messages_90=_count((met.state == "sent") & (met.age <= 90)),
        opened_90=_count((met.state == "opened") & (met.age <= 90)),
        clicked_90=_count((met.state == "clicked") & (met.age <= 90)),
        unsubscribed=ibis.cases((met.state == "unsubscribed", 1.0), else_=0.0).max(),
    )


def _answers(scope: Scope, moments: ir.Table) -> ir.Table:
    met = before(moments, scores(scope), "answered_at")
    met = met.mutate(place=ibis.row_number().over(group_by=_PER, order_by=[_.answered_at.desc(), _.answer_key]))
    return met.group_by(_PER).agg(
        last_score=ibis.cases((met.place == 0, met.score)).max(),
        mean_score=met.score.mean(),
        answers_365=_count(met.age <= _LONG),
    )


def _cases(scope: Scope, moments: ir.Table) -> ir.Table:
    """A case is open until it is resolved or closed for as often as it was opened or reopened."""
    met = before(moments, scope.facts("cases").filter(_.customer_id.notnull()), "happened_at")
    here = ibis.row_number().over(group_by=[*_PER, "case_key"], order_by=[_.happened_at.desc(), _.nth.desc(), _.state])
    met = met.mutate(place=here)
    return met.group_by(_PER).agg(
        complaints_365=_count((met.state == "opened") & (met.kind == "complaint") & (met.age <= _LONG)),
        cases_365=_count((met.state == "opened") & (met.age <= _LONG)),
        open_cases=_count((met.place == 0) & met.state.isin(("opened", "answered", "reopened"))),
    )


def _points(scope: Scope, moments: ir.Table) -> ir.Table:
    met = before(moments, scope.facts("points").filter(_.customer_id.notnull()), "happened_at")
    redeemed = (met.kind == "redeemed") & (met.age <= _LONG)
    return met.group_by(_PER).agg(
        points=met.points.cast("float64").sum(),
        points_redeemed_365=ibis.cases((redeemed, -met.points.cast("float64")), else_=0.0).sum(),
    )


def _deliveries(scope: Scope, moments: ir.Table) -> ir.Table:
    met = before(moments, scope.facts("deliveries").filter(_.customer_id.notnull()), "happened_at")
    is_late = (met.state == "delivered") & (met.happened_at > met.promised_at) & (met.age <= 180)
    return met.group_by(_PER).agg(late_parcels_180=_count(is_late.fill_null(False)))


GROUPS = (
    Group("visits", ("events",), VISITS, _visits),
    Group("messages", ("messages",), MESSAGES, _messages),
    Group("answers", ("answers",), ANSWERS, _answers),
    Group("cases", ("cases",), CASES, _cases),
    Group("points", ("points",), POINTS, _points),
    Group("deliveries", ("deliveries",), DELIVERIES, _deliveries),
)
