"""What cannot be fitted is refused in a sentence that names the rows that are the reason."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from schwung.core.errors import InputError
from schwung.core.text import Text

_SHOWN = 5
LEAST_CUSTOMERS = 10
LEAST_REPEATERS = 3


def refuse_rows(wrong: npt.NDArray[np.bool_], what: Text, names: Sequence[object] | None = None) -> None:
    """InputError if any row is wrong: how many, and the first of them by name or by number from 0."""
    places = np.flatnonzero(wrong)
    if not len(places):
        return
    shown = ", ".join(str(place if names is None else names[place]) for place in places[:_SHOWN])
    more = " …" if len(places) > _SHOWN else ""
    raise InputError(
        "purchase_rows",
        Text("{what}: {count} rows ({shown}{more}).", "{what}: {count} Zeilen ({shown}{more}).").fill(
            what=what, count=f"{len(places)}", shown=shown, more=more
        ),
        Text("Mend or leave out these rows.", "Berichtigen Sie diese Zeilen oder lassen Sie sie weg."),
    )


def check_purchases(
    frequency: npt.NDArray, recency: npt.NDArray, T: npt.NDArray, names: Sequence[object] | None = None
) -> None:
    """That these can be frequencies (0, 1, 2 …), ages at the last purchase and ages."""
    if not len(frequency) == len(recency) == len(T):
        raise InputError(
            "purchase_lengths",
            Text(
                f"Frequency, recency and T must be of one length; they have {len(frequency)}, {len(recency)} and {len(T)}.",
                f"frequency, recency und T müssen gleich lang sein; es sind {len(frequency)}, {len(recency)} und {len(T)}.",
            ),
            Text("Pass one value of each per customer.", "Übergeben Sie je Kunde einen Wert von jedem."),
        )
    finite = np.isfinite(frequency) & np.isfinite(recency) & np.isfinite(T)
    refuse_rows(~finite, Text("A value is missing or infinite", "Ein Wert fehlt oder ist unendlich"), names)
    refuse_rows(
        (frequency < 0) | (recency < 0) | (T < 0),
        Text("A frequency or an age is negative", "Eine Häufigkeit oder ein Alter ist negativ"),
        names,
    )
    refuse_rows(
        frequency != np.floor(frequency),
        Text("The frequency is no whole number", "Die Häufigkeit ist keine ganze Zahl"),
        names,
    )
    refuse_rows(
        recency > T,
        Text(
            "The last purchase lies after the end of observation", "Der letzte Kauf liegt nach dem Ende der Beobachtung"
        ),
        names,
    )
    refuse_rows(
        (frequency == 0) & (recency > 0),
        Text(
            "There is no repeat purchase, but the last purchase is later than the first",
            "Es gibt keinen Wiederkauf, aber der letzte Kauf liegt nach dem ersten",
        ),
        names,
    )
    refuse_rows(
        (frequency > 0) & (recency == 0),
        Text(
            "There are repeat purchases, but the last purchase is as old as the first",
            "Es gibt Wiederkäufe, aber der letzte Kauf liegt nicht nach dem ersten",
        ),
        names,
    )


def check_enough(customers: float, repeaters: float, ages: float) -> None:
    """That there is anything to fit: customers, some of whom bought again, over a time."""
    step = Text("Take more customers or a longer window.", "Nehmen Sie mehr Kunden oder einen längeren Zeitraum dazu.")
    if customers < LEAST_CUSTOMERS:
        raise InputError(
            "too_few_customers",
            Text(
                f"It takes at least {LEAST_CUSTOMERS} customers to fit a model; here the number of customers is {customers:.0f}.",
                f"Ein Modell braucht mindestens {LEAST_CUSTOMERS} Kunden; hier ist die Zahl der Kunden {customers:.0f}.",
            ),
            step,
        )
    if repeaters < LEAST_REPEATERS:
        raise InputError(
            "no_repeat_purchases",
            Text(
                f"Only {repeaters:.0f} of {customers:.0f} customers bought again; a purchase rate cannot be told from that. "
                f"It takes at least {LEAST_REPEATERS}.",
                f"Nur {repeaters:.0f} von {customers:.0f} Kunden kauften wieder; daraus lässt sich keine Kaufrate ablesen. "
                f"Es braucht mindestens {LEAST_REPEATERS}.",
            ),
            step,
        )
    if ages <= 0:
        raise InputError(
            "no_time_observed",
            Text("No customer was observed for any time.", "Kein Kunde wurde über eine Zeit hinweg beobachtet."),
            step,
        )
