"""MBG/NBD: customers may leave with any purchase, the first one too."""

from schwung.core.text import Text
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.purchasing.model import purchase_model

MODEL = purchase_model(
    ModifiedBetaGeoNBD(),
    Text("Purchases (MBG/NBD)", "Käufe (MBG/NBD)"),
    Text(
        "Who is a customer still, one-time buyers among them, how many purchases are to come, and when the next one.",
        "Wer noch Kunde ist, auch von den Einmalkäufern, wie viele Käufe zu erwarten sind und wann der nächste.",
    ),
    Text(
        "Customers buy at rates of their own and may leave with any purchase, the first one too. The model to ask whether a "
        "customer is gone. It knows nothing of season, prices and campaigns.",
        "Kunden kaufen mit eigener Rate und können mit jedem Kauf gehen, auch mit dem ersten. Das Modell für die Frage, ob ein "
        "Kunde weg ist. Saison, Preise und Kampagnen kennt es nicht.",
    ),
    "Batislam, Denizel & Filiztekin 2007",
)
