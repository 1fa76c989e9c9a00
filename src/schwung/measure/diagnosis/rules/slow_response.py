"""Fewer cases have a first answer within a day."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.effects import by_effect
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import NOT_PRICED, evidence, from_to, metric
from schwung.measure.lifecycle import NEVER
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

_TITLE = Text("Cases that wait for more than a day", "Vorgänge, die länger als einen Tag warten")


def _cases(scope: Scope, customer: bool) -> ir.Table:
    """One row a case: at, is_hit (no answer within a day), customer_id where asked for."""
    rows = scope.table("cases", customer).filter(_.happened_at < scope.question.until_at)
    more = {"customer_id": rows.customer_id.max()} if customer else {}
    rows = rows.group_by("case_key").agg(
        at=ibis.cases((rows.state == "opened", rows.happened_at)).min(),
        first_at=ibis.cases((rows.state.isin(["answered", "resolved", "closed"]), rows.happened_at)).min(),
        **more,
    )
    rows = rows.filter(rows["at"].notnull())
    return rows.mutate(is_hit=rows.first_at.fill_null(NEVER) > rows["at"] + DAY)


def series(scope: Scope, windows: Windows) -> ir.Table:
    rows = _cases(scope, False)
    return counted(rows, day=local_day(scope, rows["at"]), n=1, total=rows.is_hit)


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "{now} of cases wait for more than a day for the first answer; usual are {usual}.",
        "{now} der Vorgänge warten länger als einen Tag auf die erste Antwort; üblich sind {usual}.",
    )
    money = by_effect(context, change, lambda scope: _cases(scope, True), Text("slow answers", "langsame Antworten"))
    return rule.finding(
        claim.fill(**from_to(change)), evidence(_TITLE, change),
        Link(Text("See which channel is slow", "Langsamen Kanal suchen"), "/metrics/first_response_ninetieth?by=channel"),
        metric("first_response_time", Text("first response", "erste Antwort")),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="slow_response",
    title=Text("Slower first answers", "Langsamere erste Antworten"),
    sort="change",
    phase="delight",
    definition=Text(
        "Share of cases without an answer within 24 hours, by day on which they were opened.",
        "Anteil der Vorgänge ohne Antwort binnen 24 Stunden, nach Tag der Eröffnung.",
    ),
    threshold=off_by(0.15),
    follow_days=1,
    least=30,
    series=series,
    say=say,
)
