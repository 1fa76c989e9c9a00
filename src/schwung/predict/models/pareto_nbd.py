"""Pareto/NBD: customers may leave at any time."""

from schwung.core.text import Text
from schwung.predict.clv.pareto_nbd import ParetoNBD
from schwung.predict.purchasing.model import purchase_model

MODEL = purchase_model(
    ParetoNBD(),
    Text("Purchases (Pareto/NBD)", "Käufe (Pareto/NBD)"),
    Text(
        "Who is a customer still, how many purchases are to come, and when the next one, if customers may leave at any time.",
        "Wer noch Kunde ist, wie viele Käufe zu erwarten sind und wann der nächste, wenn Kunden jederzeit gehen können.",
    ),
    Text(
        "Customers buy at rates of their own and leave at rates of their own, whether they buy or not. It takes some times as "
        "long to fit as MBG/NBD. It knows nothing of season, prices and campaigns.",
        "Kunden kaufen mit eigener Rate und gehen mit eigener Rate, ob sie kaufen oder nicht. Die Anpassung dauert ein "
        "Mehrfaches von MBG/NBD. Saison, Preise und Kampagnen kennt es nicht.",
    ),
    "Schmittlein, Morrison & Colombo 1987",
)
