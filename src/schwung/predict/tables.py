"""Predictions as facts."""

from schwung.collect.columns import BUCKET, column
from schwung.collect.table import Table
from schwung.core.text import Text

PREDICTIONS = Table(
    "predictions",
    (
        column("model", "string", "model that says it", "Modell, das es sagt", required=True),
        column("target", "string", "what is predicted", "was vorhergesagt wird", required=True),
        column("rank", "int32", "place among several, from 0", "Platz unter mehreren, ab 0", required=True),
        column(
            "identifier_id",
            "int64",
            "number that the customer had when it was predicted",
            "Nummer, die der Kunde bei der Vorhersage hatte",
            required=True,
        ),
        BUCKET,
        column(
            "value",
            "float64",
            "predicted value; money in minor units, dates as UTC instants",
            "vorhergesagter Wert; Geld in kleinster Einheit, Zeitpunkte in UTC",
        ),
        column("low", "float64", "lower end of the interval", "untere Grenze des Intervalls"),
        column("high", "float64", "upper end of the interval", "obere Grenze des Intervalls"),
        column(
            "label", "string", "product or group that is predicted", "vorhergesagter Artikel oder vorhergesagte Gruppe"
        ),
        column("reasons", "string", "reasons as JSON", "Gründe als JSON", personal=True),
        column("horizon_days", "int32", "days ahead that it speaks of", "Tage, über die sie spricht", required=True),
        column(
            "predicted_at",
            "int64",
            "moment that it was predicted for (UTC)",
            "Stand der Vorhersage (UTC)",
            required=True,
        ),
        column("model_version", "int64", "version of the model", "Fassung des Modells", required=True),
    ),
    Text("Predictions", "Vorhersagen"),
    sort=("bucket", "identifier_id", "model", "target", "rank"),
    is_folded=False,
)
"""A training exchanges the rows of its model in one commit, so at every snapshot the table holds what the newest versions said.

A customer's predictions are the rows whose identifier_id is the customer's number: a merge or a separation needs no upkeep,
and who was left out of the newest version has none."""

TABLES = (PREDICTIONS,)
