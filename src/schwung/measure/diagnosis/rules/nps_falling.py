"""Customers recommend less."""

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.effects import by_effect
from schwung.measure.diagnosis.finding import Evidence, Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import BEFORE, NOT_PRICED, USUAL, metric
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

_TITLE = Text("Net promoter score", "Net Promoter Score")


def _answers(scope: Scope, customer: bool) -> ir.Table:
    rows = scope.table("answers", customer)
    return rows.filter(
        rows.metric == "nps",
        rows.value.between(0, 10),
        rows.value == rows.value.floor(),
        rows.answered_at < scope.question.until_at,
    )


def series(scope: Scope, windows: Windows) -> ir.Table:
    """Promoters +1, detractors −1."""
    rows = _answers(scope, False)
    word = ibis.cases((rows.value >= 9, 1), (rows.value <= 6, -1), else_=0).cast("int64")
    return counted(rows, day=local_day(scope, rows.answered_at), n=1, total=word, squares=word * word)


def befallen(scope: Scope) -> ir.Table:
    rows = _answers(scope, True)
    return rows.select("customer_id", at=rows.answered_at, is_hit=rows.value <= 6)


def evidence(change: Change) -> tuple[Evidence, ...]:
    """In points."""
    now, usual, before = (one.scaled(100) for one in (change.now, change.usual, change.before))
    return (Evidence(_TITLE, "score", now, usual, USUAL), Evidence(_TITLE, "score", now, before, BEFORE))


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "The net promoter score fell to {now}; usual are {usual}.",
        "Der Net Promoter Score sank auf {now}; üblich sind {usual}.",
    )
    # A detractor in place of a promoter moves two points: half as many customers as points.
    money = by_effect(
        context, change, befallen, Text("customers who would not recommend", "Kunden, die abraten würden")
    )
    return rule.finding(
        claim.fill(now=said.decimal(100 * (change.now.value or 0), 0), usual=said.decimal(100 * (change.usual.value or 0), 0)),
        evidence(change), Link(Text("See by phase and question", "Nach Phase und Frage ansehen"), "/metrics/nps?by=question"),
        metric("nps", _TITLE), money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="nps_falling",
    title=Text("NPS falls", "NPS sinkt"),
    sort="change",
    phase="delight",
    definition=Text(
        "Promoters minus detractors ÷ answers, by day of the answer.",
        "Fürsprecher minus Kritiker ÷ Antworten, nach Tag der Antwort.",
    ),
    threshold=off_by(0.1),
    better="higher",
    least=40,
    series=series,
    say=say,
)
