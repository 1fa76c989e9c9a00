"""Points of leads by rules that people set, beside what the lead score has learned."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.collect.event_type import EVENT_TYPES
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import said
from schwung.predict.classify.json_text import all_alike
from schwung.predict.model import Backtest, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.models.lead_score import leads_at
from schwung.predict.outcomes.rows import Rows
from schwung.predict.sight import Sight


def _number(value: float) -> Text:
    return said.decimal(value, 0 if round(value, 1) == int(value) else 1)


def fit(sight: Sight, options: Options) -> Trained:
    """Nothing is learned: the rules that hold, in words."""
    points = sight.points
    words = [
        Text("Fit: at most {cap} points, from {n} rules.", "Passung: höchstens {cap} Punkte, aus {n} Regeln.").fill(
            cap=_number(points.fit_cap), n=len(points.fit)
        )
    ]
    for rule in points.fit:
        told = Text("{points} points: {rule}.", "{points} Punkte: {rule}.")
        words.append(told.fill(points=_number(rule.points), rule=rule.words))
    words.append(
        Text(
            "Engagement: at most {cap} points, from {n} rules.", "Interesse: höchstens {cap} Punkte, aus {n} Regeln."
        ).fill(cap=_number(points.engagement_cap), n=len(points.engagement))
    )
    for one in points.engagement:
        known = EVENT_TYPES.get(one.event)
        words.append(
            Text(
                "{points} points: {event}; half of them after {days} days.",
                "{points} Punkte: {event}; nach {days} Tagen noch die Hälfte.",
            ).fill(
                event=one.event if known is None else known.title, points=_number(one.points),
                days=_number(one.half_life / DAY),
            )
        )  # fmt: skip
    caps = {"fit_cap": points.fit_cap, "engagement_cap": points.engagement_cap}
    return Trained(caps, {}, None, 0, remarks=tuple(words))


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """points, fit, engagement and the cell of all who are leads now."""
    points, rows = sight.points, Rows()
    leads = sight.without_objected(leads_at(sight, sight.as_of)).select("customer_id")
    if points.engagement:
        done = points.engaged(sight.scope.table("events", True), sight.as_of)
        done = done.rename(who="customer_id")
        leads = leads.left_join(done, leads.customer_id == done.who).select("customer_id", "engagement")
    found = sight.run(leads)
    ids = found["customer_id"].to_numpy()
    if not len(ids):
        return rows.table()
    done_by = found["engagement"].fill_null(0.0).to_numpy() if points.engagement else np.zeros(len(ids))
    fits = np.zeros(len(ids))
    for rule, those in zip(points.fit, sight.fits(), strict=False):
        fits += rule.points * np.isin(ids, those)
    fits, engaged = points.capped_fit(fits), points.capped_engagement(done_by)
    cells = [points.cell(a, b) for a, b in zip(fits.tolist(), engaged.tolist(), strict=True)]
    caps: list[Mapping[str, Any]] = [{"fit_cap": points.fit_cap, "engagement_cap": points.engagement_cap}]
    rows.add(ids, "points", fits + engaged, label=cells, reasons=all_alike([dict(one) for one in caps], len(ids)))
    rows.add(ids, "fit", fits)
    rows.add(ids, "engagement", engaged)
    return rows.table()


def backtest(sight: Sight, options: Options) -> Backtest:
    raise InputError(
        "points_not_judged",
        Text("Lead points are set by people, not learned; there is nothing to judge.", "Lead-Punkte setzen Menschen, sie sind nicht gelernt; da gibt es nichts zu prüfen."),
        Text("Judge the lead score: schwung backtest lead_score", "Den Lead-Score prüfen: schwung backtest lead_score"),
    )  # fmt: skip


def words(predictions: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """All three with their caps, and the cell."""
    known = {one.target: one for one in predictions if one.value is not None}
    if not {"points", "fit", "engagement"} <= set(known):
        return ()
    caps = known["points"].reasons[0] if known["points"].reasons else {}
    text = Text(
        "{points} points: {fit} of {fit_cap} for fit, {engagement} of {engagement_cap} for engagement (cell {cell}).",
        "{points} Punkte: {fit} von {fit_cap} für Passung, {engagement} von {engagement_cap} für Interesse (Feld {cell}).",
    )
    told = {name: _number(known[name].value or 0.0) for name in ("points", "fit", "engagement")}
    most = {name: _number(float(caps.get(name, 0.0))) for name in ("fit_cap", "engagement_cap")}
    return (text.fill(**told, **most, cell=known["points"].label or ""),)


MODEL = Model(
    name="lead_points",
    title=Text("Lead points", "Lead-Punkte"),
    says=Text(
        "How many points a lead has by the shop's own rules: for fit, and for engagement that fades.",
        "Wie viele Punkte ein Interessent nach den eigenen Regeln des Shops hat: für Passung und für Interesse, das verblasst.",
    ),
    reading=Text(
        "Nothing is learned: people set the points. Each group has a cap; points for events halve after their half-life. The cell "
        "says both at a glance: A to D by fit, 1 to 4 by engagement, each by quarters of its cap; A1 is the best. How likely a "
        "lead buys is what the lead score says.",
        "Nichts ist gelernt: Menschen setzen die Punkte. Jede Gruppe hat eine Obergrenze; Punkte für Ereignisse halbieren sich "
        "nach ihrer Halbwertszeit. Das Feld sagt beides auf einen Blick: A bis D nach Passung, 1 bis 4 nach Interesse, je nach "
        "Vierteln der Obergrenze; A1 ist das beste. Wie wahrscheinlich ein Interessent kauft, sagt der Lead-Score.",
    ),
    source="score: lead_points",
    needs=("events",),
    targets=(
        Target("points", Text("Points", "Punkte"), "score", "higher"),
        Target("fit", Text("Fit", "Passung"), "score", "higher"),
        Target("engagement", Text("Engagement", "Interesse"), "score", "higher"),
    ),
    fit=fit,
    predict=predict,
    backtest=backtest,
    words=words,
    is_learned=False,
)
