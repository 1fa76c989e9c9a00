"""BG/NBD: customers may leave with each repeat purchase."""

from schwung.core.text import Text
from schwung.predict.clv.bg_nbd import BetaGeoNBD
from schwung.predict.purchasing.model import purchase_model

MODEL = purchase_model(
    BetaGeoNBD(),
    Text("Purchases (BG/NBD)", "Käufe (BG/NBD)"),
    Text(
        "Who is a customer still, how many purchases are to come, and when the next one.",
        "Wer noch Kunde ist, wie viele Käufe zu erwarten sind und wann der nächste.",
    ),
    Text(
        "Customers buy at rates of their own and may leave with each repeat purchase. Who has not bought again cannot have "
        "left by its assumptions, so of one-time buyers it says 100%: take MBG/NBD or Pareto/NBD for that question. It knows "
        "nothing of season, prices and campaigns.",
        "Kunden kaufen mit eigener Rate und können mit jedem Wiederkauf gehen. Wer nicht wieder gekauft hat, kann nach seinen "
        "Annahmen nicht gegangen sein; für Einmalkäufer sagt es daher 100 %: für diese Frage MBG/NBD oder Pareto/NBD nehmen. "
        "Saison, Preise und Kampagnen kennt es nicht.",
    ),
    "Fader, Hardie & Lee 2005",
)
