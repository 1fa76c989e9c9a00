"""Customers are lost, or come back less, while they also recommend less: the one explains the other."""

from schwung.core.text import Text
from schwung.measure.diagnosis.rule import Rule, off_by

RULE = Rule(
    name="churn_and_nps",
    title=Text("Churn rises while NPS falls", "Abwanderung steigt, NPS sinkt"),
    sort="change",
    phase="delight",
    definition=Text(
        "More customers are lost, or recent buyers come back less, and the net promoter score falls in the same period.",
        "Mehr Kunden gehen verloren oder Käufer kommen seltener wieder, und im selben Zeitraum sinkt der Net Promoter Score.",
    ),
    threshold=off_by(0.05),
    unites=("nps_falling", "churn_rising", "repeat_falling"),
)
